"""Which event goes to which socket: filters, and an index over all sockets' filters.

One filter that matches is enough; one that begins with ``-`` and matches is enough to drop the
event. A value in slashes is a regular expression. Source: mod_event_socket.c, event_handler().

Ten thousand calls have as many sockets, and each event is for one or two of them. So sockets are
looked up by the header values they ask for instead of being asked one by one.
"""

import re
from collections.abc import Iterable
from typing import Protocol

from dialctl.switch.events import Event


class Filters:
    def __init__(self) -> None:
        self._wanted: list[tuple[str, str]] = []

    def add(self, header: str, value: str) -> None:
        self._wanted.append((header.lower(), value))

    def delete(self, header: str, value: str = "") -> None:
        """Every filter on that header, or the one with that value."""
        name = header.lower()
        self._wanted = [
            (other, wanted)
            for other, wanted in self._wanted
            if other != name or (value and wanted.lower() != value.lower())
        ]

    def clear(self) -> None:
        self._wanted.clear()

    @property
    def empty(self) -> bool:
        return not self._wanted

    def keys(self) -> list[tuple[str, str]] | None:
        """The (header, value) pairs that let an event in; None when no list can say that."""
        letting = [(header, *_sign(value)) for header, value in self._wanted]
        letting = [one for one in letting if one[1]]  # the others only keep events away
        if not self._wanted or any(text.startswith("/") for _, _, text in letting):
            return None
        return [(header, text.lower()) for header, _, text in letting]

    def let(self, event: Event) -> bool:
        let = not self._wanted
        for header, wanted in self._wanted:
            found = event.header(header)
            positive, text = _sign(wanted)
            if not found or (let and positive) or not _matches(found, text):
                continue
            if not positive:
                return False
            let = True
        return let


def _sign(wanted: str) -> tuple[bool, str]:
    positive, at = True, 0
    while at < len(wanted) and wanted[at] in "+- ":
        positive = wanted[at] == "+" or (positive and wanted[at] == " ")
        at += 1
    return positive, wanted[at:]


def _matches(found: str, wanted: str) -> bool:
    if not wanted.startswith("/"):
        return found.lower() == wanted.lower()
    pattern, _, flags = wanted[1:].rpartition("/")
    try:
        return bool(re.search(pattern, found, re.IGNORECASE if "i" in flags else 0))
    except re.error:
        return False


class Hearer(Protocol):
    def keys(self) -> list[tuple[str, str]] | None: ...

    def hear(self, event: Event) -> None: ...


class Audience:
    """All sockets that hear events."""

    def __init__(self) -> None:
        self._everything: dict[Hearer, None] = {}
        self._by_value: dict[str, dict[str, dict[Hearer, None]]] = {}
        self._keys: dict[Hearer, list[tuple[str, str]]] = {}

    def seat(self, hearer: Hearer) -> None:
        """Take it in, or look again at what it wants to hear."""
        self.leave(hearer)
        keys = hearer.keys()
        if keys is None:
            self._everything[hearer] = None
            return
        self._keys[hearer] = keys
        for header, value in keys:
            self._by_value.setdefault(header, {}).setdefault(value, {})[hearer] = None

    def leave(self, hearer: Hearer) -> None:
        self._everything.pop(hearer, None)
        for header, value in self._keys.pop(hearer, ()):
            values = self._by_value[header]
            values[value].pop(hearer, None)
            if not values[value]:
                del values[value]
            if not values:
                del self._by_value[header]

    def tell(self, event: Event) -> None:
        for hearer in self._for(event):
            hearer.hear(event)

    def _for(self, event: Event) -> Iterable[Hearer]:
        hearers = dict(self._everything)
        for header, values in self._by_value.items():
            found = event.header(header)
            if found:
                hearers.update(values.get(found.lower(), {}))
        return hearers
