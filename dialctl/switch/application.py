"""A customer's web application on the loopback interface: a page for each path, and no more."""

from collections.abc import Callable
from typing import Any

from gevent import socket
from gevent.pywsgi import WSGIServer

XML, JSON = "application/xml", "application/json"


class Application:
    """``page`` gives what a path answers, whoever asks. It runs until ``stop``."""

    def __init__(self, page: Callable[[str], bytes], content_type: str = XML) -> None:
        self._page = page
        self._type = content_type
        listener = socket.socket()
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = WSGIServer(listener, self._answer, log=None)
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        environ["wsgi.input"].read()
        body = self._page(environ["PATH_INFO"])
        start("200 OK", [("Content-Type", self._type), ("Content-Length", str(len(body)))])
        return [body]
