"""JSON as the Voice Gateway's documents have it: objects in, typed properties out.

A value of a wrong type is an error that says where, e.g. ``[1].dial.target[0].number``. One out of
range is the default, with a warning; ``null`` is as good as nothing.
"""

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, TypeVar

from dialctl.errors import DocumentError
from dialctl.http.retry import quoted, resolve
from dialctl.plan import Hook, Note
from dialctl.settings import DialectLimits

T = TypeVar("T")

_KINDS: Mapping[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    dict: "an object",
    list: "a list",
}


class At(TypedDict):
    line: int
    element: str


@dataclass(frozen=True)
class Context:
    """Of one verb: where its document came from, what the operator allows, where it stands."""

    base_url: str
    limits: DialectLimits
    line: int
    verb: str = ""
    warnings: list[str] = field(default_factory=list)


class Reading:
    """One object as it is being read. Raises DocumentError."""

    def __init__(self, given: Mapping[str, Any], path: str, context: Context) -> None:
        self.given = given
        self.path = path
        self.context = context

    @property
    def at(self) -> At:
        return {"line": self.context.line, "element": self.context.verb}

    @property
    def limits(self) -> DialectLimits:
        return self.context.limits

    def error(self, name: str, message: str) -> DocumentError:
        return DocumentError(f"{self._where(name)} {message}", **self.at)

    def warn(self, name: str, message: str) -> None:
        self.context.warnings.append(f"line {self.context.line}: {self._where(name)} {message}")

    def note(self, name: str, message: str) -> None:
        """It asks for what we do not have."""
        self.warn(name, message)
        self.context.warnings[-1] = Note(self.context.warnings[-1])

    def expect(self, *known: str) -> None:
        """Nothing is ignored in silence."""
        for name in self.given:
            if name not in known and name not in ("verb", "id"):
                near = difflib.get_close_matches(name, known, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                self.warn(quoted(name), f"has no effect here{hint}")

    def has(self, name: str) -> bool:
        return self.given.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        return self._typed(name, self.given.get(name), str, default)

    def boolean(self, name: str, default: bool) -> bool:
        return self._typed(name, self.given.get(name), bool, default)

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """A number; one above ``most`` is cut to it, one below ``least`` is the default."""
        value = self.given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            raise self._wrong(name, value, "a number")
        if value is None:
            return default
        if value < least:
            self.warn(name, f"is {value}, less than {least:g}; {default:g} is taken")
            return default
        if value > most:
            self.warn(name, f"is {value} and is cut to {most:g}")
        return min(value, most)

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """As ``number``; a fraction is dropped."""
        return int(self.number(name, default, least, most))

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        text = self.text(name, default)
        if text not in allowed:
            self.warn(name, f"is {quoted(text)}, none of {', '.join(allowed)}; {default} is taken")
            return default
        return text

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        values: list[Any] = self._typed(name, self.given.get(name), list, [])
        return tuple(
            self._typed(f"{name}[{at}]", value, str, "") for at, value in enumerate(values)
        )

    def text_or_texts(self, name: str) -> tuple[str, ...]:
        """One text or a list of them; at least one."""
        if isinstance(self.given.get(name), list):
            texts = self.texts(name)
        else:
            texts = tuple(filter(None, (self.text(name),)))
        if not texts:
            raise self.error(name, "is missing")
        return texts

    def map(self, name: str) -> dict[str, str]:
        """An object of texts."""
        values: dict[str, Any] = self._typed(name, self.given.get(name), dict, {})
        return {
            key: self._typed(f"{name}.{quoted(key)}", value, str, "")
            for key, value in values.items()
        }

    def anything(self, name: str) -> dict[str, Any]:
        """An object, whatever is in it."""
        return self._typed(name, self.given.get(name), dict, {})

    def is_list(self, name: str) -> bool:
        return isinstance(self.given.get(name), list)

    def object(self, name: str) -> "Reading | None":
        value: dict[str, Any] = self._typed(name, self.given.get(name), dict, {})
        return Reading(value, self._where(name), self.context) if self.has(name) else None

    def objects(self, name: str) -> Iterator["Reading"]:
        """A list of objects; a single one may stand without the list."""
        given = self.given.get(name)
        values = [given] if isinstance(given, dict) else self._typed(name, given, list, [])
        for at, value in enumerate(values):
            where = name if isinstance(given, dict) else f"{name}[{at}]"
            checked: dict[str, Any] = self._typed(where, value, dict, {})
            yield Reading(checked, self._where(where), self.context)

    def hook(self, name: str, default: str = "") -> Hook | None:
        """A text, or an object with ``url`` and ``method``; relative to the document's own URL."""
        if isinstance(self.given.get(name), dict):
            given = Reading(self.given[name], self._where(name), self.context)
            given.expect("url", "method")
            method = given.choice("method", ("POST", "GET"), "POST")
            return given._hook("url", given.text("url"), method)
        text = self.text(name, default)
        return self._hook(name, text, "POST") if text else None

    def _hook(self, name: str, text: str, method: str) -> Hook:
        if not text:
            raise self.error(name, "is missing")
        try:
            return Hook(resolve(self.context.base_url, text), method)
        except ValueError as problem:
            raise self.error(name, f"is no usable URL: {problem}") from problem

    def _where(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path and name else self.path or name

    def _typed(self, name: str, value: Any, kind: Callable[..., T], default: T) -> T:
        if value is None:
            return default
        if type(value) is not kind:
            raise self._wrong(name, value, _KINDS[kind])  # type: ignore[index]
        return value  # type: ignore[no-any-return]

    def _wrong(self, name: str, value: Any, expected: str) -> DocumentError:
        found = _KINDS[type(value)]
        if isinstance(value, str | int | float):
            found += f", {quoted(json.dumps(value))[:60]}"
        return self.error(name, f"must be {expected}; it is {found}")
