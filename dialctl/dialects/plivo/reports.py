"""What Plivo's callbacks say: what happened in, form fields out.

Parameters and their spelling: Plivo's pages on request parameters, Dial and hangup causes; what
only the cloud knows (rates, routes, signatures of the number) is said as docs/dialects.md lists.
"""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache

from dialctl.dial.causes import status
from dialctl.dial.model import (
    Outcome,
    Party,
    Report,
    ReportAnswered,
    ReportConnected,
    ReportDigits,
    ReportEnded,
    ReportParty,
)
from dialctl.dialects import values
from dialctl.dialects.plivo import causes
from dialctl.http.encoding import Encoding, Fields
from dialctl.model import ALeg, CallStatus, CallView, ChannelEnd, Ending, EndReason
from dialctl.plan import (
    Dial,
    Gather,
    Hook,
    NextDocument,
    Notice,
    OnMachine,
    Record,
    RecordCall,
    Recorded,
    Stage,
)
from dialctl.settings import App

ENCODING = Encoding.FORM
NOT_APPLICABLE = "Not Applicable"
MAX_MESSAGE = 500  # characters of an ErrorMessage
NO_COST = "0.00000"  # rates are the cloud's; ours are zero in its own format
EVENTS = {
    Stage.ANSWER: "StartApp",
    Stage.ACTION: "Redirect",
    Stage.REDIRECT: "Redirect",
    Stage.SOUND: "DialRemoteSounds",
    Stage.TRANSFER: "Transfer",
    Stage.RING: "Ring",
}
_TELEPHONE_NUMBER = re.compile(r"\+?[0-9]+")


def request_fields(view: CallView, request: NextDocument) -> Fields:
    """Answer, action and redirect requests. A Dial's action brings its own Event."""
    fields = standard(view) | {"Event": EVENTS[request.stage]}
    return tuple((fields | dict(request.fields)).items())


def leg_notices(view: CallView, dial: Dial, ordinal: int, report: Report) -> tuple[Notice, ...]:
    told = _leg_event(view, dial, report)
    if dial.callback is None or told is None:
        return ()
    action, event, extra = told
    name = f"dial-{ordinal}-{report.leg.position}-{action}"
    if isinstance(report, ReportDigits):
        name += f"-{report.ordinal}"
    target = dial.targets[report.leg.position - 1]
    caller = target.caller_id or dial.caller_id
    fields = standard(view) | {
        "Event": event,
        "DialAction": action,
        "DialBLegStatus": action,
        "DialALegUUID": view.a_leg.uuid,
        "DialBLegUUID": report.uuid,
        "DialBLegFrom": caller or _party(view.a_leg.caller, view.a_leg.sip_from),
        "DialBLegTo": report.leg.label,
        "DialBLegPosition": str(report.leg.position),
        **dict(target.headers),
        **extra,
    }
    return (Notice(dial.callback, name, tuple(fields.items())),)


def _leg_event(
    view: CallView, dial: Dial, report: Report
) -> tuple[str, str, dict[str, str]] | None:
    """DialAction, Event, and what else is said; what differs from DialAction in DialBLegStatus.

    None: nothing is told of it.
    """
    match report:
        case ReportAnswered():
            return "answer", "DialAnswer", {"DialBLegBillRate": NO_COST}
        case ReportConnected():
            return "connected", "DialConnected", {}
        case ReportEnded(end=end):
            return "hangup", "DialHangup", _leg_end(view, end)
        case ReportDigits(digits=digits, by_caller=by_caller):
            pressed = {
                "DialBLegStatus": "connected",
                "DialDigitsMatch": digits,
                "DialDigitsPressedBy": "ALeg" if by_caller else "BLeg",
            }
            return "digits", "DialDigitsMatch", pressed
        case ReportParty():
            return "machine", "MachineDetection", _party_heard(dial, report)
        case _:
            return None


def _party_heard(dial: Dial, report: ReportParty) -> dict[str, str]:
    """Plivo's words are those of its Call API: Machine, IfMachine. The others are ours."""
    how = {"MachineDetectedBy": "beep" if report.beep else "greeting"}
    return {
        "DialBLegStatus": "connected" if report.connected else "answer",
        "Machine": str(report.party is Party.MACHINE).lower(),
        "IfMachine": "hangup" if dial.on_machine is OnMachine.HANG_UP else "continue",
        "MachineDetectionResult": report.party.value,
        **(how if report.party is Party.MACHINE else {}),
        **({"MachineDetectionNote": report.lacking} if report.lacking else {}),
    }


def _leg_end(view: CallView, end: ChannelEnd) -> dict[str, str]:
    cause = causes.of_leg(end, view)
    return {
        "DialBLegDuration": str(end.billsec),
        "DialBLegBillDuration": str(_billed(end.billsec, view)),
        "DialBLegHangupCause": end.cause,
        "DialBLegHangupCauseName": cause.name,
        "DialBLegHangupCauseCode": str(cause.code),
        "DialBLegHangupSource": cause.source,
        "DialBLegBillRate": NO_COST,
        "DialBLegTotalCost": NO_COST,
        **_times(end),
    }


def dial_ended(
    view: CallView, dial: Dial, ordinal: int, outcome: Outcome
) -> NextDocument | Notice | None:
    """The action request: followed, or told only (redirect="false", or the caller is gone)."""
    if dial.action is None:
        return None
    fields: Fields = (
        ("Event", "DialAction"),
        ("DialRingStatus", str(outcome.rang).lower()),
        ("DialHangupCause", causes.of_dial(outcome.cause, outcome.sip_status)),
        ("DialStatus", outcome.status),
        ("DialALegUUID", view.a_leg.uuid),
        ("DialBLegUUID", outcome.b_leg_uuid),
    )
    name = f"dial-{ordinal}-action"
    if dial.follow_action and view.status is not CallStatus.COMPLETED:
        return NextDocument(dial.action, Stage.ACTION, fields, name)
    told = standard(view) | dict(fields)
    return Notice(dial.action, name, tuple(told.items()))


def gathered(gather: Gather, digits: str) -> NextDocument | None:
    if gather.action is None or not digits:
        return None
    return NextDocument(gather.action, Stage.ACTION, (*gather.fields, ("Digits", digits)))


def recorded(
    view: CallView, record: Record | RecordCall, recorded: Recorded
) -> NextDocument | Notice | None:
    """The action request: followed, or told only (redirect="false", or the caller is gone)."""
    if record.action is None:
        return None
    fields = _recording(recorded, "Record")
    name = f"record-{recorded.uuid}"
    if record.follow_action and view.status is not CallStatus.COMPLETED:
        return NextDocument(record.action, Stage.ACTION, fields, name)
    return Notice(record.action, name, tuple((standard(view) | dict(fields)).items()))


def recording_ready(view: CallView, callback: Hook, recorded: Recorded) -> Notice:
    """The file can be fetched."""
    told = standard(view) | dict(_recording(recorded, "RecordStop"))
    return Notice(callback, f"recorded-{recorded.uuid}", tuple(told.items()))


def _recording(recorded: Recorded, event: str) -> Fields:
    """Figures that are not known yet, of a recording that goes on, are -1."""
    seconds, length, started, ended = -1, -1, -1, -1
    if recorded.milliseconds is not None:
        seconds, length = math.ceil(recorded.milliseconds / 1000), recorded.milliseconds
        started, ended = int(recorded.started * 1000), int(recorded.ended * 1000)
    return (
        ("Event", event),
        ("RecordUrl", recorded.url),
        ("RecordingID", recorded.uuid),
        ("RecordingDuration", str(seconds)),
        ("RecordingDurationMs", str(length)),
        ("RecordingStartMs", str(started)),
        ("RecordingEndMs", str(ended)),
        ("Digits", recorded.key),
    )


def call_notices(view: CallView, app: App, ending: Ending, end: ChannelEnd) -> tuple[Notice, ...]:
    if not app.hangup_url:
        return ()
    cause = causes.of_call(ending, end, view)
    duration = math.ceil(end.billmsec / 1000)
    fields = standard(view) | {
        **({"CallStatus": status(end)} if view.a_leg.request and not end.answered else {}),
        "Event": "Hangup",
        "HangupCause": end.cause,
        "HangupCauseName": cause.name,
        "HangupCauseCode": str(cause.code),
        "HangupSource": cause.source,
        "Duration": str(duration),
        "BillDuration": str(_billed(duration, view)),
        "TotalCost": NO_COST,
        **_times(end),
    }
    if ending.reason in (EndReason.BAD_DOCUMENT, EndReason.UNREACHABLE):
        # Ours: Plivo tells it on its console. Line, element and rule of a bad document.
        fields["ErrorMessage"] = ending.message[:MAX_MESSAGE]
    return (Notice(Hook(app.hangup_url, app.hangup_method), "hangup", tuple(fields.items())),)


def standard(view: CallView) -> dict[str, str]:
    """What every request says of its call."""
    a_leg = view.a_leg
    fields = {
        "CallUUID": a_leg.uuid,
        "From": _party(a_leg.caller, a_leg.sip_from).removeprefix("+"),
        "To": _party(a_leg.called, a_leg.sip_to).removeprefix("+"),
        "CallerName": a_leg.caller_name,
        "CallStatus": view.status.value,
        "Direction": "outbound" if a_leg.request else "inbound",
        "BillRate": NO_COST,
        "ParentAuthID": view.auth_id,
        "SessionStart": _utc(a_leg.created),
        "STIRAttestation": _attestation(a_leg),
        "STIRVerification": _verification(a_leg),
        **{name: value for name, value in a_leg.headers if name.startswith("X-PH-")},
    }
    if a_leg.request:
        fields |= {"RequestUUID": a_leg.request, "ALegRequestUUID": a_leg.request}
        fields["ALegUUID"] = a_leg.uuid
    if a_leg.to_header:
        fields["SIP-H-To"] = a_leg.to_header
    if a_leg.forwarded_from:
        fields["ForwardedFrom"] = values.diverted(a_leg.forwarded_from).removeprefix("+")
    return fields


def _party(number: str, sip_uri: str) -> str:
    """A telephone number as it stands; for anyone else the SIP URI, where there is one."""
    if _TELEPHONE_NUMBER.fullmatch(number) or not sip_uri:
        return number
    return f"sip:{sip_uri}"


def _attestation(a_leg: ALeg) -> str:
    """A, B or C: what the caller's carrier vouches for (ATIS-1000074)."""
    passed = re.fullmatch(r"TN-Validation-Passed(?:-([ABC]))?", a_leg.verstat)
    if passed:
        return passed[1] or "A"
    return a_leg.attestation if a_leg.attestation in ("A", "B", "C") else NOT_APPLICABLE


def _verification(a_leg: ALeg) -> str:
    """Plivo calls a caller verified whose signature is valid and has attestation A."""
    if a_leg.verstat.startswith("TN-Validation-Passed"):
        return "Verified" if _attestation(a_leg) == "A" else "Not Verified"
    failed = a_leg.verstat.startswith("TN-Validation-Failed")
    return "Not Verified" if failed else NOT_APPLICABLE


def _billed(seconds: int, view: CallView) -> int:
    """Rounded up to the increment; an unanswered leg has 0 seconds and is billed none."""
    return math.ceil(seconds / view.billing_increment) * view.billing_increment


def _times(end: ChannelEnd) -> dict[str, str]:
    return {
        "StartTime": _local(end.created),
        "AnswerTime": _local(end.answered),
        "EndTime": _local(end.ended),
    }


@lru_cache(maxsize=256)
def _local(seconds: float) -> str:
    """Plivo's ``YYYY-MM-DD HH:MM:SS`` in this machine's time zone; '' for never."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S") if seconds else ""


@lru_cache(maxsize=256)
def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
