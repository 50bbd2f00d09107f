"""Who may connect, and where it listens. Calls themselves: tests/flows."""

import socket

import gevent
import pytest
from dialctl.conf.rules import address
from dialctl.errors import ConfigError
from dialctl.server import Server, serve_until
from dialctl.settings import Settings, Web
from gevent.event import Event


def settings(**more):
    return Settings(**{"listen": "127.0.0.1:0", "stop_grace": 0.2, "web": Web(listen=""), **more})


@pytest.fixture
def serve():
    servers = []

    def start(**more):
        server = Server(settings(**more))
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


def connected(server):
    sock = socket.create_connection(address(server.address), timeout=5)
    try:
        return sock.recv(100)
    finally:
        sock.close()


def test_whoever_may_connect_is_asked_for_the_call(serve):
    assert connected(serve()) == b"connect\n\n"


def test_whoever_may_not_is_turned_away(serve, caplog):
    assert connected(serve(allow=("10.0.0.0/8",))) == b""
    assert "127.0.0.1 may not connect: it is not in allow" in caplog.text


def test_a_port_that_is_taken(serve):
    taken = serve().address
    with pytest.raises(ConfigError, match=f"listen: cannot listen on {taken}: .*another dialctl"):
        Server(settings(listen=taken)).start()


def test_a_state_folder_that_cannot_be_written_is_told(serve, caplog, tmp_path):
    serve(state_dir=str(tmp_path))
    assert "state_dir" not in caplog.text
    serve(state_dir=str(tmp_path / "none"))
    assert "none is no folder that can be written" in caplog.text


def test_it_says_that_it_is_ready_and_stops_when_told(caplog):
    caplog.set_level("INFO")
    server, stop = Server(settings()), Event()
    serving = gevent.spawn(serve_until, server, stop)
    gevent.sleep(0.05)
    stop.set()
    serving.get(timeout=5)
    first, last = caplog.messages[-2:]
    assert first.startswith(f"ready, calls on {server.address}")
    assert last == "stopped"


def test_somebody_who_says_nothing_is_no_call(serve, caplog):
    server = serve()
    sock = socket.create_connection(address(server.address), timeout=5)
    sock.recv(100)
    sock.sendall(b"Content-Type: command/reply\nReply-Text: +OK\n\n")
    assert sock.recv(100) == b""
    sock.close()
    assert server.idle(5)
    assert "the switch: the reply to connect names no channel" in caplog.text
