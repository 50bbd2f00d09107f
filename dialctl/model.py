"""A channel of the switch, as far as the rest of dialctl cares. Frozen data, no I/O.

Times are seconds since 1970 on the switch's clock, 0 where the thing never happened.
"""

import enum
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ALeg:
    """The channel that reached us. Its UUID is the call's UUID."""

    uuid: str
    caller: str  # as the caller sent it
    called: str
    caller_name: str
    sip_from: str = ""  # user@host, '' when the caller did not come by SIP
    sip_to: str = ""
    to_header: str = ""  # of its INVITE, as it stands there
    forwarded_from: str = ""
    verstat: str = ""  # what became of the caller's signature (STIR/SHAKEN), '' if nobody looked
    attestation: str = ""  # A, B or C, as a carrier told it beside the signature
    created: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()  # the X-* headers of its INVITE
    app: str = ""  # channel variable dialctl_app
    context: str = ""  # of the dialplan
    confirms: str = ""  # the attempt of a Dial whose callee this is, asked to confirm
    answered: float = 0.0  # when, 0 if it is not
    outbound: bool = False  # the switch called this party, and handed it over then
    owner: str = ""  # the controller that had it
    progress: str = ""  # an earlier controller's: progress.pack
    document: str = ""  # the same: progress.pack_document
    sip_call_id: str = ""
    placed: str = ""  # placement.pack: it was asked for, and the switch called this party
    request: str = ""  # the UUID of whoever asked for it


class Side(enum.Enum):
    """Who ended a channel, as the SIP stack saw it."""

    THEM = "them"  # the party on this channel
    US = "us"  # the switch: told to, or because the other leg ended
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class ChannelEnd:
    """How a channel ended. ``sip_status`` is 0 when no SIP answer said so.

    ``headers`` are the X-* headers of its last SIP response or BYE, as far as this controller heard
    of its end itself.
    """

    cause: str
    side: Side = Side.UNKNOWN
    sip_status: int = 0
    created: float = 0.0
    answered: float = 0.0
    bridged: float = 0.0
    ended: float = 0.0
    billsec: int = 0
    billmsec: int = 0
    unconfirmed: bool = False  # it answered, was held back, and was not let through
    machine: bool = False  # because it was taken for an answering machine
    sip_call_id: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A channel's life on the switch's own clock: seconds since 1970, 0 for never."""

    uuid: str
    attempt: str = ""  # of a Dial, '' where it is the UUID itself
    created: float = 0.0
    rang: float = 0.0
    answered: float = 0.0
    bridged: float = 0.0
    end: ChannelEnd | None = None  # None: it is up
    owner: str = ""  # the controller that had it


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a callee wants that sends a REFER (RFC 3515): its headers, as they came.

    ``callee`` and ``shown``: how reports name it, and the caller's number that it was shown.
    """

    refer_to: str
    referred_by: str = ""
    callee: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class BLeg:
    """Whom a Dial has rung and who has answered, while a document runs on that end."""

    uuid: str
    label: str  # how reports name the destination
    caller_id: str | None = None  # that it is shown; None: the caller's own
    sip_call_id: str = ""
    headers: tuple[tuple[str, str], ...] = ()  # the X-* headers of its answer


class EndReason(enum.Enum):
    """Why the A-leg's call is over, in no vendor's words."""

    CALLER = "the caller hung up"
    END_OF_DOCUMENT = "end of the document"
    HANGUP_STEP = "the document said so"
    BAD_DOCUMENT = "a document could not be used"
    UNREACHABLE = "the web application could not be reached"
    NOT_REACHED = "the party that was called did not answer"
    API = "it was asked for from outside"
    SWITCH = "the switch ended it"
    OURS = "a fault of this controller"


@dataclass(frozen=True, slots=True)
class Ending:
    """``stage`` is plan.Stage's value: whose document it was; ``fault`` as in DocumentError."""

    reason: EndReason
    stage: str = "answer"
    fault: str = ""
    message: str = ""


class CallStatus(enum.Enum):
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class CallView:
    """What a report may say about the call at the moment it is made.

    With a ``b_leg`` it is about that one, whose status ``status`` is. ``at`` is when what it tells
    happened, seconds since 1970.
    """

    a_leg: ALeg
    status: CallStatus
    auth_id: str = ""
    app: str = ""  # its name
    platform_name: str = "Plivo"
    billing_increment: int = 60  # seconds
    answered: bool = False
    b_leg: BLeg | None = None
    at: float = 0.0
    transfer: Transfer | None = None  # that has been accepted, the last one
