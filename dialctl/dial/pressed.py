"""While two parties talk: the key sequences that a Dial's document wants to hear of. Pure.

The keys reach the other party all the same; FreeSWITCH tells of them besides. Knows nothing of
the engine, nor the engine of it.
"""

from dialctl.dial.digits import LongestMatcher, SuffixMatcher
from dialctl.dial.model import (
    Command,
    KeyPressed,
    ReportConnected,
    ReportDigits,
    StartTimer,
    StopTimer,
)
from dialctl.plan import Dial

CALLER_KEYS = "caller keys"  # timers: the next key of a sequence may yet come
CALLEE_KEYS = "callee keys"


class Pressed:
    """Of one Dial. ``count``: the matches that an earlier controller has told of."""

    def __init__(self, dial: Dial, a_leg_uuid: str, count: int = 0) -> None:
        self.wanted = bool(dial.digits_of_caller or dial.digits_of_callee)
        self._a_leg_uuid = a_leg_uuid
        matcher = SuffixMatcher if dial.digits_at_once else LongestMatcher
        self._matchers: dict[str, LongestMatcher | SuffixMatcher] = {
            CALLER_KEYS: matcher(dial.digits_of_caller),
            CALLEE_KEYS: matcher(dial.digits_of_callee),
        }
        self._connected: ReportConnected | None = None
        self._count = count

    def connected(self, report: ReportConnected) -> None:
        """From now on keys count: they are pressed at each other."""
        self._connected = report

    def pressed(self, event: KeyPressed) -> list[Command]:
        if self._connected is None or event.uuid not in (self._a_leg_uuid, self._connected.uuid):
            return []
        timer = CALLER_KEYS if event.uuid == self._a_leg_uuid else CALLEE_KEYS
        matcher = self._matchers[timer]
        reports = self._reports(timer, matcher.press(event.key))
        if matcher.waiting:
            return [*reports, StartTimer(timer, matcher.patience)]
        return [*reports, StopTimer(timer)]

    def timeout(self, timer: str) -> list[Command]:
        """One of our timers, or another's, has fired."""
        matcher = self._matchers.get(timer)
        return self._reports(timer, matcher.timeout()) if matcher else []

    def _reports(self, timer: str, matches: tuple[str, ...]) -> list[Command]:
        reports: list[Command] = []
        for digits in matches:
            assert self._connected is not None  # no key counts before
            self._count += 1
            leg, uuid = self._connected.leg, self._connected.uuid
            by_caller = timer == CALLER_KEYS
            reports.append(ReportDigits(leg, uuid, digits, by_caller, self._count))
        return reports
