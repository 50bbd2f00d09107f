"""confirmHook: a callee is told, and asked, before it is connected."""

import pytest

from support.rawserver import eventually
from support.webapp import Answer

from .voicegateway import call, dial, legs, phone, the, verbs

BYE = {"verb": "say", "text": "goodbye"}
TELL = {"verb": "play", "url": "tone_stream://%(1000,0,440)"}
HANGUP = {"verb": "hangup"}
ASK = {"verb": "gather", "numDigits": 1, "timeout": 3, "actionHook": "/choice"}


def confirmed(stage, script, answer, target=None, **documents):
    """One callee, who is asked by what the hook answers; dial_status and dial_sip_status."""
    given = dial(target or phone("1001"), confirmHook="/confirm")
    documents = {"confirm": answer, **documents}
    call(stage, given, BYE, callees={"1001": script}, documents=documents)
    action = the(stage, "/dial")
    return action["dial_status"], action["dial_sip_status"]


def test_the_callee_is_connected_once_the_application_is_over(stage):
    assert confirmed(stage, "answer:1:4", verbs(TELL)) == ("completed", 200)
    assert [r.path for r in stage.web.requests] == ["/answer", "/confirm", "/dial", "/hangup"]


def test_the_hook_is_told_the_callee(stage):
    confirmed(stage, "answer:1:4", verbs(TELL))
    asked = the(stage, "/confirm")
    assert asked["call_sid"] == the(stage, "/dial")["dial_call_sid"]
    assert asked["parent_call_sid"] == the(stage, "/answer")["call_sid"]
    assert (asked["direction"], asked["call_status"]) == ("outbound", "in-progress")
    assert (asked["to"], asked["call_id"]) == ("1001", asked["call_id"])
    assert asked["call_id"] != the(stage, "/answer")["call_id"]


@pytest.mark.parametrize("answer", [Answer(""), Answer("OK"), verbs(), Answer("", status="204 No")])
def test_an_empty_answer_accepts(stage, answer):
    assert confirmed(stage, "answer:1:2", answer) == ("completed", 200)


@pytest.mark.parametrize(
    "answer",
    [
        Answer("", status="404 Not Found"),
        Answer("", status="500 No"),
        Answer("[{]", content_type="application/json"),
        verbs(HANGUP),
        verbs(TELL, HANGUP),
        verbs({"verb": "sip:decline", "status": 486}),
        verbs(dial(phone("1002"))),
    ],
    ids=["not-found", "error", "bad-json", "hangup", "later-hangup", "decline", "dial"],
)
def test_an_error_or_a_hangup_declines(stage, answer):
    """It has answered, so the SIP status is 200."""
    assert confirmed(stage, "answer:1", answer) == ("no-answer", 200)


def test_a_callee_who_hangs_up_meanwhile_declines(stage):
    assert confirmed(stage, "answer:1:0.5", verbs(TELL)) == ("no-answer", 200)


@pytest.mark.parametrize(
    ("key", "status"), [("1", "completed"), ("2", "no-answer"), ("", "completed")]
)
def test_a_callee_chooses_with_a_key(stage, key, status):
    """The action of its gather is about the callee too; no answer of its lets the next verb run."""
    press = f";press=1:{key}" if key else ""
    choice = Answer("") if key != "2" else verbs(HANGUP)
    found, _ = confirmed(stage, f"answer:1:8{press}", verbs(ASK, TELL), choice=choice)
    assert found == status
    chosen = the(stage, "/choice")
    assert chosen.get("digits", "") == key
    assert chosen["parent_call_sid"] == the(stage, "/answer")["call_sid"]


def test_a_redirect_leads_to_another_document(stage):
    documents = {"other": verbs(TELL)}
    there = verbs({"verb": "redirect", "actionHook": "/other"})
    assert confirmed(stage, "answer:1:4", there, **documents) == ("completed", 200)


def test_a_targets_own_hook_takes_the_place_of_the_dials(stage):
    target = phone("1001", confirmHook={"url": "/own", "method": "GET"})
    own = {"own": verbs(HANGUP)}
    assert confirmed(stage, "answer:1", Answer(""), target, **own) == ("no-answer", 200)
    assert [(r.method, r.path) for r in stage.web.requests][1] == ("GET", "/own")


def test_only_the_target_with_a_hook_is_asked(stage):
    """The other one is connected at once, and the asked one is hung up."""
    targets = phone("1001", confirmHook="/own"), phone("1002")
    callees = {"1001": "answer:1", "1002": "answer:2:1"}
    long = {"verb": "pause", "length": 20}
    call(stage, dial(*targets), BYE, callees=callees, documents={"own": verbs(long)})
    assert the(stage, "/dial")["dial_status"] == "completed"


def test_the_caller_hangs_up_meanwhile(stage):
    given = dial(phone("1001"), confirmHook="/confirm")
    long = verbs({"verb": "pause", "length": 20})
    scripts = {"1001": "answer:1"}
    a_leg = call(stage, given, callees=scripts, documents={"confirm": long}, over=False)
    (leg,) = legs(stage)
    assert eventually(lambda: [r for r in stage.web.requests if r.path == "/confirm"])
    a_leg.hangup()
    stage.end(a_leg)
    assert eventually(lambda: not leg.up)
    action = the(stage, "/dial")
    assert (action["dial_status"], action["dial_sip_status"]) == ("no-answer", 487)


# What jambonz's own dial does wrong (its lib/tasks/dial.js).


def test_one_who_is_asked_does_not_let_the_others_ring_for_ever(stage):
    """There the timer of all is cleared once one answers, and before it has confirmed."""
    targets = phone("1001", confirmHook="/confirm"), phone("1002")
    callees = {"1001": "answer:1", "1002": "ring"}
    documents = {"confirm": verbs({"verb": "pause", "length": 9}, HANGUP)}
    given = dial(*targets, timeout=3)
    a_leg = call(stage, given, callees=callees, documents=documents, over=False)
    asked, rings = sorted(legs(stage, 2), key=lambda leg: leg.profile.destination)
    assert eventually(lambda: not rings.up)
    assert asked.up
    stage.end(a_leg)
    assert the(stage, "/dial")["dial_status"] == "no-answer"


def test_of_two_who_confirm_one_is_connected(stage):
    """There both are."""
    callees = {"1001": "answer:1", "1002": "answer:1"}
    given = dial(phone("1001"), phone("1002"), confirmHook="/confirm")
    documents = {"confirm": verbs({"verb": "pause", "length": 1})}
    a_leg = call(stage, given, callees=callees, documents=documents, over=False)
    first, second = legs(stage, 2)
    assert eventually(lambda: first.bridged or second.bridged)
    assert eventually(lambda: not (first.up and second.up))
    winner = first if first.up else second
    a_leg.hangup()
    stage.end(a_leg)
    assert the(stage, "/dial")["dial_call_sid"] == winner.uuid
