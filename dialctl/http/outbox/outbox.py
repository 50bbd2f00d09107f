"""The outbox as delivery uses it: reports in, what came of them, and what is due handed out."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import gevent
from gevent.event import AsyncResult

from dialctl.clock import Clock
from dialctl.http.outbox.schedule import MOST
from dialctl.http.outbox.store import (
    Added,
    Entry,
    Filter,
    Placed,
    Reply,
    Report,
    Row,
    Store,
    Taken,
    Tally,
    host,
    line,
)
from dialctl.http.outbox.writer import Writer
from dialctl.http.retry import RequestPlan
from dialctl.settings import Outbox as Settings

log = logging.getLogger("dialctl.outbox")

TICK = 1.0  # seconds: how soon it is seen what is due, or what another process has changed
BATCH = 500  # reports taken at once

UNKEPT = Added(Placed.UNKEPT)


class Sender(Protocol):
    """Who sends what an outbox hands out."""

    def rooms(self) -> Mapping[str, int]:
        """How many reports to take for which host."""

    def taken(self, taken: Taken) -> None:
        """These are due, and ours."""

    def lost(self) -> None:
        """Others have taken us for dead, and over what we held."""

    def tick(self) -> None:
        """A second has passed."""


class Outbox:
    """``start``, then reports, then ``close``."""

    def __init__(
        self, settings: Settings, path: str, clock: Clock, inherited: Sequence[str] = ()
    ) -> None:
        """``path`` is its file; what is in those ``inherited`` moves into it."""
        self._settings = settings
        self._clock = clock
        self._writer = Writer(path, clock, log)
        self._inherited = inherited
        self._ticker: gevent.Greenlet[..., None] | None = None
        self._looking = False
        self._resting = False
        self._sender: Sender

    def start(self, sender: Sender) -> None:
        self._sender = sender
        self._writer.start(self._inherited)
        self._writer.put(lambda store: store.waiting(), self._tell_waiting, 0)
        self._ticker = gevent.spawn(self._tick)

    def rest(self) -> None:
        """Hand nothing out any more."""
        self._resting = True
        if self._ticker is not None:
            self._ticker.kill()

    def close(self, timeout: float) -> int | None:
        """Write what is to be written and let go of what is ours.

        Returns how many reports wait for the next start; None if there is no file for them. What
        is sent after that is not recorded.
        """
        self.rest()
        return self._writer.close(timeout)

    def now(self) -> float:
        """The outbox's own time, which ``Entry.until`` and everything due is in."""
        return self._writer.now()

    def entry(self, report: Report, plan: RequestPlan, *, signed: bool, asked: bool) -> Entry:
        """``report`` as it is kept, from now on."""
        return Entry(
            report,
            line(report.call_uuid, plan.url),
            host(plan.url),
            signed=signed,
            asked=asked,
            until=self.now() + self._settings.give_up_after,
            added=self._clock.wall(),
        )

    def add(self, entry: Entry, done: Callable[[Added], None]) -> None:
        """Keep it before it is first attempted; ``done`` says whether it may be."""
        if self._writer.is_swamped():
            done(UNKEPT)
        else:
            self._writer.put(lambda store: store.add(entry, self.now()), done, UNKEPT)

    def claim(self, key: str, done: Callable[[Added | None], None]) -> None:
        self._writer.put(lambda store: store.claim(key), done, UNKEPT)

    def delivered(self, entry: Entry, reply: Reply | None = None) -> None:
        now = self.now()
        self._writer.put(
            lambda store: store.delivered(entry, now, reply),
            self._woken,
            False,
            soon=reply is None,
        )

    def dead(self, entry: Entry) -> None:
        now = self.now()
        self._writer.put(lambda store: store.dead(entry, now), self._woken, False, soon=True)

    def later(self, entries: Sequence[Entry], pause: float) -> None:
        """The first is put off for ``pause`` seconds, the others wait behind it."""
        now = self.now()
        self._writer.put(lambda store: store.later(entries, now, now + pause), soon=True)

    def over(self, call_uuid: str) -> None:
        self._writer.put(lambda store: store.over(call_uuid), soon=True)

    def tally(self, timeout: float) -> Tally | None:
        """What is in it; None if the disk does not tell within ``timeout`` seconds."""
        tally: Tally | None = self._ask(lambda store: store.tally(), timeout)
        return tally

    def rows(self, limit: int, timeout: float) -> list[Row] | None:
        """The first that wait or are dead; None as above."""
        rows: list[Row] | None = self._ask(lambda store: store.rows(Filter(), limit), timeout)
        return rows

    def _ask(self, what: Callable[[Store], Any], timeout: float) -> Any:
        found: AsyncResult[Any] = AsyncResult()
        self._writer.put(what, found.set)
        try:
            return found.get(timeout=self._clock.real(timeout))
        except gevent.Timeout:
            return None

    def look(self) -> None:
        """See what is due, now and not only at the next tick; also with owners that are gone."""
        if not self._looking and not self._resting:
            self._looking = True
            rooms = self._sender.rooms()
            self._writer.put(self._bury, self._buried, 0)
            self._writer.put(
                lambda store: store.take(self.now(), rooms, MOST, BATCH), self._looked, Taken()
            )

    def _looked(self, taken: Taken) -> None:
        self._looking = False
        if self._resting:
            return  # what was taken is let go of in a moment
        self._sender.taken(taken)
        if taken.more or taken.given_up:  # others of their lines may have their turn
            self.look()

    def _woken(self, woken: bool) -> None:
        if woken:
            self.look()

    def _tick(self) -> None:
        beat_due = self.now()
        while True:
            if beat_due <= self.now():
                beat_due += self._settings.claim_after / 3
                self._writer.put(lambda store: store.beat(self.now()), self._beaten, False)
            self._writer.put(lambda store: store.prune(self.now()), self._pruned, 0)
            self.look()
            self._sender.tick()
            self._clock.sleep(TICK)

    def _bury(self, store: Store) -> int:
        return store.bury(self.now(), self._settings.claim_after)

    def _beaten(self, lost: bool) -> None:
        if lost:
            log.warning("another process has taken over what waited here")
            self._sender.lost()

    def _buried(self, freed: int) -> None:
        if freed:
            log.warning("%d callbacks of a dialctl that is gone are taken over", freed)

    def _pruned(self, dead: int) -> None:
        if dead:
            log.warning("%d callbacks that died long ago are removed", dead)

    def _tell_waiting(self, waiting: int) -> None:
        if waiting:
            log.info("%d callbacks wait to be delivered", waiting)


def path_of(url: str, state_dir: str) -> str:
    """The file of ``outbox.url``: sqlite:/// and a path, which is below ``state_dir`` unless it is
    absolute."""
    return os.path.join(state_dir, url.removeprefix("sqlite:///") or "outbox.sqlite3")
