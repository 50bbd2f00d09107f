"""How long a fetched sound may be used without asking (RFC 9111), and how to ask again."""

import pytest
from dialctl.audio.freshness import LONGEST, UNSAID, Validity, validity

NOW = 1_000_000.0
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("headers", "lasts"),
    [
        ({}, UNSAID),
        ({"ETag": '"a"'}, 0),
        ({"Last-Modified": DATE}, 0),
        ({"Cache-Control": "public, max-age=300"}, 300),
        ({"Cache-Control": 'max-age="300"', "Age": "100"}, 200),
        ({"Cache-Control": "max-age=10", "Age": "100"}, 0),
        ({"Cache-Control": "Max-Age=99999999999"}, LONGEST),
        ({"Cache-Control": "max-age=soon"}, 0),
        ({"Cache-Control": "no-cache, max-age=300"}, 0),
        ({"Expires": "Sun, 06 Nov 1994 08:50:37 GMT", "Date": DATE}, 60),
        ({"Expires": DATE, "Date": "Sun, 06 Nov 1994 08:50:37 GMT"}, 0),
        ({"Expires": "Mon, 12 Jan 1970 13:46:50 GMT"}, 10),  # by our own clock
        ({"Expires": "0"}, 0),
        ({"Expires": "Sun, 99 Nov 1994 08:49:37 GMT"}, 0),
        ({"Cache-Control": "max-age=5", "Expires": DATE}, 5),
    ],
)
def test_how_long_it_is_fresh(headers, lasts):
    assert validity(headers, NOW).fresh_until == NOW + lasts


@pytest.mark.parametrize(
    ("said", "stale"),
    [("max-age=1", True), ("no-cache", False), ("max-age=1, must-revalidate", False)],
)
def test_whether_it_may_be_used_when_the_server_cannot_be_asked(said, stale):
    assert validity({"Cache-Control": said}, NOW).stale is stale


def test_no_store():
    headers = {"Cache-Control": "no-store", "ETag": '"a"'}
    assert validity(headers, NOW) == Validity(NOW, stale=False, keep=False)


def test_how_to_ask_again():
    told = validity({"ETag": 'W/"a b"', "Last-Modified": DATE}, NOW)
    assert told.conditions == {"If-None-Match": 'W/"a b"', "If-Modified-Since": DATE}
    assert validity({}, NOW).conditions == {}


@pytest.mark.parametrize("hostile", ["a\r\nX: y", "ü", " a", "x" * 257])
def test_what_may_not_go_into_a_header_again(hostile):
    assert validity({"ETag": hostile}, NOW).etag == ""


def test_what_a_304_does_not_repeat_holds_on():
    before = Validity(NOW - 5, etag='"a"', last_modified=DATE)
    assert validity({"Cache-Control": "max-age=9"}, NOW, before) == Validity(NOW + 9, '"a"', DATE)
    assert validity({"ETag": '"b"'}, NOW, before) == Validity(NOW, '"b"', DATE)
