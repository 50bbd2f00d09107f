"""What the Voice Gateway's requests say, property by property."""

from dataclasses import replace

import pytest
from dialctl.dial.model import (
    Leg,
    Outcome,
    Party,
    ReportAnswered,
    ReportConnected,
    ReportDigits,
    ReportEnded,
    ReportParty,
)
from dialctl.dialects import voicegateway
from dialctl.model import (
    ALeg,
    BLeg,
    CallStatus,
    CallView,
    ChannelEnd,
    Ending,
    EndReason,
    Side,
    Transfer,
)
from dialctl.plan import (
    Dial,
    Gather,
    Hook,
    MediaFork,
    NextDocument,
    Notice,
    Number,
    Stage,
    Target,
    Transcription,
)
from dialctl.settings import App

A_LEG = ALeg(
    uuid="a-leg",
    caller="+15551230000",
    called="15550001111",
    caller_name="José",
    sip_call_id="abc@phone",
)
RINGING = CallView(A_LEG, CallStatus.RINGING, auth_id="ACC", app="main")
TALKING = CallView(A_LEG, CallStatus.IN_PROGRESS, auth_id="ACC", app="main")
OVER = CallView(A_LEG, CallStatus.COMPLETED, auth_id="ACC", app="main")
ACTION = Hook("https://app.example.com/dial")
KEYS = Hook("https://app.example.com/keys", "GET")
AMD = Hook("https://app.example.com/amd")
SAID = Hook("https://app.example.com/said")
DIAL = Dial(
    targets=(
        Target(Number("15550001234"), "15550001234"),
        Target(Number("15550009999"), "+15550009999"),
    ),
    ring_timeout=60,
    time_limit=86400,
    callback=KEYS,
    action=ACTION,
    on_machine_hook=AMD,
    transcription=Transcription(SAID),
)
LEG = Leg("b-leg", 2, "+15550009999", ())
THE_CALL = {
    "account_sid": "ACC",
    "application_sid": "main",
    "call_id": "abc@phone",
    "call_sid": "a-leg",
    "caller_name": "José",
    "direction": "inbound",
    "from": "+15551230000",
    "to": "15550001111",
}
UP = {"call_status": "in-progress", "sip_status": 200, "sip_reason": "OK"}


def ended(cause, sip_status=0, uuid="b-leg", **more):
    """A leg's end."""
    return ReportEnded(LEG, uuid, ChannelEnd(cause, Side.THEM, sip_status, **more))


def outcome(*legs, status="failed", b_leg_uuid=""):
    return Outcome(status, "", b_leg_uuid, legs=legs)


def action(result, view=RINGING):
    """dial_status, dial_sip_status and dial_call_sid."""
    fields = dict(voicegateway.dial_ended(view, DIAL, 1, result).fields)
    assert fields["dial_call_status"] == fields["dial_status"]
    return tuple(fields[f"dial_{name}"] for name in ("status", "sip_status", "call_sid"))


# Requests for documents.


@pytest.mark.parametrize(
    ("view", "stage", "status"),
    [
        (RINGING, Stage.ANSWER, ("trying", 100, "Trying")),
        (RINGING, Stage.ACTION, ("ringing", 180, "Ringing")),
        (TALKING, Stage.ANSWER, ("in-progress", 200, "OK")),
        (OVER, Stage.ACTION, ("completed", 200, "OK")),
    ],
)
def test_a_request_tells_the_call(view, stage, status):
    request = NextDocument(ACTION, stage, (("reason", "timeout"),))
    told = dict(zip(("call_status", "sip_status", "sip_reason"), status, strict=True))
    fields = dict(voicegateway.request_fields(view, request))
    assert fields == THE_CALL | told | {"reason": "timeout"}


def test_a_request_on_the_callees_end_tells_the_callee():
    b_leg = BLeg("b-leg", "+15550009999", "+49", "xyz@carrier")
    view = replace(TALKING, b_leg=b_leg)
    request = NextDocument(ACTION, Stage.INTERVIEW)
    child = {
        "account_sid": "ACC",
        "application_sid": "main",
        "call_id": "xyz@carrier",
        "call_sid": "b-leg",
        "caller_id": "+49",
        "direction": "outbound",
        "from": "+49",
        "parent_call_sid": "a-leg",
        "to": "+15550009999",
    }
    assert dict(voicegateway.request_fields(view, request)) == child | UP


def test_a_call_of_no_account():
    view = replace(RINGING, auth_id="")
    fields = dict(voicegateway.request_fields(view, NextDocument(ACTION, Stage.ANSWER, ())))
    assert "account_sid" not in fields


# The actionHook.


@pytest.mark.parametrize(
    ("leg", "status", "sip_status"),
    [
        (ended("USER_BUSY", 486), "busy", 486),
        (ended("USER_BUSY"), "busy", 486),  # e.g. a user of the switch's own: no SIP in between
        (ended("BUSY_EVERYWHERE", 600), "busy", 600),
        (ended("CALL_REJECTED", 603), "failed", 603),
        (ended("CALL_REJECTED", 403), "failed", 403),
        (ended("UNALLOCATED_NUMBER", 404), "failed", 404),
        (ended("NORMAL_TEMPORARY_FAILURE", 503), "failed", 503),
        (ended("NO_USER_RESPONSE", 408), "failed", 408),
        (ended("NO_ANSWER"), "no-answer", 487),
        (ended("ALLOTTED_TIMEOUT"), "no-answer", 487),
        (ended("ORIGINATOR_CANCEL"), "no-answer", 487),
        (ended("REQUEST_TERMINATED", 487), "no-answer", 487),
        (ended("USER_NOT_REGISTERED"), "failed", 500),
        (ended("NORMAL_CLEARING", 200, unconfirmed=True), "no-answer", 200),
    ],
)
def test_how_a_leg_that_nobody_was_connected_to_counts(leg, status, sip_status):
    assert action(outcome(leg)) == (status, sip_status, "b-leg")


def test_a_provisional_status_is_no_final_one():
    """The peer reports the last provisional status of a leg that was let ring too long."""
    assert action(outcome(ended("NO_ANSWER", 180))) == ("no-answer", 487, "b-leg")


def test_a_leg_that_fails_late_takes_nothing_back():
    """With the peer the leg that changed last has the word."""
    late = ended("USER_BUSY", 486, "c-leg")
    connected = outcome(late, status="completed", b_leg_uuid="b-leg")
    assert action(connected, TALKING) == ("completed", 200, "b-leg")
    unanswered = ended("NO_ANSWER", uuid="b-leg"), ended("UNALLOCATED_NUMBER", 404, "c-leg")
    assert action(outcome(*unanswered)) == ("no-answer", 487, "b-leg")


def test_of_several_with_the_same_status_the_first_is_told():
    legs = ended("CALL_REJECTED", 603, "b-leg"), ended("UNALLOCATED_NUMBER", 404, "c-leg")
    assert action(outcome(*legs)) == ("failed", 603, "b-leg")


def test_nobody_could_be_rung():
    assert action(outcome()) == ("failed", 500, "")


def test_the_caller_left():
    assert action(outcome(status="cancel")) == ("no-answer", 487, "")
    assert action(outcome(ended("USER_BUSY", 486), status="cancel"), OVER)[:2] == ("no-answer", 487)


def test_the_action_hook_is_asked_as_long_as_the_caller_is_there():
    asked = voicegateway.dial_ended(TALKING, DIAL, 2, outcome(b_leg_uuid="b-leg"))
    assert isinstance(asked, NextDocument)
    assert (asked.hook, asked.stage, asked.name) == (ACTION, Stage.ACTION, "dial-2-action")
    assert asked.optional
    told = voicegateway.dial_ended(OVER, DIAL, 2, outcome(b_leg_uuid="b-leg"))
    assert isinstance(told, Notice)
    assert (told.hook, told.name) == (ACTION, "dial-2-action")
    assert dict(told.fields).items() >= (THE_CALL | dict(asked.fields)).items()


def test_no_action_hook():
    assert voicegateway.dial_ended(RINGING, replace(DIAL, action=None), 1, outcome()) is None


# Keys and machines.


def notice(report, dial=DIAL, view=TALKING):
    (found,) = voicegateway.leg_notices(view, dial, 1, report)
    return found.hook, found.name, dict(found.fields)


def test_keys_of_the_caller():
    report = ReportDigits(LEG, "b-leg", "*2", by_caller=True, ordinal=3)
    assert notice(report) == (KEYS, "dial-1-2-digits-3", THE_CALL | UP | {"dtmf": "*2"})


def test_keys_of_the_callee():
    report = ReportDigits(LEG, "b-leg", "*2", by_caller=False, ordinal=1)
    child = {
        "account_sid": "ACC",
        "application_sid": "main",
        "call_sid": "b-leg",
        "caller_id": "+15551230000",
        "direction": "outbound",
        "dtmf": "*2",
        "from": "+15551230000",
        "parent_call_sid": "a-leg",
        "to": "+15550009999",
    }
    assert notice(report) == (KEYS, "dial-1-2-digits-1", child | UP)
    other = notice(report, replace(DIAL, caller_id="+49"), replace(TALKING, auth_id=""))[2]
    assert (other["from"], other["caller_id"]) == ("+49", "+49")
    assert "account_sid" not in other


@pytest.mark.parametrize(
    ("party", "more", "told"),
    [
        (
            Party.HUMAN,
            {},
            {"event": "amd", "amd_type": "human", "type": "amd_human_detected"},
        ),
        (
            Party.MACHINE,
            {},
            {"event": "amd", "amd_type": "machine", "type": "amd_machine_detected"},
        ),
        (Party.MACHINE, {"beep": True}, {"event": "beep", "type": "amd_tone_detected"}),
        (Party.SILENCE, {}, {"event": "silence", "type": "amd_no_speech_detected"}),
        (Party.UNKNOWN, {"lacking": "why"}, {"type": "amd_error", "error": "why"}),
    ],
)
def test_what_a_callee_is(party, more, told):
    hook, name, fields = notice(ReportParty(LEG, "b-leg", party, **more))
    assert (hook, name) == (AMD, "dial-1-2-amd")
    assert fields == THE_CALL | UP | {"dial_call_sid": "b-leg"} | told


def test_nothing_else_is_told_of_a_leg():
    reports = (
        ReportAnswered(LEG, "b-leg"),
        ReportConnected(LEG, "b-leg"),
        ended("NORMAL_CLEARING"),
    )
    for report in reports:
        assert voicegateway.leg_notices(TALKING, DIAL, 1, report) == ()
    deaf = replace(DIAL, callback=None, on_machine_hook=None)
    keys = ReportDigits(LEG, "b-leg", "1", by_caller=True, ordinal=1)
    assert voicegateway.leg_notices(TALKING, deaf, 1, keys) == ()
    assert voicegateway.leg_notices(TALKING, deaf, 1, ReportParty(LEG, "b", Party.HUMAN)) == ()


# A callee's REFER.

REFERRED = replace(DIAL, refer=SAID)


@pytest.mark.parametrize(
    ("refer_to", "user"),
    [
        ("<sip:+4930111@127.0.0.1:5060>", "+4930111"),
        ('"Bob" <sips:b%20ob@x;user=phone?Replaces=y>', "b ob"),
        ("tel:+49-30", "+49-30"),
        ("<sip:example.com>", ""),
        ("<sip:a@b", "a"),
        ("https://example.com", ""),
        ("", ""),
    ],
)
def test_a_refer_is_told_as_the_callees(refer_to, user):
    connected = ReportConnected(LEG, "b-leg")
    asked = voicegateway.referred(TALKING, REFERRED, connected, Transfer(refer_to))
    assert (asked.hook, asked.stage, asked.optional) == (SAID, Stage.REFER, True)
    fields = dict(voicegateway.request_fields(TALKING, asked))
    assert (fields["call_sid"], fields["parent_call_sid"]) == ("b-leg", "a-leg")
    assert fields["refer_details"] == {
        "refer_to_user": user,
        "referred_call_sid": "a-leg",
        "referring_call_sid": "b-leg",
        "sip_refer_to": refer_to,
    }


def test_who_has_referred():
    transfer = Transfer("<sip:1@x>", "<sip:bob@y>")
    asked = voicegateway.referred(TALKING, REFERRED, ReportConnected(LEG, "b-leg"), transfer)
    details = dict(asked.fields)["refer_details"]
    assert details["sip_referred_by"] == "<sip:bob@y>"
    assert details["referred_by_user"] == "bob"


# What is said.


def test_the_metadata_of_a_stream():
    fork = MediaFork("wss://ears", "mono", 8000, (("mine", [1, {"a": None}]),))
    told = dict(voicegateway.fork_metadata(TALKING, fork))
    assert told == THE_CALL | UP | {"mine": [1, {"a": None}]}


@pytest.mark.parametrize(("by_caller", "call_sid"), [(True, "a-leg"), (False, "b-leg")])
def test_a_transcript(by_caller, call_sid):
    connected = ReportConnected(LEG, "b-leg")
    (found,) = voicegateway.transcribed(
        TALKING, DIAL, "speech-1", connected, {"is_final": True}, by_caller=by_caller
    )
    assert (found.hook, found.name) == (SAID, "speech-1")
    fields = dict(found.fields)
    assert (fields["call_sid"], fields["speech"]) == (call_sid, {"is_final": True})


def test_a_transcript_that_nobody_asked_for():
    dial, connected = replace(DIAL, transcription=None), ReportConnected(LEG, "b-leg")
    assert voicegateway.transcribed(TALKING, dial, "n", connected, {}, by_caller=True) == ()


# gather.

GATHER = Gather(
    prompts=(),
    action=ACTION,
    timeout=5,
    digit_timeout=2,
    finish_on="",
    max_digits=4,
    valid="0123456789",
)


@pytest.mark.parametrize(
    ("digits", "told"),
    [
        ("42", (("reason", "dtmfDetected"), ("digits", "42"))),
        ("", (("reason", "timeout"),)),
    ],
)
def test_keys_that_were_gathered(digits, told):
    assert voicegateway.gathered(GATHER, digits) == NextDocument(
        ACTION, Stage.ACTION, told, optional=True
    )
    assert voicegateway.gathered(replace(GATHER, action=None), digits) is None


# The end of the call.

APP = App(
    name="main", dialect="voicegateway", answer_url="https://a/", hangup_url="https://app/gone"
)
ENDING = Ending(EndReason.CALLER)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (
            ChannelEnd("NORMAL_CLEARING", answered=5.0, billmsec=2001),
            {"call_status": "completed", "sip_status": 200, "sip_reason": "OK", "duration": 3},
        ),
        (ChannelEnd("USER_BUSY"), {"call_status": "busy", "duration": 0}),
        (ChannelEnd("ORIGINATOR_CANCEL"), {"call_status": "no-answer", "duration": 0}),
        (ChannelEnd("NORMAL_TEMPORARY_FAILURE"), {"call_status": "failed", "duration": 0}),
    ],
)
def test_the_end_of_the_call(end, told):
    (found,) = voicegateway.call_notices(OVER, APP, ENDING, end)
    assert (found.hook, found.name) == (Hook("https://app/gone"), "hangup")
    assert dict(found.fields) == THE_CALL | told


def test_nobody_asked_for_the_end_of_the_call():
    deaf = replace(APP, hangup_url="")
    assert voicegateway.call_notices(OVER, deaf, ENDING, ChannelEnd("USER_BUSY")) == ()
