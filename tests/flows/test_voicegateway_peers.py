"""Scenarios of peers' own tests, by their names, told in this dialect; and bugs of one of them.

Restcomm's DialForkTest, SequentialDialingTest and DialActionTest: bob calls, alice is a registered
client, henrique a SIP address, george a telephone number, fotini one more. With jambonz, of which
the Voice Gateway is one, dial-phone, dial-sip and dial-user. No call is left up in any of them.
"""

from dataclasses import replace

import pytest
from dialctl.settings import UserRoute

from support.rawserver import eventually

from .voicegateway import VG, call, dial, legs, phone, the, told, verbs

ALICE = {"type": "user", "name": "alice@example.com"}
HENRIQUE = {"type": "sip", "sipUri": "sip:henrique@sip.example.org"}
GEORGE = phone("+131313", trunk="Twilio")
FOTINI = phone("1001")
NOBODY = {"type": "user", "name": "nobody@example.com"}
WHO = {
    "alice": "alice@example.com",
    "henrique": "henrique@sip.example.org",
    "george": "b/131313",
    "fotini": "1001",
}
SIP = UserRoute("sip.example.org", ("sofia/internal/{user}@{domain}",))
PEERS = replace(VG, routes=replace(VG.routes, users=(SIP, *VG.routes.users)))
ALL = (ALICE, HENRIQUE, GEORGE)
TONE = {"verb": "play", "url": "tone_stream://%(200,0,440)"}

twins = pytest.mark.parametrize("on_bridge", [False, True], ids=["", "answer-delay"])


def place(stage, *given, leaves=None, **more):
    """Bob calls, ``leaves`` once somebody rings or has answered; what became of all the legs."""
    scripts = {WHO[name]: more.pop(name) for name in WHO if name in more}
    more = {"settings": PEERS, **more}
    a_leg = call(stage, *given, callees=scripts, over=leaves is None, **more)
    if leaves is not None:
        assert eventually(lambda: _has(stage, leaves)), f"nobody {leaves}"
        a_leg.hangup()
        stage.end(a_leg)
    assert not stage.switch.channels, "a call is left up"
    return a_leg


def _has(stage, leaves):
    made = [channel for channel in stage.switch.channels.values() if not channel.inbound]
    if leaves == "ringing":
        return bool(made)
    return any(channel.answered and channel.bridged for channel in made)


def fork(stage, on_bridge, targets=ALL, documents=None, **scripts):
    """Three ring for 6 s at most, for ever unless they do something else."""
    leaves = scripts.pop("leaves", None)
    scripts = {"alice": "ring", "henrique": "ring", "george": "ring", **scripts}
    given = dial(*targets, timeout=6, answerOnBridge=on_bridge)
    return place(stage, given, leaves=leaves, documents=documents, **scripts)


def outcome(stage, path="/dial"):
    action = the(stage, path)
    assert action["dial_status"] == action["dial_call_status"]
    return action["dial_status"], action["dial_sip_status"]


COMPLETED = ("completed", 200)


# DialForkTest, DialForkAnswerDelayTest.


@twins
@pytest.mark.parametrize("who", ["alice", "henrique", "george"])
def test_dial_fork_no_answer_but_henrique(stage, on_bridge, who):
    """...NoAnswerButFromAliceClient, too: one answers, the callee hangs up."""
    fork(stage, on_bridge, **{who: "answer:2:2"})
    assert outcome(stage) == COMPLETED


@twins
def test_dial_fork_bob_hangs_up_on_henrique(stage, on_bridge):
    fork(stage, on_bridge, henrique="answer:2", leaves="answered")
    assert outcome(stage) == COMPLETED


@twins
@pytest.mark.parametrize("targets", [(HENRIQUE, NOBODY), (NOBODY, HENRIQUE)])
def test_dial_fork_to_not_registered_client(stage, on_bridge, targets):
    """...DialSipFirst and ...DialClientFirst."""
    fork(stage, on_bridge, targets, henrique="answer:2:2")
    assert outcome(stage) == COMPLETED


@twins
@pytest.mark.parametrize("refusal", ["busy", "reject", "fail:NORMAL_TEMPORARY_FAILURE"])
def test_dial_fork_with_busy(stage, on_bridge, refusal):
    """...WithDecline and ...WithServerErrorReponse, too: two refuse, the third answers."""
    fork(stage, on_bridge, alice=refusal, henrique=refusal, george="answer:2:1")
    assert outcome(stage) == COMPLETED


@twins
def test_dial_fork_bob_sends_bye(stage, on_bridge):
    """And ...BobSendsCancel where bob is not answered. There it is canceled: no word of this
    dialect's, which has no-answer and the 487 of a call that was cancelled."""
    a_leg = fork(stage, on_bridge, leaves="ringing")
    assert outcome(stage) == ("no-answer", 487)
    assert bool(a_leg.answered_at) is not on_bridge


@twins
@pytest.mark.parametrize("alice", ["ring", "early:60", "silent"])
def test_dial_fork_no_answer(stage, on_bridge, alice):
    """...With183, ...With183FromAlice and ...NoAnswerAndNoResponseFromAlice, too."""
    fork(stage, on_bridge, alice=alice)
    assert outcome(stage) == ("no-answer", 487)


@twins
def test_dial_fork_multiple_answer(stage, on_bridge):
    """Three at the same moment: one is kept."""
    fork(stage, on_bridge, **dict.fromkeys(("alice", "henrique", "george"), "answer:2:2"))
    assert outcome(stage) == COMPLETED
    assert [r.path for r in stage.web.requests] == ["/answer", "/dial", "/hangup"]


@twins
@pytest.mark.parametrize(
    ("script", "status"), [("ring", ("no-answer", 487)), ("busy", ("busy", 486))]
)
def test_dial_fork_no_answer_execute_what_the_action_returns(stage, on_bridge, script, status):
    """...NoAnswerExecuteRCML_ReturnedFromActionURL and ...EveryoneBusyExecuteRCML_..."""
    second = verbs(dial(FOTINI, actionHook="/second"))
    scripts = dict.fromkeys(("alice", "henrique", "george"), script)
    fork(stage, on_bridge, documents={"dial": second}, fotini="answer:1:1", **scripts)
    assert outcome(stage) == status
    assert outcome(stage, "/second") == COMPLETED


@pytest.mark.parametrize("before", [(), (TONE,), ({"verb": "play", "url": "nothing.wav"},)])
def test_dial_client_alice(stage, before):
    """...WithPlay and ...WithInvalidPlayFile, too."""
    place(stage, *before, dial(ALICE), alice="answer:1:1")
    assert outcome(stage) == COMPLETED


@pytest.mark.parametrize(
    ("script", "status"), [("ring", ("no-answer", 487)), ("busy", ("busy", 486))]
)
def test_dial_timeout_with_play(stage, script, status):
    """...BusyTimeoutWithPlay, too: the action plays, and dials somebody else."""
    second = verbs(TONE, dial(FOTINI, actionHook="/second"))
    given = dial(GEORGE, timeout=3)
    place(stage, given, documents={"dial": second}, george=script, fotini="answer:1:1")
    assert outcome(stage) == status
    assert outcome(stage, "/second") == COMPLETED


# SequentialDialingTest: three dials one after the other, or one that says sequential.

THREE = (ALICE, GEORGE, FOTINI)


def one_by_one():
    return [dial(who, timeout=3, actionHook=f"/{at}") for at, who in enumerate(THREE)]


def test_sequential_dialing(stage):
    place(stage, *one_by_one(), **dict.fromkeys(("alice", "george", "fotini"), "ring"))
    assert [outcome(stage, f"/{at}") for at in range(3)] == [("no-answer", 487)] * 3


def test_sequential_dialing_in_one_dial(stage):
    """The timeout counts for each, and one actionHook is asked."""
    given = dial(*THREE, timeout=3, sequential=True)
    place(stage, given, **dict.fromkeys(("alice", "george", "fotini"), "ring"))
    assert outcome(stage) == ("no-answer", 487)


@pytest.mark.parametrize("leaves", [None, "answered"], ids=["callee-disconnects", "bob"])
@pytest.mark.parametrize(("first", "rung"), [("answer:1:1", 1), ("ring", 2)])
def test_sequential_dialing_alice_answer(stage, first, rung, leaves):
    """...AliceAnswer... and ...CarolAnswer...: with bob gone nobody else is rung. There the
    sequence stops at the first who answers; here each dial is a verb of its own, and the next
    one runs if bob is there. A sequence that stops is one dial that says so."""
    talk = "answer:1" if leaves else "answer:1:1"
    alice, george = (talk, "busy") if rung == 1 else (first, talk)
    place(
        stage,
        dial(*THREE, timeout=3, sequential=True),
        leaves=leaves,
        alice=alice,
        george=george,
        fotini="answer:1:1",
    )
    assert outcome(stage) == COMPLETED
    assert the(stage, "/dial")["dial_call_sid"]


def test_sequential_dialing_with_dial_action(stage):
    """A chain by actions."""
    documents = {
        "dial": verbs(dial(GEORGE, actionHook="/second")),
        "second": verbs(dial(FOTINI, actionHook="/third")),
    }
    scripts = {"alice": "busy", "george": "busy", "fotini": "answer:1:1"}
    place(stage, dial(ALICE), documents=documents, **scripts)
    found = [outcome(stage, path) for path in ("/dial", "/second", "/third")]
    assert found == [("busy", 486), ("busy", 486), COMPLETED]


# DialActionTest.


def test_dial_action_invalid_call(stage):
    """...InvalidCallCheckCallStatusCompleted, too: bob has been answered."""
    place(stage, dial(NOBODY, answerOnBridge=False))
    assert outcome(stage) == ("failed", 500)
    assert told(stage)[-1] == "/hangup completed"


@twins
@pytest.mark.parametrize("leaves", [None, "answered"], ids=["alice-hangup", "bob-disconnects"])
def test_dial_action_alice_answers(stage, on_bridge, leaves):
    alice = "answer:1" if leaves else "answer:2:3"
    place(stage, dial(ALICE, answerOnBridge=on_bridge), leaves=leaves, alice=alice)
    assert outcome(stage) == COMPLETED
    assert the(stage, "/dial")["call_status"] == ("completed" if leaves else "in-progress")


@twins
@pytest.mark.parametrize(
    ("alice", "status"), [("ring", ("no-answer", 487)), ("fail:USER_BUSY:2", ("busy", 486))]
)
def test_dial_action_alice_no_answer(stage, on_bridge, alice, status):
    """...AliceBusy, too. There it may be canceled; here that is no word for it."""
    place(stage, dial(ALICE, timeout=3, answerOnBridge=on_bridge), alice=alice)
    assert outcome(stage) == status


def test_dial_action_hangup_with_lcm(stage):
    """Somebody at the switch ends the callee's leg while they talk."""
    given = dial(ALICE)
    a_leg = call(stage, given, callees={WHO["alice"]: "answer:1"}, over=False)
    assert eventually(lambda: _has(stage, "answered"))
    (leg,) = legs(stage)
    stage.switch.api("uuid_kill", f"{leg.uuid} MANAGER_REQUEST")
    stage.end(a_leg)
    assert outcome(stage) == COMPLETED


@pytest.mark.parametrize("answer", [({"verb": "hangup"},), (TONE,)])
def test_dial_action_alice_no_answer_verbs_on_dial_action(stage, answer):
    """DialActionAnswerDelayTest's ...RcmlOnDialAction and ...RcmlPlayOnDialAction."""
    a_leg = place(stage, dial(ALICE, timeout=3), documents={"dial": verbs(*answer)}, alice="ring")
    assert outcome(stage) == ("no-answer", 487)
    assert bool(a_leg.answered_at) is (answer[0] is TONE)


# jambonz: the dial succeeds and its action is told.


@pytest.mark.parametrize(
    ("target", "who"), [(GEORGE, "george"), (HENRIQUE, "henrique"), (ALICE, "alice")]
)
def test_dial_phone_sip_and_user(stage, target, who):
    place(stage, dial(target, callerId="+15083084809"), **{who: "answer:1:1"})
    assert outcome(stage) == COMPLETED


# What jambonz's own dial does wrong (its lib/tasks/dial.js).


@pytest.mark.parametrize("first", ["busy", "reject", "dead", "fail:NO_ROUTE_DESTINATION"])
def test_one_leg_that_fails_does_not_let_the_others_ring_for_ever(stage, first):
    """There the timer of all is cleared when one declines or cannot be made."""
    place(stage, dial(ALICE, GEORGE, timeout=4), alice=first, george="ring")
    busy = first == "busy"
    assert outcome(stage) == (("busy", 486) if busy else ("no-answer", 487))


def test_no_more_than_one_is_ever_connected(stage):
    """There two who answer at the same moment are both connected."""
    a_leg = call(
        stage,
        dial(*ALL),
        callees=dict.fromkeys(WHO.values(), "answer:1"),
        settings=PEERS,
        over=False,
    )
    assert eventually(lambda: _has(stage, "answered"))
    assert eventually(lambda: len(stage.switch.channels) == 2)
    (leg,) = legs(stage)
    a_leg.hangup()
    stage.end(a_leg)
    assert the(stage, "/dial")["dial_call_sid"] == leg.uuid


@pytest.mark.parametrize("alice", ["ring", "early:60"])
def test_a_dial_that_timed_out_does_not_tell_a_provisional_status(stage, alice):
    """There a misspelt name lets 180 or 183 stand."""
    place(stage, dial(ALICE, timeout=2), alice=alice)
    assert outcome(stage) == ("no-answer", 487)


def test_nothing_of_one_target_goes_to_the_next(stage):
    """There the header that names a carrier stays in what all targets share."""
    first = {**GEORGE, "headers": {"X-Only": "first"}}
    a_leg = call(stage, dial(first, phone("1002"), ALICE), over=False)

    def made():
        channels = [channel for channel in stage.switch.channels.values() if not channel.inbound]
        return {one.profile.destination: one.variables.get("sip_h_X-Only") for one in channels}

    assert eventually(lambda: len(made()) == 3)
    assert {who for who, header in made().items() if header} == {"131313"}
    a_leg.hangup()
    stage.end(a_leg)


def test_a_leg_that_ends_after_another_was_connected_changes_nothing(stage):
    """There the leg that changed last has the word."""
    scripts = {"alice": "answer:1:4", "george": "fail:USER_BUSY:3", "henrique": "dead"}
    place(stage, dial(*ALL), **scripts)
    assert outcome(stage) == COMPLETED
