"""What is heard of a callee, and what is asked for to hear it. Frozen, no behaviour.

As dial.model's: events in the past tense, commands in the imperative. Nothing of this is the
engine's.
"""

from dataclasses import dataclass

# ``at`` is on the switch's clock.


@dataclass(frozen=True, slots=True)
class ListeningBegan:
    uuid: str
    at: float


@dataclass(frozen=True, slots=True)
class ListeningEnded:
    """It was silent for as long as asked: after it had spoken, or all the time."""

    uuid: str
    at: float
    spoke: bool


@dataclass(frozen=True, slots=True)
class ListeningFailed:
    uuid: str
    why: str


@dataclass(frozen=True, slots=True)
class BeepHeard:
    uuid: str


Heard = ListeningBegan | ListeningEnded | ListeningFailed | BeepHeard


@dataclass(frozen=True, slots=True)
class Listen:
    """Tell when it is silent: ``patience`` seconds from now on, or ``silence`` after a word."""

    uuid: str
    patience: float
    silence: float


@dataclass(frozen=True, slots=True)
class StopListening:
    uuid: str


@dataclass(frozen=True, slots=True)
class AwaitBeep:
    uuid: str


@dataclass(frozen=True, slots=True)
class StopAwaitingBeep:
    uuid: str


Listening = Listen | StopListening | AwaitBeep | StopAwaitingBeep
