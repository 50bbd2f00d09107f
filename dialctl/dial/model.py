"""The words of a Dial: what can be rung, what happens, what is asked for. Frozen, no behaviour.

Events are in the past tense, commands in the imperative. A *leg* is one target of the Dial; it
has an *attempt* for each endpoint that may reach the target, each with a UUID of its own that
was chosen before FreeSWITCH heard of it.
"""

import enum
from dataclasses import dataclass, field

from dialctl.dial.heard import Listening
from dialctl.model import ChannelEnd


@dataclass(frozen=True, slots=True)
class Attempt:
    uuid: str
    endpoint: str  # a FreeSWITCH endpoint, e.g. sofia/gateway/carrier_a/15550001111
    variables: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # of its channel
    raw_variables: str = ""  # the same, unparsed: the operator allows it

    @property
    def expands(self) -> bool:
        """Whether FreeSWITCH may make several channels of it, one for each of a user's telephones,
        with UUIDs of its own: with one of ours it rings but the first telephone (seen)."""
        return self.endpoint.startswith(("user/", "group/"))


@dataclass(frozen=True, slots=True)
class Leg:
    """One target. ``position`` counts from 1 in document order; no attempts: nothing serves it.

    ``uuid`` names the leg until a channel of one of its attempts does (the first one has it too).
    ``patience``: seconds from the answer in which it may be asked to confirm; 0: it is not asked.
    """

    uuid: str
    position: int
    label: str
    attempts: tuple[Attempt, ...]
    patience: float = 0.0


@dataclass(frozen=True, slots=True)
class Round:
    """Legs that ring together. The first to be connected wins; the rest are cancelled."""

    legs: tuple[Leg, ...]

    @property
    def enterprise(self) -> bool:
        """Whether FreeSWITCH must run each leg in a thread of its own (``:_:``): only so can one of
        several fail over, or be all telephones of a user (else the first alone rings: seen)."""
        simple = all(len(a := leg.attempts) == 1 and not a[0].expands for leg in self.legs)
        return len(self.legs) > 1 and not simple


# What happened. ``uuid`` is the channel's.
@dataclass(frozen=True, slots=True)
class LegCreated:
    """FreeSWITCH made a channel for an attempt ('': the one of the same UUID); it will end.

    ``at`` here and below: seconds since 1970 on the switch's clock.
    """

    uuid: str
    attempt: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class LegRinging:
    """180, or 183 with ``early`` media: somebody's telephone rings."""

    uuid: str
    early: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class LegAnswered:
    uuid: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class LegBridged:
    """FreeSWITCH joined this leg to the A-leg; with early media it does so before the answer."""

    uuid: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    uuid: str
    end: ChannelEnd


@dataclass(frozen=True, slots=True)
class RoundEnded:
    """The bridge application returned. ``cause`` is its originate_disposition."""

    cause: str


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The A-leg hung up."""


@dataclass(frozen=True, slots=True)
class CallerMoved:
    """The A-leg goes on with another document, by request."""


@dataclass(frozen=True, slots=True)
class SwitchGone:
    """FreeSWITCH itself has ended, and every channel with it."""

    at: float


@dataclass(frozen=True, slots=True)
class TimerFired:
    timer: str


Event = (
    LegCreated
    | LegRinging
    | LegAnswered
    | LegBridged
    | LegEnded
    | RoundEnded
    | CallerGone
    | CallerMoved
    | SwitchGone
    | TimerFired
)


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A party pressed a key; ``uuid`` is its channel's. Nothing that the engine wants to know."""

    uuid: str
    key: str


# What to do.


@dataclass(frozen=True, slots=True)
class RingRound:
    round: Round


@dataclass(frozen=True, slots=True)
class RingCaller:
    """Let the A-leg hear ringing: FreeSWITCH does not pass it on from a fork."""


@dataclass(frozen=True, slots=True)
class KillLeg:
    uuid: str
    cause: str


@dataclass(frozen=True, slots=True)
class StartTimer:
    timer: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StopTimer:
    timer: str


# What is told of a leg. ``uuid`` is its last channel's, else the leg's own; ``nth`` counts from 0
# what has happened to it: dialled, ringing, answered, ended.


@dataclass(frozen=True, slots=True)
class ReportDialled:
    """Every leg that is tried gets this exactly once, before anything else."""

    leg: Leg
    uuid: str


@dataclass(frozen=True, slots=True)
class ReportRinging:
    """Once at most."""

    leg: Leg
    uuid: str
    nth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class ReportAnswered:
    leg: Leg
    uuid: str
    nth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class ReportConnected:
    leg: Leg
    uuid: str


@dataclass(frozen=True, slots=True)
class ReportEnded:
    """Every leg gets this exactly once, after everything else."""

    leg: Leg
    uuid: str
    end: ChannelEnd
    nth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class ReportDigits:
    """A key sequence that the document asked for, while the two talk. No engine asks for it."""

    leg: Leg
    uuid: str
    digits: str
    by_caller: bool
    ordinal: int  # of the matches of this Dial, from 1


class Party(enum.Enum):
    """What a callee is, by what was heard: an estimate."""

    HUMAN = "human"
    MACHINE = "machine"
    SILENCE = "silence"  # nothing was heard
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReportParty:
    """Every leg that answered gets this exactly once, where it was asked for."""

    leg: Leg
    uuid: str
    party: Party
    beep: bool = False  # the machine is known by its beep, not by its greeting
    connected: bool = False  # to the caller, by the time that it is known
    lacking: str = ""  # what could not be done to find out, in words


Report = (
    ReportDialled
    | ReportRinging
    | ReportAnswered
    | ReportConnected
    | ReportEnded
    | ReportDigits
    | ReportParty
)
Command = RingRound | RingCaller | KillLeg | StartTimer | StopTimer | Listening | Report


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a Dial ended. ``b_leg_uuid`` is '' when nobody was connected.

    ``legs`` are all that were tried, in document order, for dialects that sum them up otherwise.
    """

    status: str  # completed, busy, failed, cancel, timeout, no-answer
    cause: str
    b_leg_uuid: str = ""
    rang: bool = False
    legs: tuple[ReportEnded, ...] = field(default=(), compare=False)
    recording: str = ""  # the URL of what was recorded, '' if nothing was

    @property
    def sip_status(self) -> int:
        """That the cause stands for, where nobody was connected."""
        legs = () if self.b_leg_uuid else self.legs
        return next((leg.end.sip_status for leg in legs if leg.end.cause == self.cause), 0)
