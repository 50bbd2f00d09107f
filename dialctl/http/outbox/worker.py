"""One real thread that does one thing after the other, for greenlets that wait for it.

gevent's ThreadPool has locks, a semaphore and a result for each task; for an outbox, ten times a
call, that costs more than the work does.
"""

from collections.abc import Callable
from typing import Any

import gevent
from gevent import monkey
from gevent.hub import Waiter

_start_thread = monkey.get_original("_thread", "start_new_thread")
_Queue = monkey.get_original("queue", "SimpleQueue")


class Worker:
    """One thread, begun with the first task."""

    def __init__(self) -> None:
        self._tasks = _Queue()
        self._started = False

    def apply(self, work: Callable[..., Any], *args: Any) -> Any:
        """What ``work`` returns, which must raise nothing."""
        if not self._started:
            self._started = True
            _start_thread(self._run, ())
        done: Waiter[None] = Waiter()
        result: list[Any] = []
        watcher = gevent.get_hub().loop.async_()
        watcher.start(done.switch, None)
        try:
            self._tasks.put((work, args, result, watcher))
            done.get()
        finally:
            watcher.close()
        return result[0]

    def close(self) -> None:
        """The thread ends when it has done what it does."""
        self._tasks.put(None)

    def _run(self) -> None:
        while task := self._tasks.get():
            work, args, result, watcher = task
            result.append(work(*args))
            watcher.send()
