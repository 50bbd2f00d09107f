"""What is known of one leg of a Dial, and whether the customer has been told its end."""

from dialctl.dial import causes
from dialctl.dial.model import Leg
from dialctl.model import ChannelEnd


class LegAccount:
    """Kept by the engine alone, one for each leg that was tried."""

    __slots__ = (
        "_channels",
        "_closed",
        "_untried",
        "answered",
        "answered_at",
        "bridged",
        "created_at",
        "end",
        "leg",
        "live",
        "rang",
        "told",
        "uuid",
    )

    def __init__(self, leg: Leg) -> None:
        self.leg = leg
        self.uuid = leg.uuid  # the last channel's, once there is one
        self.live: set[str] = set()  # channels that FreeSWITCH made and has not ended
        self._channels: set[str] = set()  # all that it made
        self._untried = [attempt.uuid for attempt in leg.attempts]
        self._closed = False
        self.rang = self.answered = self.bridged = self.told = False
        self.created_at = self.answered_at = 0.0  # of the last channel, seconds since 1970
        self.end: ChannelEnd | None = None  # of the last channel that ended

    def created(self, uuid: str, attempt: str, at: float) -> None:
        if uuid in self._channels or self._closed:
            return  # said twice, or late
        if attempt in self._untried:
            del self._untried[: self._untried.index(attempt) + 1]
        self._channels.add(uuid)
        self.live.add(uuid)
        self.uuid, self.created_at = uuid, at

    def ended(self, uuid: str, end: ChannelEnd) -> None:
        self.live.discard(uuid)
        self.end = end

    def cut_off(self, at: float) -> None:
        """The switch has ended; how long they talked is known from what it said before."""
        self.live.clear()
        self.end = causes.cut_off(self.created_at, self.answered_at, at)

    @property
    def count(self) -> int:
        """What has happened to it so far that is told: dialled, ringing, answered."""
        return 1 + self.rang + self.answered

    @property
    def may_fail_over(self) -> bool:
        """FreeSWITCH tries the leg's next endpoint after what just ended it."""
        return (
            bool(self._untried)
            and not self.answered
            and self.end is not None
            and self.end.cause in causes.NETWORK_FAILURES
        )

    @property
    def may_expand(self) -> bool:
        """One telephone of a user has ended; the next one's channel may just be being made."""
        return not (self.answered or self._closed) and any(a.expands for a in self.leg.attempts)

    def close(self) -> None:
        """The leg's round is over: FreeSWITCH makes no other channel for it."""
        self._closed = True
        self._untried.clear()

    def unsaid_cause(self) -> str:
        """The best word for an end of which FreeSWITCH told nothing."""
        if self._channels:
            return "NORMAL_UNSPECIFIED"
        return causes.unmade_cause(self.leg.attempts[-1].endpoint)
