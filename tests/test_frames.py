import pytest
from dialctl.errors import SwitchError
from dialctl.esl.frames import MAX_BODY, MAX_HEADERS, FrameReader, Headers

EVENT = b"Event-Name: DTMF\nDTMF-Digit: %23\n\n"
WIRE = (
    b"Content-Length: %d\nContent-Type: text/event-plain\n\n%s" % (len(EVENT), EVENT)
    + b"Content-Type: command/reply\nReply-Text: +OK\n\n"
)


def read(*pieces):
    reader = FrameReader()
    return [frame for piece in pieces for frame in reader.feed(piece)]


@pytest.mark.parametrize("size", [1, 2, 7, 40, 1000])
def test_frames_come_in_pieces_of_any_size(size):
    event, reply = read(*(WIRE[at : at + size] for at in range(0, len(WIRE), size)))
    assert event.content_type == "text/event-plain"
    assert event.event.get("Event-Name") == "DTMF"
    assert event.event.get("DTMF-Digit") == "#"
    assert reply.content_type == "command/reply"
    assert reply.headers.get("Reply-Text") == "+OK"
    assert reply.body == b""


def test_blank_lines_between_frames_are_passed_over():
    assert len(read(b"\n\n\n" + WIRE + b"\n" + WIRE)) == 4


def test_a_line_break_in_a_value_makes_no_header():
    headers = Headers(b"variable_note: x%0AUnique-ID%3A forged%0A\nUnique-ID: real\n")
    assert headers.get("Unique-ID") == "real"
    assert headers.variable("note") == "x\nUnique-ID: forged\n"


def test_the_first_header_of_a_name_counts():
    assert Headers(b"Hangup-Cause: A\nHangup-Cause: B\n").get("Hangup-Cause") == "A"


def test_values():
    headers = Headers(b"\na: caf%C3%A9\nb: %FF\nc: 12\nd: -1\ne: ")
    assert headers.get("a") == "café"
    assert headers.get("b") == "\ufffd"
    assert headers.get("e") == ""
    assert headers.get("none", "default") == "default"
    assert [headers.number(name) for name in ("c", "d", "none")] == [12, 0, 0]


def test_some_of_many():
    headers = Headers(b"a: 1\nab: %41\nb: 2\nc: 3").only(("c", "ab", "none"))
    assert [headers.get(name) for name in ("a", "ab", "b", "c", "none")] == ["", "A", "", "3", ""]
    assert Headers(b"a: 1").only(()).get("a") == ""


def test_names_by_prefix():
    headers = Headers(b"variable_sip_h_X-PH-A: 1\nother: 2\nvariable_sip_h_X-PH-B: 3\n")
    prefix = "variable_sip_h_X-PH-"
    assert list(headers.names(prefix)) == [prefix + "A", prefix + "B"]
    assert list(Headers(b"variable_sip_h_X-PH-broken").names(prefix)) == []


@pytest.mark.parametrize("length", [b"x", b"-5", b"1.5", b"%d" % (MAX_BODY + 1), b"\xc2\xb2"])
def test_a_length_that_is_none_is_the_switchs_fault(length):
    with pytest.raises(SwitchError, match="a body of"):
        read(b"Content-Length: " + length + b"\n\n")


def test_headers_without_end_are_bounded():
    with pytest.raises(SwitchError, match="header block"):
        read(b"a" * (MAX_HEADERS + 1))
