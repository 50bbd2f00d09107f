"""What the Voice Gateway's requests say: what happened in, names and values out.

Source: its page on Dial for the actionHook; the call itself is told as jambonz tells it, of which
the Voice Gateway is one. ``dial_status`` is the page's name for what jambonz calls
``dial_call_status``: both are sent.
"""

import math
from collections.abc import Mapping

from dialctl.dial.model import (
    Outcome,
    Party,
    Report,
    ReportConnected,
    ReportDigits,
    ReportParty,
)
from dialctl.dialects import values
from dialctl.http.encoding import Encoding, Fields, Value
from dialctl.model import BLeg, CallStatus, CallView, ChannelEnd, Ending, Transfer
from dialctl.plan import Dial, Gather, Hook, MediaFork, NextDocument, Notice, Stage
from dialctl.settings import App

ENCODING = Encoding.JSON

# SIP statuses of a call that is up, and their reasons.
_TRYING, _RINGING, _OK = (100, "Trying"), (180, "Ringing"), (200, "OK")
_STATUS = {
    CallStatus.RINGING: ("ringing", *_RINGING),
    CallStatus.IN_PROGRESS: ("in-progress", *_OK),
    CallStatus.COMPLETED: ("completed", *_OK),
}
_BUSY = frozenset({"USER_BUSY", "BUSY_EVERYWHERE"})  # 486 and 600; 603 is not
_UNANSWERED = frozenset({"ALLOTTED_TIMEOUT", "NO_ANSWER", "ORIGINATOR_CANCEL"})
CANCELLED = 487  # RFC 3261, 21.4.25: what an INVITE that was cancelled is answered
FAILED = 500  # told where there was no SIP answer
# When several legs failed: the first of these that any of them has.
_PRECEDENCE = ("busy", "no-answer", "failed")


def request_fields(view: CallView, request: NextDocument) -> Fields:
    if request.stage is Stage.REFER:
        return request.fields  # it is about the callee
    fields = _callee(view, view.b_leg) if view.b_leg else _call(view)
    if request.stage is Stage.ANSWER and view.status is CallStatus.RINGING:
        fields |= _status("trying", *_TRYING)
    return _pairs(fields | dict(request.fields))


def leg_notices(view: CallView, dial: Dial, ordinal: int, report: Report) -> tuple[Notice, ...]:
    """Of key sequences and machines alone: the actionHook tells of the rest."""
    name = f"dial-{ordinal}-{report.leg.position}"
    match report:
        case ReportDigits(digits=digits) if dial.callback:
            party = _call(view) if report.by_caller else _child(view, dial, report)
            fields = party | {"dtmf": digits}
            return (Notice(dial.callback, f"{name}-digits-{report.ordinal}", _pairs(fields)),)
        case ReportParty() if dial.on_machine_hook:
            fields = _call(view) | {"dial_call_sid": report.uuid} | _heard(report)
            return (Notice(dial.on_machine_hook, f"{name}-amd", _pairs(fields)),)
    return ()


def _heard(report: ReportParty) -> dict[str, Value]:
    """The page's words, and jambonz's ``type`` besides."""
    match report.party:
        case Party.MACHINE if report.beep:
            return {"event": "beep", "type": "amd_tone_detected"}
        case Party.HUMAN | Party.MACHINE as party:
            return {"event": "amd", "amd_type": party.value, "type": f"amd_{party.value}_detected"}
        case Party.SILENCE:
            return {"event": "silence", "type": "amd_no_speech_detected"}
    return {"type": "amd_error", "error": report.lacking}  # the page has no word for it


def fork_metadata(view: CallView, fork: MediaFork) -> Fields:
    """The call, and what the document says besides."""
    return _pairs(_call(view) | dict(fork.metadata))


def transcribed(
    view: CallView,
    dial: Dial,
    name: str,
    connected: ReportConnected,
    speech: Mapping[str, Value],
    *,
    by_caller: bool,
) -> tuple[Notice, ...]:
    """``speech`` is the engine's own JSON, as with jambonz."""
    if dial.transcription is None:
        return ()
    party = _call(view) if by_caller else _child(view, dial, connected)
    return (Notice(dial.transcription.hook, name, _pairs(party | {"speech": speech})),)


def referred(
    view: CallView, dial: Dial, connected: ReportConnected, transfer: Transfer
) -> NextDocument:
    """The referHook. Any 2xx accepts; verbs in it are for the caller."""
    assert dial.refer
    details: dict[str, Value] = {
        "sip_refer_to": transfer.refer_to,
        "refer_to_user": values.uri_user(transfer.refer_to),
        "referring_call_sid": connected.uuid,
        "referred_call_sid": view.a_leg.uuid,
    }
    if transfer.referred_by:
        details["sip_referred_by"] = transfer.referred_by
        details["referred_by_user"] = values.uri_user(transfer.referred_by)
    fields = _child(view, dial, connected) | {"refer_details": details}
    return NextDocument(dial.refer, Stage.REFER, _pairs(fields), optional=True)


def dial_ended(
    view: CallView, dial: Dial, ordinal: int, outcome: Outcome
) -> NextDocument | Notice | None:
    """The actionHook: its verbs are followed, if it has any and the caller is there."""
    if dial.action is None:
        return None
    status, sip_status, leg_uuid = _summed_up(outcome)
    fields: Fields = (
        ("dial_call_sid", leg_uuid),
        ("dial_call_status", status),
        ("dial_status", status),
        ("dial_sip_status", sip_status),
    )
    name = f"dial-{ordinal}-action"
    if view.status is CallStatus.COMPLETED:
        return Notice(dial.action, name, _pairs(_call(view) | dict(fields)))
    return NextDocument(dial.action, Stage.ACTION, fields, name, optional=True)


def gathered(gather: Gather, digits: str) -> NextDocument | None:
    """Also told when nothing, or too little, was pressed in time."""
    if gather.action is None:
        return None
    said: Fields = (("reason", "dtmfDetected"), ("digits", digits))
    fields = said if digits else (("reason", "timeout"),)
    return NextDocument(gather.action, Stage.ACTION, fields, optional=True)


def call_notices(view: CallView, app: App, ending: Ending, end: ChannelEnd) -> tuple[Notice, ...]:
    """The last of the call's statuses, to the app's hangup_url."""
    if not app.hangup_url:
        return ()
    fields = _call(view) | {"duration": math.ceil(end.billmsec / 1000)}
    if not end.answered:
        del fields["sip_status"], fields["sip_reason"]
        fields["call_status"], _ = _of_leg(end)
    return (Notice(Hook(app.hangup_url, app.hangup_method), "hangup", _pairs(fields)),)


def _summed_up(outcome: Outcome) -> tuple[str, int, str]:
    """dial_status, dial_sip_status, dial_call_sid. A leg that fails late takes nothing back."""
    if outcome.b_leg_uuid:
        return "completed", 200, outcome.b_leg_uuid
    if outcome.status == "cancel":
        return "no-answer", CANCELLED, outcome.legs[0].uuid if outcome.legs else ""
    found: dict[str, tuple[int, str]] = {}
    for leg in outcome.legs:
        status, sip_status = _of_leg(leg.end)
        found.setdefault(status, (sip_status, leg.uuid))
    for status in _PRECEDENCE:
        if status in found:
            return (status, *found[status])
    return "failed", FAILED, ""


def _of_leg(end: ChannelEnd) -> tuple[str, int]:
    """Status and SIP status of a call, or a leg, that nobody was connected to."""
    if end.unconfirmed:
        return "no-answer", 200  # it has answered
    if end.cause in _BUSY:
        return "busy", end.sip_status or 486
    if end.cause in _UNANSWERED or end.sip_status == CANCELLED:
        return "no-answer", CANCELLED
    return "failed", end.sip_status or FAILED


def _call(view: CallView) -> dict[str, Value]:
    """The A-leg."""
    a_leg = view.a_leg
    fields: dict[str, Value] = {
        "call_sid": a_leg.uuid,
        "direction": "outbound" if a_leg.request else "inbound",
        "from": a_leg.caller,
        "to": a_leg.called,
        "caller_name": a_leg.caller_name,
        "call_id": a_leg.sip_call_id,
        "application_sid": view.app,
        **_status(*_STATUS[view.status]),
    }
    return fields | ({"account_sid": view.auth_id} if view.auth_id else {})


def _child(view: CallView, dial: Dial, report: ReportDigits | ReportConnected) -> dict[str, Value]:
    """A B-leg that talks."""
    target = dial.targets[report.leg.position - 1]
    shown = target.caller_id or dial.caller_id
    return _callee(view, BLeg(report.uuid, report.leg.label, shown))


def _callee(view: CallView, b_leg: BLeg) -> dict[str, Value]:
    """A B-leg that has answered."""
    caller = b_leg.caller_id or view.a_leg.caller
    fields: dict[str, Value] = {
        "call_sid": b_leg.uuid,
        "parent_call_sid": view.a_leg.uuid,
        "direction": "outbound",
        "from": caller,
        "to": b_leg.label,
        "caller_id": caller,
        "application_sid": view.app,
        **_status(*_STATUS[CallStatus.IN_PROGRESS]),
    }
    if b_leg.sip_call_id:
        fields["call_id"] = b_leg.sip_call_id
    return fields | ({"account_sid": view.auth_id} if view.auth_id else {})


def _status(call_status: str, sip_status: int, sip_reason: str) -> dict[str, Value]:
    return {"call_status": call_status, "sip_status": sip_status, "sip_reason": sip_reason}


def _pairs(fields: dict[str, Value]) -> Fields:
    return tuple(fields.items())
