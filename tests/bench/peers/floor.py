"""The floor: the least Python can spend on an answered call with all its requests; a yardstick.

``python floor.py PORT APP_PORT``. Raw gevent sockets, no parsing beyond a bytes.find for the header
wanted, kept connections, requests written by hand: the six of dialctl's, but nothing is parsed,
signed, checked, kept or logged, and nothing that goes wrong is dealt with.
"""

import re
import sys
import uuid

import gevent
from gevent import socket
from gevent.server import StreamServer

EVENTS = b"CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_HANGUP_COMPLETE CHANNEL_EXECUTE_COMPLETE"
TARGET = re.compile(rb"<(?:User>sip:|Number>)([^<]+)</")
EXECUTE = b"sendmsg\ncall-command: execute\nexecute-app-name: %s\nexecute-app-arg: %s\n\n"
POST = (
    b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: %d\r\n\r\n%s"
)
SETTINGS = b"^^;continue_on_fail=true;hangup_after_bridge=false"

port, app_port = map(int, sys.argv[1:])
pool = []


def http(path, form):
    sock = pool.pop() if pool else socket.create_connection(("127.0.0.1", app_port))
    body = form.encode()
    sock.sendall(POST % (path, len(body), body))
    data = sock.recv(65536)
    if not data:
        return http(path, form)  # the server had closed it
    while b"\r\n\r\n" not in data:
        data += sock.recv(65536)
    head, _, rest = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(rest) < length:
        rest += sock.recv(65536)
    pool.append(sock)
    return rest


def get(frame, name):
    at = frame.find(b"\n" + name + b": ")
    return frame[at + len(name) + 3 : frame.find(b"\n", at + 1)] if at >= 0 else b""


def frames(sock):
    data = b""
    while True:
        end = data.find(b"\n\n")
        if end >= 0:
            head = data[: end + 1]
            at = head.find(b"Content-Length: ")
            # The reply to `connect` is a channel's whole header block.
            body = at >= 0 and b"Content-Type: command/reply" not in head
            length = int(head[at + 16 : head.find(b"\n", at)]) if body else 0
            if len(data) >= end + 2 + length:
                yield data[: end + 2 + length]
                data = data[end + 2 + length :]
                continue
        more = sock.recv(65536)
        if not more:
            return
        data += more


def call(sock, _peer):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(b"connect\n\n")
    stream = frames(sock)
    caller, leg = get(next(stream), b"Unique-ID"), str(uuid.uuid4()).encode()
    target = TARGET.search(http(b"/answer", "CallUUID=" + caller.decode()))[1]
    endpoint = b"sofia/internal/" + target if b"@" in target else b"sofia/gateway/a/" + target
    sock.sendall(
        b"linger 5\n\nfilter Unique-ID %s\n\nfilter Unique-ID %s\n\nevent plain %s\n\n"
        % (caller, leg, EVENTS)
        + EXECUTE % (b"multiset", SETTINGS)
        + EXECUTE % (b"bridge", b"[origination_uuid=%s]%s" % (leg, endpoint))
    )
    about = "&DialBLegUUID=" + leg.decode()
    for frame in stream:
        at = frame.find(b"Event-Name: ")
        if at < 0:
            continue
        name, me = frame[at + 12 : frame.find(b"\n", at)], get(frame, b"Unique-ID")
        if name == b"CHANNEL_ANSWER" and me == leg:
            gevent.spawn(http, b"/callback", "DialAction=answer" + about)
        elif name == b"CHANNEL_BRIDGE":
            gevent.spawn(http, b"/callback", "DialAction=connected" + about)
        elif name == b"CHANNEL_HANGUP_COMPLETE" and me == leg:
            cause = get(frame, b"Hangup-Cause").decode()
            http(b"/callback", f"DialAction=hangup&Cause={cause}" + about)
        elif name == b"CHANNEL_EXECUTE_COMPLETE" and get(frame, b"Application") == b"bridge":
            http(b"/action", "DialStatus=completed")
            sock.sendall(EXECUTE % (b"hangup", b"NORMAL_CLEARING"))
        elif name == b"CHANNEL_HANGUP_COMPLETE" and me == caller:
            http(b"/hangup", "CallUUID=" + caller.decode())
            break
    sock.close()


print("ready", flush=True)
StreamServer(("127.0.0.1", port), call, backlog=1024).serve_forever()
