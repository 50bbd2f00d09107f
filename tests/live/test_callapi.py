"""CallAPI on a real FreeSWITCH: documents on the callee's end, and status callbacks.

The caller stays unanswered until somebody is connected (``answer_delay``).
"""

from email.utils import parsedate_to_datetime

import gevent
import pytest

from support.webapp import Answer

from .conftest import CALLAPI_APP
from .numbers import BUSY, answers, number, presses_five, refuses, rings
from .rcml import Application

EVENTS = {
    "statusCallback": "status",
    "statusCallbackEvent": "initiated ringing answered completed",
}
KEY = '<Gather numDigits="1" timeout="3" action="pressed"/><Hangup/>'


@pytest.fixture
def app(live):
    return Application(live)


def screened(callee, **more):
    return number(callee, url="screen", **more)


def place(app, *targets, screen="", headers=None, pressed="", **attributes):
    return app.call(
        CALLAPI_APP,
        app.dial(*targets, **attributes),
        screen=screen,
        pressed=pressed,
        headers=headers,
    )


def end_of(app, call_sid):
    return app.live.switch.events.of(call_sid, "CHANNEL_HANGUP_COMPLETE")[0]["Hangup-Cause"]


# The document on the callee's end.


def test_a_key_accepts(app):
    call = place(app, screened(presses_five(0.2, 1.0)), screen=f"<Response>{KEY}</Response>")
    assert app.paths() == ["answer", "screen", "pressed", "action", "hangup"]
    assert app.the("pressed")["Digits"] == "5"
    assert app.the("action")["DialCallStatus"] == "completed"
    assert call.story() == ["180", "200", "BYE"]
    answered, heard = call.answered(), app.live.times(*app.live.callees())["CHANNEL_ANSWER"]
    assert answered.at - app.live.callees()[0].at - heard > 0.4, "not before the key"


def test_a_key_and_a_hangup_decline(app):
    hangup = "<Response><Hangup/></Response>"
    call = place(
        app, screened(presses_five()), screen=f"<Response>{KEY}</Response>", pressed=hangup
    )
    told = app.the("action")
    assert (told["DialCallStatus"], told["DialCallDuration"]) == ("no-answer", "0")
    assert call.refused() == "603"


def test_no_key_declines(app):
    screen = KEY.replace('timeout="3"', 'timeout="1"')
    place(app, screened(answers(0.2, 9)), screen=f"<Response>{screen}</Response>")
    assert app.the("action")["DialCallStatus"] == "no-answer"
    assert app.paths() == ["answer", "screen", "action", "hangup"]


def test_what_it_is_told_of_the_callee(app):
    call = place(app, screened(presses_five()))
    told = app.the("screen")
    assert (told["ParentCallSid"], told["CallStatus"]) == (call.call_uuid, "in-progress")
    assert told["Direction"] == "outbound-dial"
    assert told["SipHeader_X-Color"] == "blue"
    (callee,) = app.live.callees()
    assert told["SipCallId"] == callee["variable_sip_call_id"]
    assert app.the("action")["DialCallSid"] == told["CallSid"]


@pytest.mark.parametrize(
    "screen",
    ["<Response><Dial>1555</Dial></Response>", Answer("", "500 No"), "<Response><Hangup/>"],
    ids=["Dial", "none", "broken"],
)
def test_one_that_cannot_be_done_declines(app, screen):
    place(app, screened(answers(0.2, 9)), screen=screen)
    assert app.the("action")["DialCallStatus"] == "no-answer"


def test_an_empty_one_connects(app):
    place(app, screened(answers(0.2, 0.5)))
    assert app.the("action")["DialCallStatus"] == "completed"


def test_the_callee_hangs_up_in_it(app):
    screen = '<Response><Pause length="9"/></Response>'
    call = place(app, screened(answers(0.2, 0.6)), screen=screen)
    assert app.the("action")["DialCallStatus"] == "no-answer"
    assert "200" not in call.story()


def test_the_caller_gives_up_meanwhile(app):
    screen = '<Response><Pause length="9"/></Response>'
    call = place(app, screened(answers(0.2, 9)), screen=screen)
    app.the("screen")
    call.after(0.5, call.cancel)
    assert app.the("action")["DialCallStatus"] == "canceled"


@pytest.mark.parametrize("winner", ["asked", "free"])
def test_one_is_asked_and_one_is_not(app, winner):
    """Who is not asked is connected at its answer; who is, once it was heard out."""
    quick, slow = answers(0.1, 5), answers(1.6, 0.5)
    length = 9 if winner == "free" else 1
    place(
        app,
        screened(quick if winner == "free" else answers(0.1, 2)),
        number(slow),
        screen=f'<Response><Pause length="{length}"/></Response>',
    )
    told = app.the("action")
    assert told["DialCallStatus"] == "completed"
    rang = {"free": "1", "asked": "0"}
    assert told["DialRingDuration"] == rang[winner]


def test_each_hears_its_own(app):
    targets = (
        number(answers(0.1, 9), url="hangup-first"),
        number(answers(0.1, 9), url="never"),
        number(presses_five(0.3, 1.0), url="keys"),
    )
    app.call(
        CALLAPI_APP,
        app.dial(*targets),
        **{
            "hangup-first": "<Response><Hangup/></Response>",
            "never": '<Response><Pause length="9"/></Response>',
            "keys": f"<Response>{KEY}</Response>",
        },
    )
    assert app.the("action")["DialCallStatus"] == "completed"
    assert app.the("pressed")["To"] == presses_five(0.3, 1.0)


def test_of_two_telephones_of_one_client_the_first_to_be_let_through(app):
    client = '<Client url="screen" {}>twin</Client>'.format(
        " ".join(f'{name}="{value}"' for name, value in EVENTS.items())
    )
    place(app, client)
    assert app.the("action")["DialCallStatus"] == "completed"
    told = app.told("CallStatus", "SequenceNumber")
    assert told == ["initiated 0", "ringing 1", "in-progress 2", "completed 3"]


# Status callbacks.


def test_three_legs_and_one_winner(app):
    """Ten requests: the losers are canceled and were never answered."""
    callees = {"1": rings(1), "2": answers(0.6, 1.2), "3": rings(2)}
    targets = [
        number(callee, **{**EVENTS, "statusCallback": f"status{at}"})
        for at, callee in callees.items()
    ]
    call = place(app, *targets)
    said = {at: app.told("CallStatus", "SequenceNumber", paths=(f"status{at}",)) for at in callees}
    lost = ["initiated 0", "ringing 1", "canceled 2"]
    won = ["initiated 0", "ringing 1", "in-progress 2", "completed 3"]
    assert said == {"1": lost, "2": won, "3": lost}
    over = app.the("status2"), app.the("action")
    assert over[0]["CallSid"] == over[1]["DialCallSid"]
    assert over[0]["ParentCallSid"] == call.call_uuid
    assert app.told("CallDuration", paths=("status2",)) == ["-", "-", "-", "1"]


def test_when_it_happened(app):
    place(app, number(answers(1.2, 1.2), **EVENTS))
    stamps = [parsedate_to_datetime(stamp) for stamp in app.told("Timestamp")]
    assert all(stamp.utcoffset().total_seconds() == 0 for stamp in stamps)
    seconds = [(stamp - stamps[0]).total_seconds() for stamp in stamps]
    assert seconds[0] == 0
    assert seconds == sorted(seconds)
    assert 2 <= seconds[3] <= 3


def test_nobody_answers(app):
    place(app, number(refuses(BUSY, 0.3), **EVENTS), number(rings(), **EVENTS), timeout="1")
    assert sorted(app.told("CallStatus")) == [
        "busy",
        "initiated",
        "initiated",
        "no-answer",
        "ringing",
        "ringing",
    ]


# The controller dies meanwhile.


@pytest.mark.parametrize("away", [0.4, 3.0], ids=["while it rings", "and the callee is gone"])
def test_a_controller_that_resumes_a_call_knows_what_reports_say(app, away):
    ring = 2.2
    place(app, number(refuses(BUSY, ring), **EVENTS))
    app.the("status")
    gevent.sleep(0.6)
    app.live.daemon.slay()
    gevent.sleep(away)
    app.live.daemon.start()
    told = app.the("action")
    (callee,) = app.live.callees()
    assert told["DialSipCallId"] == callee["variable_sip_call_id"]
    assert (told["DialCallStatus"], told["DialSipResponseCode"]) == ("busy", "486")
    assert told["DialRingDuration"] == "2"
    assert app.told("CallStatus", "SequenceNumber") == ["initiated 0", "ringing 1", "busy 2"]


def test_a_controller_that_resumes_asks_a_callee_again(app):
    """It starts the callee's document over: nobody is connected unasked."""
    screen = ['<Response><Pause length="9"/></Response>', "<Response><Hangup/></Response>"]
    place(app, screened(answers(0.2, 9)), screen=screen)
    app.the("screen")
    gevent.sleep(0.4)
    app.live.daemon.slay()
    gevent.sleep(0.4)
    app.live.daemon.start()
    assert app.the("action")["DialCallStatus"] == "no-answer"
