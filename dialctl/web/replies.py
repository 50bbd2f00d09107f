"""JSON in and out: what a request gives, what it is answered, and how it is refused."""

import json
import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from dialctl.web import Environ, Response
from dialctl.web.handler import BODY

MOST_BODY = 65536  # bytes
MOST_FIELDS = 100
_STATUS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    503: "Service Unavailable",
}
_PRIVATE = (
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)


class Refusal(Exception):  # noqa: N818  an answer, nothing went wrong here
    """A request that is not carried out. ``parameter`` is at fault, '' if none is."""

    def __init__(self, status: int, message: str, parameter: str = "") -> None:
        self.status = status
        self.parameter = parameter
        super().__init__(message)


def reply(status: int, value: Any = None, *headers: tuple[str, str]) -> Response:
    """``value`` as JSON; 204 has none."""
    line = f"{status} {_STATUS[status]}"
    if status == 204:
        return Response(line, (("Cache-Control", "no-store"), *headers))
    body = json.dumps(value, ensure_ascii=False).encode() + b"\n"
    return Response(line, (*_PRIVATE, ("Content-Length", str(len(body))), *headers), (body,))


def query(environ: Environ) -> dict[str, str]:
    """Raises Refusal."""
    return _pairs(str(environ.get("QUERY_STRING", "")), "the query")


def given(environ: Environ) -> dict[str, str]:
    """The fields of a body, form or JSON object; numbers and booleans are text. Raises Refusal."""
    body: bytes = environ.get(BODY, b"")
    kind = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    if not body:
        return {}
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, "the body is not UTF-8; send it so") from None
    if kind == "application/x-www-form-urlencoded":
        return _pairs(text, "the body")
    if kind != "application/json":
        raise Refusal(400, "send application/json or application/x-www-form-urlencoded")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is no JSON; send an object of parameters") from None
    if not isinstance(said, dict):
        raise Refusal(400, "the body is no JSON object; send one of parameters")
    return {name: _text(name, value) for name, value in said.items() if value is not None}


def _pairs(text: str, where: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refusal(400, f"{where} has more than {MOST_FIELDS} parameters") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise Refusal(400, "is given twice; keep one", name)
        found[name] = value
    return found


def _text(name: str, value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            if any("\ud800" <= char <= "\udfff" for char in value):
                raise Refusal(400, "holds half a character", name)
            return value
        case int() if abs(value) < 10**18:
            return str(value)
        case float() if math.isfinite(value):
            return str(int(value)) if value.is_integer() and abs(value) < 10**18 else str(value)
    raise Refusal(400, "expected text, a number, true or false", name)


def whole(fields: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """A whole number of a parameter. Raises Refusal."""
    text = fields.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise Refusal(400, f"expected a whole number from {least} to {most}", name)
    return int(text)


def word(fields: Mapping[str, str], name: str, default: str, *allowed: str) -> str:
    """One of a few words. Raises Refusal."""
    text = fields.get(name) or default
    if text not in allowed:
        raise Refusal(400, f"expected {' or '.join(allowed)}", name)
    return text
