"""What an outbox holds, and what any store of it can do. Pure.

A store is used by one thread at a time, in transactions: all of one is kept, or none. Times are
the outbox's own, seconds during which a daemon ran: they never step, and time in which nobody was
there does not count. A row waits until it is delivered or dead. While it waits it is somebody's
(an owner holds it in memory, and may be sending it) or nobody's. Rows of one call and URL are one
line; the first row of a line is its head as long as it is nobody's, and only heads are taken. An
owner that is gone loses what it held.
"""

import enum
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from dialctl.http.encoding import Encoding, Params


class State(enum.Enum):
    """Of a row. What is delivered has none: its key is known, and that is all."""

    WAITING = "waiting"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a web application answered to a request whose call goes on with it."""

    status: int
    content_type: str
    body: bytes
    url: str  # where it came from


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that happened, as its receiver shall be told.

    ``url`` is absolute and may carry a retry fragment. ``key`` is the Idempotency-Key: the same
    for every attempt at this report, on every node, for ever. ``app`` names the app with whose
    token it is signed, if that has one.
    """

    call_uuid: str
    url: str
    method: str
    params: Params = field(repr=False)
    key: str
    app: str = ""
    encoding: Encoding = Encoding.FORM


@dataclass(frozen=True, slots=True)
class Entry:
    """A report as it is kept."""

    report: Report
    line: int  # stands for its call and URL
    host: str  # and port, as in its URL
    signed: bool = False  # its app had a token
    asked: bool = False  # a call waits, or waited, for the answer: that is kept too
    attempts: int = 0
    rounds: int = 0  # how often a whole round of attempts has failed
    until: float = 0.0  # when it is given up
    added: float = 0.0  # on the wall, seconds since 1970, to be shown
    error: str = ""  # what came of the last round


@dataclass(frozen=True, slots=True)
class Row:
    """An entry and where it stands."""

    entry: Entry
    state: State
    due: float = 0.0
    owner: str = ""  # '': nobody's
    head: bool = False
    settled: float = 0.0  # when it died


class Placed(enum.Enum):
    """What became of a report that was to be added."""

    HELD = "held"  # it is ours to send
    BEHIND = "behind"  # it waits behind what is not ours
    KNOWN = "known"  # its key is there already; nothing was added
    TOLD = "told"  # it was delivered some time ago
    UNKEPT = "unkept"  # it could not be written


@dataclass(frozen=True, slots=True)
class Added:
    """More is known of a request that asks: ``row`` if its key is there already (with HELD it was
    nobody's, and is ours now), ``reply`` if it was told and its call is not over."""

    placed: Placed
    row: Row | None = None
    reply: Reply | None = None

    @property
    def is_known(self) -> bool:
        """Its key was there before."""
        return self.row is not None or self.placed in (Placed.KNOWN, Placed.TOLD)


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows that are ours now, in the order in which they were added."""

    entries: tuple[Entry, ...] = ()
    given_up: tuple[Entry, ...] = ()  # they are dead
    crowded: frozenset[str] = frozenset()  # hosts of which more was due than there was room for
    more: bool = False  # of other hosts, too


@dataclass(frozen=True, slots=True)
class Filter:
    """Rows for the operator; what is empty lets everything through."""

    keys: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    app: str = ""
    host: str = ""
    call_uuid: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many wait and are dead; ``oldest``: when the first that waits was added,
    seconds since 1970, else 0."""

    waiting: int = 0
    dead: int = 0
    oldest: float = 0.0


class Store(Protocol):
    """Raises StoreError when it cannot be used. What comes of an entry that it does not hold (it
    was not written, or the store is another one by now) it keeps all the same."""

    owner: str

    def transaction(self) -> AbstractContextManager[None]: ...

    def add(self, entry: Entry, now: float) -> Added:
        """Keep a report, as ours unless others stand before it in its line.

        Never twice: the key decides. What asks stands behind nobody, and claims what is known.
        """

    def claim(self, key: str) -> Added | None:
        """What is known of ``key``; a row that is nobody's becomes ours."""

    def delivered(self, entry: Entry, now: float, reply: Reply | None = None) -> bool:
        """Keep that it was delivered: its key is known for a day, and ``reply`` until its call is
        over. Whether another row has become the head of its line."""

    def dead(self, entry: Entry, now: float) -> bool:
        """As ``delivered``: it will not be tried again."""

    def later(self, entries: Sequence[Entry], now: float, due: float) -> None:
        """The first is to be tried again when it is ``due``; the others of its line, ours until
        now, wait behind it. All are nobody's then."""

    def over(self, call_uuid: str) -> None:
        """The call is over: no reply to it is needed any more."""

    def take(self, now: float, rooms: Mapping[str, int], room: int, most: int) -> Taken:
        """Heads that are due, with their lines: as many of each host as there is room, about
        ``most`` in all. Those whose time is up die."""

    def beat(self, now: float) -> bool:
        """Say that we are there. Whether others had thought us gone, and taken what was ours."""

    def bury(self, now: float, claim_after: float) -> int:
        """Take from owners that are gone, or have not beaten for ``claim_after`` seconds, what
        they held; how many rows that were."""

    def prune(self, now: float) -> int:
        """Forget what was settled long ago; how many of them were dead."""

    def leave(self) -> None:
        """All that is ours is nobody's; we are gone."""

    def time(self) -> float:
        """The latest time at which an owner beat."""

    def waiting(self) -> int: ...

    def tally(self) -> Tally: ...

    def rows(self, which: Filter, limit: int) -> list[Row]:
        """Those that wait or are dead, in the order in which they were added."""

    def retry(self, which: Filter, until: float) -> int:
        """Make what is dead, or waits and is nobody's, due now; how many rows."""

    def drop(self, which: Filter) -> int:
        """Forget them, but what somebody is sending; how many rows."""

    def close(self) -> None: ...


def line(call_uuid: str, url: str) -> int:
    """A number for a call and a URL, of 64 bits. Should two have the same, they share a line."""
    whole = f"{call_uuid} {url}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(whole, digest_size=8).digest(), "big", signed=True)


def host(url: str) -> str:
    """Host and port of a URL as a RequestPlan has it."""
    return url.split("/", 3)[2].rpartition("@")[2]
