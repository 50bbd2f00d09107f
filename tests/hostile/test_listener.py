"""Whoever reaches the port where FreeSWITCH connects, and may."""

import contextlib
import itertools
import os
import socket
import time
import tracemalloc

import gevent
import pytest
from dialctl import gate
from dialctl.clock import Clock
from dialctl.conf.rules import address
from dialctl.esl import session
from dialctl.server import Server
from dialctl.settings import App, Http, Settings, Web

from support.rawserver import eventually

CALL = b"Event-Name: CHANNEL_DATA\nUnique-ID: a1\nContent-Type: command/reply\nReply-Text: +OK\n\n"
EVENT = b"Event-Name: DTMF\nUnique-ID: a1\nDTMF-Digit: 1\n\n"
FRAME = b"Content-Length: %d\nContent-Type: text/event-plain\n\n%b" % (len(EVENT), EVENT)
MIB = 1 << 20


@pytest.fixture
def server(monkeypatch):
    """It waits 0.1 s for an answer to ``connect``, and 0.2 s for the rest of a frame."""
    monkeypatch.setattr(session, "FRAME_SECONDS", 0.2)
    monkeypatch.setattr(gate, "MOST_STRANGERS", 5)
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # the application never answers
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        made = Server(
            Settings(
                listen="127.0.0.1:0",
                stop_grace=0.2,
                web=Web(listen=""),
                http=Http(read_timeout=3600, total_timeout=3600),  # the call outlasts the test
                apps=(App("a", url),),
            ),
            Clock(50),
        )
        made.start()
        yield made
        made.stop()


def visit(server, *said):
    sock = socket.create_connection(address(server.address), timeout=5)
    for piece in said:
        sock.sendall(piece)
    return sock


def dropped(sock):
    """Whether it ends within a second."""
    sock.settimeout(1)
    try:
        while sock.recv(65536):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    finally:
        sock.close()
    return True


@pytest.mark.parametrize("said", [b"", b"C", CALL[:-1], b"GET / HTTP/1.1\r\n\r\n", b"\0" * 5000])
def test_who_does_not_say_which_call_it_is_is_dropped(server, said):
    assert dropped(visit(server, said))
    assert eventually(lambda: not server._connections)


def test_nor_does_a_byte_from_time_to_time_help(server):
    with visit(server) as sock:
        began = time.monotonic()
        with pytest.raises(ConnectionError):
            _drip(sock, CALL[:-1] * 10)
        assert time.monotonic() - began < 1


def test_half_a_frame_after_it(server, caplog):
    sock = visit(server, CALL, FRAME, FRAME[:-5])
    assert dropped(sock)
    assert "FreeSWITCH sent half a frame, and no more within 0.2 s" in caplog.text


def test_a_drip_after_it(server):
    with visit(server, CALL) as sock:
        began = time.monotonic()
        with pytest.raises(ConnectionError):
            _drip(sock, FRAME)
        assert time.monotonic() - began < 1


def test_who_says_whole_frames_slowly_may_stay(server):
    with visit(server, CALL) as sock:
        for _ in range(4):
            sock.sendall(FRAME[:50])
            gevent.sleep(0.1)
            sock.sendall(FRAME[50:])
        assert server.calls == 1


@pytest.mark.parametrize(
    "said",
    [
        b"Content-Length: 65537\n\n",
        b"Content-Length: -1\n\n",
        b"Content-Length: 1e3\n\n",
        CALL + b"Content-Length: 99999999999\n\n",
        b"A" * (MIB + 1),
    ],
)
def test_what_is_too_long_is_not_waited_for(server, said):
    began = time.monotonic()
    assert dropped(visit(server, said))
    assert time.monotonic() - began < 0.5


def test_so_many_may_say_nothing(server, caplog):
    visitors = [visit(server) for _ in range(12)]
    assert eventually(lambda: server._gate.dropped == 7)
    assert [bool(visitor.recv(9)) for visitor in visitors] == [True] * 5 + [False] * 7
    assert caplog.text.count("that are no call") == 1
    for visitor in visitors:
        visitor.close()


def test_those_who_say_nothing_take_no_calls_place(server):
    for _ in range(4):
        visit(server)
    with visit(server, CALL):
        assert eventually(lambda: server.calls == 1)


@pytest.mark.real_time  # it is never at rest, so virtual time would stand still
def test_a_flood_of_events_starves_nobody(server, monkeypatch):
    """Between two turns of somebody else one piece is read of the socket, whatever waits there."""
    read, pieces, turns = os.read, [], []
    monkeypatch.setattr(os, "read", lambda *what: pieces.append(1) or read(*what))
    with _flood(server):
        while len(pieces) < 200 and server.calls:
            turns.append(len(pieces))
            gevent.sleep(0)
        assert server.calls == 1
    assert max(later - before for before, later in itertools.pairwise(turns)) <= 2


@pytest.mark.real_time  # it is never at rest, so virtual time would stand still
def test_a_flood_of_events_fills_no_memory(server):
    """Some megabytes a second come in; none of them stays."""
    with _flood(server):
        tracemalloc.start()
        gevent.sleep(1)
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
        tracemalloc.stop()
        assert server.calls == 1


@contextlib.contextmanager
def _flood(server):
    """Events of a call without end, as fast as they are taken."""
    sock = visit(server, CALL)
    assert eventually(lambda: server.calls == 1)
    pouring = gevent.spawn(_pour, sock, FRAME * 1000)
    yield sock
    pouring.kill()
    sock.close()


def _drip(sock, data):
    for at in range(len(data)):
        gevent.sleep(0.02)
        sock.sendall(data[at : at + 1])


def _pour(sock, data):
    try:
        while True:
            sock.sendall(data)
    except OSError:
        pass
