"""The story that is kept of a call: who was rung, who won, why the others ended, what was asked."""

import pytest
from dialctl.story.telling import summary, whole

from support.webapp import Answer

NAMES = ("to", "won", "cause", "why")


def story_of(stage, a_leg):
    story = stage.server.stories.find(a_leg.uuid)
    return whole(story)


def legs(told):
    return [tuple(leg[name] for name in NAMES) for leg in told["legs"]]


def requests(told):
    return [(r["stage"], r["event"], r["state"], r["status"]) for r in told["requests"]]


def in_order(*moments):
    return all(moments) and list(moments) == sorted(moments)


FORK = """<Dial callbackUrl="/callback" action="/action"><Number>1001</Number>
<Number>1002</Number><Number>1003</Number></Dial>"""


def test_a_fork_with_a_winner_and_losers(stage):
    callees = {"1001": "answer:2:3", "1002": "ring", "1003": "busy"}
    told = story_of(stage, stage.call(FORK, callees))
    assert legs(told) == [
        ("1001", True, "NORMAL_CLEARING", "hung up"),
        ("1002", False, "LOSE_RACE", "somebody else was connected first"),
        ("1003", False, "USER_BUSY", "busy"),
    ]
    winner, loser, busy = told["legs"]
    assert in_order(winner["ringing"], winner["answered"], winner["connected"], winner["ended"])
    assert in_order(loser["tried"], loser["ringing"], loser["ended"])
    assert busy["sip_status"] == 486
    assert [c["endpoint"] for c in winner["channels"]] == ["sofia/gateway/a/1001"]
    assert (told["state"], told["ending"], told["from"]) == (
        "over",
        "end-of-document",
        "15551230000",
    )
    assert in_order(told["came"], told["answered"], told["ended"])
    assert [(step["element"], step["line"]) for step in told["steps"]] == [("Dial", 1)]
    assert requests(told)[0] == ("answer", "StartApp", "answered", 200)
    assert requests(told)[-1] == ("", "Hangup", "answered", 200)
    assert {r["url"].rpartition("/")[2] for r in told["requests"]} == {
        "answer",
        "callback",
        "action",
        "hangup",
    }


def test_while_it_rings_and_while_they_talk(stage):
    a_leg = stage.call(FORK, {"1001": "answer:2:3", "1002": "ring", "1003": "ring"}, over=False)
    stage.clock.sleep(1)
    (story,) = stage.server.stories.live()
    assert summary(story)["state"] == "ringing"
    assert summary(story)["legs"][0]["state"] == "ringing"
    stage.clock.sleep(2)
    assert summary(story)["state"] == "in-progress"
    assert summary(story)["legs"][0]["state"] == "talking"
    assert stage.server.stories.find(story.legs[0].uuid) is story
    stage.end(a_leg)
    assert stage.server.stories.live() == []
    assert stage.server.stories.recent() == [story]
    assert stage.server.stories.search("100 2") == [story]
    assert stage.server.stories.search("100 9") == []


def test_a_number_that_another_gateway_serves(stage):
    told = story_of(
        stage, stage.call("<Dial><Number>18885550000</Number></Dial>", {"18885550000": "dead"})
    )
    (leg,) = told["legs"]
    assert [channel["endpoint"] for channel in leg["channels"]] == [
        "sofia/gateway/a/18885550000",
        "sofia/gateway/b/18885550000",
    ]
    assert leg["cause"] == "NORMAL_TEMPORARY_FAILURE"


@pytest.mark.parametrize(("press", "won"), [("5", True), ("9", False)])
def test_who_is_asked_to_confirm(stage, press, won):
    document = (
        '<Dial timeout="9" confirmSound="/sound" confirmKey="5" confirmTimeout="3">'
        "<Number>1001</Number></Dial>"
    )
    sound = {"sound": "<Play>tone_stream://%(20000,0,440)</Play>"}
    a_leg = stage.call(document, {"1001": f"answer:1:6;press=1:{press}"}, documents=sound)
    (leg,) = story_of(stage, a_leg)["legs"]
    assert (leg["won"], bool(leg["confirmed"])) == (won, won)
    assert in_order(leg["answered"], leg["confirming"], leg["ended"])
    assert won or leg["why"] == "did not confirm"


def test_early_media(stage):
    told = story_of(stage, stage.call("<Dial><Number>1001</Number></Dial>", {"1001": "early:1:2"}))
    (leg,) = told["legs"]
    assert in_order(leg["early_media"], leg["answered"])


@pytest.mark.parametrize(("log", "shown"), [("true", "12"), ("false", "***")])
def test_keys_that_are_nobodys_business(stage, log, shown):
    document = f'<GetDigits action="/digits" numDigits="2" log="{log}"/>'
    a_leg = stage.call(document, documents={"digits": ""}, press=[(2, "12")])
    told = story_of(stage, a_leg)
    (asked,) = [r for r in told["requests"] if r["url"].endswith("/digits")]
    assert dict(asked["params"])["Digits"] == shown


def test_what_fails_is_told(stage):
    document = '<Dial action="/missing?secret=1"><Number>1001</Number></Dial>'
    missing = {"missing": Answer(status="404 Not Found")}
    told = story_of(stage, stage.call(document, {"1001": "busy"}, documents=missing))
    assert told["ending"] == "unreachable"
    (asked,) = [r for r in told["requests"] if "/missing" in r["url"]]
    assert asked["url"].endswith("/missing?secret=...")
    assert (asked["state"], asked["status"]) == ("given up", 404)
    assert any("answered 404" in remark["text"] for remark in told["remarks"])
