"""``dialctl outbox``: what the customers are owed, for the operator; beside a daemon or alone."""

import argparse
import contextlib
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from dialctl.errors import StoreError
from dialctl.http.outbox.outbox import path_of
from dialctl.http.outbox.owners import Locks
from dialctl.http.outbox.sqlite import SqliteStore
from dialctl.http.outbox.store import Filter, Row, State
from dialctl.http.retry import quoted, shown
from dialctl.settings import Settings
from dialctl.workers.place import files

SHOWN = 200  # rows that a list has at most, unless told otherwise
Stores = Sequence[SqliteStore]  # a worker's each
HEADS = ("STATE", "AGE", "ATTEMPTS", "NEXT", "APP", "KEY", "CALL", "URL", "LAST ERROR")


def add_to(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> Iterator[argparse.ArgumentParser]:
    """The parsers of ``dialctl outbox list`` and so on, for ``run``."""
    outbox = commands.add_parser("outbox", help="what the customers are still owed")
    kinds = outbox.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("list", _list, "show what waits or is dead"),
        ("retry", _retry, "make what waits or is dead due now"),
        ("drop", _drop, "remove what waits or is dead"),
    ):
        kind = kinds.add_parser(name, help=text)
        kind.add_argument("keys", nargs="*", metavar="KEY", help="the Idempotency-Keys meant")
        kind.add_argument("--state", choices=[state.value for state in State])
        kind.add_argument("--app", default="", help="only reports of this app")
        kind.add_argument("--host", default="", help="only reports to this host, or host:port")
        kind.add_argument("--call", default="", metavar="UUID", help="only reports of this call")
        if run is _list:
            kind.add_argument("--limit", type=int, default=SHOWN, metavar="N")
            kind.add_argument("--json", action="store_true", help="one array of objects")
        else:
            kind.add_argument("--all", action="store_true", help="all there are")
        kind.set_defaults(on_outbox=run)
        yield kind


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """The exit status: 0; 1 if there is no outbox, or nothing in it that was meant."""
    path = path_of(settings.outbox.url, settings.state_dir)
    try:
        with contextlib.ExitStack() as opened:
            stores = [opened.enter_context(_opened(file)) for file in files(path)]
            return int(arguments.on_outbox(arguments, stores, settings))
    except StoreError as error:
        missing = "" if os.path.exists(path) else "; dialctl has not run with this configuration"
        print(f"{error}{missing}", file=sys.stderr)
        return 1


@contextlib.contextmanager
def _opened(path: str) -> Iterator[SqliteStore]:
    store = SqliteStore(path, "", Locks(path), create=False)
    try:
        with store.transaction():
            yield store
    finally:
        store.close()


def _filter(arguments: argparse.Namespace) -> Filter:
    states = (State(arguments.state),) if arguments.state else ()
    return Filter(tuple(arguments.keys), states, arguments.app, arguments.host, arguments.call)


def _list(arguments: argparse.Namespace, stores: Stores, _settings: Settings) -> int:
    which = _filter(arguments)
    rows = [(row, store) for store in stores for row in store.rows(which, arguments.limit)]
    told = [_told(*row) for row in rows[: arguments.limit]]
    if arguments.json:
        print(json.dumps(told, indent=1))
        return 0
    lines = [HEADS, *map(_cells, told)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())
    if len(rows) >= arguments.limit:
        print(f"... only the first {arguments.limit}; see --limit", file=sys.stderr)
    return 0


def _retry(arguments: argparse.Namespace, stores: Stores, settings: Settings) -> int:
    def retry(store: SqliteStore, which: Filter) -> int:
        return store.retry(which, store.time() + settings.outbox.give_up_after)

    return _change(arguments, stores, "due now", retry)


def _drop(arguments: argparse.Namespace, stores: Stores, _settings: Settings) -> int:
    return _change(arguments, stores, "removed", SqliteStore.drop)


def _change(
    arguments: argparse.Namespace,
    stores: Stores,
    done: str,
    change: Callable[[SqliteStore, Filter], int],
) -> int:
    which = _filter(arguments)
    if which == Filter() and not arguments.all:
        print("say which: keys, --state, --app, --host, --call, or --all", file=sys.stderr)
        return 1
    sending = changed = 0
    for store in stores:
        # What a daemon that was killed held is nobody's; what one that runs holds is being sent.
        store.bury(store.time(), math.inf)
        sending += sum(row.owner != "" for row in store.rows(which, SHOWN))
        changed += change(store, which)
    print(f"{changed} {done}" + (f", {sending} left out: being sent now" if sending else ""))
    return 0 if changed else 1


def _told(row: Row, store: SqliteStore) -> dict[str, Any]:
    entry, report = row.entry, row.entry.report
    waits = row.state is State.WAITING
    sending = waits and row.owner != "" and not store.is_dead(row.owner)
    return {
        "key": report.key,
        "call": report.call_uuid,
        "app": report.app,
        "method": report.method,
        "url": shown(report.url),
        "host": entry.host,
        "state": row.state.value,
        "attempts": entry.attempts,
        "error": entry.error,
        "added": datetime.fromtimestamp(entry.added, UTC).isoformat(timespec="seconds"),
        "age": max(0, round(time.time() - entry.added)),
        "sending": sending,
        "behind": waits and not (sending or row.head or row.owner),
        "next": max(0, round(row.due - store.time())) if row.head else None,
    }


def _cells(told: dict[str, Any]) -> Sequence[str]:
    when = "-"
    if told["sending"]:
        when = "sending"
    elif told["behind"]:
        when = "behind"
    elif told["next"] is not None:
        when = f"in {_short(told['next'])}" if told["next"] else "now"
    elif told["state"] == State.WAITING.value:
        when = "now"  # it was being sent by a daemon that is gone
    return (
        told["state"],
        _short(told["age"]),
        str(told["attempts"]),
        when,
        quoted(told["app"]),
        quoted(told["key"]),
        quoted(told["call"]),
        f"{told['method']} {told['url']}",
        quoted(told["error"]) or "-",
    )


def _short(seconds: int) -> str:
    """Two units at most: 1d2h, 3m20s."""
    text = ""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count and len(text) < 4:
            text += f"{count}{unit}"
        elif text:
            break
    return text or "0s"
