"""What is asked for with a call survives in its channel."""

from dataclasses import replace

import pytest
from dialctl import placement
from dialctl.following import Hook
from dialctl.model import ALeg
from dialctl.placement import Placement
from dialctl.progress import packed
from dialctl.settings import App

ASKED = Placement("r", "main", "1555", "sip:a@b.example", Hook("http://x/answer", "GET"))
CALL = ALeg("u", "0000", "dialctl-placed", "")
APP = App("main", "http://app/answer", hangup_url="http://app/end", fallback_url="http://app/f")


def test_it_is_packed_and_unpacked():
    urls = {"hangup": Hook("http://h/"), "fallback": Hook("http://f/"), "ring": Hook("http://r/")}
    full = Placement("r", "main", "1", "2", Hook("http://a/"), "José", time_limit=5, **urls)
    for one in (ASKED, full):
        assert placement.unpack(placement.pack(one)) == one


@pytest.mark.parametrize("text", ["", "%%", packed(b"[]"), packed(b"{}"), packed(b'{"x": 1}')])
def test_what_is_none(text):
    with pytest.raises(ValueError, match=r"packed|placement|Expecting"):
        placement.unpack(text)


@pytest.mark.parametrize("text", ["%%", packed(b"{}")])
def test_what_cannot_be_read_is_complained_of_and_the_call_goes_on(text):
    complaints = []
    damaged = replace(CALL, placed=text)
    assert placement.of(damaged, lambda *said: complaints.append(said)) is None
    assert len(complaints) == 1


def test_who_calls_whom():
    assert placement.of(CALL, pytest.fail) is None
    placed = replace(CALL, placed=placement.pack(ASKED))
    assert placement.of(placed, pytest.fail) == ASKED
    assert placement.named(CALL, None) is CALL
    named = placement.named(CALL, ASKED)
    assert (named.caller, named.called, named.sip_to, named.app, named.request) == (
        "1555",
        "sip:a@b.example",
        "a@b.example",
        "main",
        "r",
    )


def test_its_urls_stand_in_place_of_the_apps():
    assert placement.serving(APP, None) is APP
    served = placement.serving(APP, ASKED)
    assert (served.answer_url, served.answer_method) == ("http://x/answer", "GET")
    assert (served.hangup_url, served.fallback_url) == ("http://app/end", "")
