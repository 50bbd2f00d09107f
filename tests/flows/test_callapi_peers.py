"""Restcomm's DialStatusCallbackTest, by its names.

Where its tests differ from us: there CallStatus is the event's name (answered, and completed also
for a busy callee), SequenceNumber is fixed for each event (0 to 3), and all four events are sent
when none is named. Ours are the documented values and a count of what happened.
"""

import pytest

from .rcml import ALICE, FOTINI, GEORGE, HENRIQUE, asked, dial, place

ALL_EVENTS = "initiated,ringing,answered,completed"
WINNER = ["initiated 0", "ringing 1", "in-progress 2", "completed 3"]
RINGING = ["initiated 0", "ringing 1"]


def told_of(noun, path="/status", events=ALL_EVENTS, method="POST"):
    said = f'statusCallback="{path}" statusCallbackEvent="{events}" statusCallbackMethod="{method}"'
    name = noun[1 : noun.index(">")]
    return noun.replace(f"<{name}>", f"<{name} {said}>", 1)


def call(stage, targets, scripts, **more):
    more.setdefault("dialect", "callapi")
    return place(stage, dial(targets, timeout="6"), scripts=scripts, **more)


def told(stage, path="/status"):
    return asked(stage, path, "CallStatus", "SequenceNumber")


@pytest.mark.parametrize("bob", [None, "answered"], ids=["alice-disconnects", "bob-disconnects"])
def test_who_disconnects(stage, bob):
    """...AliceDisconnects and ...BobDisconnects."""
    call(stage, told_of(ALICE), {"alice": "answer:1" if bob else "answer:1:2"}, leaves=bob)
    assert told(stage) == WINNER


def test_alice_unavailable(stage):
    """There the last one is completed with 3."""
    call(stage, told_of(ALICE), {"alice": "refuse:480:1"})
    assert told(stage) == [*RINGING, "no-answer 2"]


def test_method_get(stage):
    call(stage, told_of(ALICE, method="GET"), {"alice": "answer:1:1"})
    assert told(stage) == WINNER
    assert {r.method for r in stage.web.requests if r.path == "/status"} == {"GET"}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("initiated,answered", ["initiated 0", "in-progress 2"]),
        ("ringing,completed", ["ringing 1", "completed 3"]),
    ],
)
def test_only_some_events(stage, events, expected):
    """...OnlyInitiatedAnswerEvent and ...OnlyRingingCompleted."""
    call(stage, told_of(ALICE, events=events), {"alice": "answer:1:1"})
    assert told(stage) == expected


@pytest.mark.parametrize(("noun", "who"), [(HENRIQUE, "henrique"), (GEORGE, "george")])
def test_dial_sip_and_number(stage, noun, who):
    """...DialSip and ...DialNumber."""
    call(stage, told_of(noun), {who: "answer:1:1"})
    assert told(stage) == WINNER


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_fork_no_answer_but_henrique_status_callback_on_all(stage, method):
    """...StatusCallbackOnAll and ...OnAllPost: three legs, one winner, ten requests."""
    nouns = {"alice": ALICE, "henrique": HENRIQUE, "george": GEORGE}
    targets = "".join(told_of(noun, f"/{who}", method=method) for who, noun in nouns.items())
    call(stage, targets, {"alice": "ring", "henrique": "answer:2:1", "george": "ring"})
    assert told(stage, "/henrique") == WINNER
    assert told(stage, "/alice") == told(stage, "/george") == [*RINGING, "canceled 2"]


def test_status_callback_on_all_post_with_timeout(stage):
    targets = told_of(ALICE, "/alice") + told_of(GEORGE, "/george")
    call(stage, targets, {"alice": "ring", "george": "silent"})
    assert told(stage, "/alice") == [*RINGING, "no-answer 2"]
    assert told(stage, "/george") == ["initiated 0", "no-answer 1"]


@pytest.mark.parametrize("bob", [None, "answered"], ids=["alice-disconnects", "bob-disconnects"])
def test_fork_no_answer_execute_rcml_returned_from_action_url(stage, bob):
    """...WithStatusCallbacks_BobDisconnects and _AliceDisconnects: three ring in vain, a fourth
    answers the action's Dial: 13 requests."""
    nouns = {"alice": ALICE, "henrique": HENRIQUE, "george": GEORGE}
    targets = "".join(told_of(noun) for noun in nouns.values())
    scripts = dict.fromkeys(nouns, "ring") | {"fotini": "answer:1" if bob else "answer:1:1"}
    documents = {"action": dial(told_of(FOTINI), "/second")}
    call(stage, targets, scripts, documents=documents, leaves=bob)
    assert len(told(stage)) == 13
    assert told(stage)[-4:] == WINNER
    assert sorted(told(stage)[:9]) == sorted([*RINGING, "no-answer 2"] * 3)
