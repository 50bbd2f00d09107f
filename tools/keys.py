"""Every key of the three files: what it may hold, its default and what it does, as the code has it.

What it may hold stands in ``dialctl.conf.keys``, the default in ``dialctl.settings``, what it does
in the comment on its line of conf/*.yaml.
"""

import re
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import yaml

from dialctl.conf import keys
from dialctl.settings import App, Routes, Settings

CONF = Path(__file__).parents[1] / "conf"
FILES = {"dialctl.yaml": keys.DIALCTL, "apps.yaml": keys.APPS, "routes.yaml": keys.ROUTES}
TYPES = {int: "number", float: "number", bool: "true or false", str: "text"}


@dataclass(frozen=True, slots=True)
class Key:
    path: str  # such as limits.calls
    type: str
    holds: str
    default: str  # as YAML; '' where a value is needed
    effect: str


@dataclass(frozen=True)
class _Apps:
    apps: tuple[App, ...] = ()


ROOTS: dict[str, Any] = {"dialctl.yaml": Settings(), "apps.yaml": _Apps(), "routes.yaml": Routes()}


def of(file: str) -> Iterator[Key]:
    """Those of one file, in the order in which they stand there."""
    effects = _effects(CONF / file)
    for path, rule in sorted(FILES[file].items(), key=lambda item: list(effects).index(item[0])):
        hint, default = _field(ROOTS[file], path.split("."))
        many = get_origin(hint) is tuple
        named = many and get_origin(get_args(hint)[0]) is tuple
        kind = "lists by name" if named else "list" if many else TYPES[hint]
        yield Key(path, kind, rule.expected, _yaml(default, named), effects[path])


def intro(file: str) -> str:
    """The comment that the file begins with."""
    head = (CONF / file).read_text("utf-8").partition("\n\n")[0]
    return " ".join(line.removeprefix("#").strip() for line in head.splitlines())


def _field(section: Any, names: list[str]) -> tuple[Any, Any]:
    """Type and default of a field; MISSING if it has none."""
    hint: Any = type(section)
    for name in names:
        if get_origin(hint) is tuple:  # an entry of a list
            hint = get_args(hint)[0]
        field = next(field for field in fields(hint) if field.name == name)
        hint = get_type_hints(hint)[name]
        section = getattr(section, name) if is_dataclass(section) else field.default
        if get_origin(hint) is tuple and is_dataclass(get_args(hint)[0]):
            section = None
    return hint, section


def _yaml(value: Any, named: bool) -> str:
    if value is MISSING:
        return ""
    value = {} if named and value == () else list(value) if isinstance(value, tuple) else value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value == "":
        return '""'
    flow = yaml.safe_dump(value, default_flow_style=True, width=200).removesuffix("...\n")
    return flow.strip()


def _effects(file: Path) -> dict[str, str]:
    text = file.read_text("utf-8")
    lines = text.splitlines()
    found: dict[str, str] = {}

    def walk(node: yaml.Node, path: str) -> None:
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                if isinstance(item, yaml.MappingNode):
                    walk(item, path)
        elif isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                inner = f"{path}.{name.value}".lstrip(".")
                comment = re.search(r"\s# (.*)", lines[name.start_mark.line])
                found.setdefault(inner, comment[1].strip() if comment else "")
                walk(value, inner)

    node = yaml.compose(text)
    assert node is not None
    walk(node, "")
    return found
