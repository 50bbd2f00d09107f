"""What the story of a call keeps, what it leaves out, and what of it nobody may see."""

from dataclasses import replace

import pytest
from dialctl.dial.model import (
    Attempt,
    KeyPressed,
    Leg,
    LegBridged,
    LegCreated,
    LegRinging,
    Party,
    ReportAnswered,
    ReportConnected,
    ReportDialled,
    ReportDigits,
    ReportEnded,
    ReportParty,
    ReportRinging,
)
from dialctl.http.outbox.store import Report
from dialctl.model import ALeg, ChannelEnd, Ending, EndReason
from dialctl.story import Stories, Story, leg, stories, story
from dialctl.story.request import State
from dialctl.story.telling import moment, summary, whole

A_LEG = ALeg("call-1", "+1 (555) 123-0000", "15550009999", "Ann", created=1000.0)
LEG = Leg("leg-1", 1, "15551000001", (Attempt("leg-1", "sofia/gateway/a/1"), Attempt("b", "c/2")))
END = ChannelEnd("NORMAL_CLEARING", ended=1020.0, billmsec=9000)


@pytest.fixture
def told():
    return Stories(lambda: 1001.0)


@pytest.fixture
def one(told):
    return told.begin(A_LEG, "main", "plivo", 0.5)


def only_leg(one):
    (found,) = whole(one)["legs"]
    return found


def test_a_legs_life_is_told_in_states(one):
    states = []
    happens = [
        lambda: one.told(ReportDialled(LEG, "leg-1"), 1, 1001),
        lambda: one.told(ReportRinging(LEG, "leg-1"), 1, 1002),
        lambda: one.happened(LegRinging("leg-1", early=True), 1003),
        lambda: one.told(ReportAnswered(LEG, "leg-1"), 1, 1004),
        lambda: one.asks_callee("leg-1"),
        lambda: one.lets_through("leg-1"),
        lambda: one.told(ReportConnected(LEG, "leg-1"), 1, 1006),
        lambda: one.told(ReportEnded(LEG, "leg-1", END), 1, 1007),
    ]
    for happen in happens:
        happen()
        states.append(only_leg(one)["state"])
    assert states == [
        *("tried", "ringing", "early media", "answered"),
        *("confirming", "answered", "talking", "over"),
    ]


def test_what_is_told_once_more_changes_nothing(one):
    for report in (ReportDialled(LEG, "leg-1"), ReportRinging(LEG, "x"), ReportAnswered(LEG, "x")):
        one.told(report, 1, 1002.0)
        one.told(report, 1, 1005.0)
    for at in (1003.0, 1009.0):
        one.happened(LegBridged("x"), at)
        one.happened(LegCreated("x", "b", 1001.5), at)
    found = only_leg(one)
    times = [found[name] for name in ("tried", "ringing", "answered", "bridged")]
    assert times == [moment(at) for at in (1002.0, 1002.0, 1002.0, 1003.0)]
    assert found["channels"] == [{"uuid": "x", "endpoint": "c/2", "created": moment(1001.5)}]


def test_of_strangers_nothing_is_noted(one):
    before = whole(one)
    for event in (LegCreated("z"), LegRinging("z", early=True), LegBridged("z")):
        one.happened(event, 1002.0)
    one.happened(KeyPressed("z", "1"), 1002.0)
    one.happened(LegRinging("z"), 1002.0)
    one.asks_callee("z")
    one.lets_through("z")
    assert whole(one) == before


def test_what_was_heard_of_a_callee(one):
    one.told(ReportDialled(LEG, "leg-1"), 1, 1001.0)
    one.told(ReportParty(LEG, "leg-1", Party.MACHINE), 1, 1002.0)
    one.told(ReportDigits(LEG, "leg-1", "12", by_caller=True, ordinal=1), 1, 1003.0)
    assert only_leg(one)["party"] == "machine"


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (ChannelEnd("LOSE_RACE", unconfirmed=True), "somebody else was connected first"),
        (ChannelEnd("CALL_REJECTED", unconfirmed=True), "did not confirm"),
        (ChannelEnd("CALL_REJECTED", machine=True), "an answering machine"),
        (ChannelEnd("ALLOTTED_TIMEOUT"), "did not answer"),
        (ChannelEnd("RECOVERY_ON_TIMER_EXPIRE"), "recovery on timer expire"),
    ],
)
def test_why_it_ended(one, end, why):
    one.told(ReportDialled(LEG, "leg-1"), 1, 1001.0)
    one.told(ReportEnded(LEG, "leg-1", end), 1, 1002.0)
    assert only_leg(one)["why"] == why


def test_the_time_limit_ends_whom_somebody_talks_with(one):
    one.told(ReportAnswered(LEG, "leg-1"), 1, 1001.0)
    one.told(ReportEnded(LEG, "leg-1", ChannelEnd("ALLOTTED_TIMEOUT")), 1, 1002.0)
    assert only_leg(one)["why"] == "the time limit"


def test_lists_end_and_say_what_is_left_out(one, monkeypatch):
    for name in ("MOST_STEPS", "MOST_LEGS", "MOST_REQUESTS", "MOST_REMARKS"):
        monkeypatch.setattr(story, name, 1)
    monkeypatch.setattr(leg, "MOST_CHANNELS", 1)
    for number in range(3):
        one.step("Dial", number)
        one.remark("x" * 1000)
        one.told(ReportDialled(replace(LEG, uuid=f"leg-{number}"), "x"), 1, 1001.0)
        one.asks("answer", "POST", "http://app.example/", ())
        one.happened(LegCreated(f"y{number}", "leg-1", 1001.0), 1001.0)
    said = whole(one)
    assert said["left_out"] == {"steps": 2, "legs": 2, "requests": 2, "remarks": 2}
    assert [len(said[name]) for name in ("steps", "legs", "requests", "remarks")] == [1, 1, 1, 1]
    assert len(said["remarks"][0]["text"]) == story.LONGEST_REMARK
    assert len(said["legs"][0]["channels"]) == 1


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("To", "15550001111", "15550001111"),
        ("X-PH-Password", "hunter2", "***"),
        ("sip_access_token", "hunter2", "***"),
        ("Digits", "4711", "***"),
        ("Digits", "12", "12"),
        ("Digits", "", ""),
        ("RecordUrl", "https://user:pw@app.example/a?key=1", "https://app.example/a?key=..."),
        ("Text", "one\0two", "one\\x00two"),
        ("Long", "x" * 3000, "x" * 2000 + "..."),
    ],
)
def test_what_of_a_parameter_may_be_seen(one, name, value, shown):
    one.hide("4711")
    one.hide("")
    one.asks("action", "POST", "http://user:pw@app.example/?pin=1", {"Event": "E", name: value})
    (asked,) = whole(one)["requests"]
    assert dict(asked["params"])[name] == shown
    assert asked["url"] == "http://app.example/?pin=..."
    assert asked["event"] == "E"


def test_keys_of_which_nothing_is_known_are_hidden(told):
    one = told.begin(A_LEG, "main", "plivo", 0.0, picked_up=True)
    one.hide("1")
    one.asks("action", "POST", "http://app.example/", {"Digits": "12"})
    assert whole(one)["requests"][0]["params"] == [["Digits", "***"]]


def test_rounds_of_a_report_are_one_request(told, one):
    report = Report("call-1", "http://app.example/", "POST", {"Event": "E"}, "key-1")
    first = told.reports(report)
    assert whole(one)["requests"][0]["ms"] is None
    first.done(State.WAITING, 503, "", 2, 0.5)
    first.close(State.TOLD_BEFORE)
    told.reports(replace(report, key="key-2")).close(State.TOLD_BEFORE)
    assert told.reports(report) is first
    first.done(State.ANSWERED, 200, "", 1, 0.25, 10)
    states = [(r["state"], r["attempts"], r["ms"], r["bytes"]) for r in whole(one)["requests"]]
    assert states == [
        ("answered", 3, 750, 10),
        ("told before, by another controller", 0, 0, 0),
    ]
    assert told.reports(replace(report, call_uuid="call-2")) is None


def test_a_story_goes_on_after_its_end(told, one):
    one.answers(1002.0)
    one.answers(1003.0)
    told.end(one, Ending(EndReason.CALLER, message="so"), END)
    assert (told.live(), told.recent(), told.up) == ([], [one], 0)
    assert told.reports(Report("call-1", "http://a.example/", "POST", {}, "key-1"))
    said = whole(one)
    assert (said["state"], said["answered"], said["ended"]) == (
        "over",
        moment(1002.0),
        moment(1020.0),
    )
    assert (said["ending"], said["message"], said["answered_ms"]) == ("caller", "so", 9000)
    told.leave("call-1")
    assert told.recent() == [one]


def test_a_call_that_is_left_may_come_back(told, one):
    assert summary(one)["state"] == "ringing"
    assert told.begin(A_LEG, "main", "plivo", 0.0) is one
    told.leave("call-1")
    assert summary(one)["state"] == "elsewhere"
    assert told.begin(A_LEG, "main", "plivo", 0.0, picked_up=True) is one
    assert (told.live(), told.recent()) == ([one], [])


def test_calls_are_found_by_numbers_and_uuids(told, one):
    other = told.begin(replace(A_LEG, uuid="call-2", caller="1666"), "main", "plivo", 0.0)
    one.told(ReportDialled(LEG, "leg-1"), 1, 1001.0)
    one.happened(LegCreated("channel-1", "b", 1001.0), 1001.0)
    assert told.find("call-2") is other
    assert told.find("channel-1") is one
    assert told.find("nobody") is None
    assert told.search("555-123") == [one]
    assert told.search("1000001") == [one]
    assert told.search("CALL-") == [other, one]
    assert told.search(" ") == []
    told.end(one, Ending(EndReason.CALLER), END)
    assert told.find("call-1") is one


def test_only_the_last_are_remembered(told, monkeypatch):
    monkeypatch.setattr(stories, "RECENT", 2)
    told = Stories(lambda: 1001.0)
    for number in range(3):
        made = told.begin(replace(A_LEG, uuid=str(number), created=0.0), "main", "plivo", 0.0)
        told.end(made, Ending(EndReason.CALLER), END)
    assert [one.uuid for one in told.recent()] == ["2", "1"]
    assert Story(A_LEG, "main", "plivo", lambda: 1.0).time == 1.0


def test_a_call_is_recorded_when_its_last_request_has_come_to_something(told, one):
    asked = one.asks("", "POST", "http://app.example/", {})
    assert told.take_ended(5.0) == []
    told.end(one, Ending(EndReason.CALLER), replace(END, ended=1001.0))
    assert told.take_ended(5.0) == []
    asked.done(State.ANSWERED, 200, "", 1, 0.1)
    assert told.take_ended(5.0) == [one]
    assert told.take_ended(0.0) == []


def test_nor_does_a_record_wait_for_ever(told, one):
    one.asks("", "POST", "http://app.example/", {})
    assert one.over_for == 0.0
    told.end(one, Ending(EndReason.CALLER), replace(END, ended=996.0))
    assert told.take_ended(6.0) == []
    assert told.take_ended(5.0) == [one]
