"""dialctl.http.client and .connection against a real server on loopback that behaves as told."""

import base64
import gc
import gzip
import logging
import os
import socket
import ssl
import struct
import time
import zlib
from dataclasses import dataclass

import gevent
import pytest
from gevent.server import StreamServer

from dialctl import __version__
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


@pytest.fixture
def web():
    server = Web()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def client():
    made = Client(Http(SECOND, SECOND, 5.0), Clock(), 1000)
    yield made
    made.close()


# What is sent


def test_a_post_is_a_form_in_byte_order_and_utf_8(web, client):
    url = web.on("/p", answer())
    params = {"b": "ü &=+", "a": "1", "Z": "", "É": "x"}
    assert client.request("POST", f"{url}?q=1", params, {"X-Ours": "yes"}) == Answer(
        200, "text/xml", b"ok", f"{url}?q=1"
    )
    (asked,) = web.asked
    assert (asked.method, asked.target) == ("POST", "/p?q=1")
    assert asked.body == "Z=&a=1&b=%C3%BC+%26%3D%2B&%C3%89=x"
    host = url.split("/")[2]
    assert asked.headers == {
        "host": host,
        "accept-encoding": "identity",
        "user-agent": f"dialctl/{__version__}",
        "accept": "*/*",
        "x-ours": "yes",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": str(len(asked.body)),
    }


def test_a_get_appends_to_the_urls_own_query(web, client):
    url = web.on("/p", answer())
    answers = [
        client.request("GET", f"{url}?z=1&a=%20", (("b", "2 3"), ("A", "ü"))),
        client.request("GET", url, {"a": "1"}),
        client.request("GET", url),
    ]
    assert web.paths() == ["/p?z=1&a=%20&A=%C3%BC&b=2+3", "/p?a=1", "/p"]
    assert all(asked.body == "" and "content-type" not in asked.headers for asked in web.asked)
    assert [got.url for got in answers] == [f"{url}?z=1&a=%20", url, url]


def test_an_empty_form_is_still_a_form(web, client):
    client.request("POST", web.on("/p", answer()))
    assert web.asked[0].headers["content-length"] == "0"


def test_user_and_password_of_a_url_are_basic_authentication(web, client):
    url = web.on("/p", answer()).replace("://", "://us%40er:pass@")
    client.request("POST", url, {"a": "1"})
    expected = base64.b64encode(b"us@er:pass").decode()
    assert web.asked[0].headers["authorization"] == f"Basic {expected}"
    assert web.asked[0].target == "/p"


def test_a_request_leaves_in_one_piece(client):
    """Head and body apart would be two packets, and two wake-ups of every server."""
    pieces = []

    def serve(sock, _address):
        pieces.append(sock.recv(65536))
        sock.sendall(answer())

    server = StreamServer(("127.0.0.1", 0), serve)
    server.start()
    client.request("POST", f"http://127.0.0.1:{server.server_port}/", {"a": "1"})
    server.stop(0)
    assert pieces[0].endswith(b"\r\n\r\na=1")


def test_no_cookie_is_kept_no_proxy_asked_and_no_netrc_read(web, client, monkeypatch, tmp_path):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    netrc = tmp_path / "netrc"
    netrc.write_text("default login x password y\n")
    monkeypatch.setenv("NETRC", str(netrc))
    url = web.on("/p", answer(Set_Cookie="a=b; Path=/"))
    for _ in range(2):
        assert client.request("POST", url).status == 200
    assert not any({"cookie", "authorization"} & set(asked.headers) for asked in web.asked)


# What is answered


@pytest.mark.parametrize("status", [201, 204, 304, 404, 418, 500, 503])
def test_any_status_is_an_answer(web, client, status):
    url = web.on("/p", answer(status, b"" if status in (204, 304) else b"words"))
    assert client.request("POST", url).status == status
    assert client.request("POST", url).status == status
    assert [asked.connection for asked in web.asked] == [1, 1]


def test_an_answer_without_content_type(web, client):
    assert client.request("GET", web.on("/p", answer(Content_Type=None))).content_type == ""


def chunked(*chunks):
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return answer(200, body + b"0\r\n\r\n", Content_Length=None, Transfer_Encoding="chunked")


def test_chunks_gzip_and_deflate_are_undone(web, client):
    packed = gzip.compress(b"<Response/>")
    url = web.on(
        "/p",
        chunked(b"<Resp", b"onse/>"),
        answer(200, packed, Content_Encoding="gzip"),
        chunked(packed[:7], packed[7:]).replace(b"\r\n", b"\r\nContent-Encoding: gzip\r\n", 1),
        answer(200, zlib.compress(b"<Response/>"), Content_Encoding="deflate"),
        (answer(200, b"<Response/>", Content_Length=None), CLOSE),
    )
    assert [client.request("GET", url).body for _ in range(5)] == [b"<Response/>"] * 5


def test_connections_are_kept(web, client):
    url = web.on("/p", answer())
    for _ in range(5):
        client.request("POST", url, {"a": "1"})
    assert [asked.connection for asked in web.asked] == [1] * 5


def test_many_at_once_do_not_wait_for_each_other_and_few_stay_connected(web, client):
    url = web.on("/p", (0.1, answer()))
    patience = {"connect_timeout": 3.0, "read_timeout": 3.0}
    jobs = [gevent.spawn(client.request, "POST", url, **patience) for _ in range(100)]
    gevent.joinall(jobs, timeout=5)
    assert [job.value.status for job in jobs] == [200] * 100
    assert len({asked.connection for asked in web.asked}) > 64
    assert eventually(lambda: len(web.open) <= 64)


# Failures, by type


@dataclass
class Failed:
    policy: str
    partial: bool | None
    status: int


def failure(client, url, kind, **limits):
    with pytest.raises(kind) as raised:
        client.request("POST", url, {"a": "1"}, **limits)
    error = raised.value
    return Failed(error.policy, getattr(error, "partial", None), error.status), str(error)


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
        assert SECOND <= time.monotonic() - began < 3 * SECOND


class Resolver:
    """Stands in for gevent's, whose real look-ups depend on the machine."""

    def __init__(self, wait, found):
        self.asked = []
        self._wait, self._found = wait, found

    def getaddrinfo(self, host, port, *_args):
        self.asked.append(host)
        gevent.sleep(self._wait)
        if isinstance(self._found, Exception):
            raise self._found
        return [(*found, (address, port)) for *found, address in self._found]

    def close(self):
        pass


@pytest.fixture
def resolver(monkeypatch):
    def install(wait, found):
        made = Resolver(wait, found)
        monkeypatch.setattr(gevent.get_hub(), "resolver", made)
        return made

    return install


TCP = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")


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


HEAD = answer(200, b"123456789")[:-9]


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
    assert [asked.connection for asked in web.asked] == [1, 1, 2]


def test_a_slow_drip_is_bounded_by_the_total(web, client):
    url = web.on("/p", (HEAD, *(0.05, b"1") * 9))
    began = time.monotonic()
    assert failure(client, url, ReadFailed, total_timeout=0.2) == (
        Failed("", True, 200),
        "took too long",
    )
    assert 0.2 <= time.monotonic() - began < 0.4
    assert eventually(lambda: not web.open)


def test_timeouts_are_seconds_of_call_time(web):
    fast = Client(Http(1.0, 2.0, 5.0), Clock(speed=10), 1000)
    began = time.monotonic()
    failure(fast, web.on("/p", (HANG,)), ReadFailed)
    assert 0.2 <= time.monotonic() - began < 0.6
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
KEY_AND_CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgY8mO5vOca7+QHZRW
8+tOEzxTzaQW+6QaBOouadQleXKhRANCAATWyQRcmqUpf0XWnCEdVHG6nT/Pe687
ExxenhjU72ONMp8eJ64Ydx3NYKPKZxX3cmyXJ+mJXZ6OpaYuqZwEsDgp
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBbDCCAROgAwIBAgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxkaWFsY3Rs
IHRlc3QwIBcNMDAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBcxFTATBgNV
BAMMDGRpYWxjdGwgdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNbJBFya
pSl/RdacIR1UcbqdP897rzsTHF6eGNTvY40ynx4nrhh3Hc1go8pnFfdybJcn6Yld
no6lpi6pnASwOCmjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNV
HRMBAf8EBTADAQH/MB0GA1UdDgQWBBTe6VLsy2m2p+hpqaYAJl4VKdOPPTAKBggq
hkjOPQQDAgNHADBEAiAfN3taxKsdqmvNxBoD5MMbh++1/bIYP6xfO/OC8LK9qQIg
VqpM2Tn/54mPwA6LA+w/9K6ZUxysJl5E2yOv9nHHE7E=
-----END CERTIFICATE-----
"""


@pytest.fixture
def pem(tmp_path):
    path = tmp_path / "test.pem"
    path.write_text(KEY_AND_CERTIFICATE)
    return path


@pytest.fixture
def secure(pem):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    server = Web(ssl_context=context)
    yield server
    server.stop()


@pytest.fixture
def trusting(pem, monkeypatch):
    """A client on a machine whose operator has installed the authority of these tests."""
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


def test_never_from_https_to_http(secure, trusting, web):
    url = secure.on("/p", answer(307, Location=web.on("/p", answer()) + "?secret=1"))
    assert failure(trusting, url, BadRedirect) == (
        Failed("", None, 307),
        f"redirects from https to {web.url}/p?secret=...",
    )
    assert web.asked == []


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
    assert SECOND <= time.monotonic() - began < 3 * SECOND


@pytest.mark.parametrize("steps", [(b"H", CLOSE), (b"H", 0.05, RESET), (HANG,)])
def test_once_an_answer_has_begun_or_time_is_up_nothing_is_sent_again(web, client, steps):
    url = web.on("/p", answer(), steps)
    client.request("POST", url)
    with pytest.raises(ReadFailed):
        client.request("POST", url)
    assert len(web.asked) == 2


def test_a_server_that_writes_head_and_body_apart_does_not_stall_a_kept_connection(web, client):
    """Nagle's algorithm there, delayed acknowledgement here: 40 ms a request without QUICKACK."""
    url = web.on("/p", (HEAD, b"12345", b"6789"))
    client.request("POST", url, {"a": "1"})
    began = time.monotonic()
    for _ in range(10):
        client.request("POST", url, {"a": "1"})
    assert time.monotonic() - began < 0.2
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
