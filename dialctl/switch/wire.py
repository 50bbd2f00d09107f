"""What a controller writes on the event socket, cut into requests. Pure.

Source: mod_event_socket.c, read_packet(). A request is a command line, headers and, if one of them
is a content length, a body. A line without a colon is skipped, line breaks between requests too.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """Header names are in lower case; of two with one name the first counts."""

    line: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""

    def get(self, name: str) -> str:
        return self.headers.get(name, "")


class Requests:
    """Bytes in, whole requests out."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[Request]:
        self._buffer += data
        requests: list[Request] = []
        while request := self._next():
            requests.append(request)
        return requests

    def _next(self) -> Request | None:
        self._buffer = self._buffer.lstrip(b"\r\n")
        end = _end(self._buffer)
        if not end:
            return None
        request = _parse(self._buffer[:end])
        length = _number(request.get("content-length"))
        if len(self._buffer) < end + length:
            return None
        body = _text(self._buffer[end : end + length])
        self._buffer = self._buffer[end + length :]
        return Request(request.line, request.headers, body) if length else request


def _end(data: bytes) -> int:
    """Just behind the empty line that ends a request's head, 0 when it is not there yet."""
    breaks = 0
    for at, byte in enumerate(data):
        if byte == 0x0A:
            breaks += 1
            if breaks == 2:
                return at + 1
        elif byte != 0x0D:
            breaks = 0
    return 0


def _parse(head: bytes) -> Request:
    lines = [line for line in _text(head).replace("\r", "\n").split("\n") if line]
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.lower(), value.lstrip(" "))
    return Request(lines[0] if lines else "", headers)


def _text(data: bytes) -> str:
    """C's idea of text: it ends at a zero byte."""
    return data.partition(b"\0")[0].decode(errors="surrogateescape")


def _number(text: str) -> int:
    digits = text.strip().lstrip("+")
    return int(digits) if digits.isdigit() else 0
