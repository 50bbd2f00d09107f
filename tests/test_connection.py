"""dialctl.http.connection: TLS, kept connections, and greenlets killed in the middle."""

import gc
import logging
import os
import socket
import ssl
import statistics
import time

import gevent
import pytest
import trustme
from dialctl.clock import Clock
from dialctl.http.client import (
    BadRedirect,
    Client,
    ConnectFailed,
    ReadFailed,
)
from dialctl.settings import Http
from gevent.server import StreamServer

from support.http import TCP, Failed, chunked, client, failure, resolver, web  # noqa: F401  fixtures
from support.rawserver import CLOSE, HANG, HEAD, RESET, SECOND, Web, answer, eventually


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def secure(authority):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    server = Web(ssl_context=context)
    yield server
    server.stop()


@pytest.fixture
def trusting(authority, monkeypatch, tmp_path):
    """A client on a machine whose operator has installed the authority of these tests."""
    pem = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(pem))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    made = Client(Http(2.0, 2.0, 5.0), Clock(), 1000)
    yield made
    made.close()


def test_a_stranger_is_not_trusted(secure, client):
    url = secure.on("/p", answer())
    kind, words = failure(client, url, ConnectFailed, connect_timeout=2.0)
    assert kind == Failed("ct", None, 0)
    assert words.startswith("could not be reached: ")
    assert "certificate verify failed" in words
    assert secure.asked == []


def test_a_known_authority_is_trusted_and_the_connection_kept(secure, trusting):
    url = secure.on("/p", answer())
    for _ in range(3):
        assert trusting.request("POST", url, {"a": "1"}).status == 200
    assert {asked.connection for asked in secure.asked} == {1}


def test_another_name_than_the_certificates_is_not_trusted(secure, trusting, resolver):
    resolver(0, [(*TCP, "127.0.0.1")])
    secure.on("/p", answer())
    port = secure.url.rpartition(":")[2]
    _, words = failure(trusting, f"https://other.example:{port}/p", ConnectFailed)
    assert "match" in words


def test_plain_http_behind_https_is_no_connection(web, client):
    url = web.on("/p", answer()).replace("http:", "https:")
    assert failure(client, url, ConnectFailed)[0] == Failed("ct", None, 0)


def test_a_tls_handshake_that_stalls_is_a_connect_timeout(client):
    server = StreamServer(("127.0.0.1", 0), lambda _sock, _address: gevent.sleep(9))
    server.start()
    url = f"https://127.0.0.1:{server.server_port}/"
    assert failure(client, url, ConnectFailed, read_timeout=5.0) == (
        Failed("ct", None, 0),
        "could not be reached in time",
    )
    server.stop(0)


@pytest.mark.parametrize("down", [True, False])
def test_redirects_keep_to_their_scheme(secure, trusting, web, down):
    first, second = (secure, web) if down else (web, secure)
    url = first.on("/p", answer(307, Location=second.on("/p", answer()) + "?secret=1"))
    assert failure(trusting, url, BadRedirect) == (
        Failed("", None, 307),
        f"redirects to another scheme, from {first.url}/p to {second.url}/p?secret=...",
    )
    assert second.asked == []


# Kept connections that have gone stale


def test_a_kept_connection_that_has_been_closed_is_not_used(web, client):
    url = web.on("/p", (answer(), CLOSE), answer())
    assert client.request("POST", url).status == 200
    assert eventually(lambda: not web.open)
    assert client.request("POST", url).status == 200
    assert [asked.connection for asked in web.asked] == [1, 2]


@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_a_kept_connection_that_dies_under_the_request_is_replaced_once(web, client, end):
    url = web.on("/p", answer(), (end,), answer(200, b"second"))
    client.request("POST", url, {"a": "1"})
    assert client.request("POST", url, {"a": "2"}).body == b"second"
    assert [(asked.body, asked.connection) for asked in web.asked] == [
        ("a=1", 1),
        ("a=2", 1),
        ("a=2", 2),
    ]


def test_a_replaced_connection_that_dies_too_is_a_failure(web, client):
    url = web.on("/p", answer(), (CLOSE,))
    client.request("POST", url)
    assert failure(client, url, ReadFailed)[0] == Failed("rt", False, 0)
    assert [asked.connection for asked in web.asked] == [1, 1, 2]


def test_a_replaced_connection_has_the_usual_timeouts(web, client):
    url = web.on("/p", answer(), (CLOSE,), (HANG,))
    client.request("POST", url)
    began = time.monotonic()
    assert failure(client, url, ReadFailed)[0] == Failed("rt", False, 0)
    assert time.monotonic() - began == pytest.approx(SECOND, abs=0.001)


@pytest.mark.parametrize("steps", [(b"H", CLOSE), (b"H", 0.05, RESET), (HANG,)])
def test_once_an_answer_has_begun_or_time_is_up_nothing_is_sent_again(web, client, steps):
    url = web.on("/p", answer(), steps)
    client.request("POST", url)
    with pytest.raises(ReadFailed):
        client.request("POST", url)
    assert len(web.asked) == 2


@pytest.mark.real_time
def test_a_server_that_writes_head_and_body_apart_does_not_stall_a_kept_connection(web, client):
    """Nagle's algorithm there, delayed acknowledgement here: 40 ms a request without QUICKACK."""
    url = web.on("/p", (HEAD, b"12345", b"6789"))
    client.request("POST", url, {"a": "1"})
    took = []
    for _ in range(10):
        began = time.monotonic()
        client.request("POST", url, {"a": "1"})
        took.append(time.monotonic() - began)
    assert statistics.median(took) < 0.03
    assert {asked.connection for asked in web.asked} == {1}


# Killed in the middle


@pytest.fixture
def descriptors():
    """Counts open descriptors, with no garbage collector to tidy up behind the code."""
    gc.collect()
    gc.disable()
    yield lambda: len(os.listdir("/dev/fd"))
    gc.enable()


@pytest.mark.parametrize(
    "steps",
    [(HANG,), (b"HTTP/1.1 2", HANG), (HEAD + b"12", HANG), (chunked(b"abc")[:-6], HANG)],
)
def test_a_killed_greenlet_leaves_nothing_behind(web, client, descriptors, steps):
    url = web.on("/p", answer(), steps, answer())
    client.request("POST", url)
    job = gevent.spawn(client.request, "POST", url, read_timeout=9.0, total_timeout=9.0)
    assert eventually(lambda: len(web.asked) == 2)
    gevent.sleep(0.02)
    before = descriptors()
    job.kill()
    assert isinstance(job.value, gevent.GreenletExit)
    assert descriptors() == before - 1
    assert eventually(lambda: not web.open)
    assert client.request("POST", url).status == 200


def test_a_greenlet_killed_while_it_connects_leaves_no_socket(client, descriptors):
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for sock in (first, second):
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        before = descriptors()
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        job = gevent.spawn(client.request, "POST", url, connect_timeout=9.0, total_timeout=9.0)
        assert eventually(lambda: descriptors() == before + 1)
        job.kill()
        assert descriptors() == before


@pytest.mark.parametrize("limit", [9.0, SECOND / 2])
def test_a_tls_handshake_that_is_broken_off_leaves_no_socket(client, descriptors, limit):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        before = descriptors()
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        job = gevent.spawn(client.request, "POST", url, connect_timeout=limit, total_timeout=20.0)
        assert eventually(lambda: descriptors() == before + 1)
        job.join(SECOND)
        job.kill()
        assert descriptors() == before


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_timeout_of_the_callers_own_passes_through(web, client, scheme):
    url = web.on("/p", (HANG,)).replace("http:", f"{scheme}:")
    own = gevent.Timeout(0.05)
    with pytest.raises(gevent.Timeout) as raised, own:
        client.request("POST", url, connect_timeout=9.0, read_timeout=9.0)
    assert raised.value is own


def test_nothing_of_a_query_reaches_a_log(web, client, caplog):
    caplog.set_level(logging.DEBUG)
    url = web.on("/p", (answer(X="1").replace(b"X:", b"X"),), (CLOSE,))
    client.request("GET", f"{url}?key=topsecret", {"a": "topsecret"})
    failure(client, f"{url}?key=topsecret", ReadFailed)
    assert "topsecret" not in caplog.text
