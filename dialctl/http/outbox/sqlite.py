"""The outbox in an SQLite file, or in memory when there is no file to be had.

WAL with synchronous=NORMAL: what is committed has been handed to the kernel, so it outlives this
process however it ends; a power failure may lose the last transactions, and damages nothing
(sqlite.org/pragma.html#pragma_synchronous). That is what a report's first attempt waits for.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dialctl.errors import StoreError
from dialctl.http.outbox import desk, table
from dialctl.http.outbox.owners import Locks
from dialctl.http.outbox.store import Added, Entry, Filter, Placed, Reply, Row, State, Taken, Tally
from dialctl.http.outbox.table import COLUMNS, WAITING, regroup

MEMORY = ":memory:"
BUSY = 5.0  # seconds to wait for another process's transaction
MEMORY_PAGES = 16384  # of 4 KiB: what may wait in memory when there is no file
LINE = 50  # rows of one line taken at once: those of a call that reports for hours
TRIM = 500  # rows of one host, and settled ones, looked at in one go
TOLD_KEPT = 86400.0  # seconds that keys are known: a call is resumed within that time
DEAD_KEPT = 7 * 86400.0  # seconds that the operator has to look at what died
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_OURS = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISUSE)  # mistakes

_ADD = f"""
INSERT INTO reports ({", ".join(COLUMNS)})
SELECT :key, 0, CASE WHEN :asked OR NOT EXISTS (
        SELECT 1 FROM reports WHERE line = :line AND state = 0 AND owner IS NOT :owner
    ) THEN :owner END, 0, {", ".join(f":{name}" for name in COLUMNS[4:])}
WHERE NOT EXISTS (SELECT 1 FROM told WHERE key = :digest)
ON CONFLICT (key) DO NOTHING RETURNING owner
"""
_DEAD = """
UPDATE reports SET state = 1, owner = NULL, head = 0, attempts = :attempts, rounds = :rounds,
    error = :error, settled = :settled WHERE key = :key AND state = 0
"""
_LATER = """
UPDATE reports SET owner = NULL, due = :due, attempts = :attempts, rounds = :rounds, error = :error
WHERE key = :key AND state = 0 AND owner IS :owner
"""
_SEEN = "UPDATE clock SET seen = max(seen, ?)"


class SqliteStore:
    """``path`` is made if it is not there, unless ``create`` is false. Raises StoreError.

    ``locks`` tell which owners are alive; without, nobody else is expected, as in memory.
    """

    def __init__(
        self, path: str, owner: str, locks: Locks | None = None, *, create: bool = True
    ) -> None:
        self.path = path
        self.owner = owner
        self._locks = locks
        self._beats: dict[str, tuple[int, float]] = {}  # of others, and when they were first seen
        self._db = _opened(path, create)
        self._found = _identity(path)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            if _code(error) in _OURS:
                raise
            raise _failed(self.path, error) from None
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def add(self, entry: Entry, now: float) -> Added:
        values = table.values(Row(entry, State.WAITING, now, self.owner))
        placed = self._db.execute(_ADD, values).fetchall()
        if placed:
            return Added(Placed.HELD if placed[0][0] else Placed.BEHIND)
        known = self.claim(entry.report.key) if entry.asked else None
        return known or Added(Placed.KNOWN)

    def claim(self, key: str) -> Added | None:
        row = table.with_key(self._db, key)
        if row is None:
            return table.told(self._db, key)
        if row.owner and self.is_dead(row.owner):
            self._free(row.owner)
            row = replace(row, owner="")
        if row.owner or row.state is not State.WAITING:
            return Added(Placed.KNOWN, row)
        self._db.execute("UPDATE reports SET owner = ?, head = 0 WHERE key = ?", (self.owner, key))
        return Added(Placed.HELD, replace(row, owner=self.owner, head=False))

    def delivered(self, entry: Entry, now: float, reply: Reply | None = None) -> bool:
        table.tell(self._db, entry.report, now, reply)
        return regroup(self._db, entry.line)

    def dead(self, entry: Entry, now: float) -> bool:
        values = table.values(Row(entry, State.DEAD, settled=now))
        if not self._db.execute(_DEAD, values).rowcount:
            table.insert(self._db, values)
        return regroup(self._db, entry.line)

    def later(self, entries: Sequence[Entry], now: float, due: float) -> None:
        for entry in entries:
            values = table.values(Row(entry, State.WAITING, due))
            if not self._db.execute(_LATER, {**values, "owner": self.owner}).rowcount:
                table.insert(self._db, values)
            due = now
        regroup(self._db, entries[0].line)

    def over(self, call_uuid: str) -> None:
        self._db.execute("DELETE FROM replies WHERE call = ?", (call_uuid,))

    def take(self, now: float, rooms: Mapping[str, int], room: int, most: int) -> Taken:
        taking: list[int] = []
        given_up: list[Entry] = []
        crowded: set[str] = set()
        for host in self._hosts():
            self._db.execute(_SEEN, (now,))  # a pause goes on where a killed daemon left it
            if len(taking) >= most:
                return self._taken(taking, given_up, crowded, more=True)
            free = rooms.get(host, room)
            heads = self._db.execute(
                "SELECT seq, line, until FROM reports"
                " WHERE head = 1 AND host = ? AND due <= ? ORDER BY due, seq LIMIT ?",
                (host, now, min(free, most) + TRIM if free else 1),
            ).fetchall()
            for seq, line, until in heads:
                if free and until <= now:
                    given_up.append(self._give_up(seq, now))
                elif free:
                    free -= 1
                    taking += self._line(line)
                else:
                    crowded.add(host)
                    break
        return self._taken(taking, given_up, crowded, more=False)

    def _hosts(self) -> Iterator[str]:
        """Hosts with heads, by one look into the index for each: there may be many heads."""
        host: str | None = ""
        sql = "SELECT min(host) FROM reports WHERE head = 1 AND host > ?"
        while host := self._db.execute(sql, (host,)).fetchone()[0]:
            yield host

    def _line(self, line: int) -> list[int]:
        sql = "SELECT seq FROM reports WHERE line = ? AND state = 0 AND owner IS NULL ORDER BY seq"
        return [seq for (seq,) in self._db.execute(f"{sql} LIMIT {LINE}", (line,))]

    def _give_up(self, seq: int, now: float) -> Entry:
        entry = table.select(self._db, "WHERE seq = ?", (seq,))[0].entry
        entry = replace(entry, error=f"given up; {entry.error or 'its turn never came'}")
        self.dead(entry, now)
        return entry

    def _taken(
        self, taking: list[int], given_up: list[Entry], crowded: set[str], *, more: bool
    ) -> Taken:
        owned = [(self.owner, seq) for seq in sorted(taking)]
        self._db.executemany("UPDATE reports SET owner = ?, head = 0 WHERE seq = ?", owned)
        entries = [table.select(self._db, "WHERE seq = ?", (seq,))[0].entry for _, seq in owned]
        return Taken(tuple(entries), tuple(given_up), frozenset(crowded), more)

    def beat(self, now: float) -> bool:
        if not self.is_in_place():
            raise StoreError(f"{self.path}: it is gone, or another file has taken its place")
        self._db.execute(_SEEN, (now,))
        sql = "UPDATE owners SET beat = beat + 1 WHERE owner = ?"
        if self._db.execute(sql, (self.owner,)).rowcount:
            return False
        self._db.execute("INSERT INTO owners (owner, beat) VALUES (?, 1)", (self.owner,))
        return True

    def is_in_place(self) -> bool:
        """Whether the file is still the one that was opened."""
        return _identity(self.path) == self._found

    def bury(self, now: float, claim_after: float) -> int:
        sql = "SELECT owner, beat FROM owners WHERE owner != ?"
        others = dict(self._db.execute(sql, (self.owner,)).fetchall())
        freed = 0
        for owner, beat in others.items():
            seen = self._beats.get(owner)
            if seen is None or seen[0] != beat:
                self._beats[owner] = seen = (beat, now)
            if now - seen[1] >= claim_after or self.is_dead(owner):
                freed += self._free(owner)
        self._beats = {owner: seen for owner, seen in self._beats.items() if owner in others}
        return freed

    def is_dead(self, owner: str) -> bool:
        """Whether this owner's process has certainly ended."""
        return self._locks is not None and self._locks.dead(owner)

    def _free(self, owner: str) -> int:
        # It holds what waits, and that is the smallest index there is.
        sql = "SELECT DISTINCT line FROM reports WHERE state = 0 AND owner = ?"
        lines = self._db.execute(sql, (owner,)).fetchall()
        # Due at once, also in the eyes of one whose time is a beat behind.
        sql = "UPDATE reports SET owner = NULL, due = 0 WHERE state = 0 AND owner = ?"
        freed = self._db.execute(sql, (owner,)).rowcount
        for (line,) in lines:
            regroup(self._db, line)
        self._db.execute("DELETE FROM owners WHERE owner = ?", (owner,))
        return freed

    def prune(self, now: float) -> int:
        some = f"< ? LIMIT {TRIM}"
        for name in ("replies", "told"):
            sql = f"DELETE FROM {name} WHERE key IN (SELECT key FROM told WHERE settled {some})"
            self._db.execute(sql, (now - TOLD_KEPT,))
        sql = (
            "DELETE FROM reports WHERE seq IN (SELECT seq FROM reports WHERE state = 1 AND settled"
        )
        return self._db.execute(f"{sql} {some})", (now - DEAD_KEPT,)).rowcount

    def shed(self) -> None:
        """Memory is full: forget the keys of what was delivered."""
        with self.transaction():
            self._db.execute("DELETE FROM told")

    def leave(self) -> None:
        self._free(self.owner)

    def time(self) -> float:
        return float(self._db.execute("SELECT seen FROM clock").fetchone()[0])

    def waiting(self) -> int:
        sql = "SELECT count(*) FROM reports WHERE state = ?"
        return int(self._db.execute(sql, (WAITING,)).fetchone()[0])

    def tally(self) -> Tally:
        return desk.tally(self._db)

    def rows(self, which: Filter, limit: int) -> list[Row]:
        return desk.rows(self._db, which, limit)

    def retry(self, which: Filter, until: float) -> int:
        return desk.retry(self._db, which, until)

    def drop(self, which: Filter) -> int:
        return desk.drop(self._db, which)

    def take_over(self, other: "SqliteStore", jump: float) -> None:
        """All that is in ``other``, whose time is ``jump`` seconds behind. It was ours, too."""
        desk.copy(other._db, self._db, self.owner, jump)

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._db.close()


def _opened(path: str, create: bool) -> sqlite3.Connection:
    try:
        if path != MEMORY:
            flags = os.O_RDWR | (os.O_CREAT if create else 0)
            os.close(os.open(path, flags, 0o600))  # it holds telephone numbers
        # The thread is one at a time, but not always the same.
        db = sqlite3.connect(path, BUSY, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"{path}: {why}") from None
    try:
        table.set_up(db)
        if path == MEMORY:
            db.execute(f"PRAGMA max_page_count = {MEMORY_PAGES}")
    except sqlite3.Error as error:
        db.close()
        raise _failed(path, error) from None
    return db


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None  # always, of memory
    return found.st_dev, found.st_ino


def _failed(path: str, error: sqlite3.Error) -> StoreError:
    return StoreError(f"{path}: {error}", corrupt=_code(error) in _DAMAGE)


def _code(error: sqlite3.Error) -> int:
    # What the module finds wrong by itself has none.
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE)) & 0xFF
