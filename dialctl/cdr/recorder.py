"""Writes the records of calls that are over: a row in calls.db, a line of JSON in a file.

A real thread writes, once a second at most, what has come together. No call waits for it, and none
fails by it: a disk that is full costs records, which the log says once.
"""

import json
import logging
import os

import gevent

from dialctl.cdr.store import NAME, Record, Store
from dialctl.clock import Clock
from dialctl.errors import StoreError
from dialctl.http.outbox.worker import Worker
from dialctl.settings import Records
from dialctl.story import Stories
from dialctl.story.telling import moment, whole

log = logging.getLogger("dialctl.records")

EVERY = 1.0  # seconds
PATIENCE = 5.0  # seconds after its end that a call's last requests may take to be in its record
CLOSE_SECONDS = 2.0  # for the disk, at the end


class Recorder:
    """``start``, then ``stop``."""

    def __init__(self, settings: Records, state_dir: str, stories: Stories, clock: Clock) -> None:
        self._settings = settings
        self._path = os.path.join(state_dir, NAME)
        self._stories = stories
        self._clock = clock
        self._worker = Worker()
        self._store: Store | None = None
        self._wrong: tuple[str, ...] = ()  # what the log has been told of
        self._greenlet: gevent.Greenlet[..., None] | None = None

    def start(self) -> None:
        self._greenlet = gevent.spawn(self._run)

    def stop(self) -> None:
        """Write what there is, if the disk does not hang."""
        if self._greenlet is None:
            return
        self._greenlet.kill()
        self._greenlet = None
        limit = gevent.Timeout(self._clock.real(CLOSE_SECONDS))
        try:
            with limit:
                self._record(0.0)
                self._worker.apply(self._close)
                self._worker.close()
        except gevent.Timeout as timeout:
            if timeout is not limit:
                raise
            log.error("the last calls are not recorded: the disk does not come to an end")

    def _run(self) -> None:
        while True:
            self._clock.sleep(EVERY)
            self._record(PATIENCE)

    def _record(self, patience: float) -> None:
        if not (ended := self._stories.take_ended(patience)):
            return
        wrong = self._worker.apply(self._write, [whole(story) for story in ended])
        for what in wrong:
            if what not in self._wrong:
                log.error("%s; calls are not recorded there until it can be written", what)
        for what in self._wrong:
            if what not in wrong:
                log.warning("calls are recorded again; it was: %s", what)
        self._wrong = wrong

    # In the thread.

    def _write(self, records: list[Record]) -> tuple[str, ...]:
        """What went wrong. Raises nothing."""
        wrong = []
        for write in (self._append, self._keep):
            try:
                write(records)
            except (StoreError, OSError) as error:
                wrong.append(str(error))
            except Exception as error:
                wrong.append(f"a fault of dialctl's own: {error!r}")
        return tuple(wrong)

    def _append(self, records: list[Record]) -> None:
        """Opened each time, so that it may be moved away at any moment (logrotate)."""
        if not self._settings.file:
            return
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        file = os.open(self._settings.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(file, lines.encode("utf-8", "replace"))
        finally:
            os.close(file)

    def _keep(self, records: list[Record]) -> None:
        if not self._settings.most:
            return
        if self._store is not None and not os.path.exists(self._path):
            self._close()
        self._store = self._store or Store(self._path)
        since = moment(self._clock.wall() - self._settings.keep)
        self._store.add(records, since or "", self._settings.most)

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
        self._store = None
