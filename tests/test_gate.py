"""Who comes in, and what is said of those who do not."""

from dialctl.gate import MOST_STRANGERS, Gate
from dialctl.settings import Limits


def test_so_many_calls_at_once():
    gate = Gate(Limits(calls=2))
    assert gate.admits(0.0, up=0)
    assert gate.admits(0.0, up=1)
    assert not gate.admits(0.0, up=2)
    assert gate.admits(0.0, up=1)
    assert gate.refused == 1


def test_so_many_calls_in_any_second():
    gate = Gate(Limits(calls_per_second=2))
    asked = [0.0, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75]
    assert [gate.admits(at, up=0) for at in asked] == [True, True, False, True, False, True, False]
    assert gate.refused == 3


def test_a_flood_costs_no_memory():
    gate = Gate(Limits(calls_per_second=2))
    for count in range(10_000):
        gate.admits(count / 10_000, up=0)
    assert len(gate._accepted) == 2


def test_connections_that_are_no_call():
    gate = Gate(Limits(calls=1))
    assert gate.lets_in(MOST_STRANGERS, up=0)
    assert not gate.lets_in(MOST_STRANGERS + 1, up=0)
    assert gate.lets_in(MOST_STRANGERS + 1, up=1)
    assert gate.dropped == 1


def test_nobody_was_turned_away():
    gate = Gate(Limits())
    assert gate.admits(0.0, up=0)
    assert gate.complaint(0.0, up=1) == ""


def test_one_line_at_first_and_one_every_ten_seconds():
    gate = Gate(Limits(calls=0, calls_per_second=9))
    assert not gate.admits(5.0, up=0)
    assert gate.complaint(5.0, up=0) == (
        "overload: refused 1 calls with SIP 503: 0 are up, limits are calls: 0, "
        "calls_per_second: 9; 1 since the start"
    )
    for _ in range(3):
        assert not gate.admits(6.0, up=0)
        assert gate.complaint(6.0, up=0) == ""
    gate.lets_in(MOST_STRANGERS + 1, up=0)
    assert gate.complaint(14.9, up=0) == ""
    assert gate.complaint(15.0, up=0) == (
        "overload: refused 3 calls with SIP 503: 0 are up, limits are calls: 0, "
        "calls_per_second: 9; 4 since the start; dropped 1 connections: more than 1024 are open "
        "that are no call; 1 since the start"
    )
    assert gate.complaint(30.0, up=0) == ""
