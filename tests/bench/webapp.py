"""The customer's web application of the benchmarks, as cheap as can be: ``webapp.py TARGET``.

TARGET is what a document dials: ``<Number>..</Number>`` or ``<User>..</User>``. Prints its port.
A line on standard input asks what has come since the last one: a line of JSON, see ``seen``.
"""

import json
import re
import sys
import time

from gevent import monkey

monkey.patch_all()

import gevent  # noqa: E402
from gevent import socket  # noqa: E402
from gevent.fileobject import FileObject  # noqa: E402
from gevent.server import StreamServer  # noqa: E402

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s"
EMPTY = b"<Response/>"
HTTAPI = b'<document type="xml/freeswitch-httapi"><work>%s</work></document>'
HTTAPI_END = HTTAPI % b"<hangup/>"
HTTAPI_OVER = (b"exiting=true", b"last_bridge", b"hungup")  # mod_httapi asks again


def field(body, name):
    at = (b"&" + body).find(b"&" + name + b"=")
    end = body.find(b"&", at)
    return body[at + len(name) + 1 : end if end >= 0 else len(body)].decode() if at >= 0 else ""


class App:
    def __init__(self, target):
        self.server = StreamServer(("127.0.0.1", 0), self.serve, backlog=4096)
        self.server.start()
        self.port = self.server.server_port
        url = f"http://127.0.0.1:{self.port}"
        self.document = (
            f'<Response><Dial action="{url}/action" callbackUrl="{url}/callback">{target}</Dial>'
            "</Response>"
        ).encode()
        dialled = re.sub("<[^>]*>|sip:", "", target)
        self.httapi = HTTAPI % f'<dial dialplan="x">sofia/internal/{dialled}</dial>'.encode()
        self.requests = {}  # by path
        self.signed = self.bytes = 0
        self.told = []  # [leg's UUID, DialAction, when: time.monotonic()]

    def seen(self):
        """What came: its ``requests`` by path, how many were ``signed``, ``bytes`` of them all, and
        the Dial's callbacks with their times."""
        seen = {
            "requests": self.requests,
            "signed": self.signed,
            "bytes": self.bytes,
            "told": self.told,
        }
        self.requests, self.told, self.signed, self.bytes = {}, [], 0, 0
        return seen

    def serve(self, sock, _peer):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = b""
        while more := sock.recv(65536):
            data += more
            head, end, body = data.partition(b"\r\n\r\n")
            if not end:
                continue
            at = head.lower().find(b"content-length: ")
            length = int(head[at + 16 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(body) < length:
                continue
            self.hear(head, body, len(data))
            path = head.split(b" ", 2)[1]
            told = self.answer(path, body)
            data = b""
            sock.sendall(ANSWER % (len(told), told))

    def answer(self, path, body):
        if path == b"/answer":
            return self.document
        if path == b"/httapi":
            return HTTAPI_END if any(word in body for word in HTTAPI_OVER) else self.httapi
        return EMPTY if path == b"/action" else b""

    def hear(self, head, body, size):
        path = head.split(b" ", 2)[1].decode()
        self.requests[path] = self.requests.get(path, 0) + 1
        self.signed += b"X-Plivo-Signature-V3:" in head
        self.bytes += size
        if path == "/callback":
            leg, action = field(body, b"DialBLegUUID"), field(body, b"DialAction")
            self.told.append((leg, action, time.monotonic()))


if __name__ == "__main__":
    app = App(sys.argv[1])
    print(app.port, flush=True)
    for _ in FileObject(sys.stdin.buffer):
        print(json.dumps(app.seen()), flush=True)
        gevent.sleep(0)
