"""referHook: a callee's REFER, which the application accepts or refuses."""

from dataclasses import replace

import pytest
from dialctl.settings import Http

from support.rawserver import eventually
from support.webapp import Answer

from .voicegateway import VG, call, dial, legs, phone, the, told, verbs

BYE = {"verb": "say", "text": "goodbye"}
REFERS = "answer:1;refer=1:+4930111"
PATIENT = replace(VG, http=Http(read_timeout=60, total_timeout=60, retries=0))


def given(**more):
    return dial(phone("1001"), referHook="/refer", **more)


def notified(stage):
    """What the callee's telephone was told became of its REFER."""
    return [detail for _, what, detail in stage.seen if what == "notified"]


def test_the_refer_hook_is_asked(stage):
    a_leg = call(stage, given(callerId="+777"), callees={"1001": REFERS}, documents={"refer": ""})
    asked, callee = the(stage, "/refer"), the(stage, "/dial")["dial_call_sid"]
    assert asked.pop("refer_details") == {
        "refer_to_user": "+4930111",
        "referred_by_user": "1001",
        "referred_call_sid": a_leg.uuid,
        "referring_call_sid": callee,
        "sip_refer_to": "<sip:+4930111@127.0.0.1:5060>",
        "sip_referred_by": "<sip:1001@127.0.0.1:5080>",
    }
    assert asked == {
        "application_sid": "main",
        "call_sid": callee,
        "call_status": "in-progress",
        "caller_id": "+777",
        "direction": "outbound",
        "from": "+777",
        "parent_call_sid": a_leg.uuid,
        "sip_reason": "OK",
        "sip_status": 200,
        "to": "1001",
    }


@pytest.mark.parametrize("answer", ["", "OK", verbs()], ids=["empty", "word", "no-verbs"])
def test_any_success_accepts_and_the_dial_is_over(stage, answer):
    """Its actionHook is told, and the next verb runs."""
    documents = {"refer": Answer(answer) if isinstance(answer, str) else answer}
    call(
        stage,
        given(),
        {"verb": "redirect", "actionHook": "/next"},
        callees={"1001": REFERS},
        documents={**documents, "next": verbs(BYE)},
    )
    assert [r.path for r in stage.web.requests] == [
        *("/answer", "/refer", "/dial", "/next", "/hangup"),
    ]
    assert the(stage, "/dial")["dial_status"] == "completed"
    assert notified(stage) == ["200"]


def test_verbs_of_the_refer_hook_are_for_the_caller_and_replace_the_rest(stage):
    """The actionHook is told all the same; what it answers is not used."""
    documents = {
        "refer": verbs(dial(phone("1002"), actionHook="/second")),
        "dial": verbs({"verb": "redirect", "actionHook": "/never"}),
    }
    call(
        stage,
        given(),
        {"verb": "redirect", "actionHook": "/never"},
        callees={"1001": REFERS, "1002": "answer:1:1"},
        documents=documents,
    )
    assert [r.path for r in stage.web.requests] == [
        *("/answer", "/refer", "/dial", "/second", "/hangup"),
    ]
    assert the(stage, "/second")["dial_status"] == "completed"


@pytest.mark.parametrize(
    ("status", "code"), [("404 Not Found", "404"), ("603 No", "603"), ("301 There", "503")]
)
def test_anything_else_refuses_and_they_talk_on(stage, status, code):
    a_leg = call(
        stage,
        given(),
        BYE,
        callees={"1001": "answer:1:4;refer=1:4930111"},
        documents={"refer": Answer("", status=status)},
    )
    assert notified(stage) == [code]
    assert told(stage, "dial_status") == [
        "/answer trying -",
        "/refer in-progress -",
        "/dial in-progress completed",
        "/hangup completed -",
    ]
    talked = the(stage, "/hangup")["duration"]
    assert talked >= 4
    assert a_leg.hangup_cause == "NORMAL_CLEARING"


def test_a_second_refer_is_asked_about_too(stage):
    refer = [Answer("", status="404 Not Found"), Answer("")]
    script = "answer:1;refer=1:4930111;refer=3:4930222"
    call(stage, given(), callees={"1001": script}, documents={"refer": refer})
    numbers = [
        r.params["refer_details"]["refer_to_user"] for r in stage.web.requests if r.path == "/refer"
    ]
    assert numbers == ["4930111", "4930222"]
    assert notified(stage) == ["404", "200"]
    assert the(stage, "/dial")["dial_status"] == "completed"


def test_the_callee_hangs_up_meanwhile(stage):
    """He is told nothing more; verbs for the caller count."""
    call(
        stage,
        given(),
        callees={"1001": "answer:1:2;refer=1:4930111"},
        documents={"refer": verbs({"verb": "redirect", "actionHook": "/next"}, delay=6.0)},
        settings=PATIENT,
    )
    assert [r.path for r in stage.web.requests] == [
        *("/answer", "/refer", "/dial", "/next", "/hangup"),
    ]
    assert notified(stage) == []


def test_the_callee_hangs_up_meanwhile_and_is_refused(stage):
    refuses = Answer("", status="404 Not Found", delay=6.0)
    scripts = {"1001": "answer:1:2;refer=1:4930111"}
    call(stage, given(), BYE, callees=scripts, documents={"refer": refuses}, settings=PATIENT)
    assert [r.path for r in stage.web.requests] == ["/answer", "/refer", "/dial", "/hangup"]


def test_the_caller_hangs_up_meanwhile(stage):
    """Nobody is left in silence."""
    a_leg = call(
        stage,
        given(),
        callees={"1001": REFERS},
        documents={"refer": Answer("", delay=5)},
        settings=PATIENT,
        over=False,
    )
    (leg,) = legs(stage)
    assert eventually(lambda: [r for r in stage.web.requests if r.path == "/refer"])
    a_leg.hangup()
    stage.end(a_leg)
    assert eventually(lambda: not leg.up)
    assert the(stage, "/dial")["dial_status"] == "completed"


def test_without_a_refer_hook_the_switch_accepts_and_the_dial_is_over(stage):
    call(stage, dial(phone("1001")), BYE, callees={"1001": REFERS})
    assert told(stage, "dial_status") == [
        "/answer trying -",
        "/dial in-progress completed",
        "/hangup completed -",
    ]
    assert notified(stage) == ["200"]
