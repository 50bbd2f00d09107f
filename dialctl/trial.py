"""``dialctl try``: a document, carried out on the built-in switch, and what came of it.

A file is served on the loopback interface together with those beside it: relative URLs reach them,
and what is not there answers with a document that asks for nothing.
"""

import argparse
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from dialctl import judge
from dialctl.errors import ConfigError
from dialctl.http.retry import quoted
from dialctl.settings import App

if TYPE_CHECKING:
    from dialctl.switch.rehearsal import Story

CALLED = "15550000001"
# What of a request's parameters is drawn beside its Event, in whatever dialect.
TELLING = (
    *("DialBLegTo", "DialStatus", "DialBLegHangupCauseName", "HangupCauseName", "Digits"),
    *("DialCallStatus", "dial_status", "digits", "dtmf"),
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("document", metavar="FILE|URL", help="a URL is your application's own")
    judge.add_dialect(command)
    command.add_argument(
        "--callee",
        action="append",
        default=[],
        type=_callee,
        metavar="WHO=SCRIPT",
        help="what a number, user@host or client does: answer:RING:TALK, busy, reject, "
        "ring ...; * is everybody else (default: *=answer:2:5)",
    )
    command.add_argument(
        "--press",
        action="append",
        default=[],
        type=_press,
        metavar="SECONDS:KEYS",
        help="keys of the caller, so long after its answer",
    )
    command.add_argument(
        "--hangup", type=float, metavar="SECONDS", help="when the caller leaves, from the start"
    )
    command.add_argument("--called", default=CALLED, metavar="NUMBER", help=f"default: {CALLED}")
    command.add_argument(
        "--trunk", action="append", default=[], metavar="NAME", help="one of the Voice Gateway's"
    )
    command.add_argument(
        "--seconds", type=float, default=600.0, help="how long the call may last (default: 600)"
    )
    command.add_argument(
        "--speed", type=float, default=10.0, help="seconds of call time in a second (default: 10)"
    )
    command.add_argument("--json", action="store_true", help="all of it, for scripts")


def run(arguments: argparse.Namespace) -> int:
    """The exit status: 0 if the call came to its end without an error. Raises ConfigError."""
    # The built-in switch is not loaded beside a real one.
    from dialctl.switch.application import JSON, XML, Application
    from dialctl.switch.callee import ScriptError
    from dialctl.switch.rehearsal import Rehearsal

    complaints = _Complaints()
    logging.getLogger("dialctl").addHandler(complaints)
    application, answer_url, dialect = None, arguments.document, arguments.dialect or "plivo"
    if not judge.is_url(arguments.document):
        path = Path(arguments.document)
        dialect = arguments.dialect or judge.guessed(judge.load(arguments.document).body)
        kind, nothing = (JSON, b"[]") if dialect == "voicegateway" else (XML, b"<Response/>")
        application = Application(_beside(path, nothing), kind)
        answer_url = f"{application.url}/{path.name}"
    scripts = dict(arguments.callee)
    hangup_url = f"{application.url}/hangup" if application else ""
    app = App("try", answer_url, dialect=dialect, hangup_url=hangup_url)
    rehearsal = Rehearsal(app, arguments.speed, arguments.trunk)
    try:
        story = rehearsal.call(
            arguments.called,
            scripts,
            patience=arguments.seconds,
            default=scripts.pop("*", "answer:2:5"),
            press=arguments.press,
            hangup_after=arguments.hangup,
        )
    except ScriptError as error:
        raise ConfigError(f"--callee: {error}") from error
    finally:
        rehearsal.stop()
        if application:
            application.stop()
        logging.getLogger("dialctl").removeHandler(complaints)
    if arguments.json:
        print(json.dumps({**asdict(story), "log": complaints.lines}, indent=1))
    else:
        _draw(story, complaints.lines)
    return 0 if story.over and not complaints.errors else 1


def _draw(story: "Story", lines: list[str]) -> None:
    print(story.ladder(TELLING))
    always: set[tuple[str, str]] = set()
    if len(story.asked) > 1:
        always = set.intersection(*(set(asked.params) for asked in story.asked))
        print("\nEvery request:")
        _print(sorted(always))
    for number, asked in enumerate(story.asked, 1):
        print(f"\n{number}. {asked.at:.2f} s: {asked.method} {asked.url}")
        _print([pair for pair in asked.params if pair not in always])
        print(f"   {asked.status or asked.failure}, {len(asked.body)} characters")
    for line in lines:
        print(f"\n{line}")
    if not story.over:
        print("\nthe call is not over; --seconds gives it longer, --hangup lets the caller leave")


def _print(params: Sequence[tuple[str, str]]) -> None:
    for name, value in params:
        print(f"     {name}={quoted(value)}")


class _Complaints(logging.Handler):
    """What the daemon warns of, and what it calls an error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self.errors = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.errors += record.levelno >= logging.ERROR
        self.lines.append(f"{record.levelname.lower()}: {record.getMessage()}")


def _beside(document: Path, nothing: bytes) -> Callable[[str], bytes]:
    folder = document.resolve().parent

    def page(path: str) -> bytes:
        found = (folder / path.lstrip("/")).resolve()
        return found.read_bytes() if found.parent == folder and found.is_file() else nothing

    return page


def _callee(text: str) -> tuple[str, str]:
    who, equals, script = text.partition("=")
    if not (who and equals):
        raise argparse.ArgumentTypeError(f"{text!r}: write WHO=SCRIPT")
    return who.removeprefix("+"), script


def _press(text: str) -> tuple[float, str]:
    seconds, _, keys = text.partition(":")
    try:
        return float(seconds), keys
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: write SECONDS:KEYS") from None
