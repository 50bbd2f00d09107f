"""Dial strings, read as the switch reads them. Pure.

    a,b      together               a|b      in turn        a:_:b  each branch in its own thread
    [v=1]a   variables of one leg   {v=1}..  of all legs    <v=1>..  of all branches

The order of the steps below is FreeSWITCH's, and so are its traps: what stands in quotes loses
them when the string is split at ``|``, before the commas inside ``[...]`` are looked at, so there
only ``\\,`` and ``^^:`` keep a comma in a value. **Seen.**

Sources: switch_ivr_originate() in switch_ivr_originate.c, switch_event_create_brackets() in
switch_event.c, switch_separate_string() and switch_find_end_paren() in switch_utils.c.
"""

import re
from dataclasses import dataclass

Variables = tuple[tuple[str, str], ...]

ENTERPRISE = ":_:"
# What a comma inside [...] becomes while the string is split at the commas between the legs.
_KEPT_COMMA = "\x01"
_SPLIT_COMMA = "\x02"
_WORDS = re.compile(r"(?:\\.|'[^']*'|[^ ])+")
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "s": " "}


class DialStringError(ValueError):
    """FreeSWITCH's "Parse Error!": a bracket without its end, or nothing to dial."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One leg: ``kind`` stands before the first slash (sofia, user), ``address`` is the rest."""

    kind: str
    address: str
    variables: Variables = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """Rounds of legs, tried in turn; the legs of a round ring together."""

    rounds: tuple[tuple[Endpoint, ...], ...]
    variables: Variables = ()


@dataclass(frozen=True, slots=True)
class DialString:
    branches: tuple[Branch, ...]
    variables: Variables = ()
    enterprise: bool = False


def parse(text: str) -> DialString:
    if ENTERPRISE not in text:
        return DialString((_branch(text),))
    variables, rest = _groups(text.lstrip(" "), "<", ">")
    # Seen: a branch without anything to dial fails alone, with DESTINATION_OUT_OF_ORDER.
    branches = tuple(
        _branch(part) if part.strip(" ") else Branch(()) for part in rest.split(ENTERPRISE)
    )
    return DialString(branches, variables, enterprise=True)


def value(variables: Variables, name: str) -> str:
    """The first variable of that name, "" when there is none (switch_event_get_header())."""
    return next((text for key, text in variables if key.lower() == name.lower()), "")


def _branch(text: str) -> Branch:
    ultra, rest = _groups(text.lstrip(" "), "<", ">")
    common, rest = _groups(rest, "{", "}")
    if not rest.strip(" "):
        raise DialStringError(f"nothing to dial in {text!r}")
    return Branch(tuple(_round(part) for part in separate(rest.lstrip(" "), "|")), ultra + common)


def _round(text: str) -> tuple[Endpoint, ...]:
    return tuple(_endpoint(part) for part in separate(_guard_commas(text), ","))


def _guard_commas(text: str) -> str:
    """Put the commas inside ``[...]`` out of the way of those between the legs."""
    guarded, end, quoted, listed = list(text), -1, False, False
    for at, char in enumerate(text):
        if end < 0 and char == "[":
            end = _closing(text, at, "[", "]")
            quoted, listed = False, text.startswith("^^", at + 1)
        if char == "'":
            quoted = not quoted
        if at < end and char == "," and text[at - 1] != "\\":
            guarded[at] = _KEPT_COMMA if quoted or listed else _SPLIT_COMMA
        if at == end:
            end = -1
    return "".join(guarded)


def _endpoint(text: str) -> Endpoint:
    variables: list[tuple[str, str]] = []
    text = text.lstrip(" ")
    while text.startswith("["):
        end = _closing(text, 0, "[", "]")
        text = text[: end + 1].replace(_KEPT_COMMA, ",") + text[end + 1 :]
        group, text = _group(text, "[", "]", _SPLIT_COMMA)
        variables += group
        text = text.lstrip(" ")
    kind, _, address = text.partition("/")
    return Endpoint(kind, address, tuple(variables))


def _groups(text: str, opening: str, closing: str) -> tuple[Variables, str]:
    """All the brackets of one kind at the start of ``text``, and what follows them."""
    variables: list[tuple[str, str]] = []
    while text.startswith(opening):
        group, text = _group(text, opening, closing, ",")
        variables += group
    return tuple(variables), text.lstrip(" ")


def _group(text: str, opening: str, closing: str, comma: str) -> tuple[list[tuple[str, str]], str]:
    end = _closing(text, 0, opening, closing)
    if end < 0:
        raise DialStringError(f"no {closing} in {text!r}")
    inside = text[1:end]
    if inside.startswith("^^") and len(inside) > 2:
        comma, inside = inside[2], inside[3:]
    pairs = (separate(part, "=", most=2) for part in separate(inside, comma))
    return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2], text[end + 1 :]


def _closing(text: str, start: int, opening: str, closing: str) -> int:
    """Where the bracket at ``start`` closes, -1 when it does not."""
    depth = 0
    for at in range(start, len(text)):
        if text[at] == opening:
            depth += 1
        elif text[at] == closing:
            depth -= 1
            if not depth:
                return at
    return -1


def separate(text: str, delimiter: str, most: int = 0) -> list[str]:
    """Split outside quotes and escapes; then take quotes, escapes and outer blanks away.

    ``^^:a:b`` names its own delimiter. The last of ``most`` parts keeps the rest.
    """
    if text.startswith("^^") and len(text) > 3:
        delimiter, text = text[2], text[3:]
    if delimiter == " ":
        return [_clean(word, delimiter) for word in _WORDS.findall(text)]
    parts: list[str] = []
    start, at, quoted = 0, 0, False
    while at < len(text) and not (most and len(parts) == most - 1):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "'" and (quoted or "'" in text[at + 1 :]):
            quoted = not quoted
        elif char == delimiter and not quoted:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    if start < len(text):
        parts.append(text[start:])
    return [_clean(part, delimiter) for part in parts]


def _clean(text: str, delimiter: str) -> str:
    text = text.lstrip(" ")
    kept: list[str] = []
    length, at, quoted = 0, 0, False
    while at < len(text):
        char, after = text[at], text[at + 1 : at + 2]
        if char == "\\" and after and (after in ("'", '"', "\\", delimiter) or after in _CONTROL):
            kept.append(after if after in ("'", '"', "\\", delimiter) else _CONTROL[after])
            at, length = at + 1, len(kept)
        elif char == "'" and (quoted or "'" in text[at + 1 :]):
            quoted = not quoted
            length = len(kept) if quoted else length
        else:
            kept.append(char)
            if char != " " or quoted:
                length = len(kept)
        at += 1
    return "".join(kept[:length])
