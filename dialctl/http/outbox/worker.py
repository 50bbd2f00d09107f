"""One real thread that does one thing after the other, for greenlets that wait for it.

gevent's ThreadPool makes a watcher, a lock and a result for each task; for an outbox, ten times a
call, that costs more than the work does.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

import gevent
from gevent import monkey
from gevent.hub import Waiter

_start_thread = monkey.get_original("_thread", "start_new_thread")
_Queue = monkey.get_original("queue", "SimpleQueue")


class Worker:
    """One greenlet at a time may wait in ``apply``."""

    def __init__(self) -> None:
        self._tasks = _Queue()
        self._results: deque[Any] = deque()
        self._watcher = gevent.get_hub().loop.async_()
        self._waiter: Waiter[Any]
        self._started = False

    def apply(self, work: Callable[..., Any], *args: Any) -> Any:
        """What ``work`` returns; it must raise nothing."""
        if not self._started:
            self._started = True
            _start_thread(self._run, ())
        waiter = self._waiter = Waiter()
        self._watcher.start(self._done)
        try:
            self._tasks.put((work, args))
            return waiter.get()
        finally:
            self._watcher.stop()

    def _done(self) -> None:
        if self._results:
            self._waiter.switch(self._results.popleft())

    def close(self) -> None:
        """The thread ends when it has done what it does."""
        self._tasks.put(None)
        self._watcher.close()

    def _run(self) -> None:
        while task := self._tasks.get():
            work, args = task
            self._results.append(work(*args))
            self._watcher.send()
