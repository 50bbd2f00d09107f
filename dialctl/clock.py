"""Time, in one place, so that the demo and the tests can let it run faster.

A second here is a second of the call: with ``speed`` 20 it lasts 50 ms on the wall. The
daemon beside a real switch always runs at speed 1.
"""

import time

import gevent


class Clock:
    """Seconds of call time. Speed 1 is the wall's; it must be above 0."""

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError(f"speed must be above 0, not {speed}")
        self.speed = speed
        self._wall_start = time.time()
        self._start = time.monotonic()

    def now(self) -> float:
        """Seconds on a clock that never steps; only differences mean anything."""
        return (time.monotonic() - self._start) * self.speed

    def wall(self) -> float:
        """Seconds since 1970 (UTC) in call time, for time stamps."""
        return self._wall_start + self.now()

    def sleep(self, seconds: float) -> None:
        gevent.sleep(max(0.0, seconds) / self.speed)

    def real(self, seconds: float) -> float:
        """How long ``seconds`` of call time last on the wall: for timeouts of other libraries."""
        return seconds / self.speed
