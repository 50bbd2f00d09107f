"""What Plivo's callbacks say: what happened in, form fields out.

Parameters and their spelling: Plivo's pages on request parameters, Dial and hangup causes; what
only the cloud knows (rates, routes, signatures of the number) is said as docs/dialects.md lists.
"""

import math
import re
from datetime import UTC, datetime

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
from dialctl.dialects.plivo import causes
from dialctl.http.encoding import Encoding, Fields
from dialctl.model import CallStatus, CallView, ChannelEnd, Ending
from dialctl.plan import (
    Dial,
    Gather,
    Hook,
    NextDocument,
    Notice,
    OnMachine,
    Record,
    Recorded,
    Stage,
)
from dialctl.settings import App

ENCODING = Encoding.FORM
NO_COST = "0.00000"  # rates are the cloud's; ours are zero in its own format
EVENTS = {
    Stage.ANSWER: "StartApp",
    Stage.ACTION: "Redirect",
    Stage.REDIRECT: "Redirect",
    Stage.SOUND: "DialRemoteSounds",
}
_TELEPHONE_NUMBER = re.compile(r"\+?[0-9]+")


def request_fields(view: CallView, request: NextDocument) -> Fields:
    """Answer, action and redirect requests. A Dial's action brings its own Event."""
    fields = standard(view) | {"Event": EVENTS[request.stage]}
    return tuple((fields | dict(request.fields)).items())


def leg_notices(view: CallView, dial: Dial, ordinal: int, report: Report) -> tuple[Notice, ...]:
    if dial.callback is None:
        return ()
    action, event, extra = _leg_event(view, dial, report)
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


def _leg_event(view: CallView, dial: Dial, report: Report) -> tuple[str, str, dict[str, str]]:
    """DialAction, Event, and what else is said; what differs from DialAction in DialBLegStatus."""
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
        case _:
            return "machine", "MachineDetection", _party_heard(dial, report)


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
        ("DialHangupCause", outcome.cause),
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
    view: CallView, record: Record, recorded: Recorded
) -> tuple[tuple[Notice, ...], NextDocument | None]:
    """The action request, followed or told only, and the callback, which says the same."""
    fields: Fields = (
        ("Event", "Record"),
        ("RecordUrl", recorded.url),
        ("RecordingID", recorded.uuid),
        ("RecordingDuration", str(math.ceil(recorded.milliseconds / 1000))),
        ("RecordingDurationMs", str(recorded.milliseconds)),
        ("RecordingStartMs", str(int(recorded.started * 1000))),
        ("RecordingEndMs", str(int(recorded.ended * 1000))),
        ("Digits", recorded.key),
    )
    told = tuple((standard(view) | dict(fields)).items())
    name = f"record-{recorded.uuid}"
    notices = []
    if record.callback:
        notices.append(Notice(record.callback, f"recorded-{recorded.uuid}", told))
    if record.action is None:
        return tuple(notices), None
    if record.follow_action and view.status is not CallStatus.COMPLETED:
        return tuple(notices), NextDocument(record.action, Stage.ACTION, fields, name)
    return (*notices, Notice(record.action, name, told)), None


def call_notices(view: CallView, app: App, ending: Ending, end: ChannelEnd) -> tuple[Notice, ...]:
    if not app.hangup_url:
        return ()
    cause = causes.of_call(ending, end, view)
    duration = math.ceil(end.billmsec / 1000)
    fields = standard(view) | {
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
        "Direction": "inbound",
        "BillRate": NO_COST,
        "ParentAuthID": view.auth_id,
        "SessionStart": _utc(a_leg.created),
        "STIRVerification": _verification(a_leg.verstat),
        **dict(a_leg.variables),
    }
    if a_leg.forwarded_from:
        fields["ForwardedFrom"] = _diverted(a_leg.forwarded_from)
    return fields


def _party(number: str, sip_uri: str) -> str:
    """A telephone number as it stands; for anyone else the SIP URI, where there is one."""
    if _TELEPHONE_NUMBER.fullmatch(number) or not sip_uri:
        return number
    return f"sip:{sip_uri}"


def _diverted(diversion: str) -> str:
    """The user of a Diversion header (RFC 5806), without ``+``."""
    user = re.search(r"sips?:\+?([^@>;]+)", diversion)
    return user[1] if user else diversion


def _verification(verstat: str) -> str:
    """The caller's attestation as the carrier signalled it (ATIS-1000074, ``verstat``)."""
    if verstat.startswith("TN-Validation-Passed"):
        return "Verified"
    return "Not Verified" if verstat.startswith("TN-Validation-Failed") else "Not Applicable"


def _billed(seconds: int, view: CallView) -> int:
    """Rounded up to the increment; an unanswered leg has 0 seconds and is billed none."""
    return math.ceil(seconds / view.billing_increment) * view.billing_increment


def _times(end: ChannelEnd) -> dict[str, str]:
    return {
        "StartTime": _local(end.created),
        "AnswerTime": _local(end.answered),
        "EndTime": _local(end.ended),
    }


def _local(seconds: float) -> str:
    """Plivo's ``YYYY-MM-DD HH:MM:SS`` in this machine's time zone; '' for never."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S") if seconds else ""


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
