"""One call in a room: it enters, waits, talks, leaves. Events in, commands out; pure.

    ENTERING --Entered--> INSIDE --LeaveRoom, Dismissed--> LEAVING
       |                    |                                 |
       | Over               | Left                            | Left
       v                    v                                 v
    OUTSIDE, not let in   OUTSIDE, done once it is Over     OUTSIDE

FreeSWITCH keeps the room: who is in, whether it has started, whom they hear, and that it closes
when a member leaves who ends it. We keep what is this call's own: its clocks, its keys, whether it
stays alone, what it hears while it waits, and the account of what the customer has been told.
"""

import enum

from dialctl.conference.model import (
    Announce,
    CloseRoom,
    Command,
    Dismissed,
    Entered,
    Entertain,
    Event,
    FloorTaken,
    Hush,
    Inside,
    Joined,
    LeaveRoom,
    Left,
    Over,
    Parted,
    PressDigits,
    ReportDigits,
    ReportEntered,
    ReportFloor,
    ReportLeft,
    Resumed,
    Stay,
)
from dialctl.dial.digits import LongestMatcher
from dialctl.dial.model import KeyPressed, StartTimer, StopTimer, TimerFired
from dialctl.plan import Conference

LIMIT = "time limit"  # timers
DIGITS = "digits"  # the next key of a sequence may yet come

STAR = "*"


class State(enum.Enum):
    ENTERING = "entering"
    INSIDE = "inside"
    LEAVING = "leaving"
    OUTSIDE = "outside"


class Member:
    """Of one Conference of one call. ``stay`` is None until it has been let in."""

    def __init__(self, conference: Conference) -> None:
        self.state = State.ENTERING
        self.stay: Stay | None = None
        self.size = 0  # of the room
        self.done = False
        self._conference = conference
        self._matcher = LongestMatcher(conference.digits)
        self._open = False
        self._waiting = False
        self._sequences = self._floors = 0

    @property
    def inside(self) -> Inside:
        """How far it has come, but for the recording."""
        return Inside(self.stay, self._sequences, self._floors)

    def handle(self, event: Event) -> list[Command]:
        match event:
            case Entered() if self.state is State.ENTERING:
                return self._entered(event)
            case Resumed() if self.state is State.ENTERING:
                return self._resumed(event)
            case Left() if self.state in (State.INSIDE, State.LEAVING):
                return self._left(event.size)
            case Over():
                return self._over()
            case _ if self.stay is None or self.state is not State.INSIDE:
                return []  # late: it has stopped to matter
            case Joined(size, starts):
                self.size, self._open = size, self._open or starts
                return self._wait_or_not()
            case Parted(size):
                return self._parted(size)
            case FloorTaken():
                return self._floor(self.stay)
            case Dismissed():
                return self._leave()
            case KeyPressed():
                return self._pressed(self.stay, event.key)
            case TimerFired():
                return self._timer(self.stay, event.timer)
            case _:
                return []  # told twice

    def _entered(self, event: Entered) -> list[Command]:
        self.state, self.stay = State.INSIDE, event.stay
        self.size, self._open = event.size, event.open
        commands: list[Command] = [
            ReportEntered(event.stay),
            StartTimer(LIMIT, self._conference.time_limit),
            Announce(),
        ]
        if self._conference.send_digits:
            commands.append(PressDigits())
        return commands + self._wait_or_not()

    def _resumed(self, event: Resumed) -> list[Command]:
        """What the controller before may not have had time to tell is told, and nothing done."""
        self.state, self.stay = State.INSIDE, event.stay
        self.size, self._open = event.size, event.open
        self._sequences, self._floors = event.inside.sequences, event.inside.floors
        told = ReportEntered(event.stay)
        return [told, StartTimer(LIMIT, event.rest), *self._wait_or_not()]

    def _wait_or_not(self) -> list[Command]:
        """The wait sound is for who is alone, and for who waits until the room starts."""
        waiting = not self._open or self.size == 1
        if waiting == self._waiting:
            return []
        self._waiting = waiting
        return [Entertain()] if waiting else [Hush()]

    def _parted(self, size: int) -> list[Command]:
        self.size = size
        if size == 1 and not self._conference.stays_alone:
            return [*self._leave(), LeaveRoom()]
        return self._wait_or_not()

    def _floor(self, stay: Stay) -> list[Command]:
        if not self._conference.tell_floor:
            return []
        self._floors += 1
        return [ReportFloor(stay, self._floors)]

    def _pressed(self, stay: Stay, key: str) -> list[Command]:
        if key == STAR and self._conference.leave_on_star:
            return [*self._leave(), LeaveRoom()]
        reports = self._reports(stay, self._matcher.press(key))
        if self._matcher.waiting:
            return [*reports, StartTimer(DIGITS, self._matcher.patience)]
        return [*reports, StopTimer(DIGITS)]

    def _reports(self, stay: Stay, matches: tuple[str, ...]) -> list[Command]:
        reports: list[Command] = []
        for digits in matches:
            self._sequences += 1
            reports.append(ReportDigits(stay, digits, self._sequences))
        return reports

    def _timer(self, stay: Stay, timer: str) -> list[Command]:
        if timer == DIGITS:
            return self._reports(stay, self._matcher.timeout())
        return [*self._leave(), CloseRoom()]

    def _leave(self) -> list[Command]:
        self.state = State.LEAVING
        waited, self._waiting = self._waiting, False
        return [Hush()] if waited else []

    def _left(self, size: int | None) -> list[Command]:
        assert self.stay is not None  # it was let in before
        commands = self._leave()
        self.state, self.size = State.OUTSIDE, size or 0
        last = None if size is None else size == 0
        commands += [StopTimer(LIMIT), StopTimer(DIGITS), ReportLeft(self.stay, last)]
        return [*commands, Announce(leaving=True)] if size else commands

    def _over(self) -> list[Command]:
        self.done = True
        if self.state in (State.INSIDE, State.LEAVING):
            return self._left(max(0, self.size - 1))  # the socket has ended before it was told
        self.state = State.OUTSIDE
        return []
