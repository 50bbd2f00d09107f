"""What a controller writes, cut into requests, and how values are written in events."""

import pytest
from dialctl.switch.events import Event
from dialctl.switch.variables import Template, Variables, decode, encode, is_true
from dialctl.switch.wire import Request, Requests


def test_a_request_is_a_line_headers_and_an_empty_line() -> None:
    requests = Requests().feed(b"sendmsg\nCall-Command: execute\nevent-uuid:  x y \n\n")
    assert requests == [Request("sendmsg", {"call-command": "execute", "event-uuid": "x y "})]


def test_it_may_come_in_pieces_and_several_in_one() -> None:
    requests = Requests()
    assert requests.feed(b"linger 6") == []
    assert requests.feed(b"\n") == []
    assert [request.line for request in requests.feed(b"\nconnect\n\nexit\n\n")] == [
        "linger 6",
        "connect",
        "exit",
    ]


def test_carriage_returns_and_empty_lines_between_requests_do_not_matter() -> None:
    requests = Requests().feed(b"\r\n\n\nfilter Unique-ID x\r\n\r\n\r\nexit\n\n")
    assert [request.line for request in requests] == ["filter Unique-ID x", "exit"]


def test_a_body_is_as_long_as_the_content_length_says() -> None:
    requests = Requests()
    head = b"sendmsg\ncontent-type: text/plain\ncontent-length: 7\n\n"
    assert requests.feed(head + b"q=1\nr") == []
    first, second = requests.feed(b"=2exit\n\n")
    assert first.body == "q=1\nr=2"
    assert second.line == "exit"


@pytest.mark.parametrize(
    ("data", "line", "headers"),
    [
        (b"a\nno colon\nb: 1\n\n", "a", {"b": "1"}),
        (b"a\nb: 1\nB: 2\n\n", "a", {"b": "1"}),
        (b"a\nb: x: y\n\n", "a", {"b": "x: y"}),
        (b"a\ncontent-length: abc\n\n", "a", {"content-length": "abc"}),
        (b"\x00rubbish\n\n", "", {}),
        (b"cut\x00off\n\n", "cut", {}),
        (b"gr\xc3\xbc\xff\n\n", "grü\udcff", {}),
    ],
)
def test_odd_requests(data: bytes, line: str, headers: dict[str, str]) -> None:
    assert Requests().feed(data) == [Request(line, headers)]


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("15551230000", "15551230000"),
        ("sofia/internal/a@b:5080", "sofia/internal/a%40b%3A5080"),
        ("gr\u00fc\u00df\u20ac'\"*()~!|^", "gr%C3%BC%C3%9F%E2%82%AC'%22*()~!%7C%5E"),
        ("`{}[]<>\\$&+;@#", "%60%7B%7D%5B%5D%3C%3E%5C$%26%2B%3B%40%23"),
        ("100%", "100%25"),
        ("already%20encoded", "already%20encoded"),
        ("line\nbreak", "line%0Abreak"),
        ("\udcff", "%FF"),
    ],
)
def test_values_in_events_are_encoded_as_freeswitch_does(value: str, encoded: str) -> None:
    assert encode(value) == encoded
    if "%20" not in value:
        assert decode(encoded) == value


def test_setting_a_variable_moves_it_to_the_end() -> None:
    variables = Variables()
    for name, value in (("a", "1"), ("b", "2"), ("A", "3")):
        variables.set(name, value)
    assert variables.block() == "variable_b: 2\nvariable_A: 3"


def test_names_compare_without_case_and_an_empty_value_takes_the_variable_away() -> None:
    variables = Variables()
    variables.set("Foo", "x y%z")
    assert variables.get("fOO") == "x y%z"
    variables.set("FOO", "")
    assert variables.get("foo") == ""
    assert list(variables.items()) == []


def test_pushing_makes_an_array_in_place() -> None:
    variables = Variables()
    for value in ("a;1", "b;2", "c;3"):
        variables.push("legs", value)
        variables.set("other", "x")
    assert variables.get("legs") == "ARRAY::a;1|:b;2|:c;3"
    assert variables.block().startswith("variable_legs: ")


def test_a_template_fills_its_fields_in_and_keeps_its_order() -> None:
    variables = Variables()
    variables.set("port", "1")
    variables.fill(Template("uri: sip:{user}@here:5060\nport: 5060\n"), {"user": "%2B1"})
    assert variables.get("uri") == "sip:+1@here:5060"
    assert [name for name, _ in variables.items()] == ["uri", "port"]


@pytest.mark.parametrize("text", ["true", "Yes", "on", "enabled", "1", "-7"])
def test_true(text: str) -> None:
    assert is_true(text)


@pytest.mark.parametrize("text", ["", "false", "no", "0", "00", "2x"])
def test_not_true(text: str) -> None:
    assert not is_true(text)


def test_an_event_of_the_switch_itself_has_its_headers_and_a_body() -> None:
    event = Event("BACKGROUND_JOB", None, before=(("Job-UUID", "a b"),), body="+OK\n")
    assert event.text.endswith("Job-UUID: a%20b\nContent-Length: 4\n\n+OK\n")
    assert event.header("job-uuid") == "a b"
    assert event.header("job-owner-uuid") == ""
    frame = event.frame("plain")
    assert frame.startswith(
        b"Content-Length: %d\nContent-Type: text/event-plain\n\n" % len(event.text.encode())
    )
