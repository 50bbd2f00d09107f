"""One connection to the daemon's HTTP server, which is patient with nobody.

gevent's own waits for ever for the rest of a request and for room to send, takes heads of
megabytes and reads bodies that nobody wants.
"""

import io
from types import TracebackType
from typing import Any

import gevent
from gevent.pywsgi import WSGIHandler

HEAD_SECONDS = 10.0  # for a request to be there, whole, also the next one on a kept connection
SEND_SECONDS = 30.0  # for each piece of an answer (web.recordings: 64 KiB) to be taken
HEAD_BYTES = 16384  # of header lines


class Handler(WSGIHandler):
    """Who does not ask in time, whole and briefly, or does not listen, is dropped."""

    _patience: gevent.Timeout | None = None

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
        self._await(None)
        if self.content_length or self.headers.get("Transfer-Encoding"):
            raise ValueError("no request here has a body")
        return read

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
