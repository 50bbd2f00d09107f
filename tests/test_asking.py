"""dialctl.http.asking: requests as bytes."""

import pytest
from dialctl import __version__
from dialctl.http.asking import place, request
from dialctl.http.encoding import Encoding


def test_a_post():
    to = place("http://us%40er:p%3Ass@app.example:8080/a;b?q=1")
    assert to[:3] == ("http", "app.example", 8080)
    written = request("POST", to, "", {"X-A": "é"}, b"a=1", Encoding.FORM)
    assert written.decode("latin-1").split("\r\n") == [
        "POST /a;b?q=1 HTTP/1.1",
        "Host: app.example:8080",
        "Accept-Encoding: identity",
        f"User-Agent: dialctl/{__version__}",
        "Accept: */*",
        "Authorization: Basic dXNAZXI6cDpzcw==",
        "X-A: é",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Length: 3",
        "",
        "a=1",
    ]


def test_a_get_has_no_body():
    written = request("GET", place("https://h/p"), "?a=1", {}, None, Encoding.FORM)
    assert written.startswith(b"GET /p?a=1 HTTP/1.1\r\nHost: h\r\n")
    assert written.endswith(b"\r\n\r\n")
    assert b"Content-" not in written


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://h:80/", ("http", "h", 80, "h")),
        ("https://h:80/", ("https", "h", 80, "h:80")),
        ("https://h/", ("https", "h", 443, "h")),
        ("http://[::1]:8080/", ("http", "::1", 8080, "[::1]:8080")),
        ("http://[::1]/", ("http", "::1", 80, "[::1]")),
    ],
)
def test_where_it_goes(url, expected):
    to = place(url)
    assert (*to[:3], to.lines.split(b"\r\n")[0].decode().removeprefix("Host: ")) == expected


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\r\nX: y"])
def test_a_value_makes_no_header_of_its_own(value):
    with pytest.raises(ValueError, match="line break"):
        request("GET", place("http://h/"), "", {"Idempotency-Key": value}, None, Encoding.FORM)
