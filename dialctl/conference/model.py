"""The words of a Conference: what happens to one call in a room, what is asked for. Frozen.

Events are in the past tense, commands in the imperative. ``size`` is how many members the room has
after the event; recordings do not count.
"""

import enum
from dataclasses import dataclass

from dialctl.dial.model import KeyPressed, StartTimer, StopTimer, TimerFired
from dialctl.plan import Recorded


@dataclass(frozen=True, slots=True)
class Stay:
    """One call's time in a room: FreeSWITCH's number of the member and UUID of the conference."""

    member: int
    conference: str
    first: bool = False  # nobody was in before
    since: float = 0.0  # seconds since 1970


@dataclass(frozen=True, slots=True)
class Inside:
    """How far a call has come in a room: what another controller needs to go on from there.

    ``stay`` is None while FreeSWITCH has been told to let it in and has not said that it has.
    """

    stay: Stay | None = None
    sequences: int = 0  # of keys, that have been told
    floors: int = 0  # told
    recording: Recorded | None = None  # that it is to be told of
    recorder: bool = False  # it has begun that recording


# What happened.


@dataclass(frozen=True, slots=True)
class Entered:
    """This call is in. ``open``: the room has started, by this call or before it."""

    stay: Stay
    size: int
    open: bool


@dataclass(frozen=True, slots=True)
class Resumed:
    """This call has been in before another controller's death; its time ends in ``rest`` s."""

    inside: Inside
    stay: Stay
    size: int
    open: bool
    rest: float


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody else has entered; ``starts``: which opens the room."""

    size: int
    starts: bool


@dataclass(frozen=True, slots=True)
class Parted:
    """Somebody else has left."""

    size: int


@dataclass(frozen=True, slots=True)
class FloorTaken:
    """This call is now the one who speaks."""


@dataclass(frozen=True, slots=True)
class Dismissed:
    """FreeSWITCH was told to let this call go, by whomever."""


@dataclass(frozen=True, slots=True)
class Left:
    """This call is out of the room. ``size`` is None when nobody can say any more."""

    size: int | None


@dataclass(frozen=True, slots=True)
class Over:
    """FreeSWITCH is done with the conference on this call, also where it did not let it in."""


Event = (
    Entered
    | Resumed
    | Joined
    | Parted
    | FloorTaken
    | Dismissed
    | Left
    | Over
    | KeyPressed
    | TimerFired
)


# What is asked for.


@dataclass(frozen=True, slots=True)
class Announce:
    """Let the room hear that this call has come, or gone."""

    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Entertain:
    """Let this call hear its wait sound, over and over."""


@dataclass(frozen=True, slots=True)
class Hush:
    """End the wait sound."""


@dataclass(frozen=True, slots=True)
class PressDigits:
    """Press ``send_digits`` for the caller's side."""


@dataclass(frozen=True, slots=True)
class LeaveRoom:
    pass


@dataclass(frozen=True, slots=True)
class CloseRoom:
    """Let everybody go."""


@dataclass(frozen=True, slots=True)
class ReportEntered:
    stay: Stay


@dataclass(frozen=True, slots=True)
class ReportLeft:
    stay: Stay
    last: bool | None  # the room is empty; None: nobody can say


@dataclass(frozen=True, slots=True)
class ReportDigits:
    """``ordinal`` counts the sequences of this call's stay from 1."""

    stay: Stay
    digits: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class ReportFloor:
    """``ordinal`` counts how often from 1."""

    stay: Stay
    ordinal: int


@dataclass(frozen=True, slots=True)
class ReportRecording:
    """A recording of the room has begun (its length is not known), or is ``over``."""

    conference: str
    recorded: Recorded
    over: bool


class RoomSound(enum.Enum):
    """What a document of sounds is for."""

    ENTER = "enter"
    EXIT = "exit"
    WAIT = "wait"


Report = ReportEntered | ReportLeft | ReportDigits | ReportFloor | ReportRecording
Command = (
    Announce
    | Entertain
    | Hush
    | PressDigits
    | LeaveRoom
    | CloseRoom
    | StartTimer
    | StopTimer
    | ReportEntered
    | ReportLeft
    | ReportDigits
    | ReportFloor
)
