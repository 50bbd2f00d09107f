"""Whatever bytes come from whoever connects, the frame reader neither hangs nor lies."""

import os
from urllib.parse import quote

from dialctl.errors import SwitchError
from dialctl.esl.frames import MAX_BODY, MAX_HEADERS, FrameReader, Headers
from hypothesis import given, settings
from hypothesis import strategies as st

TRIES = int(os.environ.get("DIALCTL_HOSTILE", "500"))
tried = settings(max_examples=TRIES, deadline=None, database=None)
PIECES = st.sampled_from(
    [
        b"\n",
        b"\n\n",
        b": ",
        b"Content-Length: ",
        b"Content-Type: text/event-plain",
        b"%",
        b"%0A",
        b"0",
        b"7",
        b"99999999999",
        b"-1",
        b"\xb2",
        b"Unique-ID: ",
        b"\r\n",
        b"\x00",
        b"\xff",
    ]
)
noise = st.lists(st.one_of(PIECES, st.binary(max_size=4)), max_size=40).map(b"".join)


def read(chunks):
    """The frames, and whether the reader gave up."""
    reader, frames = FrameReader(), []
    try:
        for chunk in chunks:
            for frame in reader.feed(chunk):
                frames.append((frame.headers._raw, frame.body))
    except SwitchError:
        return frames, True
    assert sum(map(len, reader._pieces)) <= MAX_HEADERS + MAX_BODY
    return frames, False


@tried
@given(noise, st.integers(1, 7))
def test_how_it_is_cut_does_not_matter(data, size):
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert read(pieces) == read([data])


@tried
@given(noise)
def test_headers_answer_whatever_they_hold(data):
    headers = Headers(data)
    for name in ("Unique-ID", "Content-Length", "", ":", "variable_x"):
        assert isinstance(headers.get(name), str)
        assert headers.number(name) >= 0
    assert all(isinstance(name, str) for name in headers.names("U"))


@tried
@given(st.text(max_size=40))
def test_no_value_forges_a_header(value):
    """FreeSWITCH encodes values line by line; an encoded line break stays one."""
    lines = f"variable_sip_from_display: {quote(value, safe='')}\nUnique-ID: a1\n".encode()
    headers = Headers(lines)
    assert headers.get("Unique-ID") == "a1"
    assert headers.variable("sip_from_display") == value.encode("utf-8", "replace").decode()
    assert list(headers.names("")) == ["variable_sip_from_display", "Unique-ID"]
