"""What RCML's and CallAPI's requests say."""

from dataclasses import replace

import pytest
from dialctl.conference.model import RoomSound, Stay
from dialctl.dial.model import (
    Leg,
    Outcome,
    ReportAnswered,
    ReportConnected,
    ReportDialled,
    ReportEnded,
    ReportRinging,
)
from dialctl.dialects import rcml
from dialctl.dialects.restcomm import statuses
from dialctl.model import ALeg, BLeg, CallStatus, CallView, ChannelEnd, Ending, EndReason, Transfer
from dialctl.plan import (
    Conference,
    Dial,
    Gather,
    Hook,
    NextDocument,
    Notice,
    Number,
    Record,
    Recorded,
    Stage,
    StatusCallback,
    Target,
)
from dialctl.settings import App

A_LEG = ALeg("a-1", "+1555", "1444", "Bob", created=1795245263.4826)
VIEW = CallView(A_LEG, CallStatus.IN_PROGRESS, auth_id="AC1", answered=True, at=1124121121.9)
GONE = CallView(A_LEG, CallStatus.COMPLETED, auth_id="AC1", answered=True)
ACTION, TOLD = Hook("http://x/action"), Hook("http://x/status", "GET")
EVERY = frozenset({"initiated", "ringing", "answered", "completed"})
TARGET = Target(Number("1212"), "1212", status_callback=StatusCallback(TOLD, EVERY))
DIAL = Dial(targets=(TARGET,), ring_timeout=30, time_limit=60, action=ACTION)
LEG = Leg("b-1", 1, "1212", ())
# It rang for 2 s and talked for 3, less a media tick.
TALKED = ChannelEnd(
    "NORMAL_CLEARING", sip_status=200, created=100.0, answered=102.0, bridged=102.02, ended=105.0,
    billmsec=3000, sip_call_id="c-1", headers=(("X-Color", "blue"),),
)  # fmt: skip
BUSY = ChannelEnd(
    "USER_BUSY", sip_status=486, created=100.0, ended=102.0, sip_call_id="c-1"
)  # fmt: skip


def outcome(status, end, connected=False, **more):
    leg = ReportEnded(LEG, "b-1", end)
    return Outcome(status, end.cause, "b-1" if connected else "", legs=(leg,), **more)


def told(view, ended):
    """What the action request says beyond the call's own parameters."""
    return dict(rcml.dial_ended(view, DIAL, 2, ended).fields)


def test_the_action_of_a_dial_that_was_talked_on():
    asked = rcml.dial_ended(VIEW, DIAL, 2, outcome("completed", TALKED, connected=True))
    assert asked == NextDocument(
        ACTION,
        Stage.ACTION,
        (
            ("DialCallStatus", "completed"),
            ("DialCallSid", "b-1"),
            ("DialCallDuration", "3"),
            ("DialRingDuration", "2"),
            ("DialSipHeader_X-Color", "blue"),
        ),
        "dial-2-action",
    )


def test_the_action_of_a_dial_that_was_refused():
    assert told(VIEW, outcome("busy", BUSY)) == {
        "DialCallStatus": "busy",
        "DialCallSid": "b-1",
        "DialCallDuration": "0",
        "DialRingDuration": "2",
        "DialSipResponseCode": "486",
        "DialSipCallId": "c-1",
    }


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (ChannelEnd("NO_ROUTE_DESTINATION"), "NO_ROUTE_DESTINATION"),
        (
            ChannelEnd("UNALLOCATED_NUMBER", sip_status=404, sip_call_id="c"),
            "404 UNALLOCATED_NUMBER",
        ),
        (ChannelEnd("NORMAL_UNSPECIFIED", sip_status=904, sip_call_id="c"), "NORMAL_UNSPECIFIED"),
        (ChannelEnd("UNKNOWN", sip_status=487), "UNKNOWN"),
    ],
)
def test_why_it_failed(end, reason):
    assert told(VIEW, outcome("failed", end))["FailureReason"] == reason


@pytest.mark.parametrize(
    ("status", "word"),
    [("cancel", "canceled"), ("timeout", "no-answer"), ("no-answer", "no-answer")],
)
def test_the_status_of_a_dial(status, word):
    assert told(VIEW, outcome(status, ChannelEnd("X")))["DialCallStatus"] == word


def test_nobody_was_rung():
    assert told(VIEW, Outcome("cancel", "ORIGINATOR_CANCEL")) == {"DialCallStatus": "canceled"}


def test_a_recording():
    said = told(VIEW, outcome("completed", TALKED, connected=True, recording="http://r/1.wav"))
    assert said["RecordingUrl"] == "http://r/1.wav"


def test_a_dial_whose_caller_has_left_is_told_only():
    notice = rcml.dial_ended(GONE, DIAL, 1, outcome("completed", TALKED, connected=True))
    assert isinstance(notice, Notice)
    assert dict(notice.fields)["CallStatus"] == "completed"


def test_a_dial_without_an_action():
    dial = Dial(targets=(TARGET,), ring_timeout=30, time_limit=60)
    assert rcml.dial_ended(VIEW, dial, 1, outcome("busy", BUSY)) is None


def test_a_transfer_is_asked_about():
    transfer = Transfer("<sip:+1313@x>", "<sip:bob@y>", callee="client:bob", shown="7000")
    asks = Hook("http://x/refer")
    asked = rcml.referred(VIEW, replace(DIAL, refer=asks), ReportConnected(LEG, "b-1"), transfer)
    said = (("ReferTarget", "+1313"), ("Transferor", "bob"), ("Transferee", "7000"))
    assert asked == NextDocument(asks, Stage.REFER, said, optional=True)
    later = replace(VIEW, transfer=transfer)
    assert set(said) < set(rcml.request_fields(later, NextDocument(ACTION, Stage.ACTION)))


def test_who_sends_no_referred_by_is_named_as_he_was_dialled():
    asks = replace(DIAL, refer=Hook("http://x/refer"))
    transfer = Transfer("<tel:1313>", callee="1212", shown="7000")
    asked = dict(rcml.referred(VIEW, asks, ReportConnected(LEG, "b-1"), transfer).fields)
    assert asked == {"ReferTarget": "1313", "Transferor": "1212", "Transferee": "7000"}


# Status callbacks.


@pytest.mark.parametrize(
    ("report", "event", "status", "number"),
    [
        (ReportDialled(LEG, "b-1"), "initiated", "initiated", "0"),
        (ReportRinging(LEG, "b-1"), "ringing", "ringing", "1"),
        (ReportAnswered(LEG, "b-1", 2), "answered", "in-progress", "2"),
        (ReportEnded(LEG, "b-1", BUSY, 2), "completed", "busy", "2"),
    ],
)
def test_a_status_callback(report, event, status, number):
    (notice,) = rcml.leg_notices(VIEW, DIAL, 3, report)
    assert (notice.hook, notice.name) == (TOLD, f"dial-3-1-{event}")
    said = dict(notice.fields)
    duration = {"CallDuration": "0"} if event == "completed" else {}
    assert said == {
        "CallSid": "b-1",
        "ParentCallSid": "a-1",
        "AccountSid": "AC1",
        "From": "+1555",
        "To": "1212",
        "CallStatus": status,
        "ApiVersion": "2012-04-24",
        "Direction": "outbound-dial",
        "CallerName": "Bob",
        "Timestamp": "Mon, 15 Aug 2005 15:52:01 +0000",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": number,
        **duration,
    }


def test_a_connection_is_no_status():
    assert rcml.leg_notices(VIEW, DIAL, 1, ReportConnected(LEG, "b-1")) == ()


def test_who_does_not_ask_is_not_told():
    plain = Dial(targets=(Target(Number("1"), "1"),), ring_timeout=30, time_limit=60)
    assert rcml.leg_notices(VIEW, plain, 1, ReportDialled(LEG, "b-1")) == ()
    only = StatusCallback(TOLD, frozenset({"completed"}))
    dial = Dial(
        targets=(Target(Number("1"), "1", status_callback=only),), ring_timeout=3, time_limit=6
    )
    assert rcml.leg_notices(VIEW, dial, 1, ReportDialled(LEG, "b-1")) == ()


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (TALKED, "completed"),
        (ChannelEnd("CALL_REJECTED", answered=1.0, unconfirmed=True), "completed"),
        (ChannelEnd("LOSE_RACE"), "canceled"),
        (ChannelEnd("ORIGINATOR_CANCEL"), "canceled"),
        (ChannelEnd("MANAGER_REQUEST"), "canceled"),
        (ChannelEnd("RECOVERY_ON_TIMER_EXPIRE"), "no-answer"),
        (ChannelEnd("CALL_REJECTED", sip_status=603), "busy"),
        (ChannelEnd("CALL_REJECTED", sip_status=403), "failed"),
    ],
)
def test_the_status_of_a_leg(end, status):
    assert statuses.of_leg(end) == status


# The call itself.


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (TALKED, "completed"),
        (ChannelEnd("ORIGINATOR_CANCEL"), "canceled"),
        (ChannelEnd("USER_BUSY"), "busy"),
        (ChannelEnd("CALL_REJECTED"), "no-answer"),
        (ChannelEnd("NORMAL_CLEARING"), "no-answer"),
        (ChannelEnd("NORMAL_TEMPORARY_FAILURE"), "failed"),
    ],
)
def test_the_end_of_the_call(end, status):
    app = App("main", "http://x/", hangup_url="http://x/over", hangup_method="GET")
    (notice,) = rcml.call_notices(VIEW, app, Ending(EndReason.CALLER), end)
    said = dict(notice.fields)
    assert (notice.hook, said["CallStatus"]) == (Hook("http://x/over", "GET"), status)
    assert said["CallDuration"] == ("3" if end is TALKED else "0")


def test_nobody_asks_about_the_end_of_the_call():
    app = App("main", "http://x/")
    assert rcml.call_notices(VIEW, app, Ending(EndReason.CALLER), TALKED) == ()


def test_a_call_that_was_forwarded():
    a_leg = replace(A_LEG, forwarded_from="<sip:+1333@x>", headers=(("X-A", "1"),))
    view = CallView(a_leg, CallStatus.RINGING)
    said = dict(rcml.request_fields(view, NextDocument(ACTION, Stage.ANSWER)))
    assert said["ForwardedFrom"] == "+1333"
    assert (said["SipHeader_Diversion"], said["SipHeader_X-A"]) == ("<sip:+1333@x>", "1")


def test_a_caller_who_left_unanswered():
    view = CallView(A_LEG, CallStatus.COMPLETED)
    said = dict(rcml.request_fields(view, NextDocument(ACTION, Stage.ACTION)))
    assert said["CallStatus"] == "canceled"


def test_a_request_on_behalf_of_a_callee():
    b_leg = BLeg("b-1", "client:jane", "thomas", "c-9", (("X-Seat", "4"),))
    view = CallView(A_LEG, CallStatus.IN_PROGRESS, b_leg=b_leg)
    said = dict(rcml.request_fields(view, NextDocument(ACTION, Stage.INTERVIEW)))
    assert said["SipHeader_X-Seat"] == "4"
    assert {
        name: said[name] for name in ("CallSid", "ParentCallSid", "From", "To", "SipCallId")
    } == {
        "CallSid": "b-1",
        "ParentCallSid": "a-1",
        "From": "thomas",
        "To": "client:jane",
        "SipCallId": "c-9",
    }
    unknown = CallView(A_LEG, CallStatus.IN_PROGRESS, b_leg=BLeg("b-1", "1", ""))
    said = dict(rcml.request_fields(unknown, NextDocument(ACTION, Stage.INTERVIEW)))
    assert "SipCallId" not in said


def test_keys():
    gather = Gather(prompts=(), action=ACTION)
    assert rcml.gathered(gather, "12") == NextDocument(ACTION, Stage.ACTION, (("Digits", "12"),))
    assert rcml.gathered(gather, "") is None


@pytest.mark.parametrize(("view", "kind"), [(VIEW, NextDocument), (GONE, Notice)])
def test_a_record(view, kind):
    record = Record(action=ACTION)
    asked = rcml.recorded(view, record, Recorded("r-1", "http://r/1.wav", 2900, key="#"))
    assert isinstance(asked, kind)
    said = dict(asked.fields)
    assert (said["RecordingUrl"], said["RecordingDuration"], said["Digits"]) == (
        "http://r/1.wav",
        "2",
        "#",
    )


def test_a_room():
    room = Conference(room="r", action=ACTION)
    asked = rcml.conference_ended(VIEW, room, 1, Stay(1, "c"), None)
    assert asked.fields == (("DialCallStatus", "completed"),)
    assert rcml.room_sound(room, RoomSound.WAIT) == ()
    assert rcml.conference_notices(VIEW, room, 1, None) == ()
