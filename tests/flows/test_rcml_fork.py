"""Restcomm's DialForkTest and its answer-delay twins, by their names. No call is left up."""

import pytest

from .rcml import ALICE, ALL, FOTINI, GEORGE, HENRIQUE, action, asked, dial, ends, outcome, place

NOBODY = "<Client>nobody</Client>"
SILENT_REST = {"alice": "ring", "george": "ring", "henrique": "ring"}

twins = pytest.mark.parametrize("delay", [False, True], ids=["", "answer-delay"])


def fork(stage, scripts, delay, targets=ALL, document=None, **more):
    """Bob calls and three are rung, who do as scripted; the others ring for ever."""
    scripts = {**SILENT_REST, **scripts}
    document = document or dial(targets, timeout="6")
    a_leg = place(stage, document, scripts=scripts, answer_delay=delay, **more)
    assert not stage.switch.channels, "a call is left up"
    return a_leg


@twins
def test_no_answer_but_henrique(stage, delay):
    """Bob hangs up."""
    a_leg = fork(stage, {"henrique": "answer:2"}, delay, leaves="answered")
    assert sorted(ends(stage)) == ["LOSE_RACE", "LOSE_RACE", "NORMAL_CLEARING"]
    assert outcome(stage)[0] == "completed"
    assert a_leg.hangup_cause == "NORMAL_CLEARING"


@twins
def test_from_pstn_no_answer_but_henrique(stage, delay):
    """Henrique hangs up."""
    fork(stage, {"henrique": "answer:2:2"}, delay, caller="+131313")
    assert sorted(ends(stage)) == ["LOSE_RACE", "LOSE_RACE", "NORMAL_CLEARING"]
    assert asked(stage, "/action", "From", "DialCallStatus") == ["+131313 completed"]


@twins
def test_no_answer_but_from_alice_client(stage, delay):
    fork(stage, {"alice": "answer:2:2"}, delay)
    assert sorted(ends(stage)) == ["LOSE_RACE", "LOSE_RACE", "NORMAL_CLEARING"]


@twins
@pytest.mark.parametrize("targets", [HENRIQUE + NOBODY, NOBODY + HENRIQUE])
def test_to_not_registered_client(stage, delay, targets):
    """...DialSipFirst and ...DialClientFirst: who is not there spoils nothing."""
    fork(stage, {"henrique": "answer:2:2"}, delay, targets)
    assert outcome(stage)[0] == "completed"


@twins
@pytest.mark.parametrize("refusal", ["busy", "reject", "refuse:500:1"])
def test_with_busy_decline_and_server_error(stage, delay, refusal):
    """...WithBusy, ...WithDecline, ...WithServerErrorReponse."""
    fork(stage, {"alice": refusal, "henrique": refusal, "george": "answer:2:2"}, delay)
    assert outcome(stage)[0] == "completed"
    assert ends(stage)[-1] == "NORMAL_CLEARING"


@twins
def test_bob_sends_bye(stage, delay):
    """With the answer delayed it is a CANCEL: DialForkAnswerDelayCancelTest.BobSendsCancel."""
    fork(stage, {}, delay, leaves="ringing")
    assert ends(stage) == ["ORIGINATOR_CANCEL"] * 3
    assert outcome(stage)[0] == "canceled"


@twins
@pytest.mark.parametrize("alice", ["ring", "early:60", "silent"])
def test_no_answer(stage, delay, alice):
    """Also ...With183, ...With183FromAlice and ...NoAnswerAndNoResponseFromAlice."""
    a_leg = fork(stage, {"alice": alice}, delay)
    assert ends(stage) == ["NO_ANSWER"] * 3
    assert outcome(stage)[0] == "no-answer"
    assert a_leg.hangup_cause == ("NO_ANSWER" if delay else "NORMAL_CLEARING")


@twins
def test_multiple_answer(stage, delay):
    """Three 200 OK at once: one is kept, two are hung up."""
    fork(stage, dict.fromkeys(("alice", "henrique", "george"), "answer:2:4"), delay)
    causes = ends(stage)
    assert len(causes) == 3
    assert causes.count("NORMAL_CLEARING") == 1
    assert outcome(stage)[0] == "completed"


@twins
@pytest.mark.parametrize("script", ["ring", "busy"])
def test_execute_rcml_returned_from_action_url(stage, delay, script):
    """...NoAnswerExecuteRCML... and ...EveryoneBusyExecuteRCML_ReturnedFromActionURL."""
    documents = {"action": dial(FOTINI, "/second")}
    scripts = dict.fromkeys(("alice", "henrique", "george"), script) | {"fotini": "answer:1:1"}
    fork(stage, scripts, delay, documents=documents)
    status = "no-answer" if script == "ring" else "busy"
    assert asked(stage, "/action", "DialCallStatus") == [status]
    assert asked(stage, "/second", "DialCallStatus") == ["completed"]


@twins
def test_sequential_first_call_timeouts(stage, delay):
    """Two who cannot be reached, then one who answers."""
    document = dial(GEORGE, None, timeout="2") + dial(NOBODY, None) + dial(HENRIQUE)
    fork(stage, {"henrique": "answer:1:1"}, delay, document=document)
    assert ends(stage) == ["NO_ANSWER", "NORMAL_CLEARING"]
    assert outcome(stage)[0] == "completed"


@pytest.mark.parametrize(
    "play", ["", "<Play>tone_stream://%(200,0,440)</Play>", "<Play>x.wav</Play>"]
)
def test_dial_client_alice(stage, play):
    """testDialClientAlice, ...WithPlay and ...WithInvalidPlayFile."""
    place(stage, play + dial(ALICE), scripts={"alice": "answer:1:1"})
    assert outcome(stage)[0] == "completed"


@pytest.mark.parametrize(("script", "status"), [("ring", "no-answer"), ("busy", "busy")])
def test_timeout_and_busy_with_play(stage, script, status):
    """DialForkPlayDelayTest: the action plays, and dials somebody else."""
    second = "<Play>tone_stream://%(200,0,440)</Play>" + dial(FOTINI, "/second")
    scripts = {"george": script, "fotini": "answer:1:1"}
    place(stage, dial(GEORGE, timeout="3"), scripts=scripts, documents={"action": second})
    assert action(stage)["DialCallStatus"] == status
    assert asked(stage, "/second", "DialCallStatus") == ["completed"]
