"""An HTTP request as bytes, and where it goes. Pure."""

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from dialctl import __version__
from dialctl.http.encoding import Encoding

_PORTS = {"http": 80, "https": 443}


class Place(NamedTuple):
    """Where a URL is asked for."""

    scheme: str
    host: str  # without the brackets of an IPv6 address
    port: int
    target: bytes  # path and query
    lines: bytes  # of the head, that are the same for every request to it


@lru_cache(maxsize=256)
def place(url: str) -> Place:
    """Of a URL as a ``RequestPlan`` has it."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    shown = host.removesuffix(f":{_PORTS[parts.scheme]}")
    lines = (
        f"Host: {shown}\r\nAccept-Encoding: identity\r\n"
        f"User-Agent: dialctl/{__version__}\r\nAccept: */*\r\n"
    ).encode("ascii")
    name, _, password = user.partition(":")
    if name:
        both = unquote_to_bytes(name) + b":" + unquote_to_bytes(password)
        lines += b"Authorization: Basic %s\r\n" % base64.b64encode(both)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return Place(parts.scheme, parts.hostname or "", port, target.encode("ascii"), lines)


def request(
    method: str,
    to: Place,
    added: str,
    headers: Mapping[str, str],
    body: bytes | None,
    encoding: Encoding,
) -> bytes:
    """The whole of it. ``added`` is what follows in the target; ``body``: of a POST.

    Raises ValueError for a header that would make another one.
    """
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if told.count("\n") != len(headers) or told.count("\r") != len(headers):
        raise ValueError("a header holds a line break")
    head = b"%s %s%s HTTP/1.1\r\n%s%s" % (
        method.encode("ascii"),
        to.target,
        added.encode("ascii"),
        to.lines,
        told.encode("latin-1"),
    )
    if body is None:
        return head + b"\r\n"
    about = b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n" % (encoding.encode(), len(body))
    return b"%s%s%s" % (head, about, body)
