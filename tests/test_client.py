"""dialctl.http.client against a real server on loopback that behaves as told."""

import base64
import gzip
import zlib

import gevent
import pytest
from dialctl import __version__
from dialctl.http import pool
from dialctl.http.client import (
    Answer,
)
from dialctl.http.encoding import Encoding
from gevent.server import StreamServer

from support.http import TCP, chunked, client, resolver, web  # noqa: F401  fixtures
from support.rawserver import CLOSE, answer, eventually


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


def test_a_post_may_be_json_and_stays_so_after_a_redirect(web, client):
    second = web.on("/second", answer())
    url = web.on("/p", answer(307, Location=second))
    client.request("POST", url, {"b": {"c": 1}, "a": "ü"}, encoding=Encoding.JSON)
    assert [asked.body for asked in web.asked] == ['{"a": "ü", "b": {"c": 1}}'] * 2
    assert [a.headers["content-type"] for a in web.asked] == ["application/json"] * 2


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


def test_few_hosts_are_kept_and_the_last_used_ones(web, client, resolver, monkeypatch):
    monkeypatch.setattr(pool, "IDLE_HOSTS", 2)
    resolver(0, [(*TCP, "127.0.0.1")])
    web.on("/p", answer())
    port = web.url.rpartition(":")[2]
    for host in ("a", "b", "a", "c", "a", "b"):
        client.request("POST", f"http://{host}.example:{port}/p")
    assert [asked.connection for asked in web.asked] == [1, 2, 1, 3, 1, 4]
    assert eventually(lambda: len(web.open) == 2)
