"""Call records in an SQLite file, for ``dialctl calls`` and for anybody else who reads SQLite."""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from dialctl.errors import StoreError
from dialctl.story.story import plain

NAME = "calls.db"  # in state_dir
BUSY = 5.0  # seconds to wait for another process's transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    call_uuid TEXT PRIMARY KEY,
    came TEXT NOT NULL,
    ended TEXT NOT NULL,
    app TEXT NOT NULL,
    direction TEXT NOT NULL,
    caller TEXT NOT NULL,
    called TEXT NOT NULL,
    ending TEXT NOT NULL,
    cause TEXT NOT NULL,
    answered_ms INTEGER NOT NULL,
    names TEXT NOT NULL,
    record TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS calls_by_end ON calls (ended);
"""
_ADD = "INSERT OR REPLACE INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

Record = dict[str, Any]  # story.telling.whole


class Store:
    """``path`` is made if it is not there, unless ``create`` is false. Raises StoreError."""

    def __init__(self, path: str, *, create: bool = True) -> None:
        self.path = path
        if not create and not os.path.exists(path):
            raise StoreError(f"{path}: no such file")
        with self._failures():
            self._db = sqlite3.connect(
                path, timeout=BUSY, isolation_level=None, check_same_thread=False
            )
            if create:
                os.chmod(path, 0o640)  # it names people
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._db.executescript(_SCHEMA)

    def add(self, records: Sequence[Record], since: str, most: int) -> None:
        """In one transaction; those that ended before ``since``, and beyond ``most``, go."""
        with self._failures():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(_ADD, [_row(record) for record in records])
                self._db.execute("DELETE FROM calls WHERE ended < ?", (since,))
                self._db.execute(
                    "DELETE FROM calls WHERE ended < (SELECT ended FROM calls"
                    " ORDER BY ended DESC LIMIT 1 OFFSET ?)",
                    (most - 1,),
                )
                self._db.execute("COMMIT")
            except sqlite3.Error:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def find(self, wanted: str, limit: int) -> list[Record]:
        """Those with a number, name or UUID that holds ``wanted`` ('': all), newest first."""
        with self._failures():
            rows = self._db.execute(
                "SELECT record FROM calls WHERE instr(names, ?) > 0 OR ? = ''"
                " ORDER BY ended DESC LIMIT ?",
                (plain(wanted), plain(wanted), limit),
            )
            return [json.loads(record) for (record,) in rows]

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._db.close()

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{self.path}: {error}") from None


def _row(record: Record) -> tuple[Any, ...]:
    own = ("call_uuid", "from", "from_name", "to")
    legs = [leg[name] for leg in record["legs"] for name in ("to", "uuid")]
    names = "\n".join(plain(name) for name in (*(record[one] for one in own), *legs))
    return (
        record["call_uuid"],
        record["came"],
        record["ended"] or record["came"],
        record["app"],
        record["direction"],
        record["from"],
        record["to"],
        record["ending"],
        record["cause"],
        record["answered_ms"] or 0,
        names,
        json.dumps(record, ensure_ascii=False),
    )
