"""What an operating system's thread waits at, until a test lets it through."""

from typing import Any

from gevent import monkey

_lock = monkey.get_original("_thread", "allocate_lock")


class Gate:
    """Called in the thread, it waits there as a disk that hangs would. For tests in real time."""

    def __init__(self) -> None:
        self.waiting = False
        self._lock = _lock()
        self._lock.acquire()

    def __call__(self, *_: Any) -> None:
        self.waiting = True
        self._lock.acquire()
        self.waiting = False
        self._lock.release()

    def open(self) -> None:
        self._lock.release()
