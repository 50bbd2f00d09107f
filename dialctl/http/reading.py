"""Any HTTP answer, read piece by piece: http.client splits it, urllib3 unpacks it."""

import http.client
import io
import re
import socket
from typing import Any

import urllib3
from urllib3.response import HTTPResponse

from dialctl.http.connection import ReadFailed, words


class _Begun(io.RawIOBase):
    """What a socket still has to say, after what it has said already."""

    def __init__(self, said: bytes, sock: socket.socket) -> None:
        self._said = memoryview(said)
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._said:
            return self._sock.recv_into(buffer)
        size = min(len(buffer), len(self._said))
        buffer[:size] = self._said[:size]
        self._said = self._said[size:]
        return size

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)


class _Head(http.client.HTTPResponse):
    """Tells an answer that broke off from one without a clear end."""

    def begin(self) -> None:
        try:
            super().begin()
        except (OSError, http.client.HTTPException) as error:
            raise ReadFailed(f"broke off its answer: {words(error)}", partial=True) from None
        lengths = {text.strip() for text in self.headers.get_all("Content-Length", ())}
        if len(lengths) > 1 or not all(re.fullmatch("[0-9]{1,18}", text) for text in lengths):
            # RFC 9112, 6.3: where the answer ends is unknown, and so where the next one begins.
            raise ReadFailed("gave its answer no clear length", partial=True, status=self.status)


class Reading(HTTPResponse):
    """The answer on ``sock`` that begins with ``said``. Raises ReadFailed."""

    def __init__(self, said: bytes, sock: socket.socket, method: str) -> None:
        self._head = _Head(_Begun(said, sock), method=method)  # type: ignore[arg-type]
        self._head.begin()
        super().__init__(
            self._head,
            urllib3.HTTPHeaderDict(self._head.headers.items()),
            self._head.status,
            preload_content=False,
            original_response=self._head,
            request_method=method,
        )

    @property
    def ended(self) -> bool:
        """It has been read to its end, and the connection may carry another one."""
        return self._head.isclosed() and not self._head.will_close
