"""A recording web application for tests: answers as scripted, remembers every request in order."""

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import gevent
from gevent import socket
from gevent.event import Event
from gevent.pywsgi import WSGIServer


@dataclass(frozen=True)
class Request:
    """One request as it came in. ``pairs`` are query and body together, in their order."""

    at: float
    method: str
    path: str
    query: str
    headers: dict
    body: bytes
    pairs: tuple = field(repr=False)

    @property
    def params(self):
        return dict(self.pairs)


@dataclass(frozen=True)
class Answer:
    body: str | bytes = ""
    status: str = "200 OK"
    delay: float = 0.0
    headers: tuple = ()
    content_type: str = "text/xml; charset=utf-8"


class WebApp:
    """``url("/answer")`` is where it listens. What a path answers is set with ``script``:

    a document's text, an ``Answer``, a callable that takes the request and returns either, or a
    list of these for one request after another (the last one stays). A path without a script
    answers 200 with an empty body. Paths below ``/files/`` answer like others but are not recorded.
    """

    def __init__(self):
        self.requests = []
        self.files = {}
        self._script = {}
        self._changed = Event()
        listener = socket.socket()
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        self.port = listener.getsockname()[1]
        self._server = WSGIServer(listener, self._serve, log=None, error_log=None)

    def start(self):
        self._server.start()
        return self

    def stop(self):
        self._server.stop(timeout=1)

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path}"

    def script(self, answers):
        """Forget what was, and answer so from now on: path to answer."""
        self.requests = []
        self._script = {
            path: itertools.chain(answer[:-1], itertools.repeat(answer[-1]))
            if isinstance(answer, list)
            else itertools.repeat(answer)
            for path, answer in answers.items()
        }

    def wait_for(self, wanted: int | Callable[[list], object], timeout=60.0):
        """Wait until that many requests are there, or the predicate on them is true."""
        enough = (lambda got: len(got) >= wanted) if isinstance(wanted, int) else wanted
        with gevent.Timeout(timeout, False):
            while True:
                self._changed.clear()
                if found := enough(self.requests):
                    return found
                self._changed.wait()
        return None

    def _serve(self, environ, start_response):
        request = _request(environ)
        if request.path.startswith("/files/"):
            answer = self.files.get(request.path, Answer(status="404 Not Found"))
        else:
            self.requests.append(request)
            answer = next(self._script[request.path]) if request.path in self._script else Answer()
            self._changed.set()
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, str):
            answer = Answer(answer)
        gevent.sleep(answer.delay)
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(body)))]
        start_response(answer.status, headers + list(answer.headers))
        return [body]


def _request(environ):
    body = environ["wsgi.input"].read()
    query = environ.get("QUERY_STRING", "")
    form = body.decode("utf-8", "replace") if b"=" in body else ""
    pairs = parse_qsl(query, keep_blank_values=True)
    if environ.get("CONTENT_TYPE") == "application/json":
        pairs += json.loads(body).items()
    else:
        pairs += parse_qsl(form, keep_blank_values=True)
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    return Request(
        at=time.monotonic(),
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        query=query,
        headers=headers,
        body=body,
        pairs=tuple(pairs),
    )
