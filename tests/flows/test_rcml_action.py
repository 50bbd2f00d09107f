"""Restcomm's SequentialDialingTest, DialActionTest, DialActionAnswerDelayTest, by their names."""

import pytest

from .rcml import (
    ALICE,
    FOTINI,
    GEORGE,
    HENRIQUE,
    action,
    asked,
    dial,
    ends,
    happens,
    outcome,
    place,
)

TONE = "<Play>tone_stream://%(200,0,440)</Play>"
THREE = "".join(dial(one, None, timeout="3") for one in (ALICE, HENRIQUE, FOTINI))

twins = pytest.mark.parametrize("delay", [False, True], ids=["", "answer-delay"])


# SequentialDialingTest: alice, then henrique (their carol), then fotini.


def test_sequential_dialing(stage):
    place(stage, THREE, scripts=dict.fromkeys(("alice", "henrique", "fotini"), "ring"))
    assert ends(stage) == ["NO_ANSWER"] * 3


@pytest.mark.parametrize("who", ["alice", "henrique"])
@pytest.mark.parametrize("bob_disconnects", [True, False])
def test_sequential_dialing_answer(stage, who, bob_disconnects):
    """...AliceAnswerBobDisconnects and the three others.

    There a later Dial would ring if the callee hung up first (VoiceInterpreter.java); Restcomm's
    page says that the sequence goes on till one answers, and so do we.
    """
    scripts = {"alice": "ring", "henrique": "ring", "fotini": "answer:1:1"}
    scripts[who] = "answer:1" if bob_disconnects else "answer:1:2"
    place(stage, THREE, scripts=scripts, leaves="answered" if bob_disconnects else None)
    before = [] if who == "alice" else ["NO_ANSWER"]
    assert ends(stage) == [*before, "NORMAL_CLEARING"]


def test_sequential_dialing_with_dial_action(stage):
    """A chain by action URLs."""
    scripts = {"alice": "busy", "henrique": "busy", "fotini": "answer:1:1"}
    documents = {"action": dial(HENRIQUE, "/second"), "second": dial(FOTINI, "/third")}
    place(stage, dial(ALICE), scripts=scripts, documents=documents)
    statuses = [asked(stage, path, "DialCallStatus") for path in ("/action", "/second", "/third")]
    assert statuses == [["busy"], ["busy"], ["completed"]]


# DialActionTest.


def test_invalid_call(stage):
    """...InvalidCall and ...InvalidCallCheckCallStatusCompleted: failed, and the call is over."""
    place(stage, dial("<Client>invalid</Client>"))
    assert outcome(stage) == ("failed", "0", "0")
    assert asked(stage, "/hangup", "CallStatus") == ["completed"]


@twins
def test_alice_answers(stage, delay):
    """...AliceAnswersAliceHangup and ...DialCallDurationAliceAnswers: rings 2, talks 3."""
    place(stage, dial(ALICE), scripts={"alice": "answer:2.3:3.5"}, answer_delay=delay)
    status, rang, talked = outcome(stage)
    assert status == "completed"
    assert (int(rang) >= 2, int(talked) >= 3) == (True, True)
    assert action(stage)["CallStatus"] == "in-progress"


@twins
def test_alice_answers_bob_disconnects(stage, delay):
    place(stage, dial(ALICE), scripts={"alice": "answer:1"}, leaves="answered", answer_delay=delay)
    assert outcome(stage)[0] == "completed"
    assert action(stage)["CallStatus"] == "completed"


@twins
def test_alice_no_answer(stage, delay):
    """The callee does not pick up: no-answer. Restcomm's test takes canceled for it as well."""
    place(stage, dial(ALICE, timeout="3"), scripts={"alice": "ring"}, answer_delay=delay)
    assert (outcome(stage)[0], outcome(stage)[2]) == ("no-answer", "0")


@twins
def test_alice_busy(stage, delay):
    """Also ...DialCallDurationAliceBusy: rings 2, talks 0."""
    scripts = {"alice": "fail:USER_BUSY:2.3"}
    place(stage, dial(ALICE), scripts=scripts, answer_delay=delay)
    status, rang, talked = outcome(stage)
    assert (status, talked) == ("busy", "0")
    assert int(rang) >= 2


@pytest.mark.parametrize(("moment", "status"), [("ringing", "canceled"), ("answered", "completed")])
def test_hangup_with_lcm(stage, moment, status):
    """Somebody at the switch ends the callee's leg, ringing or talking: canceled, completed."""
    a_leg = place(stage, dial(ALICE), scripts={"alice": "answer:8"}, over=False)
    happens(stage, moment)
    (leg,) = [uuid for uuid in stage.switch.channels if uuid != a_leg.uuid]
    stage.switch.api("uuid_kill", f"{leg} MANAGER_REQUEST")
    stage.end(a_leg)
    assert outcome(stage)[0] == status


def test_sip_invite_diversion_header(stage):
    diversion = "<sip:+1444@10.0.0.1:5060>;reason=no-answer"
    variables = {"sip_h_Diversion": diversion}
    place(stage, dial(ALICE), scripts={"alice": "answer:1:1"}, variables=variables)
    told = action(stage)
    assert (told["ForwardedFrom"], told["SipHeader_Diversion"]) == ("+1444", diversion)


def test_sip_invite_custom_headers(stage):
    variables = {"sip_h_X-My-Custom-Header1": "Value1", "sip_h_X-My-Custom-Header2": "Value2"}
    place(stage, dial(ALICE), scripts={"alice": "answer:1:1"}, variables=variables)
    told = action(stage)
    assert told["SipHeader_X-My-Custom-Header1"] == "Value1"
    assert told["SipHeader_X-My-Custom-Header2"] == "Value2"


# DialActionAnswerDelayTest: what the action answers with, bob unanswered.


def test_alice_no_answer_rcml_on_dial_action(stage):
    documents = {"action": "<Hangup/>"}
    a_leg = place(
        stage, dial(ALICE, timeout="3"), scripts={"alice": "ring"}, documents=documents,
        answer_delay=True,
    )  # fmt: skip
    assert a_leg.answered_at is None


def test_alice_no_answer_rcml_play_on_dial_action(stage):
    a_leg = place(
        stage, dial(ALICE, timeout="3"), scripts={"alice": "ring"}, documents={"action": TONE},
        answer_delay=True,
    )  # fmt: skip
    assert a_leg.answered_at
    assert a_leg.hangup_cause == "NORMAL_CLEARING"


def test_alice_no_answer_play_plus_dial_rcml_on_dial_action(stage):
    scripts = {"alice": "ring", "george": "answer:1:1"}
    documents = {"action": TONE + dial(GEORGE, "/second")}
    place(stage, dial(ALICE, timeout="3"), scripts=scripts, documents=documents, answer_delay=True)
    assert asked(stage, "/second", "DialCallStatus") == ["completed"]
