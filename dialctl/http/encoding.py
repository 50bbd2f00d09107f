"""How a request says what it has to say: as a form, or as JSON. Pure.

What is said are names and values, in byte order of their names. A value is a text or, where the
dialect's requests are JSON, anything that JSON has. In a query, and in a form, everything is text:
what is none there is its own JSON.
"""

import enum
import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote_plus

Value = str | float | None | Sequence["Value"] | Mapping[str, "Value"]
Params = Mapping[str, Value] | Sequence[tuple[str, Value]]
Fields = tuple[tuple[str, Value], ...]


class Encoding(enum.StrEnum):
    """The body of a POST, by its Content-Type."""

    FORM = "application/x-www-form-urlencoded"
    JSON = "application/json"


def ordered(params: Params) -> list[tuple[str, Value]]:
    """Name and value pairs in byte order of their names; pairs of one name keep their order."""
    pairs = params.items() if isinstance(params, Mapping) else params
    # Code points sort as their UTF-8 bytes do.
    return sorted(pairs, key=lambda pair: pair[0])


def texts(params: Params) -> list[tuple[str, str]]:
    """The pairs as a query or a form has them."""
    return [(name, _text(value)) for name, value in ordered(params)]


def query(params: Params) -> str:
    return "&".join([f"{_quoted(name)}={_quoted(text)}" for name, text in texts(params)])


_NOTHING_TO_QUOTE = re.compile(r"[A-Za-z0-9_.~-]*")  # RFC 3986, 2.3


def _quoted(text: str) -> str:
    return text if _NOTHING_TO_QUOTE.fullmatch(text) else quote_plus(text)


def body(params: Params, encoding: Encoding) -> bytes:
    """Of a POST."""
    if encoding is Encoding.JSON:
        return json.dumps(dict(ordered(params)), ensure_ascii=False).encode("utf-8")
    return query(params).encode("ascii")


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
