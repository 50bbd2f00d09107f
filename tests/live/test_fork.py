"""Several targets at once."""

import pytest

from .flow import CAUSES, END_OF_DOCUMENT, GONE
from .live import TOLERANCE
from .numbers import (
    AWAY,
    BUSY,
    REJECTED,
    TIMED_OUT,
    UNALLOCATED,
    answers,
    early_media_for_ever,
    refuses,
    response,
    rings,
    silent,
    user,
)


def test_one_answers_one_is_busy_one_rings(live):
    ann, ben, cat = answers(0.4, 0.5), refuses(BUSY, ring=0.2), rings()
    live.script(live.told(ann, ben, cat), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(ben, "USER_BUSY", 2),
        flow.answer(ann, 1),
        flow.connected(ann, 1),
        flow.leg_ended(cat, "LOSE_RACE", 3, status="in-progress"),
        flow.leg_ended(ann, "NORMAL_CLEARING", 1, talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]
    assert len(live.callees()) == 3


def test_the_last_of_three_answers(live):
    ann, ben, cat = rings(1), rings(2), answers(0.3, 0.4)
    live.script(live.told(ann, ben, cat), action=response())
    call = live.call()
    flow = live.flow(call)
    losers = [
        flow.leg_ended(ann, "LOSE_RACE", 1, status="in-progress"),
        flow.leg_ended(ben, "LOSE_RACE", 2, status="in-progress"),
    ]
    live.expect(
        flow.start(),
        flow.answer(cat, 3),
        flow.connected(cat, 3),
        live.in_any_order(*losers),
        flow.leg_ended(cat, "NORMAL_CLEARING", 3, talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=3),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]


def test_early_media_does_not_win_the_race(live):
    ann, ben = early_media_for_ever(), answers(0.5, 0.5)
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
    assert "183" not in call.story()
    assert call.saw()[-2:] == ["200", "BYE"]


@pytest.mark.parametrize(
    ("targets", "status", "cause"),
    [
        ([(refuses(UNALLOCATED), "UNALLOCATED_NUMBER"), (rings(), "NO_ANSWER")], "no-answer", 2),
        ([(rings(), "NO_ANSWER"), (refuses(BUSY), "USER_BUSY")], "busy", 2),
        (
            [
                (refuses(UNALLOCATED), "UNALLOCATED_NUMBER"),
                (refuses(TIMED_OUT), "RECOVERY_ON_TIMER_EXPIRE"),
            ],
            "timeout",
            2,
        ),
        (
            [(refuses(TIMED_OUT), "RECOVERY_ON_TIMER_EXPIRE"), (refuses(AWAY), "NO_USER_RESPONSE")],
            "no-answer",
            2,
        ),
        ([(refuses(REJECTED), "CALL_REJECTED"), (refuses(BUSY, 0.2), "USER_BUSY")], "busy", 1),
    ],
    ids=[
        "failed<no-answer",
        "no-answer<busy",
        "failed<timeout",
        "timeout<no-answer",
        "first-of-equals",
    ],
)
def test_all_fail(live, targets, status, cause):
    """DialStatus: cancel > busy > no-answer > timeout > failed; the cause is that target's."""
    live.script(live.told(*(to for to, _ in targets), timeout="1"), action=response())
    call = live.call()
    flow = live.flow(call)
    ended = [flow.leg_ended(to, why, n) for n, (to, why) in enumerate(targets, 1)]
    rang = any(to in (rings(), refuses(BUSY, 0.2)) for to, _ in targets)
    live.expect(
        flow.start(),
        live.in_any_order(*ended),
        flow.action(status, targets[cause - 1][1], rang=rang),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    assert call.refused()


def test_ring_timeout_ends_every_leg(live):
    ann, ben = rings(), silent()
    live.script(live.told(ann, ben, timeout="1"), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        live.in_any_order(flow.leg_ended(ann, "NO_ANSWER", 1), flow.leg_ended(ben, "NO_ANSWER", 2)),
        flow.action("no-answer", "NO_ANSWER"),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    assert call.refused()
    for callee in live.callees():
        lasted = live.times(callee)["CHANNEL_HANGUP_COMPLETE"]
        assert lasted == pytest.approx(1, abs=TOLERANCE), callee["Caller-Destination-Number"]


def test_a_cancels_while_two_ring(live):
    ann, ben = rings(1), rings(2)
    live.script(live.told(ann, ben), action=response())
    call = live.call()
    live.callees(2)
    call.after(0.3, call.cancel)
    flow = live.flow(call)
    live.expect(
        flow.start(),
        live.in_any_order(
            flow.leg_ended(ann, "ORIGINATOR_CANCEL", 1, status=GONE),
            flow.leg_ended(ben, "ORIGINATOR_CANCEL", 2, status=GONE),
        ),
        flow.action("cancel", "ORIGINATOR_CANCEL", status=GONE),
        flow.hangup(CAUSES["ORIGINATOR_CANCEL"], cause="ORIGINATOR_CANCEL", answered=False),
    )
    assert call.story()[-1] == "CANCEL"


def test_a_number_and_a_user(live):
    ann, ben = rings(), "sip:answers@lab.local"
    live.script(live.told(ann, user(ben)), action=response())
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
    assert call.story()[-2:] == ["200", "BYE"]


def test_a_user_with_two_devices_is_rung_on_both(live):
    """The first device of `twin` rings for ever; the second one answers."""
    bob = "sip:twin@lab.local"
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
    assert len(live.callees()) == 2


def test_a_user_with_two_devices_is_rung_on_both_beside_others(live):
    ann, bob = rings(5), "sip:twin@lab.local"
    live.script(live.told(user(bob), ann), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(bob),
        flow.connected(bob),
        flow.leg_ended(ann, "LOSE_RACE", 2, status="in-progress"),
        flow.leg_ended(bob, "NORMAL_CLEARING", talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert len(live.callees()) == 3
    assert call.story() == ["180", "200", "BYE"]


def test_one_target_that_nobody_can_reach_does_not_spoil_the_others(live):
    ann, ben = "sip:nobody@lab.local", answers(0.3, 0.4)
    live.script(live.told(user(ann), ben), action=response())
    call = live.call()
    flow = live.flow(call)
    # a leg without a channel may be reported at once or when the others are done
    live.expect(
        flow.start(),
        live.in_any_order(
            flow.leg_ended(ann, "SUBSCRIBER_ABSENT", 1, status=GONE, channel=False),
            flow.answer(ben, 2),
            flow.connected(ben, 2),
            flow.leg_ended(ben, "NORMAL_CLEARING", 2, talked=True),
        ),
        flow.action("completed", "NORMAL_CLEARING", winner=2),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]
