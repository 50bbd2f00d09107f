"""A number with several gateways: the next one is tried after a network failure, and only then."""

import pytest

from .flow import CAUSES, END_OF_DOCUMENT, GONE
from .numbers import (
    BUSY,
    DEAD_FIRST,
    REJECTED,
    TWO_CARRIERS,
    UNALLOCATED,
    UNAVAILABLE,
    UNKNOWN_FIRST,
    answers,
    refuses,
    response,
    rings,
)


@pytest.mark.parametrize("route", [DEAD_FIRST, UNKNOWN_FIRST], ids=["dead", "unknown"])
def test_the_second_gateway_is_tried_after_a_first_that_is(live, route):
    """One hangup report for the target, and its B-leg UUID is the last channel's."""
    bob = answers(0.2, 0.5, route)
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
    assert call.story() == ["180", "200", "BYE"]
    assert len(live.callees()) == 1


@pytest.mark.parametrize("route", [DEAD_FIRST, UNKNOWN_FIRST], ids=["dead", "unknown"])
def test_the_same_inside_a_fork(live, route):
    ann, ben = rings(), answers(0.3, 0.5, route)
    live.script(live.told(ann, ben), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(ben, 2),
        flow.connected(ben, 2),
        flow.leg_ended(ann, "LOSE_RACE", 1, status="in-progress"),
        flow.leg_ended(ben, "NORMAL_CLEARING", 2, talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=2),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]
    assert len(live.callees()) == 2


@pytest.mark.parametrize(
    ("bob", "cause", "status"),
    [
        (refuses(BUSY, route=TWO_CARRIERS), "USER_BUSY", "busy"),
        (refuses(REJECTED, route=TWO_CARRIERS), "CALL_REJECTED", "busy"),
        (refuses(UNALLOCATED, route=TWO_CARRIERS), "UNALLOCATED_NUMBER", "failed"),
        (rings(route=TWO_CARRIERS), "NO_ANSWER", "no-answer"),
    ],
    ids=["busy", "rejected", "unallocated", "not-answered"],
)
def test_what_the_callee_decides_goes_to_no_other_gateway(live, bob, cause, status):
    live.script(live.told(bob, timeout="1"), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, cause),
        flow.action(status, cause, rang=bob == rings(route=TWO_CARRIERS)),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    assert call.refused()
    assert len(live.callees()) == 1


def test_none_after_busy_inside_a_fork_either(live):
    ann, ben = refuses(BUSY, route=TWO_CARRIERS), answers(0.4, 0.4)
    live.script(live.told(ann, ben), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(ann, "USER_BUSY", 1),
        flow.answer(ben, 2),
        flow.connected(ben, 2),
        flow.leg_ended(ben, "NORMAL_CLEARING", 2, talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=2),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]
    assert len(live.callees()) == 2


def test_both_gateways_refuse(live):
    """Both were tried; the target is reported ended once."""
    bob = refuses(UNAVAILABLE, route=TWO_CARRIERS)
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
    assert len(live.callees()) == 2


def test_a_cancels_while_the_second_gateway_rings(live):
    bob = rings(route=DEAD_FIRST)
    live.script(live.told(bob), action=response())
    call = live.call()
    call.ringing()
    call.after(0.2, call.cancel)
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, "ORIGINATOR_CANCEL", status=GONE),
        flow.action("cancel", "ORIGINATOR_CANCEL", status=GONE),
        flow.hangup(CAUSES["ORIGINATOR_CANCEL"], cause="ORIGINATOR_CANCEL", answered=False),
    )
    assert call.story() == ["180", "CANCEL"]
