"""The steps of a call, in no vendor's language: what a dialect's document is turned into.

Everything here is immutable and already checked: text from a document has become a typed value
or the document was refused. Durations are seconds. ``line`` is the document's line (0: unknown),
``element`` its name there, both for the log.
"""

import enum
from dataclasses import dataclass

from dialctl.following import Carried as Carried
from dialctl.following import EndCall as EndCall
from dialctl.following import Hook as Hook
from dialctl.following import Next as Next
from dialctl.following import NextDocument as NextDocument
from dialctl.following import Notice as Notice
from dialctl.following import Recorded as Recorded
from dialctl.following import Skip as Skip
from dialctl.following import Stage as Stage
from dialctl.http.encoding import Fields
from dialctl.reach import Client as Client
from dialctl.reach import Confirm as Confirm
from dialctl.reach import Destination as Destination
from dialctl.reach import Gateway as Gateway
from dialctl.reach import Interview as Interview
from dialctl.reach import Number as Number
from dialctl.reach import SendDigits as SendDigits
from dialctl.reach import StatusCallback as StatusCallback
from dialctl.reach import Target as Target
from dialctl.reach import User as User


@dataclass(frozen=True, slots=True)
class MediaFork:
    """Stream what is said to a server of the customer's, over a websocket."""

    url: str  # ws or wss
    mix: str = "mono"  # the caller alone; mixed: both; stereo: each in a channel
    sample_rate: int = 8000
    metadata: Fields = ()  # sent first


@dataclass(frozen=True, slots=True)
class Transcription:
    """Write down what is said. ``interim``: also what is not final."""

    hook: Hook
    language: str = "en-US"
    interim: bool = False


class OnMachine(enum.Enum):
    """What becomes of a callee that is taken for an answering machine."""

    TELL = "tell"  # connected at once, as anybody; what it is, is told when it is known
    HANG_UP = "hang up"  # nobody is connected before it is known


class Ringing(enum.Enum):
    """What a caller may hear while it rings, besides a document of things to hear."""

    REAL = "the callee's own ringing"
    SILENCE = "nothing"


@dataclass(frozen=True, slots=True)
class Step:
    line: int = 0
    element: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial(Step):
    targets: tuple[Target, ...]
    ring_timeout: float
    time_limit: float
    sequential: bool = False
    caller_id: str | None = None  # None: the A-leg's own
    caller_name: str | None = None
    hangup_on_star: bool = False
    # A Hook's document, or a sound, is heard over and over.
    music: "Hook | Play | Ringing" = Ringing.REAL
    answer_first: bool = False  # the caller, at once; else when somebody is connected
    skips: int = 0  # how many of the steps that follow are left out if somebody was connected
    record: bool = False  # both parties, from the connection to its end
    on_machine: OnMachine | None = None  # None: nobody asks what a callee is
    on_machine_hook: Hook | None = None  # is told of it; None: the callback is
    fork: MediaFork | None = None
    transcription: Transcription | None = None
    action: Hook | None = None
    digits_of_caller: tuple[str, ...] = ()  # key sequences that are told to the callback
    digits_of_callee: tuple[str, ...] = ()
    # Asked when the callee wants the caller to be transferred; None: the switch sees to it.
    refer: Hook | None = None
    digits_at_once: bool = False  # as soon as the last keys are one; else the longest that fits
    follow_action: bool = True  # run the document that the action URL answers with
    callback: Hook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Step):
    """Turn an unanswered caller away with a SIP status, 400 to 699."""

    status: int
    reason: str = ""  # '': the status's own
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Play(Step):
    source: str  # a URL or a file of the switch's
    loop: int = 1  # 0: until the call ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak(Step):
    text: str
    voice: str = ""  # WOMAN or MAN; '': the configured one
    language: str = ""  # such as en-US; '': the configured voice's own
    loop: int = 1  # 0: until the call ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Step):
    """Let a number, an amount, a time be heard as the switch's own sound files have it."""

    text: str
    kind: str  # FreeSWITCH's word, such as NUMBER
    method: str  # PRONOUNCED, ITERATED, COUNTED
    language: str = "en"  # names the switch's say module
    loop: int = 1  # 0: until the call ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Step):
    seconds: float  # at most
    silence: float = 0.0  # so many seconds of silence end it; 0: none does
    beep: bool = False  # a beep ends it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup(Step):
    cause: str  # FreeSWITCH's word
    after: float = 0.0  # seconds from now, while the following steps run; 0: at once


@dataclass(frozen=True, slots=True, kw_only=True)
class PreAnswer(Step):
    """Let an unanswered caller hear something: early media."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PressKeys(Step):
    """Press keys for the caller's side: 0-9 A-D * #, w half a second, W a second."""

    digits: str
    wait: bool = False  # until they have been pressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather(Step):
    """Collect keys from the caller, who may press while the prompts are heard."""

    prompts: tuple[Step, ...]
    action: Hook | None
    follow_action: bool = True
    timeout: float = 5.0  # for the first key, after the prompts
    digit_timeout: float = 2.0  # for each further one
    finish_on: str = "#"  # keys that end it and are no part of it
    min_digits: int = 1  # fewer are none
    max_digits: int = 99
    valid: str = "1234567890*#"
    invalid_sound: str = ""
    tries: int = 1
    beep: bool = False
    secret: bool = False  # what is pressed stays out of the log
    fields: tuple[tuple[str, str], ...] = ()  # what the action request says besides the digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Step):
    """Record what the caller says."""

    action: Hook | None
    follow_action: bool = True
    max_length: int = 60  # seconds
    silence: int = 15  # seconds of silence that end it
    finish_on: str = "1234567890*#"  # keys that end it
    beep: bool = True
    format: str = "mp3"  # mp3 or wav
    callback: Hook | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """Heard by everybody in a room: beeps, a sound, or what a document has to hear."""

    beeps: int = 0
    source: str = ""  # as a Play's
    document: Hook | None = None


@dataclass(frozen=True, slots=True)
class RoomRecording:
    """Record what is said in a room, to its end. ``when_alone``: also while only one is there."""

    format: str = "mp3"  # mp3 or wav
    when_alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference(Step):
    """Enter a room; the call goes on when it has left it. Rooms of different apps never meet."""

    room: str  # as the customer wrote it
    muted: bool = False
    starts: bool = True  # whoever does not waits, unheard, for somebody who does
    ends: bool = False  # the room closes when this call leaves it
    stays_alone: bool = True  # else it leaves when it is the last one left
    on_enter: Announcement | None = None
    on_exit: Announcement | None = None
    wait_sound: Announcement | None = None  # heard while alone, or until the room starts
    max_members: int = 20
    record: RoomRecording | None = None
    time_limit: float = 86400.0  # then the room closes
    leave_on_star: bool = False
    digits: tuple[str, ...] = ()  # key sequences that are told to the callback
    tell_floor: bool = False  # when this call becomes the one who speaks
    relay_digits: bool = True  # to everybody else in the room
    send_digits: str = ""  # pressed for the caller's side once it is in: as PressKeys'
    skips: int = 0  # as a Dial's, if it was entered
    action: Hook | None = None
    follow_action: bool = True
    callback: Hook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCall(Step):
    """Record both parties in the background, until the call ends or ``max_length`` is over."""

    action: Hook | None  # told at once
    follow_action: bool = True
    on_connection: bool = False  # begin when a Dial has connected somebody; else now
    max_length: int = 60  # seconds
    stereo: bool = True  # the caller left, who talks with him right
    format: str = "mp3"  # mp3 or wav
    callback: Hook | None = None  # told when the file is complete


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(Step):
    hook: Hook


class Note(str):
    """A warning that is no mistake of the document's: it asks for what we do not have."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A document, read. ``warnings`` tell what was ignored, for the log."""

    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()
