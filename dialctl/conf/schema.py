"""Frozen dataclasses out of a YAML tree: types and defaults from their fields, checks from a table.

The table says which keys a file has, by their path without indices (``apps.answer_url``); a
field that it leaves out is no key of that file.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import yaml

from dialctl.conf.rules import Rule, nearest
from dialctl.conf.scalars import describe, is_name, is_nothing, typed
from dialctl.conf.yamlfile import Document

T = TypeVar("T")
Rules = Mapping[str, Rule]


def read(document: Document, default: T, rules: Rules) -> T:
    """``default`` with what the document sets. Faults go into the document."""
    if document.root is None:
        return default
    section: T = _Reader(document, rules).section(_Spot(document.root), default)
    return section


def _blank(cls: Any) -> Any:
    """A list's entry before it is read: defaults, and "" or () where a value is needed."""
    hints = get_type_hints(cls)
    needed = [name for name, entry in _fields(cls).items() if entry.default is MISSING]
    return cls(**{name: (get_origin(hints[name]) or hints[name])() for name in needed})


def _fields(section: Any) -> dict[str, Field[Any]]:
    return {entry.name: entry for entry in fields(section)}


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


@dataclass(frozen=True, slots=True)
class _Spot:
    """A value in the tree: its key for people, its path for the table."""

    node: yaml.Node
    key: str = ""
    path: str = ""

    def under(self, name: str, node: yaml.Node) -> "_Spot":
        return _Spot(node, _join(self.key, name), _join(self.path, name))

    def named(self, name: str, node: yaml.Node) -> "_Spot":
        """A value under a name that the operator chose: the table does not know it."""
        return _Spot(node, _join(self.key, name), self.path)

    def item(self, index: int, node: yaml.Node) -> "_Spot":
        return _Spot(node, f"{self.key}[{index}]", self.path)


class _Reader:
    """One walk through one document. What it cannot use it reports, and leaves the default."""

    def __init__(self, document: Document, rules: Rules) -> None:
        self._document = document
        self._rules = rules
        self._first: dict[tuple[str, Any], str] = {}  # the key where a unique value stands

    def section(self, spot: _Spot, default: Any) -> Any:
        known = {
            name: entry
            for name, entry in _fields(default).items()
            if self._is_key(_join(spot.path, name))
        }
        given = self._entries(spot, f"the keys {', '.join(known)}")
        if given is None:
            return default
        self._report_unknown(spot, [name for name in given if name not in known], tuple(known))
        hints = get_type_hints(type(default))
        values = {}
        for name, entry in known.items():
            if name in given:
                inner = spot.under(name, given[name])
                values[name] = self._value(inner, hints[name], getattr(default, name))
            elif entry.default is MISSING:
                expected = self._rules[_join(spot.path, name)].expected
                self._document.fault(_join(spot.key, name), f"missing; give {expected}")
        return replace(default, **values)

    def _is_key(self, path: str) -> bool:
        return any(known == path or known.startswith(f"{path}.") for known in self._rules)

    def _report_unknown(self, spot: _Spot, names: list[str], known: tuple[str, ...]) -> None:
        for name in names:
            meant = nearest(name, known)
            advice = f"did you mean {meant}?" if meant else f"the keys here are {', '.join(known)}"
            self._document.fault(_join(spot.key, name), f"unknown key; {advice}")

    def _value(self, spot: _Spot, hint: Any, default: Any) -> Any:
        if is_dataclass(hint):
            return self.section(spot, default)
        if get_origin(hint) is not tuple:
            value = self._scalar(spot, hint)
            return default if value is None else value
        item = get_args(hint)[0]
        if is_dataclass(item):
            advice = "begin each entry with a dash"
            entries = self._items(spot, "a list of entries", advice) or ()
            return tuple(self.section(entry, _blank(item)) for entry in entries)
        return self._lists(spot) if get_origin(item) is tuple else self._list(spot)

    def _lists(self, spot: _Spot) -> tuple[tuple[str, tuple[str, ...]], ...]:
        given = self._entries(spot, "names, each with a list") or {}
        return tuple((name, self._list(spot.named(name, node))) for name, node in given.items())

    def _list(self, spot: _Spot) -> tuple[str, ...]:
        rule = self._rules[spot.path]
        items: list[_Spot] | None
        if rule.alone and isinstance(spot.node, yaml.ScalarNode) and not is_nothing(spot.node):
            items = [spot]
        else:
            items = self._items(spot, f"a list, each {rule.expected}", "write it as [value]")
        if rule.filled and items == []:
            text = f"expected at least one value, each {rule.expected}, found none; add one"
            self._document.fault(spot.key, text)
        values = [self._scalar(item, str) for item in items or ()]
        return tuple(value for value in values if value is not None)

    def _scalar(self, spot: _Spot, hint: Any) -> Any:
        """The value; None when it has been reported."""
        rule = self._rules[spot.path]
        try:
            value = typed(hint, spot.node, rule)
        except ValueError as error:
            found = describe(spot.node, rule.secret)
            self._document.fault(spot.key, f"expected {rule.expected}, found {found}; {error}")
            return None
        if rule.unique:
            self._report_double(spot, value)
        return value

    def _report_double(self, spot: _Spot, value: Any) -> None:
        first = self._first.setdefault((spot.path, value), spot.key)
        if first != spot.key:
            line = self._document.lines[first]
            text = f"{value!r} is also {first} on line {line}; give each its own"
            self._document.fault(spot.key, text)

    def _items(self, spot: _Spot, expected: str, advice: str) -> list[_Spot] | None:
        """The values of a list; None when it is no list, which has been reported."""
        if is_nothing(spot.node):
            return []
        if not isinstance(spot.node, yaml.SequenceNode):
            found = describe(spot.node)
            self._document.fault(spot.key, f"expected {expected}, found {found}; {advice}")
            return None
        items = [spot.item(index, node) for index, node in enumerate(spot.node.value)]
        for item in items:
            self._document.lines[item.key] = item.node.start_mark.line + 1
        return items

    def _entries(self, spot: _Spot, expected: str) -> dict[str, yaml.Node] | None:
        """The values by their keys; None when there are no keys, which has been reported."""
        if is_nothing(spot.node):
            return {}
        if not isinstance(spot.node, yaml.MappingNode):
            found = describe(spot.node)
            advice = "write key: value, one a line"
            self._document.fault(spot.key, f"expected {expected}, found {found}; {advice}")
            return None
        given: dict[str, yaml.Node] = {}
        for name_node, node in spot.node.value:
            line = name_node.start_mark.line + 1
            if not is_name(name_node):
                text = f"expected a key, found {describe(name_node)}; put it in quotes"
                self._document.fault(spot.key, text, line)
                continue
            key = _join(spot.key, name_node.value)
            if name_node.value in given:
                first = self._document.lines[key]
                self._document.fault(key, f"duplicate key, first on line {first}; keep one", line)
                continue
            given[name_node.value] = node
            self._document.lines[key] = line
        return given
