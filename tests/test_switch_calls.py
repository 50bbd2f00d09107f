"""A caller's side of a call: what he does, and what he notices."""

import pytest

from traces.controller import Lab

HANG_UP = "sendmsg\ncall-command: hangup\nhangup-cause: "


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        ("UNALLOCATED_NUMBER", 404),
        ("NO_ROUTE_DESTINATION", 404),
        ("USER_BUSY", 486),
        ("NO_USER_RESPONSE", 408),
        ("NO_ANSWER", 480),
        ("CALL_REJECTED", 603),
        ("NORMAL_TEMPORARY_FAILURE", 503),
        ("DESTINATION_OUT_OF_ORDER", 502),
        ("INVALID_NUMBER_FORMAT", 484),
        ("NORMAL_CLEARING", 480),
        ("ALLOTTED_TIMEOUT", 480),
        ("INCOMPATIBLE_DESTINATION", 488),
    ],
)
def test_an_unanswered_caller_gets_the_cause_s_sip_status(cause: str, status: int) -> None:
    with Lab() as lab:
        a_leg, call = lab.call()
        call.start().say(HANG_UP + cause)
        assert a_leg.wait(5)
        assert (a_leg.hangup_cause, a_leg.sip_status) == (cause, status)
        assert a_leg.answered_at is None


def test_an_unknown_cause_is_a_normal_one() -> None:
    with Lab() as lab:
        a_leg, call = lab.call()
        call.start().say(HANG_UP + "NO_SUCH_CAUSE")
        assert a_leg.wait(5)
        assert a_leg.hangup_cause == "NORMAL_CLEARING"


def test_the_refusal_of_the_leg_goes_before_the_cause() -> None:
    """mod_sofia answers with the other leg's SIP status when it has one."""
    with Lab({"100": "busy"}) as lab:
        a_leg, call = lab.call()
        call.start()
        call.run("set", "continue_on_fail=true")
        call.run("bridge", "sofia/internal/100@127.0.0.1")
        call.say(HANG_UP + "NO_ANSWER")
        assert a_leg.wait(5)
        assert (a_leg.hangup_cause, a_leg.sip_status) == ("NO_ANSWER", 486)


def test_what_he_hears() -> None:
    with Lab({"100": "answer:1"}) as lab:
        a_leg, call = lab.call()
        call.start()
        call.execute("pre_answer")
        call.execute("bridge", "sofia/internal/100@127.0.0.1")
        call.event("CHANNEL_BRIDGE")
        assert [what for _, what in a_leg.heard] == ["183 early media", "200 answered"]
        assert a_leg.answered_at == a_leg.heard[1][0]
        assert a_leg.answered_at - a_leg.heard[0][0] == pytest.approx(1, abs=0.5)
        assert (a_leg.hangup_cause, a_leg.sip_status) == ("", 200)
        a_leg.hangup()
        assert a_leg.wait(5)
        assert (a_leg.hangup_cause, a_leg.sip_status) == ("NORMAL_CLEARING", 200)


def test_he_cancels_and_nothing_happens_after_that() -> None:
    with Lab() as lab:
        a_leg, call = lab.call()
        call.start()
        call.run("ring_ready")
        a_leg.hangup()
        end = call.event("CHANNEL_HANGUP_COMPLETE").headers
        assert end["variable_sip_hangup_disposition"] == "recv_cancel"
        assert a_leg.wait(5)
        a_leg.hangup("USER_BUSY")
        a_leg.press("1")
        assert (a_leg.hangup_cause, a_leg.sip_status) == ("ORIGINATOR_CANCEL", 487)
        assert a_leg.heard[0][1] == "180 ringing"
        assert call.names().count("CHANNEL_HANGUP_COMPLETE") == 1


def test_waiting_tells_whether_the_call_is_over() -> None:
    with Lab() as lab:
        a_leg, _ = lab.call()
        assert not a_leg.wait(0.5)
        assert (a_leg.hangup_cause, a_leg.sip_status) == ("", 0)


def test_he_hangs_up_so_many_seconds_after_placing() -> None:
    with Lab() as lab:
        start = lab.clock.now()
        a_leg, _ = lab.call(hangup_after=2)
        assert a_leg.wait(10)
        assert a_leg.hangup_cause == "ORIGINATOR_CANCEL"
        assert lab.clock.now() - start == pytest.approx(2, abs=1.5)


def test_he_presses_keys_so_many_seconds_after_the_answer() -> None:
    with Lab() as lab:
        a_leg, call = lab.call(press=[(0.5, "12"), (1.5, "#")])
        call.start()
        call.run("answer")
        keys = [call.event("DTMF").headers["DTMF-Digit"] for _ in range(3)]
        assert keys == ["1", "2", "#"]
        assert a_leg.answered_at is not None
        assert lab.clock.now() - a_leg.answered_at >= 1.5


def test_who_calls_whom_stands_in_the_events() -> None:
    with Lab() as lab:
        what = {"caller": "+15550100", "caller_name": "Ann B", "destination": "+15550199"}
        a_leg, call = lab.call(**what, variables={"sip_h_X-Tenant": "blue, green"})
        data = call.start().data.headers
        assert data["Unique-ID"] == data["Channel-Call-UUID"] == a_leg.uuid
        assert data["Caller-Caller-ID-Number"] == "+15550100"
        assert data["Caller-Caller-ID-Name"] == data["variable_sip_from_display"] == "Ann B"
        assert data["Caller-Destination-Number"] == "+15550199"
        assert data["variable_sip_to_user"] == "+15550199"
        assert data["variable_sip_h_X-Tenant"] == "blue, green"
        assert (data["Answer-State"], data["Call-Direction"]) == ("ringing", "inbound")


def test_a_caller_without_a_name_has_his_number_for_one() -> None:
    with Lab() as lab:
        data = lab.call(caller_name="")[1].start().data.headers
        assert data["Caller-Caller-ID-Name"] == "15551230000"
        assert "variable_sip_from_display" not in data


def test_an_observer_hears_of_everything() -> None:
    seen: list[tuple[float, str, str, str]] = []
    with Lab({"100": "answer:1:1"}, observer=lambda *what: seen.append(what)) as lab:
        a_leg, call = lab.call()
        call.start()
        call.run("bridge", "[origination_uuid=leg]sofia/internal/100@127.0.0.1")
        call.execute("hangup", "USER_BUSY")
        assert a_leg.wait(5)
    assert [(who, what) for _, who, what, _ in seen] == [
        ("leg", "created"),
        ("leg", "ringing"),
        ("A", "ringing"),
        ("leg", "answered"),
        ("A", "answered"),
        ("A", "bridged"),
        ("leg", "hung up"),
        ("A", "hung up"),
    ]
    assert [t for t, *_ in seen] == sorted(t for t, *_ in seen)
    assert seen[0][3] == "sofia/internal/100@127.0.0.1"
    assert seen[5][3] == "leg"
    assert [detail for *_, detail in seen[6:]] == ["NORMAL_CLEARING", "USER_BUSY"]


def test_stop_ends_every_call_and_every_socket() -> None:
    with Lab({"100": "answer:0"}) as lab:
        a_leg, call = lab.call()
        call.start()
        call.ask("linger 60")
        call.execute("bridge", "sofia/internal/100@127.0.0.1")
        call.event("CHANNEL_BRIDGE")
        lab.switch.stop()
        assert call.ended()
        assert a_leg.wait(5)
        assert not lab.switch.channels
        assert not lab.switch.listeners
