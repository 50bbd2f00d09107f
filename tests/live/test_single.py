"""One target: answered, refused, not answered, not reachable."""

import pytest

from .expected import one_of
from .flow import BY_CALLER, CAUSES, END_OF_DOCUMENT, GONE, SOURCES
from .live import TOLERANCE
from .numbers import (
    AWAY,
    BUSY,
    DEAD,
    NO_ROUTE,
    REJECTED,
    TIMED_OUT,
    UNALLOCATED,
    UNAVAILABLE,
    UNKNOWN,
    answers,
    early_media,
    refuses,
    response,
    rings,
    silent,
    user,
)


def test_answered_and_b_ends(live):
    bob = answers(0.2, 1.5)
    live.script(live.told(bob), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(bob),
        flow.connected(bob),
        flow.leg_ended(bob, "NORMAL_CLEARING", talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(END_OF_DOCUMENT, duration="2"),
    )
    assert call.story() == ["180", "200", "BYE"]
    ended = live.heard()[3].params
    assert ended["DialBLegDuration"] in ("1", "2"), "1.5 s by the switch's clock of whole seconds"
    assert ended["DialBLegBillDuration"] == "60"


def test_answered_and_a_ends(live):
    bob = answers(0.2, 9)
    live.script(live.told(bob), action=response())
    call = live.call()
    call.answered()
    call.after(0.5, call.hang_up)
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(bob),
        flow.connected(bob),
        flow.leg_ended(bob, "NORMAL_CLEARING", how=BY_CALLER, talked=True, status=GONE),
        flow.action("completed", "NORMAL_CLEARING", winner=1, status=GONE),
        flow.hangup(BY_CALLER, cause="NORMAL_CLEARING", duration="1"),
    )
    assert call.story() == ["180", "200", "bye"]


@pytest.mark.parametrize(
    ("bob", "cause", "status", "sip"),
    [
        (refuses(BUSY), "USER_BUSY", "busy", "486"),
        (refuses(REJECTED), "CALL_REJECTED", "busy", "603"),
        (refuses(UNALLOCATED), "UNALLOCATED_NUMBER", "failed", "404"),
        (refuses(UNAVAILABLE), "NORMAL_TEMPORARY_FAILURE", "failed", "503"),
        (refuses(TIMED_OUT), "RECOVERY_ON_TIMER_EXPIRE", "timeout", "408 504"),
        (refuses(AWAY), "NO_USER_RESPONSE", "no-answer", "480 408"),
        (refuses(BUSY, ring=0.2), "USER_BUSY", "busy", "486"),
    ],
    ids=["busy", "rejected", "unallocated", "unavailable", "timed-out", "away", "rings-then-busy"],
)
def test_refused(live, bob, cause, status, sip):
    """Nothing is left to do after the Dial, so A is refused with a code that fits the callee's."""
    rang = bob == refuses(BUSY, ring=0.2)
    live.script(live.told(bob), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, cause),
        flow.action(status, cause, rang=rang),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    assert call.refused() in sip.split()
    assert ("180" in call.saw()) == rang


@pytest.mark.parametrize("bob", [rings(), silent()], ids=["rings", "silent"])
def test_ring_timeout(live, bob):
    live.script(live.told(bob, timeout="2"), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, "NO_ANSWER"),
        flow.action("no-answer", "NO_ANSWER", rang=bob == rings()),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    assert call.refused()
    (callee,) = live.callees()
    assert live.times(callee)["CHANNEL_HANGUP_COMPLETE"] == pytest.approx(2, abs=TOLERANCE)
    assert ("180" in call.saw()) == (bob == rings()), "A hears what B's side says"


def test_a_cancels_while_b_rings(live):
    bob = rings()
    live.script(live.told(bob), action=response())
    call = live.call()
    call.ringing()
    call.after(0.3, call.cancel)
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, "ORIGINATOR_CANCEL", status=GONE),
        flow.action("cancel", "ORIGINATOR_CANCEL", status=GONE),
        flow.hangup(CAUSES["ORIGINATOR_CANCEL"], cause="ORIGINATOR_CANCEL", answered=False),
    )
    assert call.story() == ["180", "CANCEL"]


def test_dead_gateway(live):
    bob = answers(route=DEAD)
    live.script(live.told(bob), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, "NORMAL_TEMPORARY_FAILURE"),
        flow.action("failed", "NORMAL_TEMPORARY_FAILURE", rang=False),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    assert call.refused()
    assert not live.callees()


@pytest.mark.parametrize(
    ("target", "to", "cause"),
    [
        (answers(route=UNKNOWN), answers(route=UNKNOWN), "INVALID_GATEWAY"),
        (user("sip:nobody@lab.local"), "sip:nobody@lab.local", "SUBSCRIBER_ABSENT"),
    ],
    ids=["unknown-gateway", "unknown-user"],
)
def test_a_leg_that_never_gets_a_channel_is_reported(live, target, to, cause):
    live.script(live.told(target), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(to, cause, channel=False),
        flow.action("failed", cause, rang=False),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    assert call.refused()
    assert not live.callees()


def test_number_with_no_route(live):
    """The leg fails and the log names the file to edit. Its FreeSWITCH cause is left open."""
    live.script(live.told(NO_ROUTE), action=response())
    call = live.call()
    flow = live.flow(call)
    causes = one_of("NO_ROUTE_DESTINATION", "INVALID_GATEWAY", "CHAN_NOT_IMPLEMENTED")
    how = ("5020", "Routing Error", SOURCES)
    live.expect(
        flow.start(),
        flow.leg_ended(NO_ROUTE, causes, how=how, channel=False),
        flow.action("failed", causes, rang=False),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    assert call.refused()
    live.said("routes.yaml", NO_ROUTE)


@pytest.mark.parametrize("domain", ["lab.local", "contact"])
def test_known_user(live, domain):
    """A user of the switch's directory, and one at a SIP address of his own."""
    bob = "sip:answers@lab.local"
    if domain == "contact":
        bob = f"sip:{answers(0.2, 0.5)}@127.0.0.1:{live.switch.callee_port}"
    live.script(live.told(user(bob)), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(bob),
        flow.connected(bob),
        flow.leg_ended(bob, "NORMAL_CLEARING", talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]


def test_early_media_of_a_single_leg_reaches_a_as_183(live):
    bob = early_media(0.3, 0.5)
    live.script(live.told(bob), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(bob),
        flow.connected(bob),
        flow.leg_ended(bob, "NORMAL_CLEARING", talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["183", "200", "BYE"]


def test_a_hears_180_no_sooner_than_b_sends_it(live):
    bob = answers(0.4, 0.2)
    live.script(live.told(bob), action=response())
    call = live.call()
    assert call.story() == ["180", "200", "BYE"]
    (callee,) = live.callees()
    heard = call.ringing().at - callee.at
    assert heard >= live.times(callee)["CHANNEL_PROGRESS"] - 0.02, "a tick of the switch's clock"
    assert live.web.wait_for(6)
