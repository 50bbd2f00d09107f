"""Dialling: what the recordings do not cover."""

import pytest

from traces.controller import LEG, Conversation, Lab


def leg(number: int, dialled: str, more: str = "") -> str:
    return f"[origination_uuid={LEG.format(number)}{more}]sofia/internal/{dialled}@127.0.0.1"


def ready(call: Conversation, legs: int = 3) -> Conversation:
    """Listen to A and the legs, and stay in charge whatever the bridge comes to."""
    call.start()
    for number in range(1, legs + 1):
        call.ask(f"filter Unique-ID {LEG.format(number)}")
    call.execute("set", "continue_on_fail=true")
    call.execute("set", "hangup_after_bridge=false")
    return call


@pytest.mark.parametrize(
    ("script", "cause", "status"),
    [
        ("busy", "USER_BUSY", "486"),
        ("reject", "CALL_REJECTED", "603"),
        ("unallocated", "UNALLOCATED_NUMBER", "404"),
        ("fail:NO_USER_RESPONSE:0.5", "NO_USER_RESPONSE", "408"),
        ("dead", "NORMAL_TEMPORARY_FAILURE", "503"),
    ],
)
def test_a_refusal(script: str, cause: str, status: str) -> None:
    with Lab({"100": script}) as lab:
        _, call = lab.call()
        end = ready(call).run("bridge", leg(1, "100")).headers
        assert end["variable_originate_disposition"] == cause
        assert end["variable_sip_invite_failure_status"] == status
        lost = call.event("CHANNEL_HANGUP_COMPLETE", LEG.format(1)).headers
        assert (lost["Hangup-Cause"], lost["variable_sip_term_status"]) == (cause, status)
        assert lost["variable_proto_specific_hangup_cause"] == f"sip:{status}"


def test_gateways_and_users_that_do_not_exist() -> None:
    with Lab(gateways={"carrier"}, users=["ann@example.com"]) as lab:
        _, call = lab.call()
        ready(call)
        for dialled, cause in (
            ("sofia/gateway/nope/100", "INVALID_GATEWAY"),
            ("user/bob@example.com", "SUBSCRIBER_ABSENT"),
            ("nosuch/100", "CHAN_NOT_IMPLEMENTED"),
            ("error/USER_BUSY", "USER_BUSY"),
        ):
            end = call.run("bridge", dialled).headers
            assert end["variable_originate_disposition"] == cause
        assert "CHANNEL_CREATE" not in call.names()


def test_every_gateway_and_user_exists_unless_told_otherwise() -> None:
    callees = {"carrier/100": "busy", "ann@example.com": "reject"}
    with Lab(callees, default="answer:0:0.2") as lab:
        _, call = lab.call()
        ready(call)
        end = call.run("bridge", "sofia/gateway/carrier/100|sofia/gateway/other/100").headers
        assert end["variable_originate_disposition"] == "SUCCESS"
        end = call.run("bridge", "user/ann@example.com").headers
        assert end["variable_originate_disposition"] == "CALL_REJECTED"


@pytest.mark.parametrize("broken", ["[leg_n=1", "{a=1", "", "{a=1}"])
def test_a_dial_string_that_cannot_be_read(broken: str) -> None:
    with Lab() as lab:
        _, call = lab.call()
        end = ready(call).run("bridge", broken).headers
        assert "CHANNEL_CREATE" not in call.names()
        if broken:
            assert end["variable_originate_disposition"] == "ORIGINATOR_CANCEL"


@pytest.mark.parametrize(
    ("where", "cause"),
    [("[leg_timeout=2]", "ALLOTTED_TIMEOUT"), ("{originate_timeout=2}", "NO_ANSWER")],
)
def test_timeouts(where: str, cause: str) -> None:
    with Lab({"100": "ring"}) as lab:
        _, call = lab.call()
        ready(call)
        start = lab.clock.now()
        call.run("bridge", f"{where}sofia/internal/100@127.0.0.1")
        assert 1 <= lab.clock.now() - start < 4.5
        lost = call.event("CHANNEL_HANGUP_COMPLETE").headers
        assert lost["Hangup-Cause"] == cause


def test_call_timeout_of_the_caller() -> None:
    with Lab({"100": "silent"}) as lab:
        _, call = lab.call()
        ready(call).execute("set", "call_timeout=2")
        end = call.run("bridge", leg(1, "100")).headers
        assert (end["variable_originate_disposition"], end["variable_DIALSTATUS"]) == (
            "NO_ANSWER",
            "NOANSWER",
        )


def test_the_first_answer_wins_and_the_others_lose_the_race() -> None:
    with Lab({"100": "answer:3", "200": "answer:1", "300": "ring"}) as lab:
        _, call = lab.call()
        ready(call).execute("bridge", ",".join([leg(1, "100"), leg(2, "200"), leg(3, "300")]))
        bridged = call.event("CHANNEL_BRIDGE").headers
        assert bridged["Bridge-B-Unique-ID"] == bridged["Other-Leg-Unique-ID"] == LEG.format(2)
        for number in (1, 3):
            lost = call.event("CHANNEL_HANGUP_COMPLETE", LEG.format(number)).headers
            assert lost["Hangup-Cause"] == "LOSE_RACE"
            assert lost["variable_sip_hangup_disposition"] == "send_cancel"


def test_early_media_wins_a_fork_unless_it_is_ignored() -> None:
    with Lab({"100": "answer:1", "200": "early:5"}) as lab:
        _, call = lab.call()
        legs = ",".join([leg(1, "100"), leg(2, "200")])
        ready(call).execute("bridge", legs)
        assert call.event("CHANNEL_BRIDGE").headers["Bridge-B-Unique-ID"] == LEG.format(2)
        _, other = lab.call()
        other_legs = legs.replace("0000-4000", "1111-4000")
        ready(other).execute("bridge", "{ignore_early_media=true}" + other_legs)
        bridged = other.event("CHANNEL_BRIDGE").headers
        assert bridged["Bridge-B-Unique-ID"].endswith("1")


@pytest.mark.parametrize(
    ("wish", "tried"),
    [
        ("true", 1),
        ("USER_BUSY", 1),
        ("^^:CALL_REJECTED:user_busy", 1),
        ("CALL_REJECTED", 2),
        ("'!NORMAL_TEMPORARY_FAILURE:CALL_REJECTED'", 1),
        ("'!USER_BUSY:CALL_REJECTED'", 2),
        ("false", 2),
    ],
)
def test_fail_on_single_reject(wish: str, tried: int) -> None:
    """A list of causes that end the whole dialling; with ``!``: of those that do not."""
    with Lab({"100": "busy", "200": "answer:0:0"}) as lab:
        _, call = lab.call()
        dialled = f"{{fail_on_single_reject={wish}}}{leg(1, '100')}|{leg(2, '200')}"
        ready(call).run("bridge", dialled)
        assert call.names().count("CHANNEL_CREATE") == tried


def test_enterprise_winners_are_noticed_a_little_later_and_a_never_rings() -> None:
    with Lab({"100": "answer:1", "200": "ring"}) as lab:
        a_leg, call = lab.call()
        ready(call).execute("bridge", f"{leg(1, '100')}:_:{leg(2, '200')}")
        answered = call.event("CHANNEL_ANSWER", LEG.format(1)).headers
        assert answered["Channel-Call-UUID"] == LEG.format(1)
        told = call.event("CHANNEL_ANSWER", a_leg.uuid).headers
        late = int(told["Event-Date-Timestamp"]) - int(answered["Event-Date-Timestamp"])
        assert 10_000 < late < 200_000
        assert [what for _, what in a_leg.heard] == ["200 answered"]
        lost = call.event("CHANNEL_HANGUP_COMPLETE", LEG.format(2)).headers
        assert lost["Hangup-Cause"] == "LOSE_RACE"


def test_a_time_limit_that_begins_with_the_answer() -> None:
    with Lab({"100": "answer:1"}) as lab:
        _, call = lab.call()
        limit = ",execute_on_answer='sched_hangup +2 ALLOTTED_TIMEOUT'"
        end = ready(call).run("bridge", leg(1, "100", limit)).headers
        assert end["variable_bridge_hangup_cause"] == "ALLOTTED_TIMEOUT"


@pytest.mark.parametrize("who", ["A", "B"])
def test_a_key_that_ends_the_bridge(who: str) -> None:
    press = {"A": [(1, "5*")], "B": []}[who]
    script = {"A": "answer:0", "B": "answer:0;press=1:5*"}[who]
    with Lab({"100": script}) as lab:
        a_leg, call = lab.call(press=press)
        ready(call).execute("set", "bridge_terminate_key=*")
        more = ",bridge_terminate_key=*" if who == "B" else ""
        end = call.run("bridge", leg(1, "100", more)).headers
        assert end["variable_bridge_hangup_cause"] == "NORMAL_CLEARING"
        digits = [frame.headers["DTMF-Digit"] for frame in call.frames if frame.event == "DTMF"]
        assert digits == ["5", "*"]
        assert a_leg.hangup_cause == ""


def test_a_callee_confirms_on_a_socket_of_its_own() -> None:
    with Lab({"100": "answer:0;press=1:1", "200": "ring"}) as lab:
        _, call = lab.call()
        host, port = lab.address
        confirm = (
            "{group_confirm_key=exec,group_confirm_file='socket "
            f"{host}:{port}/whisper async full',group_confirm_cancel_timeout=true}}"
        )
        ready(call).execute("bridge", f"{confirm}{leg(1, '100')},{leg(2, '200')}")
        whisper = lab.next().start()
        assert whisper.uuid == LEG.format(1)
        assert whisper.data.headers["variable_socket_path"] == "whisper"
        asked = whisper.run("play_and_get_digits", r"1 1 1 3000 # silence_stream://100 x key \d")
        assert asked.headers["variable_key"] == "1"
        assert "CHANNEL_BRIDGE" not in call.names()
        assert whisper.reply("exit") == "+OK bye"
        assert call.event("CHANNEL_BRIDGE").headers["Bridge-B-Unique-ID"] == LEG.format(1)
        lost = call.event("CHANNEL_HANGUP_COMPLETE", LEG.format(2)).headers
        assert lost["Hangup-Cause"] == "LOSE_RACE"


def test_a_callee_who_does_not_confirm_is_not_connected() -> None:
    with Lab({"100": "answer:0:1"}) as lab:
        _, call = lab.call()
        confirm = "{group_confirm_key=5,group_confirm_file=silence_stream://200}"
        end = ready(call).run("bridge", confirm + leg(1, "100")).headers
        assert "CHANNEL_BRIDGE" not in call.names()
        assert end["variable_originate_disposition"] == "NORMAL_CLEARING"


def test_variables_reach_the_leg() -> None:
    with Lab() as lab:
        _, call = lab.call()
        ready(call).execute("export", "nolocal:sip_h_X-Call=call 1")
        more = ",sip_h_X-Leg=b;c,origination_caller_id_number=15550100"
        call.execute("bridge", f"{{sip_h_X-All='a,b'}}{leg(1, '100', more)}")
        made = call.event("CHANNEL_CREATE").headers
        assert made["variable_sip_h_X-Call"] == "call 1"
        assert made["variable_sip_h_X-Leg"] == "b;c"
        assert made["variable_sip_h_X-All"] == "a,b"
        assert made["Caller-Caller-ID-Number"] == "15550100"
        assert made["Other-Leg-Caller-ID-Number"] == "15551230000"


def test_what_comes_of_the_caller_after_the_bridge() -> None:
    with Lab({"100": "answer:0:0.5", "200": "busy"}) as lab:
        for settings, dialled, cause in (
            (["hangup_after_bridge=true"], "100", "NORMAL_CLEARING"),
            ([], "200", "USER_BUSY"),
            (["continue_on_fail=NO_ANSWER"], "200", "USER_BUSY"),
            (["continue_on_fail=17"], "200", ""),
            (["continue_on_fail=user_busy,NO_ANSWER"], "200", ""),
            (["failure_causes=CALL_REJECTED"], "200", ""),
            (["failure_causes=USER_BUSY"], "200", "USER_BUSY"),
        ):
            a_leg, call = lab.call()
            call.start()
            for setting in settings:
                call.execute("set", setting)
            call.run("bridge", f"sofia/internal/{dialled}@127.0.0.1")
            lab.clock.sleep(0.2)
            assert a_leg.hangup_cause == cause, settings
