"""All work on the outbox's store: one real thread does it, and no call ever waits for a disk.

Group commit: what is put here while a transaction runs goes into the next one. When the file cannot
be used, memory takes its place, is told of loudly, and moves back into the file once that is
possible.
"""

import contextlib
import logging
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import gevent
from gevent.event import Event

from dialctl.clock import Clock
from dialctl.errors import StoreError
from dialctl.http.outbox.inheritance import inherit
from dialctl.http.outbox.owners import Locks
from dialctl.http.outbox.sqlite import MEMORY, SqliteStore
from dialctl.http.outbox.store import Store
from dialctl.http.outbox.worker import Worker

Work = Callable[[Store], Any]
Done = Callable[[Any], None]

LINGER = 0.05  # seconds that what came of a report waits for company: a transaction has its price
MOST_QUEUED = 20000  # what may wait to be written; it is all in memory
REOPEN = 5.0  # seconds between two attempts at a file that cannot be used
REMIND = 60.0  # seconds between two complaints about it
ONLY_MEMORY = (
    "callbacks are kept in memory only and are lost when dialctl ends; it takes a file that "
    "dialctl's user may write, on a disk with room (outbox.url, state_dir)"
)
UNKEPT = "callbacks are not even kept in memory: they are sent once, and lost if that fails"


class Writer:
    """``start``, then ``put``, then ``close``. ``path`` is the file."""

    def __init__(self, path: str, clock: Clock, log: logging.Logger) -> None:
        self._path = path
        self._clock = clock
        self._log = log
        self._locks = Locks(path)
        self._store = _memory(self._locks.owner)
        self._offset = 0.0  # of the outbox's time against the clock's
        self._queue: list[tuple[Work, Done | None, Any]] = []
        self._wake = Event()
        self._closing = False
        self._linger: gevent.Greenlet[..., None] | None = None
        self._opened = -REOPEN
        self._reminded: dict[str, float] = {}  # what was complained of, and when
        self._complained = False
        self._worker = Worker()
        self._greenlet: gevent.Greenlet[..., None] | None = None

    def start(self, inherited: Sequence[str] = ()) -> None:
        """Open the file, or say why memory has to do. What is in ``inherited`` files moves here,
        unless somebody uses them."""
        self._offset = -self._clock.now()  # a new outbox begins at 0
        self._reopen()
        for path in () if self.in_memory else inherited:
            try:
                if moved := self._in_thread(inherit, self._store, path, self.now()):
                    self._log.info("%d callbacks of %s are taken over", moved, path)
            except (StoreError, OSError) as error:
                self._log.warning("%s: what waits there is not taken over: %s", path, error)
        self._greenlet = gevent.spawn(self._run)

    def now(self) -> float:
        """The outbox's time."""
        return self._clock.now() + self._offset

    @property
    def in_memory(self) -> bool:
        return self._store.path == MEMORY

    def is_swamped(self) -> bool:
        """Whether more waits to be written than may; the log says so."""
        swamped = len(self._queue) > MOST_QUEUED
        if swamped:
            self._complain(StoreError(f"{self._path}: the disk does not keep up"), UNKEPT)
        return swamped

    def put(
        self, work: Work, done: Done | None = None, failed: Any = None, *, soon: bool = False
    ) -> None:
        """Have ``work`` done on the store, after all that was put before; then ``done``, in a
        greenlet that must not wait, with its result: ``failed`` if it could not be done.

        ``soon``: LINGER is soon enough, so that it may go with what comes after it.
        """
        self._queue.append((work, done, failed))
        if not soon:
            self._wake.set()
        elif self._linger is None:
            self._linger = gevent.spawn_later(self._clock.real(LINGER), self._wake.set)

    def close(self, timeout: float) -> int | None:
        """Do what was put, and let go of what is ours. How many rows wait in the file, if any."""
        left: list[int] = []
        self.put(lambda store: store.leave())
        self.put(lambda store: store.waiting(), left.append, 0)
        self._closing = True
        if self._greenlet is not None:
            self._greenlet.join(self._clock.real(timeout))
            if self._greenlet.dead:  # else the thread is in the hands of a disk that hangs
                self._worker.close()
        self._locks.drop()
        return None if self.in_memory else sum(left)

    def _run(self) -> None:
        while not (self._closing and not self._queue):
            self._wake.wait(self._clock.real(REOPEN) if self.in_memory else None)
            self._wake.clear()
            if self.in_memory and not self._closing:
                self._reopen()
            if self._linger is not None:
                self._linger.kill(block=False)
                self._linger = None
            batch, self._queue = self._queue, []
            if batch:
                self._commit(batch)
        self._store.close()

    def _commit(self, batch: list[tuple[Work, Done | None, Any]]) -> None:
        results = self._results([work for work, _, _ in batch])
        for (_, done, failed), result in zip(batch, results, strict=True):
            if isinstance(result, Exception):
                if not isinstance(result, StoreError):
                    self._log.error("a fault of dialctl's own", exc_info=result)
                result = failed
            if done is not None:
                try:
                    done(result)
                except Exception:
                    self._log.exception("a fault of dialctl's own")

    def _results(self, works: list[Work]) -> list[Any]:
        if not self.in_memory:
            try:
                return list(self._in_thread(_transaction, self._store, works))
            except StoreError as error:
                self._into_memory(error)
        for _ in range(2):
            try:
                return list(self._in_thread(_transaction, self._store, works))
            except StoreError as error:
                failure = error
                self._in_thread(self._store.shed)
        self._complain(failure, UNKEPT)
        return [failure] * len(works)

    def _into_memory(self, error: StoreError) -> None:
        found = self._store.is_in_place()
        self._in_thread(self._store.close)
        self._store = _memory(self._locks.owner)
        self._opened = self._clock.now()
        if error.corrupt and found:  # else another process has put it aside already
            self._put_aside(error)
        self._complain(error, ONLY_MEMORY)

    def _reopen(self) -> None:
        if self._clock.now() - self._opened < REOPEN:
            return
        self._opened = self._clock.now()
        memory = self._store
        try:
            try:
                store, jump = self._in_thread(self._open)
            except StoreError as error:
                if not error.corrupt:
                    raise
                self._put_aside(error)
                store, jump = self._in_thread(self._open)
        except StoreError as error:
            self._complain(error, ONLY_MEMORY)
            return
        self._store = store
        self._offset += jump
        memory.close()
        if self._complained:
            self._complained = False
            self._log.warning("callbacks are kept in %s again", self._path)

    def _open(self) -> tuple[SqliteStore, float]:
        """The file, with all that memory had; and how far its time is ahead of ours."""
        store = SqliteStore(self._path, self._locks.owner, self._locks)
        try:
            self._locks.hold()
            with store.transaction():
                jump = max(0.0, store.time() - self.now())
                store.beat(self.now() + jump)
                store.take_over(self._store, jump)
        except (StoreError, OSError) as error:
            store.close()
            raise error if isinstance(error, StoreError) else StoreError(str(error)) from None
        return store, jump

    def _put_aside(self, error: StoreError) -> None:
        """A damaged file must not be in the way; what is still in it is for a person to see."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        aside = f"{self._path}.damaged-{stamp}"
        self._log.error(
            "%s: it is damaged and kept as %s; callbacks that waited there are not sent, "
            "a new outbox is begun",
            error,
            aside,
        )
        for end in ("-wal", "-shm", ""):
            with contextlib.suppress(OSError):
                os.replace(f"{self._path}{end}", f"{aside}{end}")

    def _in_thread(self, work: Callable[..., Any], *args: Any) -> Any:
        result = self._worker.apply(_outcome, work, args)
        if isinstance(result, BaseException):
            raise result
        return result

    def _complain(self, error: StoreError, what: str) -> None:
        now = self._clock.now()
        if now - self._reminded.get(what, -REMIND) >= REMIND:
            self._reminded[what] = now
            self._complained = True
            self._log.error("%s: %s", error, what)


def _memory(owner: str) -> SqliteStore:
    store = SqliteStore(MEMORY, owner)
    with store.transaction():
        store.beat(0.0)
    return store


def _outcome(work: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Its result, or what it raised."""
    try:
        return work(*args)
    except BaseException as error:
        return error


def _transaction(store: Store, works: list[Work]) -> list[Any]:
    """The results. Raises StoreError; any other exception is a result: it fails one work only."""
    try:
        with store.transaction():
            return [work(store) for work in works]
    except StoreError:
        raise
    except Exception as error:
        if len(works) == 1:
            return [error]
    return [result for work in works for result in _transaction(store, [work])]
