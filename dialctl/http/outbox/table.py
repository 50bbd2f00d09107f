"""The tables of the outbox in SQLite, and their rows as values.

What is delivered leaves ``reports`` and is known by its key alone, as a digest: there may be
millions of them in a day. Its answer, if a call waited for that, stays until the call is over.
"""

import hashlib
import json
import sqlite3
from typing import Any

from dialctl.http.encoding import Encoding, ordered
from dialctl.http.outbox.store import Added, Entry, Placed, Reply, Report, Row, State

VERSION = 1
COLUMNS = (
    "key",
    "state",
    "owner",
    "head",
    "due",
    "until",
    "added",
    "settled",
    "call",
    "app",
    "signed",
    "asked",
    "method",
    "url",
    "params",
    "encoding",
    "line",
    "host",
    "attempts",
    "rounds",
    "error",
)

STATES = (State.WAITING, State.DEAD)
WAITING, DEAD = range(2)  # as the tables have it

_SCHEMA = """
CREATE TABLE reports (
    seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, state INTEGER NOT NULL, owner TEXT,
    head INTEGER NOT NULL, due REAL NOT NULL, until REAL NOT NULL, added REAL NOT NULL,
    settled REAL NOT NULL, call TEXT NOT NULL, app TEXT NOT NULL, signed INTEGER NOT NULL,
    asked INTEGER NOT NULL, method TEXT NOT NULL, url TEXT NOT NULL, params TEXT NOT NULL,
    encoding TEXT NOT NULL,
    line INTEGER NOT NULL, host TEXT NOT NULL, attempts INTEGER NOT NULL, rounds INTEGER NOT NULL,
    error TEXT NOT NULL);
CREATE INDEX waiting ON reports (line, seq) WHERE state = 0;
CREATE INDEX heads ON reports (host, due) WHERE head = 1;
CREATE INDEX dead ON reports (settled) WHERE state = 1;
CREATE TABLE told (key BLOB PRIMARY KEY, settled REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX told_when ON told (settled);
CREATE TABLE replies (key BLOB PRIMARY KEY, call TEXT NOT NULL, reply BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX replies_of ON replies (call);
CREATE TABLE owners (owner TEXT PRIMARY KEY, beat INTEGER NOT NULL);
CREATE TABLE clock (seen REAL NOT NULL);
INSERT INTO clock VALUES (0);
"""

_JSON = json.JSONEncoder()
_INSERT = (
    f"INSERT INTO reports ({', '.join(COLUMNS)})"
    f" SELECT {', '.join(f':{name}' for name in COLUMNS)}"
    " WHERE NOT EXISTS (SELECT 1 FROM told WHERE key = :digest) ON CONFLICT (key) DO NOTHING"
)
# Of a line nobody's first row is the head. Nothing is written where that is so already.
_REGROUP = """
UPDATE reports SET head = 1 - head WHERE line = ?1 AND state = 0 AND head != (
    owner IS NULL AND seq = (SELECT min(seq) FROM reports WHERE line = ?1 AND state = 0))
"""


def set_up(db: sqlite3.Connection) -> None:
    """Make the tables, or see that they are ours. sqlite3.Error if not."""
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA journal_size_limit = 67108864")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == 0:
        db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT")
    elif version != VERSION:
        raise sqlite3.OperationalError(f"made by another version of dialctl ({version})")
    db.execute(f"SELECT {', '.join(COLUMNS)} FROM reports LIMIT 1").fetchall()


def values(row: Row) -> dict[str, Any]:
    """By column, and the digest of the key."""
    entry, report = row.entry, row.entry.report
    return {
        "digest": digest(report.key),
        "key": report.key,
        "state": STATES.index(row.state),
        "owner": row.owner or None,
        "head": row.head,
        "due": row.due,
        "until": entry.until,
        "added": entry.added,
        "settled": row.settled,
        "call": report.call_uuid,
        "app": report.app,
        "signed": entry.signed,
        "asked": entry.asked,
        "method": report.method,
        "url": report.url,
        "params": _JSON.encode(ordered(report.params)),
        "encoding": report.encoding,
        "line": entry.line,
        "host": entry.host,
        "attempts": entry.attempts,
        "rounds": entry.rounds,
        "error": entry.error,
    }


def _row(found: tuple[Any, ...]) -> Row:
    at = dict(zip(COLUMNS, found, strict=True))
    params = tuple((name, value) for name, value in json.loads(at["params"]))
    encoding = Encoding(at["encoding"])
    report = Report(at["call"], at["url"], at["method"], params, at["key"], at["app"], encoding)
    entry = Entry(
        report,
        at["line"],
        at["host"],
        signed=bool(at["signed"]),
        asked=bool(at["asked"]),
        attempts=at["attempts"],
        rounds=at["rounds"],
        until=at["until"],
        added=at["added"],
        error=at["error"],
    )
    return Row(
        entry,
        STATES[at["state"]],
        at["due"],
        owner=at["owner"] or "",
        head=bool(at["head"]),
        settled=at["settled"],
    )


def select(db: sqlite3.Connection, rest: str, values: tuple[Any, ...]) -> list[Row]:
    """Whole rows; ``rest`` is what follows FROM reports."""
    found = db.execute(f"SELECT {', '.join(COLUMNS)} FROM reports {rest}", values)
    return [_row(one) for one in found]


def with_key(db: sqlite3.Connection, key: str) -> Row | None:
    return next(iter(select(db, "WHERE key = ?", (key,))), None)


def digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=16).digest()


def tell(db: sqlite3.Connection, report: Report, now: float, reply: Reply | None) -> None:
    """It is delivered."""
    key = digest(report.key)
    db.execute("DELETE FROM reports WHERE key = ?", (report.key,))
    db.execute("INSERT OR IGNORE INTO told VALUES (?, ?)", (key, now))
    if reply is not None:
        head = json.dumps([reply.status, reply.content_type, reply.url]).encode("ascii")
        values = (key, report.call_uuid, head + b"\n" + reply.body)
        db.execute("INSERT OR IGNORE INTO replies VALUES (?, ?, ?)", values)


def told(db: sqlite3.Connection, key: str) -> Added | None:
    """What is known of it if it was delivered."""
    where = "WHERE key = ?"
    if db.execute(f"SELECT 1 FROM told {where}", (digest(key),)).fetchone() is None:
        return None
    found = db.execute(f"SELECT reply FROM replies {where}", (digest(key),)).fetchone()
    if found is None:
        return Added(Placed.TOLD)
    head, _, body = found[0].partition(b"\n")
    status, content_type, url = json.loads(head)
    return Added(Placed.TOLD, reply=Reply(status, content_type, body, url))


def insert(db: sqlite3.Connection, of: dict[str, Any]) -> None:
    """These ``values``, unless the key is known."""
    db.execute(_INSERT, of)


def regroup(db: sqlite3.Connection, line: int) -> bool:
    """Let the right row of the line be its head, if any. Whether something has changed."""
    return db.execute(_REGROUP, (line,)).rowcount > 0
