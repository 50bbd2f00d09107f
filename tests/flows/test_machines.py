"""machineDetection and Waits that end early; tests/live/test_machines.py asks a real switch."""

from dataclasses import replace

import pytest
from dialctl.settings import Modules

from .conftest import SETTINGS

DIAL = (
    '<Dial callbackUrl="/callback" action="/action" machineDetection="{}" {}>'
    "<Number>1001</Number>{}</Dial>"
)
HUMAN = ";says=0.5:0.6"
MACHINE = ";says=0.5:6"
BEEP = ";says=0.5:0.5;beep=1.5:0.4"


def call(stage, attribute, callee, *, more="", second="", **options):
    other = "<Number>1002</Number>" if second else ""
    document = DIAL.format(attribute, more, other)
    stage.call(document, {"1001": callee, "1002": second or "ring"}, **options)
    return told(stage)


def told(stage):
    return [
        (r.params["DialAction"], r.params["DialBLegPosition"])
        for r in stage.web.requests
        if r.path == "/callback"
    ]


def machine(stage):
    return stage.request("/callback", "MachineDetection")


def heard(stage):
    names = ("Machine", "MachineDetectionResult", "MachineDetectedBy", "DialBLegStatus")
    return [machine(stage).get(name) for name in names]


def ends(stage):
    return [
        r.params["DialBLegHangupCauseCode"]
        for r in stage.web.requests
        if r.params.get("DialAction") == "hangup"
    ]


@pytest.mark.parametrize(
    ("says", "party"),
    [
        (HUMAN, ["false", "human", None, "connected"]),
        (MACHINE, ["true", "machine", "greeting", "connected"]),
        (BEEP, ["true", "machine", "beep", "connected"]),
        ("", ["false", "silence", None, "connected"]),
    ],
)
def test_who_it_is_is_told_while_they_talk(stage, says, party):
    assert call(stage, "true", f"answer:1:9{says}") == [
        ("answer", "1"),
        ("connected", "1"),
        ("machine", "1"),
        ("hangup", "1"),
    ]
    assert heard(stage) == party
    assert machine(stage)["IfMachine"] == "continue"
    assert ends(stage) == ["4000"]


@pytest.mark.parametrize(("says", "connected"), [(HUMAN, True), ("", True), (MACHINE, False)])
def test_a_machine_is_never_connected(stage, says, connected):
    legs = call(stage, "hangup", f"answer:1:9{says}")
    assert (("connected", "1") in legs) is connected
    assert legs[:2] == [("answer", "1"), ("machine", "1")]
    assert machine(stage)["IfMachine"] == "hangup"
    assert machine(stage)["DialBLegStatus"] == "answer"
    assert ends(stage) == ["4000" if connected else "9100"]
    assert stage.request("/action")["DialStatus"] == ("completed" if connected else "no-answer")


def test_another_one_is_connected_instead_of_a_machine(stage):
    legs = call(stage, "hangup", f"answer:1{BEEP}", second=f"answer:2:9{HUMAN}")
    assert ("connected", "2") in legs
    assert sorted(ends(stage)) == ["4000", "9100"]


def test_who_hangs_up_first_is_told_of_too(stage):
    assert call(stage, "hangup", "answer:1:1") == [
        ("answer", "1"),
        ("machine", "1"),
        ("hangup", "1"),
    ]
    assert machine(stage)["MachineDetectionNote"] == "the callee hung up before it was known"
    assert ends(stage) == ["4000"]


def test_a_person_is_asked_to_confirm_once_it_is_known(stage):
    sound = {"confirm": "<Play>tone_stream://%(9000,0,440)</Play>"}
    callee = f"answer:1:9;press=4:5{HUMAN}"
    more = 'confirmSound="/confirm" confirmKey="5"'
    legs = call(stage, "hangup", callee, more=more, documents=sound)
    assert legs == [("answer", "1"), ("machine", "1"), ("connected", "1"), ("hangup", "1")]
    order = [r.params.get("Event") for r in stage.web.requests]
    assert order.index("MachineDetection") < order.index("DialRemoteSounds")


def test_without_its_module_beeps_are_not_heard(stage, caplog):
    call(stage, "true", f"answer:1:9{BEEP}", modules=())
    assert heard(stage)[1] == "human"
    assert machine(stage)["MachineDetectionNote"] == "beeps are not heard: mod_avmd is not loaded"
    assert "load it in FreeSWITCH's modules.conf.xml" in caplog.text


@pytest.mark.parametrize("attribute", ["true", "hangup"])
def test_turned_off_everybody_is_connected_and_that_is_said(stage, caplog, attribute):
    off = replace(SETTINGS, modules=Modules(machine_detection=""))
    legs = call(stage, attribute, f"answer:1:9{MACHINE}", settings=off)
    assert ("connected", "1") in legs
    assert heard(stage)[:2] == ["false", "unknown"]
    assert machine(stage)["MachineDetectionNote"] == "machine detection is off"
    assert "modules.machine_detection is empty" in caplog.text


def test_nobody_is_connected_who_could_not_be_held_back(stage, caplog):
    legs = call(stage, "hangup", f"answer:1{HUMAN}", guarded=False)
    assert ("connected", "1") not in legs
    assert "could not be held back" in caplog.text


ANSWERED = "<Play>tone_stream://%(100,0,440)</Play>"


def waited(stage, attributes, **caller):
    """Seconds from the answer until a Wait of 20 s is over, and the call with it."""
    stage.call(f'{ANSWERED}<Wait length="20" {attributes}/>', **caller)
    return int(stage.request("/hangup")["Duration"])


@pytest.mark.parametrize(
    ("attributes", "says", "least"),
    [
        ('silence="true" minSilence="1500"', [], 1.5),
        ('silence="true"', [(1.0, 2.5)], 5.5),
        ('silence="true" minSilence="900"', [(0.2, 1.0), (1.5, 1.8)], 4.2),
    ],
)
def test_silence_ends_a_wait(stage, attributes, says, least):
    assert least <= waited(stage, attributes, says=says) < 20


@pytest.mark.parametrize(
    ("beep", "why"),
    [
        ("mod_avmd", "mod_avmd hears whom the switch has called"),
        ("", "modules.machine_detection is empty"),
    ],
)
def test_a_beep_that_cannot_be_heard_does_not_end_a_wait(stage, caplog, beep, why):
    settings = replace(SETTINGS, modules=Modules(machine_detection=beep))
    assert waited(stage, 'beep="true"', settings=settings) >= 20
    assert why in caplog.text


def test_a_wait_that_comes_first_is_not_ended_early(stage, caplog):
    a_leg = stage.call('<Wait length="2" silence="true" minSilence="500"/>')
    assert not a_leg.answered_at
    assert "has not been answered" in caplog.text


def test_a_key_ends_a_wait_that_prompts(stage):
    document = (
        '<GetDigits action="/action" numDigits="1" timeout="1">'
        '<Wait length="20" silence="true" minSilence="19000"/></GetDigits>'
    )
    stage.call(f"{ANSWERED}{document}", press=[(1.0, "7")])
    assert stage.request("/action")["Digits"] == "7"
    assert int(stage.request("/hangup")["Duration"]) < 19


def test_a_caller_who_hangs_up_ends_the_wait(stage):
    assert waited(stage, 'silence="true" minSilence="19000"', hangup_after=2.0) < 19


def test_somebody_who_talks_on_does_not_end_the_wait(stage):
    assert waited(stage, 'silence="true" minSilence="500"', says=[(0.0, 40.0)]) >= 20


CONFIRM = '<Dial callbackUrl="/callback" confirmSound="/confirm"><Number>1001</Number></Dial>'


def connected_after(stage, callee, **more):
    """Seconds from a callee's answer until the end of a Wait that it hears."""
    sound = {"confirm": '<Wait length="20" beep="true"/>'}
    stage.call(CONFIRM, {"1001": callee}, documents=sound, **more)
    times = {r.params.get("DialAction"): r.at for r in stage.web.requests}
    return times["connected"] - times["answer"]


def test_a_beep_ends_a_wait_of_whom_the_switch_has_called(stage):
    assert 2.0 < connected_after(stage, "answer:1:30;beep=2:0.4") < 18.0


def test_without_its_module_no_beep_ends_a_wait(stage, caplog):
    assert connected_after(stage, "answer:1:30;beep=2:0.4", modules=()) > 18.0
    assert "mod_avmd is not loaded in FreeSWITCH" in caplog.text
