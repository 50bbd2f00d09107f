"""What has happened on one call. Little memory and less time: it is told when somebody asks. Pure.

Times are seconds since 1970 on the switch's clock, 0 for never. Lists end at a length; how many
were left out is counted.
"""

from collections.abc import Callable, Iterator
from itertools import chain

from dialctl.dial.model import (
    Event,
    KeyPressed,
    LegBridged,
    LegCreated,
    LegRinging,
    Report,
    ReportDialled,
)
from dialctl.http.encoding import Params
from dialctl.model import ALeg, ChannelEnd, Ending
from dialctl.story.leg import LegStory
from dialctl.story.request import Request, State, packed

MOST_STEPS = 200
MOST_LEGS = 100
MOST_REQUESTS = 200
MOST_REMARKS = 20
LONGEST_REMARK = 500  # characters


class Story:
    """Of one call. ``now`` is the time of day here; ``ahead``: so far is the switch's clock.

    ``picked_up``: another controller began it; what that did is known from the switch's records.
    """

    __slots__ = (
        "_legs",
        "_now",
        "_requests",
        "_secret",
        "ahead",
        "answered",
        "app",
        "called",
        "caller",
        "caller_name",
        "came",
        "dialect",
        "end",
        "ending",
        "left",
        "left_out",
        "outbound",
        "picked_up",
        "remarks",
        "steps",
        "uuid",
    )

    def __init__(
        self,
        a_leg: ALeg,
        app: str,
        dialect: str,
        now: Callable[[], float],
        ahead: float = 0.0,
        *,
        picked_up: bool = False,
    ) -> None:
        self.uuid = a_leg.uuid
        self.app = app
        self.dialect = dialect
        self.caller, self.caller_name, self.called = a_leg.caller, a_leg.caller_name, a_leg.called
        self.outbound = a_leg.outbound
        self.picked_up = picked_up
        self._now = now
        self.ahead = ahead
        self.came = a_leg.created or now() + ahead
        self.answered = a_leg.answered
        self.end: ChannelEnd | None = None
        self.ending: Ending | None = None
        self.left = False  # to another controller
        # When, element, line, the callee's channel on whose end it is carried out ('': the call's)
        self.steps: list[tuple[float, str, int, str]] = []
        self.remarks: list[tuple[float, str]] = []  # warnings and errors of the log
        self._legs: list[LegStory] = []
        self._requests: list[Request] = []
        # Keys that nobody may see. Of what was pressed before we had the call nothing is known.
        self._secret: frozenset[str] | None = None if picked_up else frozenset()
        self.left_out: dict[str, int] = {}  # kind -> how many

    @property
    def time(self) -> float:
        """Now, on the switch's clock."""
        return self._now() + self.ahead

    @property
    def over(self) -> bool:
        return self.end is not None

    @property
    def over_for(self) -> float:
        """Seconds since the end, which is to be known."""
        return self.time - (self.end.ended if self.end else self.time)

    @property
    def settled(self) -> bool:
        """Whether it is over and nothing is under way any more."""
        return self.over and not any(request.open for request in self._requests)

    @property
    def legs(self) -> tuple[LegStory, ...]:
        return tuple(self._legs)

    @property
    def requests(self) -> tuple[Request, ...]:
        return tuple(self._requests)

    # What happens.

    def answers(self, at: float) -> None:
        """The A-leg is answered."""
        self.answered = self.answered or at

    def step(self, element: str, line: int, callee: str = "") -> None:
        if self._has_room("steps", len(self.steps), MOST_STEPS):
            self.steps.append((self.time, element, line, callee))

    def remark(self, text: str) -> None:
        if self._has_room("remarks", len(self.remarks), MOST_REMARKS):
            self.remarks.append((self.time, text[:LONGEST_REMARK]))

    def told(self, report: Report, dial: int, at: float) -> None:
        """What is told of a leg of the call's ``dial``-th Dial, and when it happened."""
        leg = next((leg for leg in reversed(self._legs) if leg.first == report.leg.uuid), None)
        if leg is not None:
            if not isinstance(report, ReportDialled):  # else it is told once more
                leg.told(report, at)
        elif self._has_room("legs", len(self._legs), MOST_LEGS):
            leg = LegStory(report.leg, dial, at)
            self._legs.append(leg)
            leg.told(report, at)

    def happened(self, event: Event | KeyPressed, at: float) -> None:
        """What the switch says of a leg beside what is told of it."""
        match event:
            case LegCreated(uuid, attempt, created):
                if leg := self.leg(attempt or uuid):
                    leg.created(uuid, attempt, created or at)
            case LegRinging(uuid, early=True):
                if leg := self.leg(uuid):
                    leg.early_media = leg.early_media or at
            case LegBridged(uuid):
                if leg := self.leg(uuid):
                    leg.bridged = leg.bridged or at

    def asks_callee(self, uuid: str) -> None:
        """A callee is held back, to confirm or to be heard."""
        if leg := self.leg(uuid):
            leg.confirming = leg.confirming or self.time

    def lets_through(self, uuid: str) -> None:
        if leg := self.leg(uuid):
            leg.confirmed = leg.confirmed or self.time

    def leg(self, uuid: str) -> LegStory | None:
        """That whose channel, or attempt, it is."""
        return next((leg for leg in reversed(self._legs) if leg.has(uuid)), None)

    def hide(self, digits: str) -> None:
        """These keys are nobody's business."""
        if self._secret is not None and digits:
            self._secret |= {digits}

    def asks(self, stage: str, method: str, url: str, params: Params, key: str = "") -> Request:
        """A request is made; a report whose ``key`` is known goes on."""
        if key:
            for request in reversed(self._requests):
                if request.key == key:
                    request.state = State.UNDER_WAY
                    return request
        request = Request(self.time, stage, method, url, packed(params, self._secret), key)
        if self._has_room("requests", len(self._requests), MOST_REQUESTS):
            self._requests.append(request)
        return request

    def matches(self, text: str) -> bool:
        """Whether a number, a name or a UUID of the call, or of its legs, holds ``text``."""
        wanted = plain(text)
        return bool(wanted) and any(wanted in plain(name) for name in self._names())

    def _names(self) -> Iterator[str]:
        own = (self.uuid, self.caller, self.called, self.caller_name)
        return chain(own, *((leg.label, leg.uuid, leg.first) for leg in self._legs))

    def _has_room(self, kind: str, length: int, most: int) -> bool:
        if length < most:
            return True
        self.left_out[kind] = self.left_out.get(kind, 0) + 1
        return False


def plain(text: str) -> str:
    """As numbers and UUIDs are compared: without what people write between digits."""
    return text.lower().translate(_BETWEEN)


_BETWEEN = {ord(character): None for character in " -+().\u00a0\t"}
