"""An HTTP answer as nearly all are, read out of the bytes at hand. Pure.

Its head is there as a whole and says one length; nothing is packed, chunked, folded or redirected.
Such an answer needs none of what a general reader costs. Everything else is left to that one
(``connection``: http.client and urllib3), so that leniency and refusals have one place.
"""

import re
from typing import NamedTuple

LONGEST = 65536  # bytes of a body; longer ones are read piece by piece

_STATUS = re.compile(rb"HTTP/1\.1 ([2-5][0-9][0-9])[ \r]")
_LINES = re.compile(rb"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*)*")  # RFC 9112, 5
_TELLING = re.compile(  # of what follows the head, and where it ends
    rb"\r\n(content-length|content-type|connection|content-encoding|transfer-encoding|location)"
    rb":[ \t]*([^\r]*)",
    re.IGNORECASE,
)
_PLAIN = frozenset((b"content-length", b"content-type", b"connection"))
_LENGTH = re.compile(rb"[0-9]{1,6}")
_BODILESS = (204, 304)


class Ordinary(NamedTuple):
    """``start`` is where its body begins, ``end`` where that ends."""

    status: int
    content_type: str
    start: int
    end: int
    keeps: bool  # the connection may carry another one


def ordinary(data: bytes) -> Ordinary | None:
    """The answer that ``data`` begins with; None if it is not ordinary, or not whole so far."""
    begun, head = _STATUS.match(data), data.find(b"\r\n\r\n")
    if begun is None or head < 0:
        return None
    lines = data.find(b"\r\n")
    found = _TELLING.findall(data, lines, head)
    told = {name.lower(): value.strip() for name, value in found}
    status, length = int(begun[1]), told.get(b"content-length", b"")
    connection = told.get(b"connection", b"keep-alive").lower()
    if (
        len(told) < len(found)  # said twice
        or not told.keys() <= _PLAIN
        or not _LENGTH.fullmatch(length)
        or int(length) > LONGEST
        or connection not in (b"keep-alive", b"close")
        or status in _BODILESS
        or not _LINES.fullmatch(data, lines, head)
    ):
        return None
    return Ordinary(
        status,
        told.get(b"content-type", b"").decode("latin-1"),
        head + 4,
        head + 4 + int(length),
        connection == b"keep-alive",
    )
