"""``dialctl calls``: the calls that are over, from their records; beside a daemon or alone."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from dialctl.cdr.store import NAME, Store
from dialctl.errors import StoreError
from dialctl.http.retry import quoted
from dialctl.settings import Settings
from dialctl.view.ladder import rungs
from dialctl.view.moments import day, lasted

SHOWN = 50  # calls that a list has at most, unless told otherwise
HEADS = ("CAME", "LASTED", "FROM", "TO", "APP", "ENDING", "CAUSE", "CALL")


def add_to(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> Iterator[argparse.ArgumentParser]:
    """The parsers of ``dialctl calls list`` and ``show``, for ``run``."""
    calls = commands.add_parser("calls", help="the calls that are over")
    kinds = calls.add_subparsers(required=True, metavar="COMMAND")
    listing = kinds.add_parser("list", help="the newest first")
    listing.add_argument("wanted", nargs="?", default="", metavar="NUMBER|UUID", help="or a part")
    listing.add_argument("--limit", type=int, default=SHOWN, metavar="N")
    listing.set_defaults(on_calls=_list)
    one = kinds.add_parser("show", help="all that is known of one")
    one.add_argument("wanted", metavar="UUID", help="its own or a leg's")
    one.set_defaults(on_calls=_show)
    for kind in (listing, one):
        kind.add_argument("--json", action="store_true", help="as docs/records.md has it")
        yield kind


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """The exit status: 0; 1 if there are no records, or not of the call that was meant."""
    try:
        store = Store(os.path.join(settings.state_dir, NAME), create=False)
        try:
            return int(arguments.on_calls(arguments, store))
        finally:
            store.close()
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1


def _list(arguments: argparse.Namespace, store: Store) -> int:
    found = store.find(arguments.wanted, max(0, arguments.limit))
    if arguments.json:
        print(json.dumps(found, indent=1))
        return 0
    lines = [HEADS, *map(_cells, found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())
    return 0


def _cells(call: dict[str, Any]) -> tuple[str, ...]:
    return (
        day(call["came"]),
        lasted((call["answered_ms"] or 0) / 1000),
        quoted(call["from"]),
        quoted(call["to"]),
        quoted(call["app"]),
        call["ending"],
        call["cause"],
        quoted(call["call_uuid"]),
    )


def _show(arguments: argparse.Namespace, store: Store) -> int:
    call = next(iter(store.find(arguments.wanted, 1)), None)
    if call is None:
        print(f"{quoted(arguments.wanted)}: no such call", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(call, indent=1))
        return 0
    print("  ".join(_cells(call)))
    for rung in rungs(call):
        print(f"{rung.after:9.2f}  {rung.who:<11}  {quoted(rung.what)}")
    return 0
