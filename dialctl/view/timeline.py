"""A leg on a time line: what it did from when to when. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialctl.view.moments import seconds

WIDTH = 1000.0  # of a call, in the drawing's own units

# What each moment begins, in the order of a leg's life.
_BEGINS = (
    ("tried", "called"),
    ("ringing", "ringing"),
    ("early_media", "early media"),
    ("answered", "answered"),
    ("confirming", "confirming"),
    ("connected", "talking"),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """``start`` and ``width`` are parts of WIDTH; ``lasts`` is in seconds."""

    what: str
    start: float
    width: float
    lasts: float


def span(call: Mapping[str, Any], now: float) -> tuple[float, float]:
    """When a call began, and when it ended or now."""
    came = seconds(call["came"])
    return came, max(seconds(call["ended"]) or now, came + 0.001)


def bars(leg: Mapping[str, Any], began: float, until: float) -> list[Bar]:
    """Of a leg, within its call."""
    begun = [(seconds(leg[name]), what) for name, what in _BEGINS if leg[name]]
    begun.sort(key=lambda one: one[0])  # stable: the later in life wins
    ends = [*(at for at, _ in begun), seconds(leg["ended"]) or until][1:]
    scale = WIDTH / (until - began)
    found = []
    for (at, what), end in zip(begun, ends, strict=True):
        start = min(max(at, began), until)
        lasts = min(max(end, start), until) - start
        if lasts > 0:
            found.append(Bar(what, (start - began) * scale, lasts * scale, lasts))
    return found
