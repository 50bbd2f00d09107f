"""A web server that behaves exactly as told: half answers, resets, silence, drips."""

import itertools
import socket
import struct
import time
from dataclasses import dataclass

import gevent
from gevent.server import StreamServer

CLOSE = object()  # steps of a script, besides bytes to send and seconds to wait
RESET = object()
HANG = object()  # say nothing until the client goes

SECOND = 0.2  # the short timeouts of these tests, on the wall


@dataclass
class Asked:
    """A request as the server saw it."""

    method: str
    target: str
    headers: dict[str, str]
    body: str
    connection: int
    at: float
    answered: bool = False  # to the end of its script


class Web:
    """A web server that answers by script, remembers what it was asked and who is connected.

    ``asking`` is called with each request before it is answered; False: it is not, but closed.
    """

    def __init__(self, **tls):
        self.asked = []
        self.asking = lambda _asked: True
        self.open = set()
        self._scripts = {}
        self._numbers = itertools.count(1)
        self._server = StreamServer(("127.0.0.1", 0), self._serve, **tls)
        self._server.start()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"

    def on(self, path, *answers):
        """The answers to requests of ``path`` in turn, the last one for ever; returns its URL.

        An answer is bytes, or a tuple of steps: bytes, seconds, CLOSE, RESET, HANG.
        """
        self._scripts[path] = list(answers)
        return self.url + path

    def paths(self):
        return [asked.target for asked in self.asked]

    def stop(self):
        self._server.stop(0)

    def _serve(self, sock, _address):
        number = next(self._numbers)
        self.open.add(number)
        try:
            while asked := self._read(sock, number):
                self.asked.append(asked)
                if self.asking(asked) is False or not self._answer(sock, asked):
                    return
                asked.answered = True
        except OSError:
            pass
        finally:
            self.open.discard(number)
            sock.close()

    def _read(self, sock, number):
        data = b""
        while b"\r\n\r\n" not in data:
            more = sock.recv(65536)
            if not more:
                return None
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += sock.recv(65536)
        return Asked(method, target, headers, body.decode(), number, time.monotonic())

    def _answer(self, sock, asked):
        script = self._scripts.get(asked.target.partition("?")[0], [answer(404)])
        steps = script.pop(0) if len(script) > 1 else script[0]
        for step in steps if isinstance(steps, tuple) else (steps,):
            if step is RESET:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if step is HANG:
                sock.recv(1)
            if step in (CLOSE, RESET, HANG):
                return False
            if isinstance(step, float):
                gevent.sleep(step)
            else:
                sock.sendall(step)
        return True


def answer(status=200, body=b"ok", **headers):
    """An answer's bytes. ``Content_Type="text/xml"`` sets a header, None leaves one out."""
    fields = {"Content-Type": "text/xml", "Content-Length": len(body)}
    fields.update((name.replace("_", "-"), value) for name, value in headers.items())
    lines = [f"{name}: {value}\r\n" for name, value in fields.items() if value is not None]
    return f"HTTP/1.1 {status} Fine\r\n{''.join(lines)}\r\n".encode() + body


def eventually(condition, seconds=60.0):
    for _ in range(round(seconds * 100)):
        if condition():
            return True
        gevent.sleep(0.01)
    return False


HEAD = answer(200, b"123456789")[:-9]  # of an answer that owes nine bytes
