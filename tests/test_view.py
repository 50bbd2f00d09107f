"""The pages of the live view, made of JSON: what stands where, and that all of it is escaped."""

import pytest
from dialctl.model import ALeg
from dialctl.story import Story
from dialctl.story.rate import GRAIN, MINUTE, Rate
from dialctl.story.request import State
from dialctl.story.telling import summary, whole
from dialctl.view import ladder, pages
from dialctl.view.html import Markup, join, tag, void
from dialctl.view.moments import clock, day, iso, lasted, seconds
from dialctl.view.timeline import bars

AT = 1_770_000_000.0
RATES = {"calls_a_minute": 1, "refused": 2, "calls": {"it ended": 3}, "callbacks": {"dead": 4}}


def at(after):
    return iso(AT + after)


def leg(**moments):
    names = ("tried", "ringing", "early_media", "answered", "confirming", "connected", "ended")
    return {name: at(moments[name]) if name in moments else None for name in names}


def drawn(one, until=100):
    return [(bar.what, round(bar.start), round(bar.width)) for bar in bars(one, AT, AT + until)]


def test_a_leg_on_the_time_line():
    one = leg(tried=0, ringing=10, answered=40, confirming=40, connected=60)
    assert drawn(one) == [
        ("called", 0, 100),
        ("ringing", 100, 300),
        ("confirming", 400, 200),
        ("talking", 600, 400),
    ]
    one["ended"] = at(80)
    assert drawn(one)[-1] == ("talking", 600, 200)


def test_what_lies_outside_of_its_call_is_cut_off():
    assert drawn(leg(tried=-10, ringing=50, ended=300)) == [
        ("called", 0, 500),
        ("ringing", 500, 500),
    ]
    assert drawn(leg()) == []


def test_times_as_people_read_them():
    assert (clock(None), day(None), seconds(None)) == ("", "", 0.0)
    assert [lasted(one) for one in (-1, 7.9, 62, 3723)] == ["0:00", "0:07", "1:02", "1:02:03"]
    assert clock(at(0)) == day(at(0))[11:19]


def test_html_is_made_of_pieces_that_are_escaped():
    assert tag("p", "<b>", Markup("<i>"), class_='"', hidden=True, id=None) == (
        '<p class="&quot;" hidden>&lt;b&gt;<i></p>'
    )
    assert void("br", data_x=1) == '<br data-x="1">'
    assert join((1, "&"), ", ") == "1, &amp;"


def test_an_overview():
    one = Story(ALeg("call-1", "1", "2", "1", created=AT), "main", "plivo", lambda: AT + 1)
    seen = {"up": 5, "live": [summary(one)], "recent": [], "rates": RATES, "outbox": None}
    parts = pages.overview(seen, AT + 2)
    assert parts["status"] == "5 calls are up"
    assert "The newest 1 of 5 live calls" in parts["live"]
    assert "cannot be read" in parts["outbox"]
    assert "None is over yet" in parts["recent"]
    empty = {"waiting": 0, "dead": 0, "oldest": None, "rows": []}
    assert "<table" not in pages.overview({**seen, "outbox": empty}, AT)["outbox"]
    assert "call-1" in pages.home(parts)


@pytest.mark.parametrize(
    ("state", "status", "error", "line"),
    [
        (State.ANSWERED, 200, "", "POST E → 200, 500 ms"),
        (State.DEAD, 404, "", "POST E → 404, given up, 500 ms"),
        (State.FAILED, 0, "cannot be reached", "POST E → failed, cannot be reached, 500 ms"),
    ],
)
def test_a_request_in_a_line(state, status, error, line):
    one = Story(ALeg("call-1", "1", "2", "1"), "main", "plivo", lambda: AT)
    one.asks("", "POST", "http://app.example/", {"Event": "E"}).done(state, status, error, 1, 0.5)
    assert ladder.asked(whole(one)["requests"][0]) == line


def test_a_call_that_was_picked_up_and_is_long():
    one = Story(ALeg("c", "1", "2", "1"), "main", "plivo", lambda: AT, picked_up=True)
    one.left_out["steps"] = 3
    one.step("Play", 0, "callee")
    one.remark("oh")
    one.asks("answer", "POST", "http://app.example/", {})
    told = {**whole(one), "message": "so"}
    parts = pages.story(told, AT)
    assert "3 more steps" in parts["facts"]
    assert "from another controller" in parts["facts"]
    assert "Nobody has been called" in parts["legs"]
    assert "Play on a callee&#x27;s end" in parts["ladder"]
    assert "says: oh" in parts["ladder"]
    assert "answer → under way" in parts["ladder"]


def test_calls_a_minute():
    rate = Rate()
    for after in (0, 1, GRAIN, MINUTE - 1):
        rate.add(after)
    assert [rate.in_a_minute(now) for now in (MINUTE - 1, MINUTE + 1, 10 * MINUTE)] == [4, 2, 0]
