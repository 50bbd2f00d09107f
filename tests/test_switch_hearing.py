"""What the double hears of a party: when a recording ends by itself, and when it beeps."""

import tempfile

import pytest

from traces.controller import LEG, Conversation, Lab

EVENTS = "event plain RECORD_START RECORD_STOP CHANNEL_EXECUTE_COMPLETE CUSTOM avmd::beep"
FILE = f"{tempfile.mkdtemp()}/x.wav"


def listen(call: Conversation, variables: str, more: str = "") -> tuple[str, float]:
    """Why the recording ended, and how long it was."""
    call.run("answer")
    call.ask(EVENTS)
    call.run("record_session", f"{FILE} {more}{{{variables}}}")
    assert call.event("RECORD_START").headers["Record-File-Path"] == FILE
    stop = call.event("RECORD_STOP").headers
    return stop["Record-Completion-Cause"], int(stop["variable_record_ms"]) / 1000


def timeouts(patience: float, silence: float) -> str:
    times = (round(patience * 1000), round(silence * 1000))
    text = "RECORD_READ_ONLY=true,RECORD_INITIAL_TIMEOUT_MS={},RECORD_FINAL_TIMEOUT_MS={}"
    return text.format(*times)


@pytest.mark.parametrize(
    ("says", "variables", "cause", "seconds"),
    [
        ([], timeouts(1, 1), "no-input-timeout", 1.0),
        ([(2.0, 1.0)], timeouts(1, 1), "no-input-timeout", 1.0),
        ([(0.5, 1.0)], timeouts(1, 0.8), "success-silence", 2.3),
        ([(0.0, 1.0), (1.5, 1.0), (4.0, 1.0)], timeouts(1, 1), "success-silence", 3.5),
    ],
)
def test_a_recording_ends_at_a_silence(
    says: list[tuple[float, float]], variables: str, cause: str, seconds: float
) -> None:
    with Lab() as lab:
        call = lab.call(says=says)[1].start()
        ended, length = listen(call, variables)
    assert ended == cause
    assert length == pytest.approx(seconds, abs=0.4)


@pytest.mark.parametrize(
    ("variables", "cause"),
    [("", "success-maxtime"), ("RECORD_MIN_SEC=100", "input-too-short")],
)
def test_a_recording_ends_at_its_limit(variables: str, cause: str) -> None:
    with Lab() as lab:
        assert listen(lab.call()[1].start(), variables, "+1 ")[0] == cause


def test_what_is_no_recording_does_nothing() -> None:
    with Lab() as lab:
        call = lab.call()[1].start()
        call.run("answer")
        call.ask(EVENTS)
        call.run("record_session")
        call.run("record_session", FILE)
        call.run("record_session", FILE)  # it is being made
        call.run("stop_record_session", "/tmp/y.wav")
        call.run("stop_record_session", FILE)
        call.run("stop_record_session", FILE)
        names = call.names()
    assert (names.count("RECORD_START"), names.count("RECORD_STOP")) == (1, 1)


def test_a_recording_ends_with_its_channel() -> None:
    with Lab() as lab:
        a_leg, call = lab.call()
        call.start().run("answer")
        call.ask(EVENTS)
        call.run("record_session", FILE)
        a_leg.hangup()
        assert call.event("RECORD_STOP").headers["Answer-State"] == "hangup"


BEEPS = "answer:0;beep=0.1:0.2;beep=2:0.4;beep=4:0.4"


def bridged(lab: Lab) -> Conversation:
    """Who beeps is talking to the caller."""
    leg = LEG.format(1)
    call = lab.call()[1].start()
    call.ask(f"filter Unique-ID {leg}")
    call.ask(EVENTS)
    call.execute("bridge", f"[origination_uuid={leg}]sofia/internal/100@127.0.0.1")
    call.event("CHANNEL_BRIDGE")
    lab.clock.sleep(0.5)
    return call


def on_leg(call: Conversation, app: str) -> None:
    line = f"sendmsg {LEG.format(1)}\ncall-command: execute\nexecute-app-name: {app}"
    assert call.reply(f"{line}\nEvent-UUID: {app}") == "+OK"
    call.done(app)


def test_mod_avmd_tells_of_the_next_beep_once() -> None:
    with Lab({"100": BEEPS}) as lab:
        call = bridged(lab)
        on_leg(call, "avmd_start")
        beep = call.event("CUSTOM")
        lab.clock.sleep(4)
        assert call.names().count("CUSTOM") == 1
    assert beep.headers["Event-Subclass"] == "avmd::beep"
    assert (beep.uuid, beep.headers["Beep-Status"]) == (LEG.format(1), "DETECTED")
    assert "Channel-Name" not in beep.headers


def test_mod_avmd_is_told_to_stop_and_hears_no_caller() -> None:
    with Lab({"100": BEEPS}) as lab:
        call = bridged(lab)
        on_leg(call, "avmd_start")
        on_leg(call, "avmd_stop")
        call.execute("avmd_start", "", "on the caller")
        lab.clock.sleep(4)
        assert "CUSTOM" not in call.names()


@pytest.mark.parametrize("app", ["avmd_start", "avmd_stop"])
def test_an_application_of_a_module_that_is_not_loaded_ends_the_channel(app: str) -> None:
    with Lab(modules=()) as lab:
        a_leg, call = lab.call()
        call.start().run("answer")
        assert call.reply("api module_exists mod_avmd") == "false"
        call.execute(app)
        assert a_leg.wait(5)
        assert a_leg.hangup_cause == "DESTINATION_OUT_OF_ORDER"


def test_what_the_switch_can_and_where_it_keeps_what_does_not_last() -> None:
    with Lab() as lab:
        call = lab.call()[1].start()
        assert call.reply("api module_exists mod_avmd") == "true"
        assert call.reply("api module_exists mod_nothing") == "false"
        assert call.reply("api global_getvar temp_dir") == "/tmp"
