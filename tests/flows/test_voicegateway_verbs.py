"""The verbs that a dial application of the Voice Gateway's meets, and documents that are none."""

import pytest

from support.webapp import Answer

from .voicegateway import call, dial, phone, the, told, verbs

BYE = {"verb": "say", "text": "goodbye"}
GATHER = {"verb": "gather", "input": ["digits"], "actionHook": "/menu"}
TONE = "tone_stream://%(1000,0,440)"


def test_the_answer_request(stage):
    a_leg = call(stage, BYE, auth_id="ACC", caller="+4915112345")
    request = stage.web.requests[0]
    call_id = request.params["call_id"]
    assert call_id
    assert request.headers["content-type"] == "application/json"
    assert request.params == {
        "account_sid": "ACC",
        "application_sid": "main",
        "call_id": call_id,
        "call_sid": a_leg.uuid,
        "call_status": "trying",
        "caller_name": "Caller",
        "direction": "inbound",
        "from": "+4915112345",
        "sip_reason": "Trying",
        "sip_status": 100,
        "to": "15550009999",
    }


def test_the_answer_url_by_get(stage):
    """What is said stands in the query."""
    call(stage, BYE, answer_method="GET")
    request = stage.web.requests[0]
    assert (request.method, request.body) == ("GET", b"")
    assert request.params["sip_status"] == "100"


def test_say_and_play_are_heard_one_after_the_other(stage):
    a_leg = call(stage, {"verb": "say", "text": ["a", "b"]}, {"verb": "play", "url": [TONE, TONE]})
    assert a_leg.answered_at
    assert the(stage, "/hangup")["duration"] >= 2


def test_early_media_is_heard_unanswered(stage):
    a_leg = call(stage, {"verb": "play", "url": TONE, "earlyMedia": True})
    assert [what for _, what in a_leg.heard] == ["183 early media"]
    assert told(stage) == ["/answer trying", "/hangup failed"]


def test_pause_does_not_answer(stage):
    a_leg = call(stage, {"verb": "pause", "length": 0.5}, {"verb": "hangup"})
    assert not a_leg.answered_at
    assert a_leg.sip_status == 480


def test_redirect_is_relative_to_the_document(stage):
    documents = {
        "a/b": verbs({"verb": "redirect", "actionHook": {"url": "c", "method": "GET"}}),
        "a/c": verbs(BYE),
    }
    call(stage, {"verb": "redirect", "actionHook": "/a/b"}, documents=documents)
    assert [(r.method, r.path) for r in stage.web.requests] == [
        ("POST", "/answer"),
        ("POST", "/a/b"),
        ("GET", "/a/c"),
        ("POST", "/hangup"),
    ]


def test_a_redirect_to_no_document_ends_the_call(stage, caplog):
    """It is no hook whose answer is optional."""
    call(stage, {"verb": "redirect", "actionHook": "/next"}, BYE, documents={"next": Answer("OK")})
    assert "redirect document of app main: line 1: column 1" in caplog.text


def test_hangup(stage):
    call(stage, BYE, {"verb": "hangup"}, {"verb": "redirect", "actionHook": "/never"})
    assert told(stage) == ["/answer trying", "/hangup completed"]


@pytest.mark.parametrize(
    ("status", "call_status"), [(486, "busy"), (480, "failed"), (488, "failed"), (699, "failed")]
)
def test_sip_decline(stage, status, call_status):
    decline = {"verb": "sip:decline", "status": status, "reason": "Not now"}
    a_leg = call(stage, decline, {"verb": "redirect", "actionHook": "/never"})
    assert a_leg.sip_status == status
    assert told(stage) == ["/answer trying", f"/hangup {call_status}"]


def test_sip_decline_after_an_answer_hangs_up(stage, caplog):
    call(stage, BYE, {"verb": "sip:decline", "status": 486})
    assert told(stage) == ["/answer trying", "/hangup completed"]
    assert "has been answered before" in caplog.text


def test_gather(stage):
    """A key ends what is heard."""
    call(
        stage,
        {**GATHER, "numDigits": 2, "play": {"url": TONE, "loop": "forever"}},
        press=((1.0, "42"),),
        documents={"menu": verbs(BYE)},
    )
    assert told(stage, "reason", "digits") == [
        "/answer trying - -",
        "/menu in-progress dtmfDetected 42",
        "/hangup completed - -",
    ]


@pytest.mark.parametrize(
    ("more", "keys", "digits"),
    [
        ({"finishOnKey": "#"}, "12#", "12"),
        ({"interDigitTimeout": 1}, "12", "12"),
        ({"maxDigits": 3}, "1234", "123"),
        ({"minDigits": 2, "timeout": 2}, "12", "12"),
    ],
)
def test_gather_ends(stage, more, keys, digits):
    call(stage, {**GATHER, **more}, press=((1.0, keys),), documents={"menu": verbs(BYE)})
    assert the(stage, "/menu")["digits"] == digits


@pytest.mark.parametrize("keys", ["", "1"])
def test_gather_tells_that_nothing_came_in_time(stage, keys):
    """Too little is nothing. The next verb runs, as the hook answers none."""
    press = ((1.0, keys),) if keys else ()
    call(
        stage,
        {**GATHER, "timeout": 2, "minDigits": 2},
        {"verb": "redirect", "actionHook": "/next"},
        press=press,
        documents={"menu": Answer(""), "next": verbs(BYE)},
    )
    assert [r.path for r in stage.web.requests] == ["/answer", "/menu", "/next", "/hangup"]
    menu = the(stage, "/menu")
    assert menu["reason"] == "timeout"
    assert "digits" not in menu


def test_gather_without_a_hook(stage):
    call(stage, {"verb": "gather", "timeout": 1}, {"verb": "redirect", "actionHook": "/next"})
    assert [r.path for r in stage.web.requests] == ["/answer", "/next", "/hangup"]


# Documents that are none.


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ('[{"verb": "say",\n  "text": "a",\n}]', "line 3: column 1: not well-formed JSON"),
        ("<Response/>", "line 1: column 1: not well-formed JSON"),
        ('[{"verb": "pause", "length": 1},\n{"verb": "dail"}]', "line 2: [1].verb is"),
        (
            '[{"verb": "dial", "target": [{"type": "phone", "number": 5}]}]',
            "line 1: [0].dial.target[0].number must be a text; it is a number, 5",
        ),
    ],
)
def test_a_bad_document_says_where_and_the_caller_is_refused(stage, caplog, answer, words):
    a_leg = call(stage, answer=Answer(answer))
    assert a_leg.sip_status == 503
    assert f"answer document of app main: {words}" in caplog.text
    assert told(stage) == ["/answer trying", "/hangup failed"]


def test_a_bad_document_of_an_action_hook_ends_the_call(stage, caplog):
    """What is declared JSON must be JSON, also where no document would do."""
    bad = Answer("[{]", content_type="application/json; charset=utf-8")
    call(stage, dial(phone("1001")), BYE, callees={"1001": "busy"}, documents={"dial": bad})
    assert "action document of app main: line 1: column 3" in caplog.text


def test_the_fallback_url_is_asked(stage):
    call(
        stage,
        answer=Answer("", status="500 No"),
        documents={"fallback": verbs(BYE)},
        fallback_url=stage.web.url("/fallback"),
    )
    assert told(stage) == ["/answer trying", "/fallback trying", "/hangup completed"]
