"""What a real FreeSWITCH said: the recordings in this folder, and how they are compared."""

import gzip
import json
import pathlib
import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

FOLDER = pathlib.Path(__file__).parent
_FILES = {path.name.removesuffix(".jsonl.gz"): path for path in FOLDER.glob("*/*.jsonl.gz")}
LAB = tuple(sorted(name for name, path in _FILES.items() if path.parent.name == "lab"))
NAMES = tuple(sorted(_FILES))
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EVENT = ("Event-Name: ", "Event-Subclass: ")  # how one begins
_FEW = re.compile(
    r"^(Event-Name|Call-Direction|Unique-ID|variable_leg_n|Application|Application-UUID|DTMF-Digit"
    r"|Action|Member-ID): (.*)$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Row:
    """One frame: ``t`` in seconds, ``out`` if the controller sent it, ``conn`` from 1."""

    t: float
    out: bool
    conn: int
    text: str


def load(name: str) -> list[Row]:
    with gzip.open(_FILES[name], "rt") as lines:
        rows = (json.loads(line) for line in lines)
        return [Row(row["t"], row["dir"] == "out", row["conn"], row["text"]) for row in rows]


class Frame:
    """A frame from the switch: an event with its headers in order, or something else."""

    def __init__(self, text: str) -> None:
        self.text = text
        head, _, body = text.partition("\n\n")
        if "Event-Name: " in head:
            self._event = head
        else:
            self._event = body.rstrip("\n") if body.startswith(_EVENT) else ""
        # Few are needed while a recording is played; all of an event take their time.
        self._few = {name: unquote(value) for name, value in _FEW.findall(self._event)}

    @cached_property
    def lines(self) -> list[tuple[str, str]]:
        pairs = (line.partition(": ") for line in self._event.split("\n"))
        return [(name, unquote(value)) for name, _, value in pairs] if self._event else []

    @cached_property
    def headers(self) -> dict[str, str]:
        return dict(self.lines)

    @property
    def event(self) -> str:
        return self._few.get("Event-Name", "")

    @property
    def leg(self) -> str:
        """A, or the number of the leg; "" for what is no channel's."""
        if self._few.get("Call-Direction") == "inbound":
            return "A"
        return self._few.get("variable_leg_n") or self.uuid[-1:]

    @property
    def uuid(self) -> str:
        """The channel's."""
        return self._few.get("Unique-ID", "")

    @cached_property
    def signature(self) -> tuple[str, ...]:
        """What makes it that frame and no other of its call."""
        if not self.event:
            return (UUID.sub("UUID", self.text),)
        number = self._few.get("Application-UUID", "")
        return (
            self.event,
            self.leg,
            self._few.get("Application", ""),
            "" if UUID.fullmatch(number) else number,
            self._few.get("DTMF-Digit", ""),
            self._few.get("Action", ""),
            self._few.get("Member-ID", ""),
        )
