"""What Plivo's callbacks say, field by field."""

import time
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
from dialctl.dialects import plivo
from dialctl.model import ALeg, CallStatus, CallView, ChannelEnd, Ending, EndReason, Side
from dialctl.plan import (
    Dial,
    Gather,
    Hook,
    NextDocument,
    Notice,
    Number,
    OnMachine,
    Record,
    RecordCall,
    Recorded,
    Stage,
    Target,
)
from dialctl.settings import App

A_LEG = ALeg(
    uuid="a-leg",
    caller="+15551230000",
    called="15550001111",
    caller_name="José",
    sip_from="15551230000@127.0.0.1",
    sip_to="15550001111@127.0.0.1",
    created=1729865617.779297,
)
RINGING = CallView(A_LEG, CallStatus.RINGING, auth_id="MA1")
TALKING = CallView(A_LEG, CallStatus.IN_PROGRESS, auth_id="MA1")
OVER = CallView(A_LEG, CallStatus.COMPLETED, auth_id="MA1", platform_name="Acme")
STANDARD = {
    "BillRate": "0.00000",
    "CallUUID": "a-leg",
    "CallerName": "José",
    "Direction": "inbound",
    "From": "15551230000",
    "ParentAuthID": "MA1",
    "STIRAttestation": "Not Applicable",
    "STIRVerification": "Not Applicable",
    "SessionStart": "2024-10-25 14:13:37.779297",
    "To": "15550001111",
}
CALLBACK = Hook("https://cb.example.com/x")
ACTION = Hook("https://cb.example.com/done", "GET")
DIAL = Dial(
    targets=(
        Target(Number("15550009999"), "15550009999"),
        Target(Number("15550002222"), "15550002222"),
    ),
    ring_timeout=20,
    time_limit=60,
    callback=CALLBACK,
    action=ACTION,
)
LEG = Leg("b-leg", 2, "15550002222", ())
FIRST = Target(Number("15550009999"), "15550009999")


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def notice(report, dial=DIAL, view=TALKING):
    (told,) = plivo.leg_notices(view, dial, 1, report)
    return told


def test_answer_request():
    fields = plivo.request_fields(RINGING, NextDocument(Hook("http://x"), Stage.ANSWER))
    assert dict(fields) == STANDARD | {"CallStatus": "ringing", "Event": "StartApp"}


def test_redirect_request():
    fields = plivo.request_fields(TALKING, NextDocument(Hook("http://x"), Stage.REDIRECT))
    assert dict(fields) == STANDARD | {"CallStatus": "in-progress", "Event": "Redirect"}


@pytest.mark.parametrize(
    ("a_leg", "said"),
    [
        (
            ALeg("u", "alice", "sales", "", "alice@pbx.example.com", "sales@127.0.0.1"),
            {"From": "sip:alice@pbx.example.com", "To": "sip:sales@127.0.0.1"},
        ),
        (ALeg("u", "alice", "sales", ""), {"From": "alice", "To": "sales"}),
        (
            ALeg("u", "1", "2", "", forwarded_from="<sip:+15559990000@host>;reason=busy"),
            {"ForwardedFrom": "15559990000"},
        ),
        (ALeg("u", "1", "2", "", forwarded_from="unknown"), {"ForwardedFrom": "unknown"}),
        (
            ALeg("u", "1", "2", "", to_header="<sip:2@pbx.example.com>;tag=x"),
            {"SIP-H-To": "<sip:2@pbx.example.com>;tag=x"},
        ),
        (
            ALeg("u", "1", "2", "", headers=(("X-PH-Test", "a b"), ("X-Other", "c"))),
            {"X-PH-Test": "a b"},
        ),
    ],
)
def test_who_calls_whom(a_leg, said):
    request = NextDocument(Hook("http://x"), Stage.ANSWER)
    fields = dict(plivo.request_fields(CallView(a_leg, CallStatus.RINGING), request))
    assert said.items() <= fields.items()


@pytest.mark.parametrize(
    ("verstat", "told_beside", "verification", "attestation"),
    [
        ("", "", "Not Applicable", "Not Applicable"),
        ("", "B", "Not Applicable", "B"),
        ("", "nonsense", "Not Applicable", "Not Applicable"),
        ("No-TN-Validation", "", "Not Applicable", "Not Applicable"),
        ("TN-Validation-Passed", "", "Verified", "A"),
        ("TN-Validation-Passed-A", "C", "Verified", "A"),
        ("TN-Validation-Passed-B", "", "Not Verified", "B"),
        ("TN-Validation-Failed-A", "", "Not Verified", "Not Applicable"),
    ],
)
def test_who_vouches_for_the_caller(verstat, told_beside, verification, attestation):
    a_leg = ALeg("u", "1", "2", "", verstat=verstat, attestation=told_beside)
    request = NextDocument(Hook("http://x"), Stage.ANSWER)
    fields = dict(plivo.request_fields(CallView(a_leg, CallStatus.RINGING), request))
    assert fields["STIRVerification"] == verification
    assert fields["STIRAttestation"] == attestation


BOTH = STANDARD | {
    "CallStatus": "in-progress",
    "DialALegUUID": "a-leg",
    "DialBLegUUID": "b-leg",
    "DialBLegFrom": "+15551230000",
    "DialBLegTo": "15550002222",
    "DialBLegPosition": "2",
}


def test_leg_answered():
    told = notice(ReportAnswered(LEG, "b-leg"))
    assert told.hook == CALLBACK
    assert told.name == "dial-1-2-answer"
    assert dict(told.fields) == BOTH | {
        "Event": "DialAnswer",
        "DialAction": "answer",
        "DialBLegStatus": "answer",
        "DialBLegBillRate": "0.00000",
    }


def test_leg_connected_with_a_caller_id_of_the_documents():
    dial = Dial(
        targets=DIAL.targets, ring_timeout=1, time_limit=1, callback=CALLBACK, caller_id="+1444"
    )
    assert dict(notice(ReportConnected(LEG, "b-leg"), dial).fields) == BOTH | {
        "DialBLegFrom": "+1444",
        "Event": "DialConnected",
        "DialAction": "connected",
        "DialBLegStatus": "connected",
    }


def test_what_one_target_is_shown():
    target = Target(
        Number("15550002222"), "15550002222", caller_id="1777", headers=(("X-PH-Test", "a1"),)
    )
    dial = Dial(
        targets=(FIRST, target), ring_timeout=1, time_limit=1, callback=CALLBACK, caller_id="1444"
    )
    fields = dict(notice(ReportAnswered(LEG, "b-leg"), dial).fields)
    assert {"DialBLegFrom": "1777", "X-PH-Test": "a1"}.items() <= fields.items()


def test_leg_ended():
    end = ChannelEnd(
        "NORMAL_CLEARING",
        Side.THEM,
        created=1729865618.0,
        answered=1729865620.0,
        ended=1729865681.5,
        billsec=61,
        billmsec=61500,
    )
    assert dict(notice(ReportEnded(LEG, "b-leg", end)).fields) == BOTH | {
        "Event": "DialHangup",
        "DialAction": "hangup",
        "DialBLegStatus": "hangup",
        "DialBLegDuration": "61",
        "DialBLegBillDuration": "120",
        "DialBLegHangupCause": "NORMAL_CLEARING",
        "DialBLegHangupCauseName": "Normal Hangup",
        "DialBLegHangupCauseCode": "4000",
        "DialBLegHangupSource": "Callee",
        "DialBLegBillRate": "0.00000",
        "DialBLegTotalCost": "0.00000",
        "StartTime": "2024-10-25 14:13:38",
        "AnswerTime": "2024-10-25 14:13:40",
        "EndTime": "2024-10-25 14:14:41",
    }


@pytest.mark.parametrize(("by_caller", "pressed_by"), [(True, "ALeg"), (False, "BLeg")])
def test_keys_in_the_conversation(by_caller, pressed_by):
    told = notice(ReportDigits(LEG, "b-leg", "12#", by_caller, 3))
    assert told.name == "dial-1-2-digits-3"
    assert dict(told.fields) == BOTH | {
        "Event": "DialDigitsMatch",
        "DialAction": "digits",
        "DialBLegStatus": "connected",
        "DialDigitsMatch": "12#",
        "DialDigitsPressedBy": pressed_by,
    }


@pytest.mark.parametrize(
    ("on_machine", "heard", "said"),
    [
        (
            OnMachine.TELL,
            ReportParty(LEG, "b-leg", Party.MACHINE, beep=True, connected=True),
            {
                "DialBLegStatus": "connected",
                "Machine": "true",
                "IfMachine": "continue",
                "MachineDetectionResult": "machine",
                "MachineDetectedBy": "beep",
            },
        ),
        (
            OnMachine.HANG_UP,
            ReportParty(LEG, "b-leg", Party.MACHINE),
            {
                "DialBLegStatus": "answer",
                "Machine": "true",
                "IfMachine": "hangup",
                "MachineDetectionResult": "machine",
                "MachineDetectedBy": "greeting",
            },
        ),
        (
            OnMachine.TELL,
            ReportParty(LEG, "b-leg", Party.UNKNOWN, lacking="no ears"),
            {
                "DialBLegStatus": "answer",
                "Machine": "false",
                "IfMachine": "continue",
                "MachineDetectionResult": "unknown",
                "MachineDetectionNote": "no ears",
            },
        ),
    ],
)
def test_what_a_callee_was_taken_for(on_machine, heard, said):
    told = notice(heard, replace(DIAL, on_machine=on_machine))
    assert told.name == "dial-1-2-machine"
    own = {"Event": "MachineDetection", "DialAction": "machine", **said}
    assert dict(told.fields) == BOTH | own


def test_nobody_is_told_without_a_callback_url():
    dial = Dial(targets=DIAL.targets, ring_timeout=1, time_limit=1)
    assert plivo.leg_notices(TALKING, dial, 1, ReportAnswered(LEG, "b-leg")) == ()
    assert plivo.dial_ended(TALKING, dial, 1, Outcome("completed", "X")) is None
    assert plivo.call_notices(OVER, APP_SILENT, Ending(EndReason.CALLER), ChannelEnd("X")) == ()


@pytest.mark.parametrize(
    ("end", "code", "name", "source"),
    [
        (ChannelEnd("NORMAL_CLEARING", Side.US, answered=1), 4000, "Normal Hangup", "Caller"),
        (ChannelEnd("ALLOTTED_TIMEOUT", Side.US, answered=1), 6000, "Scheduled Hangup", "Plivo"),
        (ChannelEnd("ALLOTTED_TIMEOUT", Side.US), 6010, "Ring Timeout Reached", "Plivo"),
        (ChannelEnd("NO_ANSWER", Side.US, 487), 6010, "Ring Timeout Reached", "Plivo"),
        (ChannelEnd("NO_ANSWER", Side.THEM), 3000, "No Answer", "Carrier"),
        (ChannelEnd("NO_USER_RESPONSE", Side.THEM, 480), 3000, "No Answer", "Carrier"),
        (ChannelEnd("ORIGINATOR_CANCEL", Side.US, 487), 1000, "Canceled", "Caller"),
        (ChannelEnd("LOSE_RACE", Side.US, 487), 9000, "Lost Race", "Plivo"),
        (ChannelEnd("USER_BUSY", Side.THEM, 486), 3010, "Busy Line", "Callee"),
        (ChannelEnd("USER_BUSY", Side.THEM, 600), 3100, "Busy everywhere", "Callee"),
        (ChannelEnd("CALL_REJECTED", Side.THEM, 603), 3020, "Rejected", "Callee"),
        (ChannelEnd("CALL_REJECTED", Side.THEM, 403), 3040, "Forbidden", "Carrier"),
        (ChannelEnd("CALL_REJECTED", Side.THEM, 407), 4240, "sip_auth_failed", "Carrier"),
        (ChannelEnd("NORMAL_UNSPECIFIED", Side.UNKNOWN, 904), 4240, "sip_auth_failed", "Carrier"),
        (ChannelEnd("MANDATORY_IE_MISSING", Side.US), 4240, "sip_auth_failed", "Carrier"),
        (ChannelEnd("UNALLOCATED_NUMBER", Side.THEM, 404), 3050, "Unallocated number", "Carrier"),
        (
            ChannelEnd("NORMAL_TEMPORARY_FAILURE", Side.THEM, 503),
            3090,
            "Network congestion from carrier",
            "Carrier",
        ),
        (
            ChannelEnd("NORMAL_TEMPORARY_FAILURE", Side.THEM, 500),
            3080,
            "Internal server error from carrier",
            "Carrier",
        ),
        (ChannelEnd("INVALID_GATEWAY"), 5020, "Routing Error", "Plivo"),
        (ChannelEnd("NO_ROUTE_DESTINATION"), 5020, "Routing Error", "Plivo"),
        (ChannelEnd("SUBSCRIBER_ABSENT"), 2020, "Endpoint Not Registered", "Plivo"),
        (ChannelEnd("MANAGER_REQUEST", answered=1), 4000, "Normal Hangup", "API Request"),
        (ChannelEnd("MANAGER_REQUEST"), 1000, "Canceled", "API Request"),
        (ChannelEnd("NORMAL_UNSPECIFIED"), 0, "Unknown", "Unknown"),
        (
            ChannelEnd("CALL_REJECTED", Side.US, answered=1, unconfirmed=True, machine=True),
            "9100",
            "Machine Detected",
            "Plivo",
        ),
        (
            ChannelEnd("CALL_REJECTED", Side.US, answered=1, unconfirmed=True),
            9110,
            "Confirm Key Challenge Failed",
            "Callee",
        ),
    ],
)
def test_causes_of_a_leg(end, code, name, source):
    fields = dict(notice(ReportEnded(LEG, "b-leg", end)).fields)
    assert fields["DialBLegHangupCause"] == end.cause
    assert fields["DialBLegHangupCauseCode"] == str(code)
    assert fields["DialBLegHangupCauseName"] == name
    assert fields["DialBLegHangupSource"] == source


def test_keys_are_asked_about_only_if_there_are_any():
    gather = Gather(prompts=(), action=ACTION, fields=(("InputType", "dtmf"),))
    request = plivo.gathered(gather, "12")
    assert request == NextDocument(ACTION, Stage.ACTION, (("InputType", "dtmf"), ("Digits", "12")))
    assert plivo.gathered(gather, "") is None
    assert plivo.gathered(Gather(prompts=(), action=None), "12") is None


OUTCOME = Outcome("completed", "NORMAL_CLEARING", "b-leg", rang=True)
ACTION_FIELDS = {
    "Event": "DialAction",
    "DialRingStatus": "true",
    "DialHangupCause": "NORMAL_CLEARING",
    "DialStatus": "completed",
    "DialALegUUID": "a-leg",
    "DialBLegUUID": "b-leg",
}


def test_action_is_followed():
    request = plivo.dial_ended(TALKING, DIAL, 1, OUTCOME)
    assert isinstance(request, NextDocument)
    assert request.hook == ACTION
    assert request.stage is Stage.ACTION
    fields = dict(plivo.request_fields(TALKING, request))
    assert fields == STANDARD | {"CallStatus": "in-progress"} | ACTION_FIELDS


@pytest.mark.parametrize(
    ("cause", "sip_status", "told"),
    [
        ("NORMAL_UNSPECIFIED", 904, "sip_auth_failed"),
        ("MANDATORY_IE_MISSING", 0, "sip_auth_failed"),
        ("NORMAL_UNSPECIFIED", 0, "NORMAL_UNSPECIFIED"),
        ("CALL_REJECTED", 403, "CALL_REJECTED"),
        ("CALL_REJECTED", 603, "CALL_REJECTED"),
    ],
)
def test_a_password_that_was_wrong_has_plivos_own_word(cause, sip_status, told):
    leg = Leg("b-leg", 1, "15550001111", ())
    ended = ReportEnded(leg, "b-leg", ChannelEnd(cause, sip_status=sip_status))
    outcome = Outcome("failed", cause, legs=(ended,))
    request = plivo.dial_ended(TALKING, DIAL, 1, outcome)
    assert dict(request.fields)["DialHangupCause"] == told


def test_action_is_told_only():
    dial = Dial(
        targets=DIAL.targets, ring_timeout=1, time_limit=1, action=ACTION, follow_action=False
    )
    told = plivo.dial_ended(TALKING, dial, 3, OUTCOME)
    assert isinstance(told, Notice)
    assert (told.hook, told.name) == (ACTION, "dial-3-action")
    assert dict(told.fields) == STANDARD | {"CallStatus": "in-progress"} | ACTION_FIELDS


def test_action_is_told_only_when_the_caller_is_gone():
    told = plivo.dial_ended(OVER, DIAL, 1, Outcome("cancel", "ORIGINATOR_CANCEL"))
    assert isinstance(told, Notice)
    assert {
        "CallStatus": "completed",
        "DialStatus": "cancel",
        "DialHangupCause": "ORIGINATOR_CANCEL",
        "DialRingStatus": "false",
        "DialBLegUUID": "",
    }.items() <= dict(told.fields).items()


RECORDED = Recorded("r-1", "http://r/r-1.wav", 2860, 1000.5, 1003.36, "#")
RECORD_FIELDS = {
    "Event": "Record",
    "RecordUrl": "http://r/r-1.wav",
    "RecordingID": "r-1",
    "RecordingDuration": "3",
    "RecordingDurationMs": "2860",
    "RecordingStartMs": "1000500",
    "RecordingEndMs": "1003360",
    "Digits": "#",
}


def test_a_recording_is_followed_by_its_actions_document():
    request = plivo.recorded(TALKING, Record(action=ACTION), RECORDED)
    assert isinstance(request, NextDocument)
    assert (request.hook, request.name) == (ACTION, "record-r-1")
    assert dict(request.fields) == RECORD_FIELDS


@pytest.mark.parametrize(
    ("view", "follow"), [(TALKING, False), (OVER, True)], ids=["redirect=false", "caller gone"]
)
def test_a_recording_that_is_told_only(view, follow):
    told = plivo.recorded(view, Record(action=ACTION, follow_action=follow), RECORDED)
    assert isinstance(told, Notice)
    assert (told.hook, told.name) == (ACTION, "record-r-1")
    assert dict(told.fields) == STANDARD | {"CallStatus": view.status.value} | RECORD_FIELDS


def test_a_recording_whose_file_is_complete():
    told = plivo.recording_ready(TALKING, CALLBACK, RECORDED)
    assert (told.hook, told.name) == (CALLBACK, "recorded-r-1")
    ready = RECORD_FIELDS | {"Event": "RecordStop"}
    assert dict(told.fields) == STANDARD | {"CallStatus": "in-progress"} | ready


def test_a_recording_of_which_nobody_wants_to_hear():
    assert plivo.recorded(OVER, Record(action=None), RECORDED) is None


def test_a_recording_that_goes_on_has_no_figures_yet():
    begun = Recorded("r-1", "http://r/r-1.wav", started=1000.5)
    request = plivo.recorded(TALKING, RecordCall(action=ACTION), begun)
    assert {name: text for name, text in request.fields if text == "-1"} == {
        "RecordingDuration": "-1",
        "RecordingDurationMs": "-1",
        "RecordingStartMs": "-1",
        "RecordingEndMs": "-1",
    }
    assert dict(request.fields)["Digits"] == ""


APP = App("a", "http://x/", hangup_url="https://cb.example.com/over", hangup_method="GET")
APP_SILENT = App("a", "http://x/")


def test_hangup_report():
    end = ChannelEnd(
        "NORMAL_CLEARING",
        Side.THEM,
        created=1729865617.7,
        answered=1729865618.0,
        ended=1729865683.2,
        billsec=65,
        billmsec=65200,
    )
    (told,) = plivo.call_notices(OVER, APP, Ending(EndReason.CALLER), end)
    assert (told.hook, told.name) == (Hook("https://cb.example.com/over", "GET"), "hangup")
    assert dict(told.fields) == STANDARD | {
        "CallStatus": "completed",
        "Event": "Hangup",
        "HangupCause": "NORMAL_CLEARING",
        "HangupCauseName": "Normal Hangup",
        "HangupCauseCode": "4000",
        "HangupSource": "Caller",
        "Duration": "66",
        "BillDuration": "120",
        "TotalCost": "0.00000",
        "StartTime": "2024-10-25 14:13:37",
        "AnswerTime": "2024-10-25 14:13:38",
        "EndTime": "2024-10-25 14:14:43",
    }


def test_hangup_report_of_an_unanswered_call():
    (told,) = plivo.call_notices(
        OVER, APP, Ending(EndReason.CALLER), ChannelEnd("ORIGINATOR_CANCEL", Side.THEM)
    )
    assert {
        "HangupCauseCode": "1000",
        "HangupCauseName": "Canceled",
        "Duration": "0",
        "BillDuration": "0",
        "AnswerTime": "",
    }.items() <= dict(told.fields).items()


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (EndReason.BAD_DOCUMENT, "line 3: <Sing> is no element"),
        (EndReason.UNREACHABLE, "line 3: <Sing> is no element"),
        (EndReason.OURS, None),
        (EndReason.CALLER, None),
    ],
)
def test_what_was_wrong_is_told_to_whom_it_belongs(reason, told):
    ending = Ending(reason, message="line 3: <Sing> is no element")
    (notice,) = plivo.call_notices(OVER, APP, ending, ChannelEnd("X"))
    assert dict(notice.fields).get("ErrorMessage") == told


def test_an_error_message_has_its_length():
    ending = Ending(EndReason.BAD_DOCUMENT, message="x" * 1000)
    (notice,) = plivo.call_notices(OVER, APP, ending, ChannelEnd("X"))
    assert dict(notice.fields)["ErrorMessage"] == "x" * 500


@pytest.mark.parametrize(
    ("ending", "cause", "code", "source"),
    [
        (Ending(EndReason.END_OF_DOCUMENT), "NORMAL_CLEARING", 4010, "Answer XML"),
        (Ending(EndReason.HANGUP_STEP), "NORMAL_CLEARING", 4000, "Answer XML"),
        (Ending(EndReason.HANGUP_STEP), "USER_BUSY", 3010, "Answer XML"),
        (Ending(EndReason.HANGUP_STEP), "CALL_REJECTED", 3020, "Answer XML"),
        (Ending(EndReason.BAD_DOCUMENT, "answer"), "X", 8011, "Error"),
        (Ending(EndReason.BAD_DOCUMENT, "action"), "X", 8012, "Error"),
        (Ending(EndReason.BAD_DOCUMENT, "redirect"), "X", 8014, "Error"),
        (Ending(EndReason.BAD_DOCUMENT, "answer", "action url"), "X", 7022, "Error"),
        (Ending(EndReason.BAD_DOCUMENT, "answer", "redirect method"), "X", 7034, "Error"),
        (Ending(EndReason.UNREACHABLE, "answer"), "X", 7011, "Error"),
        (Ending(EndReason.UNREACHABLE, "action"), "X", 7012, "Error"),
        (Ending(EndReason.UNREACHABLE, "redirect"), "X", 7014, "Error"),
        (Ending(EndReason.OURS), "X", 5010, "Error"),
        (Ending(EndReason.SWITCH), "MEDIA_TIMEOUT", 6020, "Acme"),
    ],
)
def test_why_a_call_ended(ending, cause, code, source):
    (told,) = plivo.call_notices(OVER, APP, ending, ChannelEnd(cause, Side.US))
    fields = dict(told.fields)
    assert (fields["HangupCauseCode"], fields["HangupSource"]) == (str(code), source)
    assert fields["HangupCauseName"]
