"""One connection to the daemon's HTTP server, which is patient with nobody.

gevent's own waits for ever for the rest of a request and for room to send, takes heads of
megabytes and reads bodies that nobody wants. Here a body is read, whole and at once, where the
path asks for one (``dialctl.body`` in the environment), and refused everywhere else.
"""

import io
from types import TracebackType
from typing import Any
from urllib.parse import unquote

import gevent
from gevent.pywsgi import WSGIHandler

HEAD_SECONDS = 10.0  # for a request to be there, whole, also the next one on a kept connection
SEND_SECONDS = 30.0  # for each piece of an answer (web.recordings: 64 KiB) to be taken
HEAD_BYTES = 16384  # of header lines
BODY = "dialctl.body"


class Handler(WSGIHandler):
    """Who does not ask in time, whole and briefly, or does not listen, is dropped."""

    _patience: gevent.Timeout | None = None
    _body = b""

    def handle(self) -> None:
        self.socket.settimeout(SEND_SECONDS)
        try:
            super().handle()
        except gevent.Timeout as timeout:
            if timeout is not self._patience:
                raise
        finally:
            self._await(None)

    def _await(self, seconds: float | None) -> None:
        if self._patience is not None:
            self._patience.close()
        # Not one that is started again: it would have but the time that it had left (libev).
        self._patience = gevent.Timeout.start_new(seconds)

    def read_requestline(self) -> str:
        self._await(HEAD_SECONDS)
        return str(super().read_requestline())

    def MessageClass(self, file: io.BufferedIOBase, *_: object) -> Any:  # noqa: N802  gevent's
        return super().MessageClass(_Short(file))

    def read_request(self, raw_requestline: str) -> Any:
        """Raises ValueError, which is answered with 400."""
        read = super().read_request(raw_requestline)
        self._body = self._read_body()
        self._await(None)
        return read

    def _read_body(self) -> bytes:
        """In the time that is left for the whole request. Raises ValueError."""
        length = self.content_length or 0
        if self.headers.get("Transfer-Encoding"):
            raise ValueError("a body says how long it is, with Content-Length")
        if not length:
            return b""
        path = unquote((self.path or "").partition("?")[0], "latin-1")
        most: int = self.server.most_body(self.command, path)  # type: ignore[attr-defined]
        if length > most:
            raise ValueError("no body here, or a shorter one")
        body = bytes(self.rfile.read(length))
        if len(body) < length:
            raise ValueError("the body is shorter than it says")
        self.content_length = 0  # nothing is left to be read
        return body

    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), BODY: self._body}

    def handle_error(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, TimeoutError):
            self.close_connection = True  # he did not listen
        else:
            super().handle_error(kind, error, trace)


class _Short(io.BufferedIOBase):
    """A file of header lines that ends in a ValueError after HEAD_BYTES."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file
        self._left = HEAD_BYTES

    def readline(self, size: int | None = -1, /) -> bytes:
        line = self._file.readline(self._left + 1)
        self._left -= len(line)
        if self._left < 0:
            raise ValueError(f"more than {HEAD_BYTES} bytes of header lines")
        return line
