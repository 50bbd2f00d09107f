"""When a report is tried again, when never, and how much of it at a time. Pure."""

import enum
from collections.abc import Callable
from dataclasses import dataclass

FIRST_PAUSE = 1.0  # seconds after a URL's own quick retries have failed, doubled each time ...
LONGEST_PAUSE = 300.0  # ... until here
REPEATED = (408, 429)  # statuses that are worth another attempt, besides all 5xx
MOST = 1000  # requests under way to one host
LEAST = 8  # the same while it does not answer
MOST_HOSTS = 1000  # hosts that are remembered while nothing is under way to them


class Verdict(enum.Enum):
    DELIVERED = "delivered"
    LATER = "later"
    DEAD = "dead"


def verdict(status: int) -> Verdict:
    """What an HTTP status means to a report; 0: there was no answer."""
    if 200 <= status < 300:
        return Verdict.DELIVERED
    if status == 0 or status >= 500 or status in REPEATED:
        return Verdict.LATER
    return Verdict.DEAD


def pause(rounds: int, random: Callable[[], float]) -> float:
    """Seconds until the next round of attempts after ``rounds`` have failed.

    Exponential, with "full jitter" (AWS Architecture Blog, Exponential Backoff And Jitter): of all
    who failed at the same moment no two come back at the same one. ``random`` is from [0, 1).
    """
    doublings = min(max(rounds, 1) - 1, 16)  # beyond that it is the longest anyhow
    return random() * min(LONGEST_PAUSE, FIRST_PAUSE * float(2**doublings))


@dataclass(slots=True)
class _Host:
    width: int
    held: int = 0  # reports to it that are in memory
    busy: int = 0  # requests to it that are under way
    crowded: bool = False  # more of them wait in the outbox


class Hosts:
    """How many reports each host is sent at a time: a dead one ties up little, and delays nobody.

    A host that gives no answer gets half as many, down to LEAST; with each answer twice as many.
    """

    def __init__(self, most: int = MOST, least: int = LEAST) -> None:
        self._most = most
        self._least = least
        self._hosts: dict[str, _Host] = {}

    def hold(self, host: str) -> None:
        """One more report to it is in memory."""
        self._of(host).held += 1

    def let_go(self, host: str) -> None:
        self._of(host).held -= 1
        self._forget(host)

    def enter(self, host: str, *, waited: bool) -> bool:
        """Whether a request may begin now; if not, its report has to wait in the outbox.

        ``waited``: it came from there. While others wait there, what is new waits behind them.
        """
        one = self._of(host)
        free = one.busy < one.width and (waited or not one.crowded)
        one.busy += free
        one.crowded = one.crowded or not free
        return free

    def left(self, host: str, *, answered: bool) -> bool:
        """A request has ended. Whether others wait in the outbox for its place."""
        one = self._of(host)
        one.busy -= 1
        one.width = min(self._most, one.width * 2) if answered else max(self._least, one.width // 2)
        crowded = one.crowded
        self._forget(host)
        return crowded

    def rooms(self) -> dict[str, int]:
        """How many more reports to take for each host; one that is not named has MOST."""
        return {host: max(0, one.width - one.held) for host, one in self._hosts.items()}

    def taken(self, crowded: frozenset[str]) -> None:
        """The outbox has been looked through: these hosts have more in it than they had room."""
        for host, one in list(self._hosts.items()):
            one.crowded = host in crowded
            self._forget(host)

    def _of(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host(self._most))

    def _forget(self, host: str) -> None:
        one = self._hosts[host]
        idle = not (one.held or one.busy or one.crowded)
        if idle and (one.width == self._most or len(self._hosts) > MOST_HOSTS):
            del self._hosts[host]
