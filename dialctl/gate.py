"""Who comes in: how many calls at once, how many a second, how many connections that are no call.

What is turned away is counted, and told in one line at first and one every ten seconds: a flood
must not fill the journal. Pure.
"""

from collections import deque

from dialctl.settings import Limits

# Connections that are no call: who has just connected, and calls that are being refused.
MOST_STRANGERS = 1024
TOLD_EVERY = 10.0  # seconds


class Gate:
    """Of one listener. Times are seconds of any clock; ``up`` is how many calls are up."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._accepted: deque[float] = deque()  # when, within the last second
        self.refused = 0  # calls, since the start
        self.dropped = 0  # connections, since the start
        self._told = (0, 0)  # of both
        self._told_at = float("-inf")

    def lets_in(self, connections: int, up: int) -> bool:
        """Whether one more connection is listened to."""
        if connections - up > MOST_STRANGERS:
            self.dropped += 1
            return False
        return True

    def admits(self, now: float, up: int, count: int = 1) -> bool:
        """Whether a new call is taken, or ``count`` of them together."""
        limits, accepted = self._limits, self._accepted
        while accepted and accepted[0] <= now - 1:
            accepted.popleft()
        full = up + count > limits.calls or len(accepted) + count > limits.calls_per_second
        if full:
            self.refused += count
            return False
        accepted.extend([now] * count)
        return True

    def complaint(self, now: float, up: int) -> str:
        """What is to be said now of those turned away, '' for nothing."""
        refused, dropped = self.refused - self._told[0], self.dropped - self._told[1]
        if not (refused or dropped) or now < self._told_at + TOLD_EVERY:
            return ""
        self._told, self._told_at = (self.refused, self.dropped), now
        words = []
        if refused:
            limits = self._limits
            words.append(
                f"refused {refused} calls with SIP 503: {up} are up, limits are calls: "
                f"{limits.calls}, calls_per_second: {limits.calls_per_second}; "
                f"{self.refused} since the start"
            )
        if dropped:
            words.append(
                f"dropped {dropped} connections: more than {MOST_STRANGERS} are open that are no "
                f"call; {self.dropped} since the start"
            )
        return "overload: " + "; ".join(words)
