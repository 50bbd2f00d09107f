"""Whoever reaches the port of the daemon's HTTP server."""

import re
import socket
import time

import gevent
import pytest
from dialctl import web
from dialctl.web import Response, Route, Web, handler, plain

from support.ports import free_port
from support.rawserver import eventually

FOUND = b"HTTP/1.1 200 OK\r\n"
CHUNKS = 2000


@pytest.fixture
def served(monkeypatch):
    """Its address, with a tenth of a second for what may take seconds; and the pieces sent."""
    monkeypatch.setattr(handler, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(handler, "SEND_SECONDS", 0.2)
    monkeypatch.setattr(web, "MOST_CONNECTIONS", 3)
    sent = []

    def endless():
        for _ in range(CHUNKS):
            sent.append(len(sent))
            yield b"x" * 65536

    routes = (
        Route(re.compile("/"), lambda _environ, _match: plain("200 OK")),
        Route(re.compile("/big"), lambda _environ, _match: Response("200 OK", (), endless())),
    )
    listen = f"127.0.0.1:{free_port()}"
    server = Web(listen, routes)
    server.start()
    yield listen, sent
    server.stop()


def connection(listen, data=b""):
    host, _, port = listen.partition(":")
    sock = socket.create_connection((host, int(port)), timeout=5)
    sock.sendall(data)
    return sock


def everything(sock):
    said = b""
    while piece := sock.recv(65536):
        said += piece
    sock.close()
    return said


def answer_to(served, data):
    return everything(connection(served[0], data))


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_who_does_not_say_what_he_wants_is_dropped(served, said):
    began = time.monotonic()
    assert answer_to(served, said) == b""
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("drip", [b"G", b"GET / HTTP/1.1\r\nX-A: b"])
def test_who_says_it_byte_by_byte_is_dropped(served, drip):
    def bytes_taken():
        with connection(served[0], drip) as sock:
            for taken in range(200):
                gevent.sleep(0.02)
                try:
                    sock.sendall(b"a")
                except OSError:
                    return taken
        return 200

    assert 0 < bytes_taken() < 50


def test_a_kept_connection_is_kept_for_so_long_only(served):
    sock = connection(served[0], b"GET / HTTP/1.1\r\n\r\n")
    gevent.sleep(0.1)
    sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
    gevent.sleep(0.1)
    sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert everything(sock).count(FOUND) == 3


def test_who_does_not_listen_is_dropped(served):
    listen, sent = served
    deaf = connection(listen, b"GET /big HTTP/1.1\r\n\r\n")
    assert eventually(lambda: len(sent) > 1)
    gevent.sleep(0.5)
    stopped = len(sent)
    gevent.sleep(0.3)
    assert len(sent) == stopped < CHUNKS
    assert len(everything(deaf)) < CHUNKS * 65536  # what the system still held, and the end


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 150 + b"\r\n",
        b"GET / HTTP/1.1\r\nX-A: " + b"b" * 20000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + (b"X-A: " + b"b" * 1000 + b"\r\n") * 17 + b"\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / / / HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_short_request_is_refused(served, request_):
    said = answer_to(served, request_)
    assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert said.count(b"HTTP/1.") == 1
    assert answer_to(served, b"GET / HTTP/1.0\r\n\r\n").startswith(FOUND)


def test_a_request_line_without_end_is_refused(served):
    assert b" 414 " in answer_to(served, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n")


def test_no_more_connections_than_it_has_room_for(served):
    """The fourth waits until the first three, who say nothing, are dropped."""
    silent = [connection(served[0]) for _ in range(3)]
    gevent.sleep(0.05)
    began = time.monotonic()
    assert answer_to(served, b"GET / HTTP/1.0\r\n\r\n").startswith(FOUND)
    assert 0.05 < time.monotonic() - began < 1
    for sock in silent:
        sock.close()


def test_what_strangers_ask_is_not_in_the_journal(served, caplog):
    caplog.set_level("INFO")
    answer_to(served, b"GET / HTTP/9.9\r\n\r\n")
    answer_to(served, b"GET /\r\n\r\n")
    assert not caplog.records
