"""A channel's variables, kept as the header lines that an event carries.

An event has up to 200 of them and is sent many times, so they are encoded once, when they are set,
and an event is a join. Setting a variable moves it to the end, as in switch_channel.c
(switch_channel_set_variable_var_check() deletes and appends): header order is history.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from urllib.parse import unquote

PREFIX = "variable_"
_ARRAY = "ARRAY::"
_BETWEEN = "|:"

# switch_url_encode() in switch_utils.c: what looks encoded already is left as it is.
_UNSAFE = re.compile(r"%(?![0-9A-F]{2})|[^%!$'()*,\-./0-9A-Z_a-z~]")


def encode(value: str) -> str:
    return _UNSAFE.sub(_percent, value)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode(errors="surrogateescape"))


def decode(value: str) -> str:
    return unquote(value, errors="surrogateescape")


class Template:
    """Variables that are always set together: constant lines are shared by every channel."""

    def __init__(self, text: str) -> None:
        self._constant: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        for line in text.splitlines():
            name, _, value = line.partition(": ")
            key, ready = name.lower(), f"{PREFIX}{name}: {_encode_around(value)}"
            self._constant[key] = ready
            if "{" in value:
                self._open.append((key, ready))

    def lines(self, fields: Mapping[str, str]) -> dict[str, str]:
        """``fields`` are encoded already."""
        lines = self._constant.copy()
        for key, ready in self._open:
            lines[key] = ready.format_map(fields)
        return lines


def _encode_around(value: str) -> str:
    """Encode all but the ``{placeholders}``; ``\\r\\n`` stands for a line break."""
    parts = re.split(r"(\{\w+\})", value.replace("\\r\\n", "\r\n"))
    return "".join(part if index % 2 else encode(part) for index, part in enumerate(parts))


@cache
def templates(name: str) -> dict[str, Template]:
    """The sections of templates/NAME.txt; a section begins with ``[its name]``."""
    text = resources.files("dialctl.switch.templates").joinpath(f"{name}.txt").read_text()
    sections = re.split(r"^\[(.+)\]\n", text, flags=re.MULTILINE)[1:]
    pairs = zip(sections[::2], sections[1::2], strict=True)
    return {title: Template(body) for title, body in pairs}


class Variables:
    """Names compare without case and keep the spelling they were set with."""

    __slots__ = ("_lines", "_percent")

    def __init__(self) -> None:
        self._lines: dict[str, str] = {}
        # Values with a percent sign cannot be read back from their lines.
        self._percent: dict[str, str] = {}

    def set(self, name: str, value: str) -> None:
        """An empty value takes the variable away."""
        key = name.lower()
        self._lines.pop(key, None)
        self._percent.pop(key, None)
        if value:
            self._lines[key] = f"{PREFIX}{name}: {encode(value)}"
            if "%" in value:
                self._percent[key] = value

    def get(self, name: str) -> str:
        """The value, "" when it is not set."""
        key = name.lower()
        line = self._lines.get(key)
        if not line:
            return ""
        return self._percent.get(key) or decode(line.partition(": ")[2])

    def true(self, name: str) -> bool:
        return is_true(self.get(name))

    def push(self, name: str, value: str) -> None:
        """Append to an array in place (SWITCH_STACK_PUSH in switch_event.c)."""
        before = self.get(name)
        if not before:
            self.set(name, value)
            return
        many = before if before.startswith(_ARRAY) else _ARRAY + before
        self._lines[name.lower()] = f"{PREFIX}{name}: {encode(many + _BETWEEN + value)}"

    def fill(self, template: Template, fields: Mapping[str, str]) -> None:
        lines = template.lines(fields)
        for key in lines:
            self._lines.pop(key, None)
        self._lines.update(lines)

    def block(self) -> str:
        """The lines as they stand in an event."""
        return "\n".join(self._lines.values())

    def items(self) -> Iterator[tuple[str, str]]:
        for line in self._lines.values():
            name = line.partition(": ")[0].removeprefix(PREFIX)
            yield name, self.get(name)


def is_true(value: str) -> bool:
    """switch_true() in switch_utils.c."""
    if value.lower() in {"yes", "on", "true", "t", "enabled", "active", "allow"}:
        return True
    return value.lstrip("-").isdigit() and int(value) != 0
