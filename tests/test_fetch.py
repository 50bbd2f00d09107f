"""dialctl.http.fetch: documents, retries, time limits, and words for what went wrong."""

import gzip
import logging
import re
import socket
import time
from urllib.parse import parse_qsl

import gevent
import pytest
from dialctl.clock import Clock
from dialctl.errors import DocumentError, FetchError
from dialctl.http.client import Client
from dialctl.http.fetch import Document, Fetcher
from dialctl.http.signing import sign_v2, sign_v3
from dialctl.settings import Http

from support.rawserver import CLOSE, HANG, SECOND, Web, answer, eventually

SPEED = 4  # four seconds of these calls are one of a request
PATIENCE = Http(SPEED * SECOND, SPEED * SECOND, total_timeout=20.0)


@pytest.fixture
def web():
    server = Web()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def fetcher():
    clock = Clock(SPEED)
    client = Client(PATIENCE, clock, 1000)
    yield Fetcher(client, PATIENCE, clock)
    client.close()


def failing(fetcher, url, kind=FetchError, **more):
    with pytest.raises(kind) as raised:
        fetcher.fetch(url, **more)
    words = re.sub(r"\d\.\d\d s\)$", "N s)", str(raised.value))
    return words.replace(re.match(r".*?(http://[^/]+)", words)[1], "http://app"), raised.value


def test_a_document(web, fetcher):
    url = web.on("/answer", answer(200, b"<Response/>", Content_Type="application/xml"))
    document = fetcher.fetch(f"{url}?q=1#rc=0", "POST", {"To": "2", "From": "1"}, call_uuid="a1")
    assert document == Document(f"{url}?q=1", b"<Response/>", "application/xml")
    (asked,) = web.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/answer?q=1", "From=1&To=2")
    assert not any(name.startswith("x-plivo") for name in asked.headers)


def test_relative_urls_are_resolved_against_where_the_document_came_from(web, fetcher):
    web.on("/old", answer(302, Location="/new/place?y=1"))
    web.on("/new/place", answer(201))
    assert fetcher.fetch(f"{web.url}/old", "GET", {"a": "1"}).url == f"{web.url}/new/place?y=1"
    url = web.on("/direct", answer())
    assert fetcher.fetch(f"{url}?x=1#rc=0", "GET", {"a": "1"}).url == f"{url}?x=1"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_attempt_is_signed_anew(web, fetcher, method):
    url = web.on("/p", (CLOSE,), answer())
    params = {"To": "1 2", "From": "ü"}
    fetcher.fetch(f"{url}?q=%20#rp=all", method, params, auth_token="secret")
    first, second = web.asked
    for asked in web.asked:
        nonce = asked.headers["x-plivo-signature-v3-nonce"]
        seen = tuple(parse_qsl(asked.body))
        v3 = sign_v3(method, web.url + asked.target, seen, nonce, "secret")
        v2 = sign_v2(web.url + asked.target, nonce, "secret")
        assert asked.headers["x-plivo-signature-v3"] == v3
        assert asked.headers["x-plivo-signature-ma-v3"] == v3
        assert asked.headers["x-plivo-signature-v2"] == v2
        assert asked.headers["x-plivo-signature-ma-v2"] == v2
        assert asked.headers["x-plivo-signature-v2-nonce"] == nonce
    nonce = "x-plivo-signature-v3-nonce"
    assert first.headers[nonce] != second.headers[nonce]


# Retries


@pytest.mark.parametrize(
    ("fragment", "answers", "attempts"),
    [
        ("", [answer(500)], 1),  # the default policy is ct,rt
        ("", [(CLOSE,)], 2),
        ("", [(HANG,)], 2),
        ("#rc=0", [(CLOSE,)], 1),
        ("#rc=3", [(CLOSE,)], 4),
        ("#rc=3&rp=ct", [(CLOSE,)], 1),
        ("#rc=3&rp=5xx", [(CLOSE,)], 1),
        ("#rc=2&rp=5xx", [answer(503)], 3),
        ("#rc=2&rp=5xx", [answer(404)], 1),
        ("#rc=2&rp=4xx", [answer(404)], 3),
        ("#rc=2&rp=4xx", [answer(503)], 1),
        ("#rc=3&rp=all", [answer(503), answer(404), (HANG,), answer(302)], 4),
        ("#rc=3&rp=all", [answer(302)], 1),
        ("#rc=3&rp=all", [(b"HTTP/1.1", CLOSE)], 1),  # an answer had begun
        ("#rc=3&rp=all", [(answer(500, Content_Length=9), CLOSE)], 1),
        ("#rc=2&rp=5xx", [answer(500, b"x" * 2000)], 3),
    ],
)
def test_retries_follow_the_policy_of_the_url(web, fetcher, fragment, answers, attempts):
    words, _ = failing(fetcher, web.on("/p", *answers) + fragment)
    assert len(web.asked) == attempts
    assert f"(attempts {attempts}, " in words


def test_the_attempt_that_succeeds_counts(web, fetcher):
    url = web.on("/p", (CLOSE,), answer(500), answer(200, b"<Response/>"))
    assert fetcher.fetch(f"{url}#rc=5&rp=all").body == b"<Response/>"
    assert len(web.asked) == 3


def test_refused_connections_are_retried_under_ct(fetcher):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/p?From=123"
        for fragment, attempts in (("", 2), ("#rp=rt", 1), ("#rp=ct&rc=3", 4)):
            words, error = failing(fetcher, url + fragment)
            assert words == (
                "the web application at http://app/p?From=... "
                f"could not be reached: Connection refused (attempts {attempts}, N s)"
            )
            assert error.status == 0


def test_the_total_bounds_all_attempts(web, fetcher):
    url = web.on("/p", (HANG,))
    began = time.monotonic()
    failing(fetcher, f"{url}#tt=2000&rc=5&rt=800")
    assert time.monotonic() - began == pytest.approx(0.5, abs=0.001)
    assert len(web.asked) in (2, 3)


def test_the_total_bounds_a_single_wait(web, fetcher):
    began = time.monotonic()
    words, _ = failing(fetcher, web.on("/p", (HANG,)) + "#tt=400&rt=40000")
    assert time.monotonic() - began == pytest.approx(0.1, abs=0.001)
    assert "(attempts 1, " in words


def test_time_limits_are_seconds_of_call_time(web, fetcher):
    began = time.monotonic()
    failing(fetcher, web.on("/p", (HANG,)) + "#rt=1200")
    assert time.monotonic() - began == pytest.approx(0.6, abs=0.001)
    assert len(web.asked) == 2


# Words


@pytest.mark.parametrize("status", [404, 500, 302, 304])
def test_a_status_that_is_not_2xx(web, fetcher, status):
    url = web.on("/p", answer(status, b"" if status == 304 else b"<html>"))
    words, error = failing(fetcher, f"{url}?From=123&key=secret", method="GET", params={"a": "1"})
    assert words == (
        f"the web application at http://app/p?From=...&key=... answered {status} (attempts 1, N s)"
    )
    assert error.status == status


def test_half_an_answer_has_no_status(web, fetcher):
    url = web.on("/p", (answer(200, b"12345", Content_Length=9), CLOSE))
    words, error = failing(fetcher, url)
    assert words.startswith("the web application at http://app/p broke off its answer: ")
    assert error.status == 0


@pytest.mark.parametrize("status", [500, 404])
def test_half_an_error_and_a_large_error_are_that_error(web, fetcher, status):
    half = web.on("/half", (answer(status, b"12345", Content_Length=9), CLOSE))
    large = web.on("/large", answer(status, b"x" * 2000))
    assert [failing(fetcher, url)[1].status for url in (half, large)] == [status, status]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer(200, b"x" * 1001), "answered with more than 1000 bytes"),
        (
            answer(200, gzip.compress(b"x" * 1001), Content_Encoding="gzip"),
            "answered with more than 1000 bytes",
        ),
    ],
)
def test_a_2xx_without_a_usable_body_is_the_documents_fault(web, fetcher, given, words):
    said, _ = failing(fetcher, web.on("/p", given), DocumentError)
    assert said == f"the web application at http://app/p {words} (attempts 1, N s)"


@pytest.mark.parametrize(("status", "body"), [(200, b""), (200, b" \r\n"), (204, b"")])
def test_an_answer_without_a_document_is_for_its_dialect_to_judge(web, fetcher, status, body):
    assert fetcher.fetch(web.on("/p", answer(status, body))).body == body


def test_a_redirect_we_do_not_follow(web, fetcher):
    words, error = failing(fetcher, web.on("/p", answer(302, Location="ftp://h/secret")))
    assert "redirects to nowhere: URL ftp://h/secret is neither http:// nor https://" in words
    assert error.status == 302


def test_a_url_nobody_can_request(fetcher):
    with pytest.raises(FetchError) as raised:
        fetcher.fetch("ftp://h/p?key=secret")
    assert str(raised.value) == (
        "the web application cannot be asked: URL ftp://h/p?key=... is neither http:// nor https://"
    )


def test_the_log_names_the_call_and_no_values(web, fetcher, caplog):
    caplog.set_level(logging.DEBUG)
    url = web.on("/p", answer(200, b"<Response/>"))
    fetcher.fetch(f"{url}?key=secret#rc=9", "POST", {"Digits": "4711"}, "token77", "a1")
    warning, done = caplog.records
    assert (warning.name, warning.levelname, warning.call_uuid) == ("dialctl.http", "WARNING", "a1")
    assert warning.message == f"URL {url}?key=...: rc=9 is not within 0 to 5; ignored"
    assert (done.name, done.levelname, done.call_uuid) == ("dialctl.http", "DEBUG", "a1")
    assert done.message.startswith(
        f"the web application at {url}?key=... sent 11 bytes (attempts 1"
    )
    assert not any(value in caplog.text for value in ("secret", "4711", "token77"))


# Killed: the caller hung up


@pytest.mark.parametrize("steps", [(HANG,), (answer(200, b"12", Content_Length=9), HANG)])
def test_a_fetch_may_be_killed_at_any_time(web, fetcher, steps):
    url = web.on("/p", steps, answer())
    job = gevent.spawn(fetcher.fetch, f"{url}#rt=36000")
    assert eventually(lambda: len(web.asked) == 1)
    gevent.sleep(0.02)
    job.kill()
    assert isinstance(job.value, gevent.GreenletExit)
    assert eventually(lambda: not web.open)
    assert len(web.asked) == 1  # nor was it taken for a failure and tried again
    assert fetcher.fetch(url).body == b"ok"


def test_a_fetch_may_be_killed_between_two_attempts(web, fetcher):
    url = web.on("/p", (CLOSE,))
    job = gevent.spawn(fetcher.fetch, f"{url}#rc=5")
    assert eventually(lambda: len(web.asked) == 3)  # the next comes after half a second of the call
    job.kill()
    assert eventually(lambda: not web.open)
    gevent.sleep(0.2)
    assert len(web.asked) == 3
