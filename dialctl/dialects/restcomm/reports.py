"""What requests say: what happened in, form fields out.

Parameters and their spelling: Restcomm's pages on requests, Dial, Number, Client and Sip; its
VoiceInterpreter.java and Call.java where those are silent. What it would send as the text "null" is
left out.
"""

from datetime import UTC, datetime
from email.utils import format_datetime

from dialctl.dial.causes import decisive
from dialctl.dial.model import (
    Outcome,
    Report,
    ReportAnswered,
    ReportConnected,
    ReportDialled,
    ReportEnded,
    ReportRinging,
)
from dialctl.dialects import values
from dialctl.dialects.restcomm import statuses
from dialctl.http.encoding import Encoding, Fields
from dialctl.model import ALeg, BLeg, CallStatus, CallView, ChannelEnd, Ending, Transfer
from dialctl.plan import (
    Dial,
    Gather,
    Hook,
    NextDocument,
    Notice,
    Record,
    RecordCall,
    Recorded,
    Stage,
)
from dialctl.settings import App

TICKS = 0.1  # seconds
# SIP statuses. A leg of whom no response came has none (seen: no sip_call_id either), and sofia's
# own 904 is none.
REFUSALS = range(400, 700)
ENCODING = Encoding.FORM
API_VERSION = "2012-04-24"
CALLBACK_SOURCE = "call-progress-events"


def request_fields(view: CallView, request: NextDocument) -> Fields:
    return (*_standard(view), *request.fields)


def leg_notices(view: CallView, dial: Dial, ordinal: int, report: Report) -> tuple[Notice, ...]:
    """To the target's statusCallback, if it wants to know of that."""
    target = dial.targets[report.leg.position - 1]
    told = _event(report)
    if told is None or target.status_callback is None:
        return ()
    event, status, count = told
    if event not in target.status_callback.events:
        return ()
    shown = target.caller_id or dial.caller_id
    leg = BLeg(report.leg.uuid, report.leg.label, shown)
    fields = (
        *_of_leg(view.a_leg, view.auth_id, leg, status),
        ("Timestamp", format_datetime(datetime.fromtimestamp(int(view.at), UTC))),
        ("CallbackSource", CALLBACK_SOURCE),
        ("SequenceNumber", str(count)),
    )
    if isinstance(report, ReportEnded):
        fields += (("CallDuration", str(_whole(report.end.billmsec / 1000))),)
    name = f"dial-{ordinal}-{report.leg.position}-{event}"
    return (Notice(target.status_callback.hook, name, fields),)


def _event(report: Report) -> tuple[str, str, int] | None:
    """Event, CallStatus and how many happened to the leg before; None: nothing is told of it."""
    match report:
        case ReportDialled():
            return "initiated", "initiated", 0
        case ReportRinging(nth=nth):
            return "ringing", "ringing", nth
        case ReportAnswered(nth=nth):
            return "answered", "in-progress", nth
        case ReportEnded(end=end, nth=nth):
            return "completed", statuses.of_leg(end), nth
    return None


def referred(
    view: CallView, dial: Dial, connected: ReportConnected, transfer: Transfer
) -> NextDocument:
    """The app's refer_url. Any 2xx accepts; its document is for the caller."""
    assert dial.refer
    return NextDocument(dial.refer, Stage.REFER, _transferred(transfer), optional=True)


def dial_ended(
    view: CallView, dial: Dial, ordinal: int, outcome: Outcome
) -> NextDocument | Notice | None:
    fields: list[tuple[str, str]] = [("DialCallStatus", statuses.of_dial(outcome))]
    if leg := decisive(outcome):
        end = leg.end
        fields += [
            ("DialCallSid", leg.leg.uuid),
            ("DialCallDuration", str(_talked(end) if outcome.b_leg_uuid else 0)),
            ("DialRingDuration", str(_rang(end))),
            *((f"DialSipHeader_{name}", value) for name, value in end.headers),
        ]
        response = str(end.sip_status) if end.sip_status in REFUSALS and end.sip_call_id else ""
        if response:
            fields.append(("DialSipResponseCode", response))
            fields.append(("DialSipCallId", end.sip_call_id))
        if statuses.of_dial(outcome) == "failed":
            fields.append(("FailureReason", f"{response} {end.cause}".lstrip()))
    if outcome.recording:
        fields.append(("RecordingUrl", outcome.recording))
    return followed(view, dial.action, f"dial-{ordinal}-action", tuple(fields))


def followed(
    view: CallView, action: Hook | None, name: str, fields: Fields
) -> NextDocument | Notice | None:
    """An action request: its document is gone on with, unless the caller is gone."""
    if action is None:
        return None
    if view.status is not CallStatus.COMPLETED:
        return NextDocument(action, Stage.ACTION, fields, name)
    return Notice(action, name, (*_standard(view), *fields))


def _talked(end: ChannelEnd) -> int:
    """From the connection: the later of answer and bridge."""
    connected = max(end.answered, end.bridged)
    return _whole(end.ended - connected) if connected else 0


def _rang(end: ChannelEnd) -> int:
    """From the leg's creation to its answer, or its end."""
    return _whole((end.answered or end.ended) - end.created)


def _whole(seconds: float) -> int:
    """The media ticks that FreeSWITCH takes for each step do not make it one less."""
    return int(seconds + TICKS)


def gathered(gather: Gather, digits: str) -> NextDocument | None:
    """Nothing pressed: nobody is asked."""
    if gather.action is None or not digits:
        return None
    return NextDocument(gather.action, Stage.ACTION, (("Digits", digits),))


def recorded(
    view: CallView, record: Record | RecordCall, recorded: Recorded
) -> NextDocument | Notice | None:
    fields: Fields = (
        ("RecordingUrl", recorded.url),
        ("RecordingDuration", str((recorded.milliseconds or 0) // 1000)),
        ("Digits", recorded.key),
    )
    return followed(view, record.action, f"record-{recorded.uuid}", fields)


def call_notices(view: CallView, app: App, ending: Ending, end: ChannelEnd) -> tuple[Notice, ...]:
    """The call's own status callback."""
    if not app.hangup_url:
        return ()
    fields = dict(_standard(view)) | {
        "CallStatus": statuses.of_call(end),
        "CallDuration": str(_whole(end.billmsec / 1000)),
    }
    return (Notice(Hook(app.hangup_url, app.hangup_method), "hangup", tuple(fields.items())),)


def _standard(view: CallView) -> Fields:
    a_leg, b_leg = view.a_leg, view.b_leg
    if b_leg:
        headers = tuple((f"SipHeader_{name}", value) for name, value in b_leg.headers)
        call_id = (("SipCallId", b_leg.sip_call_id),) if b_leg.sip_call_id else ()
        return (*_of_leg(a_leg, view.auth_id, b_leg, view.status.value), *call_id, *headers)
    return (
        ("CallSid", a_leg.uuid),
        ("AccountSid", view.auth_id),
        ("From", a_leg.caller),
        ("To", a_leg.called),
        ("CallStatus", _status(view)),
        ("ApiVersion", API_VERSION),
        ("Direction", "outbound-api" if a_leg.request else "inbound"),
        ("CallerName", a_leg.caller_name),
        ("CallTimestamp", _timestamp(a_leg.created)),
        *_forwarded(a_leg),
        *((f"SipHeader_{name}", value) for name, value in a_leg.headers),
        *(_transferred(view.transfer) if view.transfer else ()),
    )


def _transferred(transfer: Transfer) -> Fields:
    """Users alone. Restcomm takes the second from the REFER's Contact, the third from its To."""
    return (
        ("ReferTarget", values.uri_user(transfer.refer_to)),
        ("Transferor", values.uri_user(transfer.referred_by) or transfer.callee),
        ("Transferee", transfer.shown),
    )


def _status(view: CallView) -> str:
    over = view.status is CallStatus.COMPLETED
    return "canceled" if over and not view.answered else view.status.value


def _forwarded(a_leg: ALeg) -> Fields:
    if not a_leg.forwarded_from:
        return ()
    return (
        ("ForwardedFrom", values.diverted(a_leg.forwarded_from)),
        ("SipHeader_Diversion", a_leg.forwarded_from),
    )


def _of_leg(a_leg: ALeg, auth_id: str, leg: BLeg, status: str) -> Fields:
    return (
        ("CallSid", leg.uuid),
        ("ParentCallSid", a_leg.uuid),
        ("AccountSid", auth_id),
        ("From", a_leg.caller if leg.caller_id is None else leg.caller_id),
        ("To", leg.label),
        ("CallStatus", status),
        ("ApiVersion", API_VERSION),
        ("Direction", "outbound-dial"),
        ("CallerName", a_leg.caller_name),
    )


def _timestamp(seconds: float) -> str:
    """ISO 8601 in UTC, as Restcomm's dates print themselves."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
