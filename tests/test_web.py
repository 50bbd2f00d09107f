"""The daemon's HTTP server: its table of paths, the recordings, a port that is taken."""

import os
import re
import socket
import urllib.error
import urllib.request

import gevent
import pytest
from dialctl import web
from dialctl.web import Response, Route, Web, plain
from dialctl.web.recordings import route

BODY = bytes(range(256)) * 1000


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def serve():
    servers = []

    def start(*routes, listen=None):
        listen = listen or f"127.0.0.1:{free_port()}"
        server = Web(listen, routes)
        server.start()
        servers.append(server)
        return f"http://{listen}"

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def recordings(serve, tmp_path):
    folder = tmp_path / "rec"
    folder.mkdir()
    (folder / "a-1.wav").write_bytes(BODY)
    (folder / "b_2.mp3").write_bytes(b"mp3")
    (folder / "empty.wav").write_bytes(b"")
    (folder / "notes.txt").write_text("secret")
    (tmp_path / "above.wav").write_text("secret")
    os.symlink(tmp_path / "above.wav", folder / "link.wav")
    (folder / "folder.wav").mkdir()
    os.mkfifo(folder / "pipe.wav")
    return serve(route(str(folder)))


def ask(url, method="GET", **headers):
    request = urllib.request.Request(url, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_a_recording_is_served(recordings):
    status, headers, body = ask(f"{recordings}/recordings/a-1.wav")
    assert (status, body) == (200, BODY)
    assert headers["Content-Type"] == "audio/wav"
    assert headers["Content-Length"] == str(len(BODY))
    assert headers["Accept-Ranges"] == "bytes"
    status, headers, body = ask(f"{recordings}/recordings/b_2.mp3")
    assert (status, headers["Content-Type"], body) == (200, "audio/mpeg", b"mp3")


def test_its_head(recordings):
    status, headers, body = ask(f"{recordings}/recordings/a-1.wav", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, str(len(BODY)), b"")


@pytest.mark.parametrize(
    ("wanted", "placed", "body"),
    [
        ("bytes=0-9", "0-9", BODY[:10]),
        ("bytes=10-10", "10-10", BODY[10:11]),
        ("bytes=255990-", "255990-255999", BODY[-10:]),
        ("bytes=0-", "0-255999", BODY),
        ("bytes=255990-999999", "255990-255999", BODY[-10:]),
        ("bytes=-5", "255995-255999", BODY[-5:]),
        ("bytes=-999999", "0-255999", BODY),
    ],
)
def test_a_part_of_it(recordings, wanted, placed, body):
    status, headers, got = ask(f"{recordings}/recordings/a-1.wav", Range=wanted)
    assert (status, got) == (206, body)
    assert headers["Content-Range"] == f"bytes {placed}/256000"


@pytest.mark.parametrize("wanted", ["bytes=9-1", "bytes=0-1,5-6", "lines=1-2", "bytes=-"])
def test_what_is_no_range_is_answered_with_the_whole(recordings, wanted):
    status, _, body = ask(f"{recordings}/recordings/a-1.wav", Range=wanted)
    assert (status, body) == (200, BODY)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("a-1", "bytes=256000-"), ("a-1", "bytes=-0"), ("empty", "bytes=0-"), ("empty", "bytes=-1")],
)
def test_a_part_that_it_does_not_have(recordings, name, wanted):
    status, headers, _ = ask(f"{recordings}/recordings/{name}.wav", Range=wanted)
    assert status == 416
    assert headers["Content-Range"] in ("bytes */256000", "bytes */0")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/recordings/",
        "/recordings",
        "/recordings/none.wav",
        "/recordings/notes.txt",
        "/recordings/link.wav",
        "/recordings/folder.wav",
        "/recordings/pipe.wav",
        "/recordings/../above.wav",
        "/recordings/%2e%2e%2fabove.wav",
        "/recordings/.%2fa-1.wav",
        "/recordings//a-1.wav",
        "/recordings/a-1.wav/",
        "/recordings/a-1.wav%00.mp3",
        "/recordings/a-1.wav%0a",
        "/xrecordings/a-1.wav",
    ],
)
def test_nothing_else_is(recordings, path):
    status, _, body = ask(recordings + path)
    assert status == 404
    assert b"secret" not in body


def test_nobody_changes_anything(recordings):
    status, headers, _ = ask(f"{recordings}/recordings/a-1.wav", "DELETE")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_what_may_not_be_read_is_logged(serve, tmp_path, monkeypatch, caplog):
    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("dialctl.web.recordings.os.open", refused)
    url = serve(route(str(tmp_path)))
    assert ask(f"{url}/recordings/a.wav")[0] == 404
    assert "a.wav cannot be read: Permission denied; see freeswitch/INSTALL.md" in caplog.text


def test_a_route_gets_what_its_pattern_caught(serve):
    def answer(environ, match):
        body = f"{match[1]} {environ['QUERY_STRING']}".encode()
        return Response("200 OK", (("Content-Length", str(len(body))),), (body,))

    url = serve(Route(re.compile("/hello/([a-z]+)"), answer))
    assert ask(f"{url}/hello/ann?x=1")[2] == b"ann x=1"


def test_a_fault_is_ours_and_the_server_goes_on(serve, caplog):
    def faulty(environ, match):
        raise ZeroDivisionError

    url = serve(
        Route(re.compile("/x"), faulty), Route(re.compile("/y"), lambda e, m: plain("200 OK"))
    )
    assert ask(f"{url}/x")[0] == 500
    assert "a fault of dialctl's own in /x" in caplog.text
    assert ask(f"{url}/y")[2] == b"200 OK\n"


def test_a_port_in_use_is_tried_again(serve, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setattr(web, "RETRY_SECONDS", 0.05)
    earlier = socket.create_server(("127.0.0.1", 0))
    listen = f"127.0.0.1:{earlier.getsockname()[1]}"
    url = serve(listen=listen)
    assert f"cannot listen on {listen}: Address already in use; calls go on" in caplog.text
    earlier.close()
    with gevent.Timeout(5):
        while "web pages on" not in caplog.text:
            gevent.sleep(0.01)
    assert ask(f"{url}/")[0] == 404


def test_stopping_while_it_is_tried(serve):
    with socket.create_server(("127.0.0.1", 0)) as earlier:
        server = Web(f"127.0.0.1:{earlier.getsockname()[1]}", ())
        server.start()
        server.stop()
