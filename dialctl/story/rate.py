"""How many of something there were in the last minute, in a few numbers. Pure."""

from collections import deque

MINUTE = 60.0  # seconds
GRAIN = 5.0  # seconds that are counted together


class Rate:
    """Times are seconds of any clock."""

    def __init__(self) -> None:
        self._counts: deque[tuple[int, int]] = deque(maxlen=int(MINUTE / GRAIN))

    def add(self, now: float) -> None:
        grain = int(now // GRAIN)
        if self._counts and self._counts[-1][0] == grain:
            self._counts[-1] = (grain, self._counts[-1][1] + 1)
        else:
            self._counts.append((grain, 1))

    def in_a_minute(self, now: float) -> int:
        """Up to ``now``, to a GRAIN."""
        first = int((now - MINUTE) // GRAIN) + 1
        return sum(count for grain, count in self._counts if grain >= first)
