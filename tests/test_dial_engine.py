"""Call flows, read top to bottom: what happened, then what the engine asked for."""

import random

import pytest
from dialctl.dial.engine import EXPAND_SECONDS, SETTLE_SECONDS, DialEngine, State
from dialctl.dial.forking import rounds
from dialctl.dial.model import (
    Attempt,
    CallerGone,
    KillLeg,
    Leg,
    LegAnswered,
    LegBridged,
    LegCreated,
    LegEnded,
    LegRinging,
    Outcome,
    ReportAnswered,
    ReportConnected,
    ReportDialled,
    ReportEnded,
    ReportRinging,
    RingCaller,
    RingRound,
    Round,
    RoundEnded,
    StartTimer,
    StopTimer,
    SwitchGone,
    TimerFired,
)
from dialctl.model import ChannelEnd

ALICE = Leg("a1", 1, "1001", (Attempt("a1", "sofia/gateway/x/1001"),))
BOB = Leg("b1", 2, "1002", (Attempt("b1", "sofia/gateway/x/1002"),))
CAROL = Leg(
    "c1", 3, "1003", (Attempt("c1", "sofia/gateway/x/1003"), Attempt("c2", "sofia/gateway/y/1003"))
)
NOWHERE = Leg("n1", 1, "42", ())

BUSY = ChannelEnd("USER_BUSY", sip_status=486)
CLEAR = ChannelEnd("NORMAL_CLEARING", answered=1.0)
LOST = ChannelEnd("LOSE_RACE")
CANCEL = ChannelEnd("ORIGINATOR_CANCEL")
DOWN = ChannelEnd("NORMAL_TEMPORARY_FAILURE", sip_status=503)
TIMEOUT = ChannelEnd("NO_ANSWER")


def engine(*legs, sequential=False, ring=20, talk=3600):
    return DialEngine(rounds(legs, sequential=sequential), ring, talk)


def play(dial, *flow):
    for event, *expected in flow:
        assert dial.handle(event) == expected, event


def begins(*legs, ring=20):
    return [*dials(*legs), StartTimer("ring", ring), RingRound(Round(legs))]


def dials(*legs):
    return [ReportDialled(leg, leg.uuid) for leg in legs]


def rings(leg, uuid=None):
    return ReportRinging(leg, uuid or leg.uuid)


def connects(leg, uuid=None, talk=3600):
    return [StopTimer("ring"), StartTimer("talk", talk), ReportConnected(leg, uuid or leg.uuid)]


def test_answered_and_the_callee_ends():
    dial = engine(ALICE)
    assert dial.start() == begins(ALICE)
    play(
        dial,
        (LegCreated("a1"),),
        (LegRinging("a1"), rings(ALICE)),
        (LegAnswered("a1"), ReportAnswered(ALICE, "a1")),
        (LegBridged("a1"), *connects(ALICE)),
        (LegEnded("a1", CLEAR), ReportEnded(ALICE, "a1", CLEAR)),
        (RoundEnded("SUCCESS"), StopTimer("talk")),
    )
    assert dial.done
    assert dial.outcome() == Outcome("completed", "NORMAL_CLEARING", "a1", rang=True)


def test_bridge_ends_before_the_legs_hangup_event():
    dial = engine(ALICE)
    dial.start()
    play(
        dial,
        (LegCreated("a1"),),
        (LegAnswered("a1"), ReportAnswered(ALICE, "a1")),
        (LegBridged("a1"), *connects(ALICE)),
        (RoundEnded("SUCCESS"), StopTimer("talk"), StartTimer("settle", SETTLE_SECONDS)),
    )
    assert not dial.done  # the leg's end is owed
    play(dial, (LegEnded("a1", CLEAR), ReportEnded(ALICE, "a1", CLEAR), StopTimer("settle")))
    assert dial.done


def test_a_hangup_event_that_never_comes_is_made_up_for():
    dial = engine(ALICE)
    dial.start()
    dial.handle(LegCreated("a1"))
    play(
        dial,
        (RoundEnded("NO_ANSWER"), StopTimer("ring"), StartTimer("settle", SETTLE_SECONDS)),
        (
            TimerFired("settle"),
            KillLeg("a1", "ORIGINATOR_CANCEL"),
            ReportEnded(ALICE, "a1", ChannelEnd("NORMAL_UNSPECIFIED")),
            StopTimer("settle"),
        ),
    )
    assert dial.done
    assert dial.outcome() == Outcome("failed", "NORMAL_UNSPECIFIED")


def test_early_media_is_bridged_before_the_answer():
    dial = engine(ALICE)
    dial.start()
    play(
        dial,
        (LegCreated("a1"),),
        (LegRinging("a1"), rings(ALICE)),
        (LegRinging("a1"),),  # 180 and 183
        (LegBridged("a1"),),
        (LegAnswered("a1"), ReportAnswered(ALICE, "a1"), *connects(ALICE)),
        (LegAnswered("a1"),),  # said twice
    )


def test_early_media_and_then_busy_is_no_connection():
    dial = engine(ALICE)
    dial.start()
    play(
        dial,
        (LegCreated("a1"),),
        (LegBridged("a1"),),
        (LegEnded("a1", BUSY), ReportEnded(ALICE, "a1", BUSY)),
        (RoundEnded("SUCCESS"), StopTimer("ring")),
    )
    assert dial.outcome() == Outcome("busy", "USER_BUSY")
    assert [(one.leg, one.end) for one in dial.outcome().legs] == [(ALICE, BUSY)]


def test_simultaneous_one_wins_and_the_others_lose():
    dial = engine(ALICE, BOB)
    assert dial.start() == begins(ALICE, BOB)
    play(
        dial,
        (LegCreated("a1"),),
        (LegCreated("b1"),),
        (LegRinging("a1"), rings(ALICE), RingCaller()),
        (LegAnswered("b1"), ReportAnswered(BOB, "b1")),
        (LegEnded("a1", LOST),),  # FreeSWITCH tells this first; the customer hears it second
        (LegBridged("b1"), *connects(BOB), ReportEnded(ALICE, "a1", LOST)),
        (LegEnded("a1", LOST),),  # said twice, reported once
        (LegEnded("b1", CLEAR), ReportEnded(BOB, "b1", CLEAR)),
        (RoundEnded("SUCCESS"), StopTimer("talk")),
    )
    assert dial.outcome() == Outcome("completed", "NORMAL_CLEARING", "b1", rang=True)


def test_winner_is_who_is_bridged_not_who_answers_first():
    dial = engine(ALICE, BOB)
    dial.start()
    play(
        dial,
        (LegCreated("a1"),),
        (LegCreated("b1"),),
        (LegAnswered("a1"), ReportAnswered(ALICE, "a1")),
        (LegAnswered("b1"), ReportAnswered(BOB, "b1")),
        (LegBridged("b1"), *connects(BOB)),
        (LegBridged("a1"),),  # late
    )


def test_sequential_goes_on_after_anything_but_an_answer():
    dial = engine(ALICE, BOB, sequential=True)
    assert dial.start() == begins(ALICE)
    play(
        dial,
        (LegCreated("a1"),),
        (LegEnded("a1", BUSY), ReportEnded(ALICE, "a1", BUSY)),
        (RoundEnded("USER_BUSY"), StopTimer("ring"), *begins(BOB)),
        (LegCreated("b1"),),
        (LegAnswered("b1"), ReportAnswered(BOB, "b1")),
        (LegBridged("b1"), *connects(BOB)),
        (LegEnded("b1", CLEAR), ReportEnded(BOB, "b1", CLEAR)),
        (RoundEnded("SUCCESS"), StopTimer("talk")),
    )
    assert dial.done


def test_a_leg_of_an_earlier_round_may_end_late():
    dial = engine(CAROL, BOB, sequential=True)
    dial.start()
    play(
        dial,
        (LegCreated("c1"),),
        (RoundEnded("NORMAL_TEMPORARY_FAILURE"), StopTimer("ring"), *begins(BOB)),
        # Its second endpoint will not be tried any more, so this is its end.
        (LegEnded("c1", DOWN), ReportEnded(CAROL, "c1", DOWN)),
    )


def test_ring_timeout_kills_the_legs_that_nobody_answered():
    dial = engine(ALICE, BOB, ring=7)
    assert dial.start() == begins(ALICE, BOB, ring=7)
    play(
        dial,
        (LegCreated("a1"),),
        (LegAnswered("a1"), ReportAnswered(ALICE, "a1")),
        (TimerFired("ring"),),
        (LegCreated("b1"), KillLeg("b1", "NO_ANSWER")),  # made as the time was up
        (LegEnded("b1", TIMEOUT), ReportEnded(BOB, "b1", TIMEOUT)),
    )


def test_ring_timeout_of_a_round_does_not_reach_the_next():
    dial = engine(ALICE, BOB, sequential=True)
    dial.start()
    play(
        dial,
        (LegCreated("a1"),),
        (TimerFired("ring"), KillLeg("a1", "NO_ANSWER")),
        (LegEnded("a1", TIMEOUT), ReportEnded(ALICE, "a1", TIMEOUT)),
        (RoundEnded("NO_ANSWER"), StopTimer("ring"), *begins(BOB)),
        (LegCreated("b1"),),
        (LegEnded("b1", TIMEOUT), ReportEnded(BOB, "b1", TIMEOUT)),
        (RoundEnded("NO_ANSWER"), StopTimer("ring")),
    )
    assert dial.outcome() == Outcome("no-answer", "NO_ANSWER")


def test_time_limit_ends_the_connected_leg():
    dial = engine(ALICE, talk=60)
    dial.start()
    limit = ChannelEnd("ALLOTTED_TIMEOUT", answered=1.0)
    play(
        dial,
        (LegCreated("a1"),),
        (LegAnswered("a1"), ReportAnswered(ALICE, "a1")),
        (TimerFired("talk"),),  # not connected yet: of no Dial of ours
        (LegBridged("a1"), *connects(ALICE, talk=60)),
        (TimerFired("ring"),),  # it fired as it was stopped
        (TimerFired("talk"), KillLeg("a1", "ALLOTTED_TIMEOUT")),
        (LegEnded("a1", limit), ReportEnded(ALICE, "a1", limit)),
        (RoundEnded("SUCCESS"), StopTimer("talk")),
    )
    assert dial.outcome() == Outcome("completed", "ALLOTTED_TIMEOUT", "a1", rang=True)


def test_caller_leaves_while_it_rings():
    dial = engine(ALICE)
    dial.start()
    play(
        dial,
        (LegCreated("a1"),),
        (LegRinging("a1"), rings(ALICE)),
        (
            CallerGone(),
            StopTimer("ring"),
            StopTimer("talk"),
            StartTimer("settle", SETTLE_SECONDS),
        ),
        (CallerGone(),),
        (LegRinging("a1"),),  # late
        (RoundEnded("ORIGINATOR_CANCEL"),),  # late
        (LegEnded("a1", CANCEL), ReportEnded(ALICE, "a1", CANCEL), StopTimer("settle")),
    )
    assert dial.done
    assert dial.outcome() == Outcome("cancel", "ORIGINATOR_CANCEL", rang=True)


def test_caller_leaves_before_a_channel_is_made():
    dial = engine(ALICE, BOB, sequential=True)
    dial.start()
    play(
        dial,
        (CallerGone(), StopTimer("ring"), StopTimer("talk"), ReportEnded(ALICE, "a1", CANCEL)),
        (LegCreated("a1"),),  # late, and reported already
        (LegEnded("a1", CANCEL),),
    )
    assert dial.done  # Bob was never tried: nothing is owed for him


def test_caller_leaves_while_they_talk():
    dial = engine(ALICE)
    dial.start()
    play(
        dial,
        (LegCreated("a1"),),
        (LegAnswered("a1"), ReportAnswered(ALICE, "a1")),
        (LegBridged("a1"), *connects(ALICE)),
        (LegEnded("a1", CLEAR), ReportEnded(ALICE, "a1", CLEAR)),
        (CallerGone(), StopTimer("ring"), StopTimer("talk")),
    )
    assert dial.outcome() == Outcome("completed", "NORMAL_CLEARING", "a1", rang=True)


def test_leg_without_a_channel_is_reported_with_the_rounds_cause():
    dial = engine(ALICE)
    dial.start()
    end = ChannelEnd("INVALID_GATEWAY")
    play(dial, (RoundEnded("INVALID_GATEWAY"), StopTimer("ring"), ReportEnded(ALICE, "a1", end)))
    assert dial.outcome() == Outcome("failed", "INVALID_GATEWAY")


@pytest.mark.parametrize(
    ("endpoint", "cause"),
    [
        ("sofia/gateway/nowhere/1", "INVALID_GATEWAY"),
        ("user/nobody@example.com", "SUBSCRIBER_ABSENT"),
        ("sofia/nowhere/1@example.com", "DESTINATION_OUT_OF_ORDER"),
    ],
)
def test_leg_without_a_channel_in_a_fork_is_told_when_the_race_is_over(endpoint, cause):
    lost = Leg("x1", 1, "x", (Attempt("x1", endpoint),))
    dial = engine(lost, BOB)
    dial.start()
    play(
        dial,
        (LegCreated("b1"),),
        (LegAnswered("b1"), ReportAnswered(BOB, "b1")),
        (LegBridged("b1"), *connects(BOB), ReportEnded(lost, "x1", ChannelEnd(cause))),
    )


def test_failover_is_one_leg_with_one_report():
    dial = engine(CAROL)
    assert dial.start() == begins(CAROL)
    play(
        dial,
        (LegCreated("c1"),),
        (LegEnded("c1", DOWN),),  # FreeSWITCH goes on to the second gateway
        (LegCreated("c2"),),
        (LegCreated("c2"),),  # said twice
        (LegRinging("c2"), rings(CAROL, "c2")),
        (LegAnswered("c2"), ReportAnswered(CAROL, "c2")),
        (LegBridged("c2"), *connects(CAROL, "c2")),
        (LegEnded("c2", CLEAR), ReportEnded(CAROL, "c2", CLEAR)),
        (RoundEnded("SUCCESS"), StopTimer("talk")),
    )
    assert dial.outcome() == Outcome("completed", "NORMAL_CLEARING", "c2", rang=True)


def test_no_failover_after_a_callees_decision():
    dial = engine(CAROL)
    dial.start()
    play(
        dial,
        (LegCreated("c1"),),
        (LegEnded("c1", BUSY), ReportEnded(CAROL, "c1", BUSY)),
        (RoundEnded("USER_BUSY"), StopTimer("ring")),
    )
    assert dial.done


def test_failover_to_a_gateway_that_does_not_exist():
    dial = engine(CAROL)
    dial.start()
    play(
        dial,
        (LegCreated("c1"),),
        (LegEnded("c1", DOWN),),
        (RoundEnded("INVALID_GATEWAY"), StopTimer("ring"), ReportEnded(CAROL, "c1", DOWN)),
    )


def test_failover_that_began_as_the_time_was_up():
    dial = engine(CAROL)
    dial.start()
    play(
        dial,
        (LegCreated("c1"),),
        (TimerFired("ring"), KillLeg("c1", "NO_ANSWER")),
        (LegEnded("c1", DOWN), ReportEnded(CAROL, "c1", DOWN)),
    )


def test_failover_inside_a_fork_rings_the_caller_once():
    dial = engine(ALICE, CAROL)
    assert dial.start() == begins(ALICE, CAROL)
    play(
        dial,
        (LegCreated("a1"),),
        (LegCreated("c1"),),
        (LegRinging("a1"), rings(ALICE), RingCaller()),
        (LegRinging("c1"), rings(CAROL, "c1")),
        (LegEnded("c1", DOWN),),
        (LegAnswered("a1"), ReportAnswered(ALICE, "a1")),
        # Carol's failover had no channel yet when the race was over.
        (LegBridged("a1"), *connects(ALICE), ReportEnded(CAROL, "c1", DOWN)),
        (LegCreated("c2"),),
        (LegRinging("c2"),),
        (LegEnded("c2", LOST),),
    )
    assert dial.state is State.TALKING


DAVE = Leg("d1", 1, "dave", (Attempt("d1", "user/dave@example.com"),))


def test_a_user_with_two_telephones_is_one_leg():
    dial = engine(DAVE)
    dial.start()
    play(
        dial,
        (LegCreated("p1", "d1"),),
        (LegCreated("p2", "d1"),),
        (LegEnded("p1", BUSY),),  # the other telephone rings on
        (LegRinging("p2"), rings(DAVE, "p2")),
        (LegAnswered("p2"), ReportAnswered(DAVE, "p2")),
        (LegBridged("p2"), *connects(DAVE, "p2")),
        (LegEnded("p2", CLEAR), ReportEnded(DAVE, "p2", CLEAR)),
        (RoundEnded("SUCCESS"), StopTimer("talk")),
    )
    assert dial.outcome() == Outcome("completed", "NORMAL_CLEARING", "p2", rang=True)


def test_a_users_second_telephone_may_be_rung_after_the_first_has_refused():
    dial = engine(DAVE, BOB)
    dial.start()
    play(
        dial,
        (LegCreated("p1", "d1"),),
        (LegEnded("p1", BUSY), StartTimer("d1", EXPAND_SECONDS)),
        (LegCreated("p2", "d1"),),
        (TimerFired("d1"),),
        (LegEnded("p2", BUSY), StartTimer("d1", EXPAND_SECONDS)),
        (TimerFired("d1"), ReportEnded(DAVE, "p2", BUSY)),
        (LegCreated("b1"),),
        (LegEnded("b1", BUSY), ReportEnded(BOB, "b1", BUSY)),
        (RoundEnded("USER_BUSY"), StopTimer("ring")),
    )
    assert dial.done


def test_time_up_for_a_users_telephones():
    dial = engine(DAVE)
    dial.start()
    play(dial, (LegCreated("p1", "d1"),), (LegCreated("p2", "d1"),))
    assert set(dial.handle(TimerFired("ring"))) == {
        KillLeg("p1", "NO_ANSWER"),
        KillLeg("p2", "NO_ANSWER"),
    }
    play(
        dial,
        (LegEnded("p1", TIMEOUT),),
        (LegEnded("p2", TIMEOUT), ReportEnded(DAVE, "p2", TIMEOUT)),
    )


def test_a_target_without_a_route_fails_alone():
    dial = engine(NOWHERE, BOB)
    end = ChannelEnd("NO_ROUTE_DESTINATION")
    assert dial.start() == [
        *dials(NOWHERE, BOB),
        ReportEnded(NOWHERE, "n1", end),
        *begins(BOB)[1:],
    ]


def test_no_target_has_a_route():
    dial = engine(NOWHERE)
    end = ChannelEnd("NO_ROUTE_DESTINATION")
    assert dial.start() == [*dials(NOWHERE), ReportEnded(NOWHERE, "n1", end)]
    assert dial.done
    assert dial.outcome() == Outcome("failed", "NO_ROUTE_DESTINATION")


def test_nobody_to_ring():
    dial = engine()
    dial.start()
    assert dial.state is State.ENDED
    assert dial.outcome() == Outcome("failed", "NO_ROUTE_DESTINATION")


def test_what_happens_to_a_leg_is_counted():
    dial = engine(ALICE, BOB, CAROL)
    told = dial.start()
    for event in (
        *(LegCreated(uuid) for uuid in ("a1", "b1", "c1")),
        LegRinging("a1"),
        LegAnswered("b1"),  # it never rang
        LegAnswered("a1"),
        LegEnded("c1", BUSY),
        LegBridged("a1"),
        LegEnded("b1", LOST),
        LegEnded("a1", CLEAR),
    ):
        told += dial.handle(event)
    counts = [
        (type(one), one.leg.position, one.nth)
        for one in told
        if isinstance(one, ReportRinging | ReportAnswered | ReportEnded)
    ]
    assert counts == [
        (ReportRinging, 1, 1),
        (ReportAnswered, 2, 1),
        (ReportAnswered, 1, 2),
        (ReportEnded, 3, 1),
        (ReportEnded, 2, 2),
        (ReportEnded, 1, 3),
    ]


def test_the_outcome_has_the_end_of_every_leg_that_was_tried():
    dial = engine(ALICE, BOB, CAROL, sequential=True)
    dial.start()
    dial.handle(LegCreated("a1"))
    dial.handle(LegEnded("a1", BUSY))
    dial.handle(RoundEnded("USER_BUSY"))
    dial.handle(CallerGone())
    assert dial.outcome().legs == (ReportEnded(ALICE, "a1", BUSY), ReportEnded(BOB, "b1", CANCEL))


def test_the_caller_leaves_before_anybody_is_rung():
    dial = engine(ALICE)
    assert dial.handle(CallerGone()) == [StopTimer("ring"), StopTimer("talk")]
    assert dial.outcome() == Outcome("cancel", "ORIGINATOR_CANCEL")


def test_events_of_others_change_nothing():
    dial = engine(ALICE)
    dial.start()
    play(dial, (LegCreated("zz"),), (LegEnded("zz", BUSY),), (TimerFired("of another"),))


@pytest.mark.parametrize(
    ("causes", "status", "cause"),
    [
        (("USER_BUSY", "NO_ANSWER"), "busy", "USER_BUSY"),
        (("NO_ANSWER", "CALL_REJECTED"), "busy", "CALL_REJECTED"),
        (("RECOVERY_ON_TIMER_EXPIRE", "NO_ANSWER"), "no-answer", "NO_ANSWER"),
        (("UNALLOCATED_NUMBER", "PROGRESS_TIMEOUT"), "timeout", "PROGRESS_TIMEOUT"),
        (("UNALLOCATED_NUMBER", "NO_ROUTE_DESTINATION"), "failed", "UNALLOCATED_NUMBER"),
    ],
)
def test_status_of_several_failed_legs(causes, status, cause):
    dial = engine(ALICE, BOB)
    dial.start()
    for leg, said in zip((ALICE, BOB), causes, strict=True):
        dial.handle(LegEnded(leg.uuid, ChannelEnd(said)))
    dial.handle(RoundEnded(causes[0]))
    assert dial.outcome() == Outcome(status, cause)


def test_any_order_of_events_reports_each_leg_once():
    legs = (ALICE, BOB, CAROL, NOWHERE)
    events = [
        *(make(uuid) for uuid in ("a1", "b1", "c1", "c2") for make in (LegCreated, LegRinging)),
        *(LegAnswered(uuid) for uuid in ("a1", "b1", "c2")),
        *(LegBridged(uuid) for uuid in ("a1", "b1", "c2")),
        *(LegEnded(uuid, end) for uuid in ("a1", "b1", "c1", "c2") for end in (DOWN, BUSY, LOST)),
        *(TimerFired(timer) for timer in ("ring", "talk")),
        RoundEnded("USER_BUSY"),
        RoundEnded("SUCCESS"),
        CallerGone(),
    ]
    chance = random.Random(42)
    for trial in range(5000):
        dial = engine(*legs, sequential=trial % 2 == 0)
        commands = dial.start()
        chance.shuffle(events)
        for event in events[: chance.randrange(len(events) + 1)]:
            commands += dial.handle(event)
        commands += dial.handle(CallerGone())
        if not dial.done:
            commands += dial.handle(TimerFired("settle"))
        assert dial.done
        told = [command.leg.uuid for command in commands if isinstance(command, ReportEnded)]
        tried = {leg for c in commands if isinstance(c, RingRound) for leg in c.round.legs}
        assert len(told) == len(set(told)), "a leg was reported twice"
        assert {leg.uuid for leg in tried} <= set(told), "a leg's end was never reported"
        connected = [c for c in commands if isinstance(c, ReportConnected)]
        assert len(connected) <= 1
        assert (dial.outcome().status == "completed") == bool(connected)


def test_the_switch_has_ended_in_the_middle_of_a_conversation():
    dial = engine(ALICE, BOB, CAROL)
    dial.start()
    for event in (
        LegCreated("a1", "", 1.0),
        LegCreated("b1", "", 1.0),
        LegCreated("c1", "", 1.0),
        LegEnded("c1", BUSY),
        LegAnswered("a1", 2.0),
        LegBridged("a1"),
    ):
        dial.handle(event)
    told = dial.handle(SwitchGone(7.5))
    ends = {one.leg.uuid: one.end for one in told if isinstance(one, ReportEnded)}
    assert {end.cause for end in ends.values()} == {"SYSTEM_SHUTDOWN"}
    assert (ends["a1"].answered, ends["a1"].billsec, ends["a1"].billmsec) == (2.0, 5, 5500)
    assert (ends["b1"].answered, ends["b1"].billmsec) == (0.0, 0)
    assert dial.done
    assert dial.outcome() == Outcome("completed", "SYSTEM_SHUTDOWN", "a1", rang=True)


def test_the_switch_has_ended_while_they_ring():
    dial = engine(ALICE)
    dial.start()
    dial.handle(LegCreated("a1", "", 1.0))
    dial.handle(SwitchGone(2.0))
    assert dial.done
    assert dial.outcome().status == "cancel"


def test_the_switch_has_ended_without_a_word_of_a_leg_whose_caller_it_has_hung_up():
    dial = engine(ALICE)
    dial.start()
    for event in (LegCreated("a1", "", 1.0), LegAnswered("a1", 2.0), LegBridged("a1")):
        dial.handle(event)
    assert not [one for one in dial.handle(CallerGone()) if isinstance(one, ReportEnded)]
    (told,) = [one for one in dial.handle(SwitchGone(4.0)) if isinstance(one, ReportEnded)]
    assert (told.end.cause, told.end.billmsec) == ("SYSTEM_SHUTDOWN", 2000)
    assert dial.done
    assert [one for one in dial.handle(SwitchGone(5.0)) if isinstance(one, ReportEnded)] == []
