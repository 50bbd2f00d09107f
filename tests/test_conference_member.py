"""One call in a room, without a switch: what happens in, what is asked for out."""

import pytest
from dialctl.conference.member import DIGITS, LIMIT, Member, State
from dialctl.conference.model import (
    Announce,
    CloseRoom,
    Dismissed,
    Entered,
    Entertain,
    FloorTaken,
    Hush,
    Inside,
    Joined,
    LeaveRoom,
    Left,
    Over,
    Parted,
    PressDigits,
    ReportDigits,
    ReportEntered,
    ReportFloor,
    ReportLeft,
    Resumed,
    Stay,
)
from dialctl.dial.digits import LongestMatcher
from dialctl.dial.model import KeyPressed, StartTimer, StopTimer, TimerFired
from dialctl.plan import Conference, Recorded
from dialctl.progress import Progress, pack, unpack

STAY = Stay(7, "conference-uuid")
FIRST = Entered(STAY, 1, open=True)
SECOND = Entered(STAY, 2, open=True)
GOODBYE = [StopTimer(LIMIT), StopTimer(DIGITS)]


def member(*events, **attributes):
    made = Member(Conference(room="r", **attributes))
    for event in events:
        made.handle(event)
    return made


def key(text):
    return KeyPressed("a-leg", text)


def press(made, keys):
    return [command for text in keys for command in made.handle(key(text))]


def test_the_first_waits_until_a_second_comes_and_again_when_it_has_left():
    ann = member(time_limit=60)
    assert ann.handle(FIRST) == [
        ReportEntered(STAY),
        StartTimer(LIMIT, 60),
        Announce(),
        Entertain(),
    ]
    assert ann.handle(Joined(2, starts=True)) == [Hush()]
    assert ann.handle(Joined(3, starts=True)) == []
    assert ann.handle(Parted(2)) == []
    assert ann.handle(Parted(1)) == [Entertain()]
    assert ann.size == 1


def test_the_second_does_not_wait():
    bob = member(send_digits="12")
    assert bob.handle(SECOND) == [
        ReportEntered(STAY),
        StartTimer(LIMIT, 86400),
        Announce(),
        PressDigits(),
    ]


def test_all_wait_until_the_room_is_started_and_it_stays_so():
    bob = member(Entered(STAY, 2, open=False))
    assert bob.handle(Joined(3, starts=False)) == []
    assert bob.handle(Joined(4, starts=True)) == [Hush()]
    assert bob.handle(Parted(3)) == []


def test_the_last_to_leave_is_announced_to_nobody():
    ann = member(FIRST)
    assert ann.handle(Left(0)) == [Hush(), *GOODBYE, ReportLeft(STAY, last=True)]
    assert not ann.done
    assert ann.handle(Over()) == []
    assert ann.done


def test_others_hear_who_leaves():
    bob = member(SECOND)
    assert bob.handle(Left(1)) == [*GOODBYE, ReportLeft(STAY, last=False), Announce(leaving=True)]


def test_the_socket_may_end_before_the_leaving_is_told():
    bob = member(SECOND)
    assert ReportLeft(STAY, last=False) in bob.handle(Over())
    assert bob.done
    assert bob.state is State.OUTSIDE


def test_a_full_room_is_never_entered():
    late = member()
    assert late.handle(Over()) == []
    assert late.done
    assert late.stay is None


def test_star_leaves():
    bob = member(FIRST, leave_on_star=True)
    assert bob.handle(key("*")) == [Hush(), LeaveRoom()]
    assert bob.handle(key("*")) == []
    assert bob.handle(Left(0)) == [*GOODBYE, ReportLeft(STAY, last=True)]


def test_star_is_a_key_where_it_does_not_leave():
    assert press(member(SECOND, digits=("*",)), "*") == [
        ReportDigits(STAY, "*", 1),
        StopTimer(DIGITS),
    ]


def test_alone_at_last_leaves_who_does_not_stay_alone_but_not_who_comes_first():
    ann = member(FIRST, stays_alone=False)
    assert ann.state is State.INSIDE
    ann.handle(Joined(2, starts=True))
    assert ann.handle(Parted(1)) == [LeaveRoom()]


def test_the_time_limit_closes_the_room():
    ann = member(FIRST)
    assert ann.handle(TimerFired(LIMIT)) == [Hush(), CloseRoom()]


def test_a_dismissed_member_hears_no_more_or_it_could_not_go():
    assert member(FIRST).handle(Dismissed()) == [Hush()]


def test_sequences_are_told_as_they_match():
    bob = member(SECOND, digits=("12", "3"))
    assert press(bob, "312") == [
        ReportDigits(STAY, "3", 1),
        StopTimer(DIGITS),
        StartTimer(DIGITS, LongestMatcher.patience),
        ReportDigits(STAY, "12", 2),
        StopTimer(DIGITS),
    ]


def test_a_sequence_that_begins_a_longer_one_is_told_after_a_pause():
    bob = member(SECOND, digits=("1", "12"))
    assert press(bob, "1") == [StartTimer(DIGITS, LongestMatcher.patience)]
    assert bob.handle(TimerFired(DIGITS)) == [ReportDigits(STAY, "1", 1)]


def test_the_floor_is_told_to_who_asked():
    assert member(SECOND).handle(FloorTaken()) == []
    bob = member(SECOND, tell_floor=True)
    assert bob.handle(FloorTaken()) == [ReportFloor(STAY, 1)]
    assert bob.handle(FloorTaken()) == [ReportFloor(STAY, 2)]


@pytest.mark.parametrize("before", [(), (FIRST, Left(0)), (FIRST, Left(0), Over())])
@pytest.mark.parametrize(
    "late",
    [Joined(2, starts=True), Parted(1), FloorTaken(), Dismissed(), key("*"), Left(0)],
)
def test_what_comes_early_or_late_changes_nothing(before, late):
    ann = member(*before, tell_floor=True, leave_on_star=True)
    assert ann.handle(late) == []


def test_another_controller_goes_on_where_one_has_died():
    ann = member(FIRST, digits=("1",), tell_floor=True, send_digits="9")
    press(ann, "11")
    ann.handle(FloorTaken())
    assert ann.inside == Inside(STAY, sequences=2, floors=1)
    again = member(digits=("1",), tell_floor=True, send_digits="9")
    assert again.handle(Resumed(ann.inside, STAY, 1, open=True, rest=50.0)) == [
        ReportEntered(STAY),
        StartTimer(LIMIT, 50.0),
        Entertain(),
    ]
    assert press(again, "1")[0] == ReportDigits(STAY, "1", 3)
    assert again.handle(FloorTaken()) == [ReportFloor(STAY, 2)]


@pytest.mark.parametrize(
    "inside",
    [
        None,
        Inside(),
        Inside(STAY, 2, 1),
        Inside(STAY, recording=Recorded("r", "http://x/r.wav", started=1.5), recorder=True),
    ],
)
def test_how_far_it_has_come_is_kept_with_the_call(inside):
    progress = Progress("main", conferences=1, inside=inside)
    assert unpack(pack(progress)) == progress


def test_who_was_the_last_may_be_known_to_nobody():
    ann = member(Resumed(Inside(STAY), STAY, 0, open=True, rest=0.0))
    assert ann.handle(Left(None)) == [*GOODBYE, ReportLeft(STAY, last=None)]


def test_entering_is_told_once():
    assert member(FIRST).handle(FIRST) == []
