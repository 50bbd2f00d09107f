"""What the next controller is told of a call, packed into a word and read again."""

import base64
import zlib

import pytest
from dialctl.conference.model import Inside, Stay
from dialctl.model import ALeg, Ending, EndReason, Transfer
from dialctl.plan import Hook, NextDocument, Recorded, Stage
from dialctl.progress import (
    Carried,
    Progress,
    Taping,
    pack,
    pack_caller,
    pack_document,
    step_begun,
    unpack,
    unpack_caller,
    unpack_document,
)

TAPING = Taping("r", "/rec/r.wav", "http://x/r.wav", "line 1: <Record>", callback=Hook("http://x/"))
REQUEST = NextDocument(Hook("http://x/", "GET"), Stage.ACTION, (("Digits", "1"),), "dial-1-action")
PROGRESSES = [
    Progress("main"),
    Progress("main", documents=2, step=3, began=1.5, dials=1, rounds=("USER_BUSY",), ringing=True),
    Progress("main", endpoints=(("a", "b"), ()), matches=2, told=4, hangup_at=9.0),
    Progress("main", request=REQUEST),
    Progress("main", ending=Ending(EndReason.BAD_DOCUMENT, "action", "", "why"), cause="X"),
    Progress("main", inside=Inside(Stay(7, "c", since=1.0), recording=Recorded("r", "http://x/r"))),
    Progress("main", inside=Inside()),
    Progress("main", transfer=Transfer("<sip:a@b>", callee="1001")),
    Progress("main", tapings=(TAPING, Taping("s", "/s", "", ""))),
]


@pytest.mark.parametrize("progress", PROGRESSES)
def test_it_is_read_as_it_was_written(progress):
    text = pack(progress)
    assert unpack(text) == progress
    assert " " not in text
    assert "/" not in text


def test_a_step_begins_with_nothing_of_the_one_before():
    before = Progress("main", rounds=("X",), ringing=True, inside=Inside(), matches=1, heard=3)
    assert step_begun(before, 4, 2.0, dials=2) == Progress("main", step=4, began=2.0, dials=2)


def word(text):
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("%%%", "not packed by dialctl"),
        ("AAAA", "not packed by dialctl"),
        (base64.urlsafe_b64encode(zlib.compress(b"x" * 99)[:-4]).decode(), "does not end"),
        (word("[1]"), "no JSON object"),
        (word("{"), "Expecting"),
        (word('{"v":99}'), "another version"),
        (word("{}"), "no progress of a call"),
        (word('{"v":1,"app":"a","stranger":1}'), "no progress of a call"),
    ],
)
def test_what_is_no_progress(text, why):
    with pytest.raises(ValueError, match=why):
        unpack(text)


def test_a_caller_is_who_he_was_with_what_became_of_him_since():
    a_leg = ALeg("u", "1", "2", "José", headers=(("X-PH-a", "b"),), progress="x", document="y")
    read = unpack_caller(pack_caller(a_leg), "p", "d")
    assert (read.caller_name, read.headers) == ("José", (("X-PH-a", "b"),))
    assert (read.progress, read.document) == ("p", "d")
    with pytest.raises(ValueError, match="no caller"):
        unpack_caller(word("{}"), "", "")


def test_a_document_is_kept_to_the_byte():
    carried = Carried(Stage.ACTION, "http://x/?a=\u00fc", b"<Response>\n\xff</Response>")
    assert unpack_document(pack_document(carried)) == carried
    with pytest.raises(ValueError, match="is not a valid Stage"):
        unpack_document(word("nothing"))
