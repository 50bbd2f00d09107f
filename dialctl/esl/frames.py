"""The frames of FreeSWITCH's event socket: bytes in, frames out. No socket.

A frame is a block of header lines, a blank line, and as many bytes of body as its
Content-Length says. Values are URL-encoded line by line (mod_event_socket.c, switch_event.c), so
lines are split first and a value is decoded only when somebody asks for it: an encoded line
break in a value must not become a header, and of an event's 284 lines a dozen matter.
"""

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from dialctl.errors import SwitchError

# An event is about 8 kB; a channel with thousands of variables is still far below this.
MAX_HEADERS = 1 << 20
MAX_BODY = 64 << 20  # what mod_hash keeps of thousands of calls comes in one


class Headers:
    """A block of header lines. Names are as FreeSWITCH writes them; the first of a name counts."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        self._raw = b"\n" + raw if not raw.startswith(b"\n") else raw

    def get(self, name: str, default: str = "") -> str:
        """The decoded value, ``default`` if there is none. Invalid UTF-8 is replaced."""
        raw = self._raw
        start = raw.find(b"\n%s: " % name.encode())
        if start < 0:
            return default
        start += len(name) + 3
        end = raw.find(b"\n", start)
        value = raw[start : end if end >= 0 else len(raw)]
        if b"%" in value:
            value = unquote_to_bytes(value)
        return value.decode("utf-8", "replace")

    def variable(self, name: str, default: str = "") -> str:
        """A channel variable's value."""
        return self.get(f"variable_{name}", default)

    def number(self, name: str) -> int:
        """A whole number, 0 if there is none or it is no number."""
        text = self.get(name)
        return int(text) if text.isascii() and text.isdigit() else 0

    @property
    def body(self) -> bytes:
        """What follows an event's header lines, of one that has a body of its own."""
        return self._raw.partition(b"\n\n")[2]

    def names(self, prefix: str) -> Iterator[str]:
        """The names that begin with ``prefix``, in order."""
        at, mark = 0, b"\n" + prefix.encode()
        while (at := self._raw.find(mark, at)) >= 0:
            end = self._raw.find(b": ", at)
            if end < 0:
                return
            yield self._raw[at + 1 : end].decode("utf-8", "replace")
            at = end


class Frame:
    """One frame. ``headers`` are its own; ``event`` is its body read as header lines."""

    __slots__ = ("body", "headers")

    def __init__(self, headers: Headers, body: bytes) -> None:
        self.headers = headers
        self.body = body

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type")

    @property
    def event(self) -> Headers:
        return Headers(self.body)


class FrameReader:
    """Bytes as they come from the socket, in pieces of any size, into whole frames.

    ``most`` are the bytes that a body may have.
    """

    def __init__(self, most: int = MAX_BODY) -> None:
        self.most = most
        self._buffer = bytearray()
        self._headers: Headers | None = None  # of the frame whose body is awaited
        self._length = 0

    @property
    def midway(self) -> bool:
        """Whether a frame has begun that is not complete yet."""
        return bool(self._buffer) or self._headers is not None

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that ``data`` completes. Raises SwitchError when a bound is broken."""
        self._buffer += data
        while True:
            if self._headers is None and not self._read_headers():
                return
            if len(self._buffer) < self._length:
                return
            assert self._headers is not None
            body = bytes(self._buffer[: self._length])
            del self._buffer[: self._length]
            frame, self._headers = Frame(self._headers, body), None
            yield frame

    def _read_headers(self) -> bool:
        while self._buffer.startswith(b"\n"):
            del self._buffer[:1]  # FreeSWITCH may send more blank lines than one
        end = self._buffer.find(b"\n\n")
        if end < 0:
            if len(self._buffer) > MAX_HEADERS:
                raise SwitchError(f"a header block of more than {MAX_HEADERS} bytes")
            return False
        self._headers = Headers(bytes(self._buffer[: end + 1]))
        del self._buffer[: end + 2]
        self._length = self._body_length(self._headers)
        return True

    def _body_length(self, headers: Headers) -> int:
        # The reply to `connect` is a channel's whole header block and has no body.
        text = headers.get("Content-Length", "0")
        if not (text.isascii() and text.isdigit()) or int(text) > self.most:
            raise SwitchError(f"a body of {text[:20]!r} bytes; at most {self.most} are taken")
        return int(text)
