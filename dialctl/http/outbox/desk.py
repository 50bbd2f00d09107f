"""What the operator does with an outbox in SQLite, and how rows move from one to another."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dialctl.http.outbox import table
from dialctl.http.outbox.store import Filter, Row, Tally
from dialctl.http.outbox.table import COLUMNS, DEAD, WAITING, regroup

_REPLACE = (
    f"UPDATE reports SET {', '.join(f'{name} = :{name}' for name in COLUMNS[1:])}"
    " WHERE key = :key AND state = 0"
)
_NOBODYS = f"(state = {DEAD} OR (state = {WAITING} AND owner IS NULL))"


def tally(db: sqlite3.Connection) -> Tally:
    counts = dict(db.execute("SELECT state, count(*) FROM reports GROUP BY state"))
    oldest = f"SELECT added FROM reports WHERE state = {WAITING} ORDER BY seq LIMIT 1"
    first = db.execute(oldest).fetchone()
    return Tally(counts.get(WAITING, 0), counts.get(DEAD, 0), first[0] if first else 0.0)


def rows(db: sqlite3.Connection, which: Filter, limit: int) -> list[Row]:
    where, values = _where(which)
    return table.select(db, f"WHERE {where} ORDER BY seq LIMIT ?", (*values, limit))


def retry(db: sqlite3.Connection, which: Filter, until: float) -> int:
    where, values = _where(which)
    lines = _lines(db, f"{where} AND {_NOBODYS}", values)
    changed = db.execute(
        f"UPDATE reports SET state = {WAITING}, due = 0, rounds = 0, until = max(until, ?)"
        f" WHERE {where} AND {_NOBODYS}",
        (until, *values),
    ).rowcount
    for line in lines:
        regroup(db, line)
        # What waits behind another one needs that one to go.
        db.execute("UPDATE reports SET due = 0 WHERE line = ? AND head = 1", (line,))
    return changed


def drop(db: sqlite3.Connection, which: Filter) -> int:
    where, values = _where(which)
    lines = _lines(db, f"{where} AND {_NOBODYS}", values)
    dropped = db.execute(f"DELETE FROM reports WHERE {where} AND {_NOBODYS}", values).rowcount
    for line in lines:
        regroup(db, line)
    return dropped


def copy(source: sqlite3.Connection, to: sqlite3.Connection, owner: str, jump: float) -> None:
    """Into ``to``, where ``owner`` held what came to its end in ``source``."""
    told = dict(source.execute("SELECT key, settled + ? FROM told", (jump,)).fetchall())
    to.executemany("INSERT OR IGNORE INTO told VALUES (?, ?)", told.items())
    replies = source.execute("SELECT key, call, reply FROM replies").fetchall()
    to.executemany("INSERT OR IGNORE INTO replies VALUES (?, ?, ?)", replies)
    held = "SELECT key, line FROM reports WHERE state = 0 AND owner = ?"
    lines = set()
    for key, line in to.execute(held, (owner,)).fetchall():
        if table.digest(key) in told:
            to.execute("DELETE FROM reports WHERE key = ?", (key,))
            lines.add(line)
    for row in table.select(source, "ORDER BY seq", ()):
        values = table.values(_moved(row, jump))
        table.insert(to, values)
        to.execute(_REPLACE, values)
        lines.add(row.entry.line)
    for line in lines:
        regroup(to, line)


def _moved(row: Row, seconds: float) -> Row:
    entry = replace(row.entry, until=row.entry.until + seconds)
    return replace(row, entry=entry, due=row.due + seconds, settled=row.settled + seconds)


def _lines(db: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> list[int]:
    sql = f"SELECT DISTINCT line FROM reports WHERE {where}"
    return [line for (line,) in db.execute(sql, values)]


def _where(which: Filter) -> tuple[str, tuple[Any, ...]]:
    port = f"{which.host}:"
    states = tuple(map(table.STATES.index, which.states))
    parts: list[tuple[object, str, tuple[Any, ...]]] = [
        (which.keys, f"key IN ({_marks(which.keys)})", which.keys),
        (states, f"state IN ({_marks(states)})", states),
        (which.app, "app = ?", (which.app,)),
        (which.host, f"(host = ? OR substr(host, 1, {len(port)}) = ?)", (which.host, port)),
        (which.call_uuid, "call = ?", (which.call_uuid,)),
    ]
    given = [(sql, values) for wanted, sql, values in parts if wanted]
    where = " AND ".join(sql for sql, _ in given) or "true"
    return where, tuple(value for _, values in given for value in values)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
