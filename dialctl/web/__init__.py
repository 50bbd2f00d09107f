"""The daemon's small HTTP server: a table of paths, each with what answers it.

To add a path: a module in this folder that makes a ``Route``, and its place in the table that
``dialctl.server`` composes.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import gevent
from gevent.pool import Pool
from gevent.pywsgi import LoggingLogAdapter, WSGIServer

from dialctl.conf.rules import address
from dialctl.web.handler import Handler

log = logging.getLogger("dialctl.web")

RETRY_SECONDS = 5.0  # until a port that is in use is tried again
MOST_CONNECTIONS = 200  # further ones wait in the system's queue until one of them ends
READS = ("GET", "HEAD")
NO_BODY = 0

Environ = Mapping[str, Any]  # of one request (PEP 3333)


@dataclass(frozen=True, slots=True)
class Response:
    """``status`` is code and reason. A body that has ``close`` is closed."""

    status: str
    headers: tuple[tuple[str, str], ...] = ()
    body: Iterable[bytes] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """``pattern`` must match the whole decoded path; the answer gets what it caught.

    ``most_body``: bytes that a request other than GET and HEAD may bring, as handler.BODY.
    """

    pattern: re.Pattern[str]
    answer: Callable[[Environ, re.Match[str]], Response]
    methods: tuple[str, ...] = READS
    most_body: int = NO_BODY


def plain(status: str, *headers: tuple[str, str]) -> Response:
    """A response that only says its status."""
    body = f"{status}\n".encode()
    return Response(
        status,
        (("Content-Type", "text/plain"), ("Content-Length", str(len(body))), *headers),
        (body,),
    )


class _Server(WSGIServer):
    most_body: Callable[[str, str], int]  # of a request with this method to this path


class Web:
    """``start``, then ``stop``. Without it calls go on: nothing here raises."""

    def __init__(self, listen: str, routes: tuple[Route, ...]) -> None:
        self._listen = listen
        self._routes = routes
        self._server: WSGIServer | None = None
        self._retrying: gevent.Greenlet[..., None] | None = None

    def start(self) -> None:
        problem = self._try()
        if problem:
            # An earlier dialctl may still be serving the recordings of its last calls.
            log.error(
                "web.listen: cannot listen on %s: %s; calls go on, it is tried again every %g s",
                self._listen,
                problem,
                RETRY_SECONDS,
            )
            self._retrying = gevent.spawn(self._retry)

    def stop(self) -> None:
        if self._retrying is not None:
            self._retrying.kill()
        if self._server is not None:
            self._server.stop(timeout=1)

    def _try(self) -> str:
        """What is in the way, '' once it listens."""
        server = _Server(
            address(self._listen),
            self._serve,
            spawn=Pool(MOST_CONNECTIONS),
            handler_class=Handler,
            # What strangers ask fills no journal; faults of our own are logged in ``_serve``.
            log=LoggingLogAdapter(log, logging.DEBUG),
            error_log=LoggingLogAdapter(log, logging.DEBUG),
        )
        server.most_body = self._most_body
        try:
            server.start()
        except OSError as error:
            return str(error.strerror or error).partition(": (")[0]  # gevent adds the address
        self._server = server
        log.info("web pages on http://%s", self._listen)
        return ""

    def _retry(self) -> None:
        gevent.sleep(RETRY_SECONDS)
        while self._try():
            gevent.sleep(RETRY_SECONDS)

    def _serve(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        try:
            response = self._answer(environ)
        except Exception:
            log.exception("a fault of dialctl's own in %s", environ["PATH_INFO"])
            response = plain("500 Internal Server Error")
        start_response(response.status, list(response.headers))
        return response.body if environ["REQUEST_METHOD"] != "HEAD" else ()

    def _answer(self, environ: Environ) -> Response:
        path, method = str(environ["PATH_INFO"]), environ["REQUEST_METHOD"]
        allowed: list[str] = []
        for route in self._routes:
            match = route.pattern.fullmatch(path)
            if match and method in route.methods:
                return route.answer(environ, match)
            if match:
                allowed += (other for other in route.methods if other not in allowed)
        if allowed:
            return plain("405 Method Not Allowed", ("Allow", ", ".join(allowed)))
        return plain("404 Not Found")

    def _most_body(self, method: str, path: str) -> int:
        takers = (r for r in self._routes if method in r.methods and method not in READS)
        return max((r.most_body for r in takers if r.pattern.fullmatch(path)), default=NO_BODY)
