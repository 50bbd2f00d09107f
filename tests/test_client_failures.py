"""What goes wrong between dialctl.http.client and a server, and what it is called."""

import gzip
import socket
import struct
import time

import gevent
import pytest
from dialctl.clock import Clock
from dialctl.http.client import (
    Answer,
    BadRedirect,
    Client,
    ConnectFailed,
    ReadFailed,
    TooLarge,
)
from dialctl.settings import Http
from gevent.server import StreamServer

from support.http import TCP, Failed, chunked, client, failure, resolver, web  # noqa: F401  fixtures
from support.rawserver import CLOSE, HANG, HEAD, RESET, SECOND, answer, eventually


def test_refused(client):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        assert failure(client, url, ConnectFailed) == (
            Failed("ct", None, 0),
            "could not be reached: Connection refused",
        )


def test_connect_timeout(client):
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for sock in (first, second):  # one is accepted by the kernel, one waits; the third hangs
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        began = time.monotonic()
        assert failure(client, url, ConnectFailed, read_timeout=5.0) == (
            Failed("ct", None, 0),
            "could not be reached in time",
        )
        assert time.monotonic() - began == pytest.approx(SECOND, abs=0.001)


def test_a_name_that_does_not_exist(client, resolver):
    resolver(0, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    assert failure(client, "http://nowhere.example/", ConnectFailed) == (
        Failed("ct", None, 0),
        "could not be reached: nowhere.example is unknown: Name or service not known",
    )


def test_a_label_too_long_for_dns(client):
    kind, words = failure(client, f"http://{'x' * 80}.example/", ConnectFailed)
    assert kind == Failed("ct", None, 0)
    assert "is unknown" in words


def test_a_name_without_address(client, resolver):
    resolver(0, [])
    _, words = failure(client, "http://empty.example/", ConnectFailed)
    assert words == "could not be reached: its name has no address"


def test_a_dead_name_server_costs_the_connect_timeout_and_one_look_up(client, resolver):
    dead = resolver(2 * SECOND, socket.gaierror(socket.EAI_AGAIN, "try again"))
    jobs = [gevent.spawn(failure, client, "http://slow.example/", ConnectFailed) for _ in range(20)]
    gevent.joinall(jobs, timeout=5)
    expected = Failed("ct", None, 0), "could not be reached in time"
    assert [job.value for job in jobs] == [expected] * 20
    assert dead.asked == ["slow.example"]
    gevent.sleep(2 * SECOND)  # the look-up ends by itself, and the next request asks again
    failure(client, "http://slow.example/", ConnectFailed)
    assert dead.asked == ["slow.example"] * 2


def test_the_next_address_is_tried(web, client, resolver):
    resolver(0, [(*TCP, "127.0.0.255"), (*TCP, "127.0.0.1")])
    web.on("/p", answer())
    port = web.url.rpartition(":")[2]
    assert client.request("GET", f"http://app.example:{port}/p").status == 200


def test_ipv6_by_number(client):
    with socket.socket(socket.AF_INET6) as nobody:
        try:
            nobody.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 on this machine")
        url = f"http://[::1]:{nobody.getsockname()[1]}/"
        _, words = failure(client, url, ConnectFailed)
    assert words == "could not be reached: Connection refused"


@pytest.mark.parametrize(
    ("steps", "failed", "words"),
    [
        ((HANG,), Failed("rt", False, 0), "gave no answer in time"),
        ((CLOSE,), Failed("rt", False, 0), "gave no answer: the connection was closed"),
        ((RESET,), Failed("rt", False, 0), "gave no answer: Connection reset by peer"),
        ((b"H", HANG), Failed("", True, 0), "broke off its answer: timed out"),
        ((HEAD[:30], CLOSE), None, ""),
        ((HEAD[:30], 0.05, RESET), Failed("", True, 0), "broke off its answer: Connection reset"),
        ((b"SSH-2.0-OpenSSH\r\n",), Failed("", True, 0), "broke off its answer: SSH-2.0-OpenSSH"),
        ((b"x" * 70000, CLOSE), Failed("", True, 0), "broke off its answer: got more than 65536"),
        ((HEAD + b"1234", HANG), Failed("", True, 200), "broke off its answer: "),
        ((HEAD + b"1234", CLOSE), Failed("", True, 200), "broke off its answer: "),
        ((HEAD + b"1234", 0.05, RESET), Failed("", True, 200), "broke off its answer: "),
        ((chunked(b"abc")[:-7], CLOSE), Failed("", True, 200), "broke off its answer: "),
        ((chunked(b"abc").replace(b"3\r\n", b"x\r\n"), CLOSE), Failed("", True, 200), "broke off"),
        (
            (answer(200, b"plain", Content_Encoding="gzip", Content_Length=9), CLOSE),
            Failed("", True, 200),
            "broke off its answer: ",
        ),
        (
            (answer(500, b"12345", Content_Length="9"), CLOSE),
            Failed("", True, 500),
            "broke off its answer: ",
        ),
        (
            (answer(200, b"12345", Content_Length="5, 6"),),
            Failed("", True, 200),
            "gave its answer no clear length",
        ),
    ],
)
def test_read_failures_say_how_far_the_answer_got(web, client, steps, failed, words):
    url = web.on("/p", steps)
    if failed is None:  # a head without its end is no failure to http.client: a body of nothing
        assert client.request("POST", url).body == b""
        return
    got, said = failure(client, url, ReadFailed)
    assert got == failed
    assert said.startswith(words)
    assert len(web.asked) == 1
    assert eventually(lambda: not web.open)


def test_a_request_nobody_takes(client):
    """A server that accepts and never reads: the buffers fill, and the wait for room ends."""
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(1)
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(ReadFailed, match="^did not take the request: timed out") as raised:
            client.request("POST", url, {"a": "x" * 20_000_000})
    assert not raised.value.partial


def test_a_request_refused_halfway(client):
    """The server has read enough: what it may have said counts, and here it has said nothing."""

    def serve(sock, _address):
        sock.recv(1000)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    server = StreamServer(("127.0.0.1", 0), serve)
    server.start()
    url = f"http://127.0.0.1:{server.server_port}/"
    with pytest.raises(ReadFailed, match="^gave no answer: ") as raised:
        client.request("POST", url, {"a": "x" * 20_000_000})
    assert not raised.value.partial
    server.stop(0)


@pytest.mark.parametrize(
    "steps",
    [
        (answer(200, b"x" * 1001),),
        (HEAD.replace(b": 9", b": 1000000000000"), HANG),
        (answer(200, b"x" * 1001, Content_Length=None), CLOSE),
        (chunked(b"x" * 600, b"x" * 401),),
        (chunked(b"x" * 1_000_000),),
        (answer(200, gzip.compress(b"\0" * 20_000_000), Content_Encoding="gzip"),),
    ],
)
def test_too_large_however_it_is_sent(web, client, steps):
    url = web.on("/p", steps)
    assert failure(client, url, TooLarge) == (
        Failed("", None, 200),
        "answered with more than 1000 bytes",
    )
    assert eventually(lambda: not web.open)


def test_a_large_error_page_is_retried_as_its_status_says(web, client):
    url = web.on("/p", answer(500, b"x" * 1001))
    assert failure(client, url, TooLarge)[0] == Failed("5xx", None, 500)


def test_just_large_enough_and_a_limit_of_ones_own(web, client):
    url = web.on("/p", answer(200, b"x" * 1000))
    assert len(client.request("POST", url).body) == 1000
    failure(client, url, TooLarge, max_bytes=999)
    packed = answer(200, gzip.compress(b"\0" * 1001), Content_Encoding="gzip")
    failure(client, web.on("/packed", packed), TooLarge)


def test_a_length_that_lies_low_cuts_the_body_and_the_rest_is_no_answer(web, client):
    lie = answer(200, b"12345", Content_Length=5)
    rest = b"HTTP/1.1 200 Forged\r\nContent-Length: 1\r\n\r\n!"
    url = web.on("/p", lie + rest, (lie, 0.05, rest), answer())
    assert client.request("POST", url).body == b"12345"
    assert client.request("POST", url).body == b"12345"
    gevent.sleep(0.1)
    assert client.request("POST", url).body == b"ok"
    assert [asked.connection for asked in web.asked] == [1, 2, 3]


def test_a_slow_drip_is_bounded_by_the_total(web, client):
    url = web.on("/p", (HEAD, *(0.05, b"1") * 9))
    began = time.monotonic()
    assert failure(client, url, ReadFailed, total_timeout=0.2) == (
        Failed("", True, 200),
        "took too long",
    )
    assert time.monotonic() - began == pytest.approx(0.2, abs=0.001)
    assert eventually(lambda: not web.open)


def test_timeouts_are_seconds_of_call_time(web):
    fast = Client(Http(1.0, 2.0, 5.0), Clock(speed=10), 1000)
    began = time.monotonic()
    failure(fast, web.on("/p", (HANG,)), ReadFailed)
    assert time.monotonic() - began == pytest.approx(0.2, abs=0.001)
    fast.close()


# Redirects


def test_redirects_are_followed_three_times(web, client):
    for number in range(4):
        web.on(f"/{number}", answer(307, Location=f"/{number + 1}?n={number}#rc=9"))
    web.on("/4", answer(200, b"there"))
    got = client.request("POST", f"{web.url}/1", {"a": "1"})
    assert got == Answer(200, "text/xml", b"there", f"{web.url}/4?n=3")
    web.asked.clear()
    assert failure(client, f"{web.url}/0", BadRedirect) == (
        Failed("", None, 307),
        "redirects more than 3 times",
    )
    assert web.paths() == ["/0", "/1?n=0", "/2?n=1", "/3?n=2"]


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", ("GET", "")),
        (302, "POST", ("GET", "")),
        (303, "POST", ("GET", "")),
        (307, "POST", ("POST", "a=1")),
        (308, "POST", ("POST", "a=1")),
        (302, "GET", ("GET", "")),
        (307, "GET", ("GET", "")),
    ],
)
def test_a_redirected_post_becomes_a_get_as_in_browsers(web, client, status, method, then):
    web.on("/old", answer(status, Location="new?x=1"))
    web.on("/new", answer())
    assert client.request(method, f"{web.url}/old", {"a": "1"}).url == f"{web.url}/new?x=1"
    last = web.asked[-1]
    assert (last.method, last.body) == then
    assert last.target == "/new?x=1"  # our parameters are not added again
    assert ("content-length" in last.headers) == (then[0] == "POST")


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("ftp://h/p", "redirects to nowhere: URL ftp://h/p is neither http:// nor https://"),
        ("https://", "redirects to nowhere: URL https:// has no host"),
        ("/a b", "redirects to nowhere: URL /a b holds a blank or a control character"),
    ],
)
def test_redirects_to_nowhere(web, client, location, why):
    url = web.on("/p", answer(302, Location=location))
    assert failure(client, url, BadRedirect) == (Failed("", None, 302), why)


def test_a_redirect_may_be_written_in_utf_8(web, client):
    url = web.on("/p", answer(302, Location="/ü"))
    web.on("/%C3%BC", answer())
    assert client.request("POST", url).status == 200


def test_a_redirect_without_location_is_an_answer(web, client):
    assert client.request("POST", web.on("/p", answer(302))).status == 302


# TLS

# Made for this test; it opens nothing. Self-signed, for localhost and 127.0.0.1, until 2120.
