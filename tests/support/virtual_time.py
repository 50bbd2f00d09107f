"""Virtual time: in the tests' process a wait lasts no time, and a stalled machine loses none.

What waits there waits for a timer of gevent's loop. ``Loop`` keeps those timers to itself, and time
stands still while anything is left to do. When nothing is (no callback, no event, no byte under
way, no task in a thread pool) time jumps to the next timer, and only that timer runs. So two waits
that end at the same moment end in the order in which they began, what one of them sets in motion
has come to rest before the next, and a test is the same on any machine and may compare times
exactly.

It cannot see what other processes and threads of a test's own do, and where somebody is busy
without end no time goes by. Such tests are marked ``real_time`` (tests/conftest.py) and have the
machine's time.
"""

import heapq
import math
import queue
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

import gevent
from gevent import threadpool
from gevent.libev import corecext

# Ticks in a second, a power of two: so every moment is a float without an error, sums and
# differences of moments are exact, and a timer never runs a rounding error too early.
_TICKS = 2**20
_ROUNDS = 3  # polls in a row that found nothing: what was written to a loopback socket has come
_LOWEST = -2  # libev's EV_MINPRI: an idle watcher that anything else goes before

_real_monotonic = time.monotonic
_Socket = socket.socket  # before gevent's takes its place
_epoch = math.floor((time.time() - time.monotonic()) * _TICKS) / _TICKS


class Timer:
    """What ``loop.timer`` gives, as gevent's own: started, stopped, started again, closed."""

    def __init__(self, loop: "Loop", after: float, repeat: float, ref: bool) -> None:
        if repeat < 0.0:
            raise ValueError(f"repeat must be positive or zero: {repeat!r}")
        self.loop = loop
        self.callback: Callable[..., object] | None = None
        self.args: tuple[object, ...] = ()
        self.ref = ref
        self.pending = False  # never: it runs in the moment in which it is taken
        self._after = after
        self._repeat = repeat
        self._entry: list[Any] | None = None

    @property
    def active(self) -> bool:
        return self._entry is not None

    def start(self, callback: Callable[..., object], *args: object, update: object = None) -> None:
        self.callback, self.args = callback, args
        if self._entry is None:
            self._entry = self.loop.add(self, self._after)

    def again(self, callback: Callable[..., object], *args: object, update: object = None) -> None:
        """From now on every ``repeat`` seconds; without a ``repeat`` it stops."""
        self.stop()
        if self._repeat:
            self.callback, self.args = callback, args
            self._entry = self.loop.add(self, self._repeat)

    def stop(self) -> None:
        self.callback, self.args = None, ()
        if self._entry is not None:
            self.loop.remove(self._entry)
            self._entry = None

    close = stop

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self) -> None:
        callback, args = self.callback, self.args
        self._entry = self.loop.add(self, self._repeat) if self._repeat else None
        assert callback is not None
        try:
            callback(*args)
        except BaseException:
            self.loop.handle_error(self, *sys.exc_info())
        if self._entry is None:
            self.callback, self.args = None, ()


class Loop(corecext.loop):  # type: ignore[misc]
    """gevent's loop, with virtual timers while it is ``virtual``.

    The loops of other threads are as they always were.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._virtual = False
        self._now = 0  # ticks, while virtual
        self._ahead = 0  # ticks that virtual time has gained on the machine's
        self._timers: list[list[Any]] = []  # a heap: when, which in order, the Timer or None
        self._count = 0  # of those that there ever were
        self._kept = 0  # how many in the heap keep the loop alive: those with ref
        self._threads: list[Any] = []  # the watchers that wait for what a pool's threads do
        self._quiet = 0  # polls in a row that found nothing
        self._iteration = 0  # at which the last of them was
        self._idle = self.idle(ref=False, priority=_LOWEST)
        self._polled = self.check(ref=False)

    @property
    def virtual(self) -> bool:
        return self._virtual

    @virtual.setter
    def virtual(self, on: bool) -> None:
        """Time goes on from where it is. Virtual timers wait until it is virtual again."""
        if on and not self._virtual:
            self._now = math.ceil(_real_monotonic() * _TICKS) + self._ahead
        elif self._virtual and not on:
            self._ahead = self._now - math.floor(_real_monotonic() * _TICKS)
        self._virtual = on
        self._watch()

    def monotonic(self) -> float:
        """Seconds, virtual or not."""
        return self._now / _TICKS if self._virtual else _real_monotonic() + self._ahead / _TICKS

    def timer(
        self, after: float, repeat: float = 0.0, ref: bool = True, priority: int | None = None
    ) -> Any:
        if self._virtual:
            return Timer(self, after, repeat, ref)
        return super().timer(after, repeat, ref, priority)

    def async_(self, ref: bool = True, priority: int | None = None) -> Any:
        watcher = super().async_(ref, priority)
        self._threads.append(watcher)
        return watcher

    def io(self, fd: int, events: int, ref: bool = True, priority: int | None = None) -> Any:
        """A socket's watcher. The kernel would keep a small write back until an acknowledgement
        of the one before, up to 40 ms of its own time: TCP_NODELAY has it come at once.
        """
        if self._virtual:
            with suppress(OSError):  # it is no TCP socket
                self._no_delay(fd)
        return super().io(fd, events, ref, priority)

    def install_sigchld(self) -> None:
        """What gevent does before it starts a process."""
        if self._virtual:
            raise RuntimeError("processes live in the machine's time: mark the test real_time")
        super().install_sigchld()

    def wait_for_thread(self, seconds: float) -> None:
        """A thread pool's wait for its threads to end: it polls them, in the machine's time."""
        with super().timer(seconds) as timer:
            self._threads.append(timer)
            gevent.get_hub().wait(timer)

    def add(self, timer: Timer, after: float) -> list[Any]:
        """Let it run in so many seconds, rounded up."""
        self._count += 1
        entry = [self._now + max(0, math.ceil(after * _TICKS)), self._count, timer]
        heapq.heappush(self._timers, entry)
        self._kept += timer.ref
        self._watch()
        return entry

    def remove(self, entry: list[Any]) -> None:
        """The entry stays until its turn, without its timer."""
        self._kept -= entry[-1].ref
        entry[-1] = None
        self._watch()

    @staticmethod
    def _no_delay(fd: int) -> None:
        sock = _Socket(fileno=fd)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        finally:
            sock.detach()

    def _watch(self) -> None:
        """Look for idle moments as long as there are timers and no thread is waited for."""
        wanted = self._virtual and bool(self._timers) and not self._polled.active
        kept = self._kept > 0
        if self._idle.active and not (wanted and self._idle.ref == kept):
            self._idle.stop()
        if wanted and not self._idle.active:
            self._idle.ref = kept
            self._idle.start(self._on_idle)

    def _on_idle(self) -> None:
        """Called when a poll has found nothing."""
        self._quiet = self._quiet + 1 if self.iteration == self._iteration + 1 else 1
        self._iteration = self.iteration
        self._threads = [watcher for watcher in self._threads if watcher.active]
        if self._threads:  # let the next poll wait for one of them, as long as that takes
            self._polled.start(self._on_polled)
            self._watch()
        elif self._quiet >= _ROUNDS:
            self._quiet = 0
            self._jump()

    def _on_polled(self) -> None:
        self._polled.stop()
        self._watch()

    def _jump(self) -> None:
        while self._timers:
            when, _, timer = heapq.heappop(self._timers)
            if timer is not None:
                self._now = when
                self._kept -= timer.ref
                timer.run()
                break
        self._watch()


def install() -> None:
    """Before gevent has a hub: its loop, and the clocks that are read here."""
    gevent.config.loop = Loop
    loop = gevent.get_hub().loop
    assert isinstance(loop, Loop), "gevent had a loop already"

    def wall() -> float:
        return _epoch + loop.monotonic()

    threadpool.sleep = loop.wait_for_thread
    time.monotonic = threading._time = queue.time = loop.monotonic  # type: ignore[attr-defined]
    socketserver.time = loop.monotonic  # type: ignore[attr-defined]
    time.time = wall


def switch(on: bool) -> None:
    """Virtual time on or off, for what waits from now on."""
    gevent.get_hub().loop.virtual = on
