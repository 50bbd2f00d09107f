"""FreeSWITCH ends, its sockets break off, the clock steps: what becomes of the calls.

In one process, in virtual time. ``alone``: the daemon may not use FreeSWITCH's
own event socket; ``followed``: it may.
"""

import pytest
from dialctl.switch import api

from support.disturbed import HALF, Stage
from support.webapp import Answer

CALLEES = {"1001": "answer:0.5:6", "1002": "ring", "1003": "early:0.5:6", "1004": "answer:0.5:0.5"}
DIAL = '<Dial callbackUrl="/callback" action="/action"><Number>{}</Number></Dial>'
GARBAGE = "Content-Length: many\n\n"
CONNECTED = ["/answer StartApp", "/callback DialAnswer 1", "/callback DialConnected 1"]
ENDED = [
    "/callback DialHangup 1 NORMAL_CLEARING 4000 Callee",
    "/action DialAction completed true NORMAL_CLEARING",
    "/hangup Hangup 4010 Answer XML",
]
LOST = [
    "/callback DialHangup 1 SYSTEM_SHUTDOWN 5000 Error",
    "/action DialAction completed true SYSTEM_SHUTDOWN",
    "/hangup Hangup 5000 Error",
]


@pytest.fixture(params=["alone", "followed"])
def stage(request, tmp_path):
    made = Stage(tmp_path, CALLEES, request.param == "followed")
    yield made
    made.stop()


@pytest.mark.parametrize("number", ["1001", "1003"])
def test_freeswitch_crashes_while_two_talk(stage, number):
    a_leg = stage.call(DIAL.format(number))
    stage.asked("DialConnected")
    stage.crash()
    assert stage.heard(a_leg) == [*CONNECTED, *LOST]
    stage.nothing_is_left()


def test_freeswitch_crashes_while_it_rings(stage):
    a_leg = stage.call(DIAL.format("1002"))
    while not stage.switch.channels or not any(
        channel.ringing for channel in stage.switch.channels.values() if not channel.inbound
    ):
        stage.clock.sleep(0.1)
    stage.clock.sleep(0.2)
    stage.crash()
    assert stage.heard(a_leg) == [
        "/answer StartApp",
        "/callback DialHangup 1 SYSTEM_SHUTDOWN 5000 Error",
        "/action DialAction cancel true ORIGINATOR_CANCEL",
        "/hangup Hangup 5000 Error",
    ]
    stage.nothing_is_left()


@pytest.mark.parametrize(
    "document", ['<Wait length="60"/>', "<Play>tone_stream://%(60000,0,440)</Play>"]
)
def test_freeswitch_crashes_in_another_step(stage, document):
    a_leg = stage.call(document)
    stage.asked("StartApp")
    stage.clock.sleep(1)
    stage.crash()
    assert stage.heard(a_leg) == ["/answer StartApp", "/hangup Hangup 5000 Error"]
    stage.nothing_is_left()


def test_freeswitch_is_stopped_in_order(stage):
    a_leg = stage.call(DIAL.format("1001"))
    stage.asked("DialConnected")
    stage.switch.shut_down()
    assert stage.heard(a_leg) == [*CONNECTED, *LOST]


@pytest.mark.parametrize("rest", [HALF, GARBAGE])
def test_the_socket_breaks_off_in_the_middle_of_a_frame(stage, rest):
    """They talk on, and everything is told."""
    a_leg = stage.call(DIAL.format("1001"))
    stage.asked("DialConnected")
    stage.break_off(rest)
    assert stage.heard(a_leg) == [*CONNECTED, *ENDED]
    stage.nothing_is_left()


def test_the_socket_breaks_off_again_and_again(stage):
    a_leg = stage.call(DIAL.format("1001"))
    stage.asked("DialConnected")
    for _ in range(4):
        stage.break_off()
        stage.clock.sleep(1)
    assert stage.heard(a_leg) == [*CONNECTED, *ENDED]
    stage.nothing_is_left()


def test_the_socket_breaks_off_while_keys_are_collected(stage):
    """The caller is asked again; nobody believes that he has left."""
    document = '<GetDigits action="/action" timeout="5"><Wait length="3"/></GetDigits>'
    a_leg = stage.call(document, action="<Hangup/>")
    stage.asked("StartApp")
    stage.clock.sleep(1)
    stage.break_off()
    stage.clock.sleep(3)
    a_leg.press("42#")
    assert stage.heard(a_leg) == [
        "/answer StartApp",
        "/action Redirect 42",
        "/hangup Hangup 4000 Answer XML",
    ]
    stage.nothing_is_left()


def test_the_socket_breaks_off_during_the_action_request(stage):
    slow = Answer("<Response><Hangup/></Response>", delay=0.05)
    a_leg = stage.call(DIAL.format("1004"), action=slow)
    stage.asked("DialAction")
    stage.break_off()
    told = stage.heard(a_leg)
    assert told == [*CONNECTED, *ENDED[:2], "/hangup Hangup 4000 Answer XML"]
    stage.nothing_is_left()


def test_the_socket_breaks_off_and_the_caller_leaves(stage):
    """Its end is learned from the switch's own record, by whatever way there is."""
    a_leg = stage.call(DIAL.format("1001"))
    stage.asked("DialConnected")
    stage.break_off()
    a_leg.hangup()
    assert a_leg.wait(5)
    if not stage.followed:
        stage.switch.place_call(destination="1").wait(0.1)  # whose socket is asked
    assert stage.heard(a_leg) == [
        *CONNECTED,
        "/callback DialHangup 1 NORMAL_CLEARING 4000 Caller",
        "/action DialAction completed true NORMAL_CLEARING",
        "/hangup Hangup 4000 Caller",
    ]


def test_the_other_calls_do_not_notice(stage):
    first = stage.call(DIAL.format("1001"))
    second = stage.switch.place_call(destination="15550009999")
    stage.asked("DialConnected", 2)
    (listener,) = [one for one in stage.switch.listeners if one.channel.uuid == first.uuid]
    listener.cut()
    assert stage.heard(second) == [*CONNECTED, *ENDED]
    assert stage.heard(first) == [*CONNECTED, *ENDED]
    stage.nothing_is_left()


def test_without_mod_hash_a_call_goes_on_all_the_same(stage, monkeypatch, caplog):
    for name in ("hash", "hash_dump"):
        monkeypatch.delitem(api.APIS, name)
    a_leg = stage.call(DIAL.format("1001"))
    stage.asked("DialConnected")
    stage.break_off()
    assert stage.heard(a_leg) == [
        *CONNECTED,
        "/callback DialHangup 1 NORMAL_UNSPECIFIED 0 Unknown",
        "/action DialAction failed false NORMAL_UNSPECIFIED",
        "/hangup Hangup 4010 Answer XML",
    ]
    assert "it has no mod_hash" in caplog.text


@pytest.mark.parametrize("step", [6 * 3600, -6 * 3600])
def test_the_clock_is_stepped(stage, step):
    """Timers run on what never steps, and times that are kept are the switch's."""
    a_leg = stage.call(DIAL.format("1001").replace("<Dial", '<Dial timeLimit="3600"'))
    stage.asked("DialConnected")
    stage.clock.step(step)
    stage.break_off()
    stage.clock.sleep(1)
    stage.clock.step(-2 * step)
    stage.break_off()
    assert stage.heard(a_leg) == [*CONNECTED, *ENDED]
    ended = next(r for r in stage.web.requests if r.params["Event"] == "DialHangup")
    assert int(ended.params["DialBLegDuration"]) in (5, 6, 7)
    assert int(stage.web.requests[-1].params["Duration"]) < 12
    stage.nothing_is_left()


@pytest.mark.parametrize("step", [6 * 3600, -6 * 3600])
def test_the_clock_is_stepped_while_a_hangup_is_scheduled(stage, step):
    a_leg = stage.call('<Hangup schedule="4"/><Wait length="60"/>')
    stage.asked("StartApp")
    began = stage.clock.now()
    stage.clock.sleep(0.5)
    stage.clock.step(step)
    stage.break_off()
    assert stage.heard(a_leg)[-1] == "/hangup Hangup 6000 Answer XML"
    assert 3 < stage.clock.now() - began < 12
    stage.nothing_is_left()
