"""The frames of FreeSWITCH's event socket: bytes in, frames out. No socket.

A frame is a block of header lines, a blank line, and as many bytes of body as its
Content-Length says. Values are URL-encoded line by line (mod_event_socket.c, switch_event.c), so
lines are split first and a value is decoded only when somebody asks for it: an encoded line
break in a value must not become a header, and of an event's 284 lines a dozen matter.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from dialctl.errors import SwitchError

# An event is about 8 kB; a channel with thousands of variables is still far below this.
MAX_HEADERS = 1 << 20
MAX_BODY = 64 << 20  # what mod_hash keeps of thousands of calls comes in one


@lru_cache(maxsize=1024)
def _mark(name: str) -> bytes:
    return b"\n%s: " % name.encode()


class Headers:
    """A block of header lines. Names are as FreeSWITCH writes them; the first of a name counts."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        self._raw = b"\n" + raw if not raw.startswith(b"\n") else raw

    def get(self, name: str, default: str = "") -> str:
        """The decoded value, ``default`` if there is none. Invalid UTF-8 is replaced."""
        raw, mark = self._raw, _mark(name)
        start = raw.find(mark)
        if start < 0:
            return default
        start += len(mark)
        end = raw.find(b"\n", start)
        value = raw[start : end if end >= 0 else len(raw)]
        if b"%" in value:
            value = unquote_to_bytes(value)
        return value.decode("utf-8", "replace")

    def variable(self, name: str, default: str = "") -> str:
        """A channel variable's value."""
        return self.get("variable_" + name, default)

    def number(self, name: str) -> int:
        """A whole number, 0 if there is none or it is no number."""
        text = self.get(name)
        return int(text) if text.isascii() and text.isdigit() else 0

    def only(self, names: Iterable[str]) -> "Headers":
        """Those of these names, and nothing else."""
        raw, kept = self._raw, b"\n"
        for name in names:
            start = raw.find(_mark(name))
            if start >= 0:
                end = raw.find(b"\n", start + 1)
                kept += raw[start + 1 : end if end >= 0 else len(raw)] + b"\n"
        return Headers(kept)

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
        self._pieces: list[bytes] = []  # of the frame that is not complete
        self._lacking = 0  # so many bytes at least it needs more
        self._data, self._at = b"", 0  # what is looked at, and up to where it has been

    @property
    def midway(self) -> bool:
        """Whether a frame has begun that is not complete yet."""
        return bool(self._pieces)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that ``data`` completes. Raises SwitchError when a bound is broken."""
        if self._pieces:
            self._pieces.append(data)
            self._lacking -= len(data)
            if self._lacking > 0:
                return
            data = b"".join(self._pieces)
        self._data, self._at, self._lacking = data, 0, 0
        while (frame := self._next()) is not None:
            yield frame
        rest = self._data[self._at :]
        self._pieces, self._data = [rest] if rest else [], b""

    def _next(self) -> Frame | None:
        data, at = self._data, self._at
        while data.startswith(b"\n", at):
            at += 1  # FreeSWITCH may send more blank lines than one
        self._at = at
        end = data.find(b"\n\n", at)
        if end < 0:
            if len(data) - at > MAX_HEADERS:
                raise SwitchError(f"a header block of more than {MAX_HEADERS} bytes")
            return None
        headers = Headers(data[at : end + 1])
        start = end + 2
        self._at = start + self._body_length(headers)
        if self._at > len(data):
            self._at, self._lacking = at, self._at - len(data)
            return None
        return Frame(headers, data[start : self._at])

    def _body_length(self, headers: Headers) -> int:
        # The reply to `connect` is a channel's whole header block and has no body.
        text = headers.get("Content-Length", "0")
        if not (text.isascii() and text.isdigit()) or int(text) > self.most:
            raise SwitchError(f"a body of {text[:20]!r} bytes; at most {self.most} are taken")
        return int(text)
