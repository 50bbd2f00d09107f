"""Who may leave now: the order of the reports of one call. Pure.

A report leaves once it is written in the outbox and nothing before it stands in its way: an earlier
report of its call to the same URL until that is settled (delivered, dead, or put off), one to
another URL until that has been tried (answered, or failed once), the latter for HOLD seconds at
most. A request whose answer its call waits for is never held longer than HOLD.
"""

from dataclasses import dataclass

from dialctl.http.outbox.store import Entry, Report
from dialctl.http.retry import RequestPlan
from dialctl.story.request import Request, State

HOLD = 0.5  # seconds a report, or the call itself, waits for earlier ones to be tried
WRITE_HOLD = 2.0  # seconds a report waits for a disk that does not come to an end with writing it


@dataclass(slots=True, eq=False)
class Owed:
    """A report that is not settled. Times are seconds on the ledger's clock."""

    entry: Entry
    plan: RequestPlan
    added: float
    asked: bool = False  # its call waits for the answer: it does not wait behind its own URL
    written: bool = False  # it would survive us
    waited: bool = False  # it comes from the outbox
    left: bool = False
    tried: bool = False
    gone: bool = False  # settled or let go: the ledger does not know it any more
    noted: Request | None = None  # in the story of its call

    @property
    def report(self) -> Report:
        return self.entry.report

    @property
    def due(self) -> float:
        """When other URLs hold it back no longer."""
        return self.added + HOLD


class Ledger:
    """Times are seconds on any one clock that never steps."""

    def __init__(self) -> None:
        self._calls: dict[str, list[Owed]] = {}
        self.pending = 0  # reports that are in here

    def add(
        self,
        entry: Entry,
        plan: RequestPlan,
        now: float,
        *,
        asked: bool = False,
        waited: bool = False,
    ) -> Owed:
        """``waited``: it comes from the outbox, and so is written."""
        owed = Owed(entry, plan, now, asked, written=waited, waited=waited)
        self.pending += 1
        self._calls.setdefault(entry.report.call_uuid, []).append(owed)
        return owed

    def leave(self, call_uuid: str, now: float) -> list[Owed]:
        """The call's reports that may leave now, marked as having left."""
        leaving = []
        all_tried = True
        urls: set[str] = set()
        for owed in self._calls.get(call_uuid, ()):
            if not owed.left and _first(owed, urls) and (all_tried or owed.due <= now):
                owed.left = owed.written or owed.added + WRITE_HOLD <= now
                if owed.left:
                    leaving.append(owed)
            urls.add(owed.plan.url)
            all_tried = all_tried and owed.tried
        return leaving

    def next_due(self, call_uuid: str) -> float | None:
        """When the first report that only waits for other URLs may leave; None without one."""
        times = []
        urls: set[str] = set()
        for owed in self._calls.get(call_uuid, ()):
            if owed.written and not owed.left and _first(owed, urls):
                times.append(owed.due)
            urls.add(owed.plan.url)
        return min(times, default=None)

    def settle(self, owed: Owed) -> None:
        """Delivered, dead, or somebody else's: nothing waits for it, nothing remembers it."""
        owed.written = owed.tried = owed.gone = True
        if owed.noted:  # what came of it here has been noted by now
            owed.noted.close(State.WAITING)
        waiting = self._calls[owed.report.call_uuid]
        waiting.remove(owed)
        self.pending -= 1
        if not waiting:
            del self._calls[owed.report.call_uuid]

    def let_go(self, owed: Owed) -> list[Owed]:
        """Settle it and what waits behind it: they go on in the outbox, in their order."""
        waiting = self._calls[owed.report.call_uuid]
        behind = waiting[waiting.index(owed) + 1 :]
        going = [owed, *(one for one in behind if _waits_for(one, owed))]
        for one in going:
            self.settle(one)
        return going

    def find(self, call_uuid: str, key: str) -> Owed | None:
        return next((o for o in self._calls.get(call_uuid, ()) if o.report.key == key), None)

    def of(self, call_uuid: str) -> list[Owed]:
        return list(self._calls.get(call_uuid, ()))

    def not_left(self) -> list[Owed]:
        return [owed for calls in self._calls.values() for owed in calls if not owed.left]


def _first(owed: Owed, urls: set[str]) -> bool:
    return owed.asked or owed.plan.url not in urls


def _waits_for(one: Owed, owed: Owed) -> bool:
    return one.plan.url == owed.plan.url and not one.left and not one.asked
