"""machineDetection, and what ends a Wait early: what a real switch hears."""

import pytest

from .flow import END_OF_DOCUMENT
from .numbers import answers, presses_five, response, speaks
from .test_confirm import LONG, ends_of_legs, the_end, told

GREETING = 3.5  # a machine's; a person's is at most 2.4 s


def machine(live):
    """What the application was told of the callee, once."""
    (found,) = [r for r in live.web.requests if r.params.get("Event") == "MachineDetection"]
    return found.params


def heard(live):
    names = ("Machine", "MachineDetectionResult", "MachineDetectedBy", "DialBLegStatus")
    return [machine(live).get(name) for name in names]


def at(live, action):
    return next(r.at for r in live.web.requests if r.params.get("DialAction") == action)


def dials(live, *targets, **attributes):
    live.script(response(live.told_dial(*targets, **attributes)), action=response())
    return live.call()


def test_a_person_is_connected_at_once_and_told_of_while_they_talk(live):
    dials(live, speaks(0.6, 3.0), machineDetection="true")
    the_end(live)
    assert told(live) == [("answer", "1"), ("connected", "1"), ("machine", "1"), ("hangup", "1")]
    assert heard(live) == ["false", "human", None, "connected"]
    assert at(live, "connected") - at(live, "answer") < 0.3
    assert machine(live)["IfMachine"] == "continue"


def test_a_machine_that_talks_is_told_of_and_stays_connected(live):
    dials(live, speaks(GREETING, 2.0), machineDetection="true")
    the_end(live)
    assert told(live) == [("answer", "1"), ("connected", "1"), ("machine", "1"), ("hangup", "1")]
    assert heard(live) == ["true", "machine", "greeting", "connected"]
    assert ends_of_legs(live) == {"1": "4000"}


def test_a_beep_makes_a_machine_of_a_short_greeting(live):
    dials(live, speaks(0.5, 1.5, beep=0.4), machineDetection="true")
    the_end(live)
    assert heard(live) == ["true", "machine", "beep", "connected"]


def test_nothing_is_heard(live):
    dials(live, answers(0.2, 6.5), machineDetection="true")
    the_end(live)
    assert heard(live) == ["false", "silence", None, "connected"]


def test_a_machine_is_hung_up_and_the_caller_never_answered(live):
    call = dials(live, speaks(GREETING, 9.0), machineDetection="hangup")
    the_end(live)
    assert told(live) == [("answer", "1"), ("machine", "1"), ("hangup", "1")]
    assert heard(live) == ["true", "machine", "greeting", "answer"]
    end = next(r.params for r in live.web.requests if r.params.get("DialAction") == "hangup")
    names = ("Code", "Name", "Source")
    assert [end[f"DialBLegHangupCause{name}"] for name in names[:2]] == ["9100", "Machine Detected"]
    assert end["DialBLegHangupSource"] == "Plivo"
    assert the_end(live, "/action").params["DialStatus"] == "no-answer"
    assert "200" not in call.story()


def test_a_person_is_connected_once_it_is_known(live):
    dials(live, speaks(0.6, 3.0), machineDetection="hangup")
    the_end(live)
    assert told(live) == [("answer", "1"), ("machine", "1"), ("connected", "1"), ("hangup", "1")]
    assert heard(live) == ["false", "human", None, "answer"]
    # 0.5 s and 0.6 s of greeting, 1.2 s of silence
    assert at(live, "connected") - at(live, "answer") == pytest.approx(2.3, abs=0.5)


def test_the_first_who_is_no_machine_is_connected(live):
    dials(live, speaks(GREETING, 5.0), speaks(0.6, 3.0), machineDetection="hangup")
    the_end(live)
    parties = {
        r.params["DialBLegPosition"]: r.params["MachineDetectionResult"]
        for r in live.web.requests
        if r.params.get("Event") == "MachineDetection"
    }
    assert parties == {"1": "unknown", "2": "human"}
    assert ("connected", "2") in told(live)
    assert ends_of_legs(live) == {"1": "9000", "2": "4000"}


def test_who_hangs_up_while_it_is_not_known_has_not_failed_to_confirm(live):
    dials(live, answers(0.2, 0.6), machineDetection="hangup")
    the_end(live)
    assert told(live) == [("answer", "1"), ("machine", "1"), ("hangup", "1")]
    assert machine(live)["MachineDetectionNote"] == "the callee hung up before it was known"
    assert ends_of_legs(live) == {"1": "4000"}
    assert the_end(live, "/action").params["DialStatus"] == "no-answer"


def test_a_person_is_asked_to_confirm_after_that(live):
    sound = {"confirmSound": live.url("/confirm"), "confirmKey": "5"}
    document = live.told_dial(presses_five(0.2, 9.0), machineDetection="hangup", **sound)
    live.script(response(document), confirm=LONG, action=response())
    call = live.call()
    assert live.web.wait_for(lambda got: any(r.path == "/confirm" for r in got), 9)
    assert heard(live)[1] == "silence"
    call.hang_up()
    the_end(live)


def test_who_is_asked_to_confirm_is_listened_to_meanwhile(live):
    sound = {"confirmSound": live.url("/confirm"), "confirmKey": "5", "confirmTimeout": "6"}
    document = live.told_dial(speaks(GREETING, 9.0), machineDetection="true", **sound)
    live.script(response(document), confirm=LONG, action=response())
    live.call()
    the_end(live)
    assert told(live) == [("answer", "1"), ("machine", "1"), ("hangup", "1")]
    assert heard(live) == ["true", "machine", "greeting", "answer"]
    assert ends_of_legs(live) == {"1": "9110"}


def test_the_caller_hangs_up_while_a_callee_is_listened_to(live):
    call = dials(live, speaks(GREETING, 9.0), machineDetection="hangup")
    assert live.web.wait_for(lambda got: any(r.path == "/callback" for r in got))
    call.after(1.0, call.hang_up)
    the_end(live)
    assert told(live) == [("answer", "1"), ("machine", "1"), ("hangup", "1")]
    assert ends_of_legs(live) == {"1": "1000"}


def test_no_trace_of_listening_is_left(live):
    dials(live, speaks(0.6, 0.5), machineDetection="true")
    the_end(live)
    assert not list(live.switch.temporary.glob("dialctl-*"))


def test_without_its_module_beeps_are_not_heard_and_that_is_said(live):
    live.switch.events.api("unload mod_avmd")
    try:
        dials(live, speaks(0.6, 1.5, beep=0.4), machineDetection="true")
        the_end(live)
    finally:
        live.switch.events.api("load mod_avmd")
    assert heard(live)[:2] == ["false", "human"]
    assert machine(live)["MachineDetectionNote"] == "beeps are not heard: mod_avmd is not loaded"
    live.said("mod_avmd is not loaded")


def waited(live, call):
    """Seconds from the answer to the end of a document of a Wait alone."""
    live.expect(live.flow(call).start(), live.flow(call).hangup(END_OF_DOCUMENT))
    return call.ended().at - call.answered().at


ANSWERED = "<Play>tone_stream://%(100,0,440)</Play>"


@pytest.mark.parametrize(
    ("attributes", "says", "seconds"),
    [
        ('silence="true" minSilence="1000"', 0.0, 1.1),
        ('silence="true"', 0.0, 2.1),
        ('silence="true" minSilence="1000"', 1.5, 2.6),
        ('silence="false" minSilence="1000"', 0.0, 4.1),
    ],
)
def test_silence_ends_a_wait(live, attributes, says, seconds):
    live.script(response(ANSWERED, f'<Wait length="4" {attributes}/>'))
    call = live.call()
    if says:
        call.answered()
        call.speak(says)
    assert waited(live, call) == pytest.approx(seconds, abs=0.35)


def test_a_caller_who_hangs_up_ends_the_wait(live):
    live.script(response(ANSWERED, '<Wait length="9" silence="true" minSilence="5000"/>'))
    call = live.call()
    call.answered()
    call.after(0.5, call.hang_up)
    live.expect(
        live.flow(call).start(), live.flow(call).hangup(("4000", "Normal Hangup", "Caller"))
    )


def test_a_scheduled_hangup_ends_the_wait(live):
    wait = '<Wait length="9" silence="true" minSilence="5000"/>'
    live.script(response(ANSWERED, '<Hangup schedule="1"/>', wait))
    call = live.call()
    how = ("6000", "Scheduled Hangup", "Answer XML")
    live.expect(live.flow(call).start(), live.flow(call).hangup(how))
    assert call.ended().at - call.answered().at == pytest.approx(1.1, abs=0.3)


def test_nothing_is_heard_of_a_caller_before_the_answer(live):
    live.script(response('<Wait length="2" silence="true" minSilence="500"/>', "<Hangup/>"))
    call = live.call()
    assert call.refused()
    live.said("has not been answered")


def test_a_beep_ends_the_wait_for_whom_the_switch_called(live):
    live.script(response(ANSWERED, '<Wait length="9" beep="true"/>'))
    uuid = live.calls_out(speaks(0.5, 9.0, beep=0.4))
    the_end(live)
    times = {event.name: event.at for event in live.switch.events.of(uuid)}
    # 0.5 s, 0.5 s of greeting, 0.5 s, a beep
    waited = times["CHANNEL_HANGUP_COMPLETE"] - times["CHANNEL_ANSWER"]
    assert waited == pytest.approx(1.6, abs=0.4)


def test_a_beep_of_a_caller_is_not_heard(live):
    live.script(response(ANSWERED, '<Wait length="1" beep="true"/>'))
    assert waited(live, live.call()) == pytest.approx(1.1, abs=0.35)
    live.said("mod_avmd hears whom the switch has called")
