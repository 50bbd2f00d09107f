"""A single YAML value: the Python value it stands for, or the words for what it is instead."""

import re
from collections.abc import Callable
from typing import Any

import yaml

from dialctl.conf.rules import Rule

_STR, _INT, _FLOAT, _BOOL, _NULL, _DATE = (
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp")
)
_WORDS = {
    _STR: "the text",
    _INT: "the number",
    _FLOAT: "the number",
    _BOOL: "the true/false value",
    _DATE: "the date",
}
_SWITCHES = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}

# Longer values are cut in messages.
_SHOWN = 80

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,18}(?:\.[0-9]*)?|\.[0-9]+)")


def is_nothing(node: yaml.Node) -> bool:
    """``key:`` with nothing behind it, or null."""
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL


def is_name(node: yaml.Node) -> bool:
    """Whether it can be a key; ``no:`` cannot, YAML reads it as false."""
    return isinstance(node, yaml.ScalarNode) and node.tag in (_STR, _INT)


def typed(hint: type, node: yaml.Node, rule: Rule) -> Any:
    """The checked value of type ``hint``. ValueError says what to do about it."""
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError("write one value; a text that begins with { or [ needs quotes")
    if is_nothing(node):
        raise ValueError('write "" for none' if rule.optional else "fill it in or take the key out")
    return _READ[hint](node, rule)


def describe(node: yaml.Node, secret: bool = False) -> str:
    """What stands there, for a message. A secret's value and tag are left out."""
    if isinstance(node, yaml.MappingNode):
        return "keys and values"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    if is_nothing(node):
        return "nothing"
    word = _WORDS.get(node.tag, "the tagged value")
    if secret:
        return f"{word} (not shown)"
    # A URL may carry a password.
    shown = re.sub(r"//[^/@\s]*@", "//...@", node.value)
    if len(shown) > _SHOWN:
        shown = f"{shown[:_SHOWN]}..."
    return repr(shown) if node.tag == _STR else f"{word} {shown}"


def _text(node: yaml.ScalarNode, rule: Rule) -> str:
    text = node.value
    if _CONTROL.search(text):
        raise ValueError("it holds a line break or another control character; remove it")
    if not text:
        if rule.optional:
            return ""
        raise ValueError("fill it in or take the key out")
    value: str = rule.check(text)  # its advice comes before that on quotes
    if node.tag == _STR or (rule.digits and node.tag == _INT):
        return value
    if node.tag == _BOOL:
        raise ValueError("YAML reads yes, no, on and off as true or false; put it in quotes")
    raise ValueError("put it in quotes")


def _whole(node: yaml.ScalarNode, rule: Rule) -> int:
    if node.tag != _INT or not _WHOLE.fullmatch(node.value):
        raise ValueError("write it in plain digits, without quotes and leading zeros")
    value: int = rule.check(int(node.value))
    return value


def _seconds(node: yaml.ScalarNode, rule: Rule) -> float:
    if node.tag not in (_INT, _FLOAT) or not _NUMBER.fullmatch(node.value):
        raise ValueError("write it in plain digits such as 30 or 0.5, without quotes")
    value: float = rule.check(float(node.value))
    return value


def _switch(node: yaml.ScalarNode, rule: Rule) -> bool:
    if node.tag != _BOOL or node.value.lower() not in _SWITCHES:
        raise ValueError("write true or false, without quotes")
    value: bool = rule.check(_SWITCHES[node.value.lower()])
    return value


_READ: dict[type, Callable[[yaml.ScalarNode, Rule], Any]] = {
    str: _text,
    int: _whole,
    float: _seconds,
    bool: _switch,
}
