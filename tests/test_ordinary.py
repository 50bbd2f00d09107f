"""dialctl.http.ordinary: which answers are read at once, which by the general reader."""

import pytest
from dialctl.http.ordinary import LONGEST, Ordinary, ordinary

HEAD = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: text/xml\r\nContent-Length: 5\r\n\r\n"


def test_an_ordinary_answer():
    assert ordinary(HEAD + b"12345") == Ordinary(200, "text/xml", len(HEAD), len(HEAD) + 5, True)


def test_its_body_may_be_on_its_way():
    assert ordinary(HEAD).end == len(HEAD) + 5


def test_names_are_found_in_any_case_and_all_but_the_length_may_be_left_out():
    head = b"HTTP/1.1 500 \r\ncontent-LENGTH:0\r\n\r\n"
    assert ordinary(head) == Ordinary(500, "", len(head), len(head), True)


@pytest.mark.parametrize(("connection", "keeps"), [(b"Keep-Alive", True), (b"close", False)])
def test_what_becomes_of_the_connection(connection, keeps):
    assert ordinary(with_line(b"Connection: " + connection)).keeps is keeps


def with_line(line):
    return HEAD.replace(b"Server: x", line)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEAD[:-2],
        HEAD.replace(b"1.1", b"1.0"),
        HEAD.replace(b"200", b"100"),
        HEAD.replace(b"200", b"204"),
        HEAD.replace(b"200", b"2000"),
        HEAD.replace(b": 5", b": +5"),
        HEAD.replace(b": 5", b": 5, 5"),
        HEAD.replace(b": 5", b": %d" % (LONGEST + 1)),
        HEAD.replace(b"Content-Length: 5\r\n", b""),
        HEAD.replace(b"\r\n", b"\n"),
        with_line(b"Content-Length: 5"),
        with_line(b"Connection: upgrade"),
        with_line(b"Transfer-Encoding: chunked"),
        with_line(b"Content-Encoding: gzip"),
        with_line(b"Location: /other"),
        with_line(b"X: y\r\n folded"),
        with_line(b"X: y\nContent-Length: 7"),
        with_line(b"X: y\rContent-Length: 7"),
        with_line(b"Content-Length : 7"),
        with_line(b"no header"),
    ],
)
def test_everything_else_is_left_to_the_general_reader(data):
    assert ordinary(data) is None
