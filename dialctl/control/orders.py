"""What may be asked of a call that is up, and what comes of it: plain values."""

import enum
from dataclasses import dataclass
from typing import Any, Protocol

from dialctl.following import Hook


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call, or one ``leg`` of it alone, by its channel's UUID, as long as it is up."""

    leg: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Let the call go on with another document; whom it talks with, or rings, is hung up."""

    document: Hook


Order = HangUp | Transfer


class Done(enum.Enum):
    """What has come of an order."""

    DONE = "done"
    NO_CALL = "no such call is up"
    NO_LEG = "no such leg is up"
    NOT_NOW = "the call has no event socket at the moment; ask again in a second"


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call that is up, or was. Times are seconds since 1970 on the switch's clock, 0: never."""

    uuid: str
    app: str  # its name
    caller: str
    called: str
    caller_name: str
    status: str  # ringing, in-progress or completed
    outbound: bool = False
    request: str = ""  # that placed it
    created: float = 0.0
    answered: float = 0.0
    ended: float = 0.0
    answered_ms: int = 0
    cause: str = ""  # FreeSWITCH's, that it ended with
    legs: tuple[str, ...] = ()  # channels that have been made for it so far


class Desk(Protocol):
    """Where calls are found by their UUIDs and acted upon, in whatever process they are."""

    def calls(self) -> list[LiveCall]:
        """Those that are up, in the order in which they came."""

    def over(self) -> list[LiveCall]:
        """The last ones that are not up any more, the newest first."""

    def story(self, uuid: str) -> dict[str, Any] | None:
        """All that is known of a call that is up or was so lately, as JSON (docs/records.md)."""

    def act(self, uuid: str, order: Order) -> Done:
        """Carry out an order. Raises nothing."""
