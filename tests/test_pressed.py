"""Keys pressed in a conversation: left what was pressed, right what is reported."""

from dialctl.dial.model import (
    Attempt,
    KeyPressed,
    Leg,
    ReportConnected,
    ReportDigits,
    StartTimer,
    StopTimer,
)
from dialctl.dial.pressed import CALLEE_KEYS, CALLER_KEYS, Pressed
from dialctl.plan import Dial, Number, Target

LEG = Leg("b1", 1, "1", (Attempt("b1", "user/x"),))


def pressed(caller=(), callee=(), **more):
    dial = Dial(
        targets=(Target(Number("1"), "1"),),
        ring_timeout=1,
        time_limit=1,
        digits_of_caller=caller,
        digits_of_callee=callee,
        **more,
    )
    return Pressed(dial, "a")


def test_keys_count_only_in_the_conversation():
    keys = pressed(caller=("1",), callee=("2",))
    assert keys.wanted
    assert keys.pressed(KeyPressed("a", "1")) == []
    keys.connected(ReportConnected(LEG, "b1"))
    assert keys.pressed(KeyPressed("somebody", "1")) == []
    assert keys.pressed(KeyPressed("a", "1")) == [
        ReportDigits(LEG, "b1", "1", by_caller=True, ordinal=1),
        StopTimer(CALLER_KEYS),
    ]
    assert keys.pressed(KeyPressed("b1", "2")) == [
        ReportDigits(LEG, "b1", "2", by_caller=False, ordinal=2),
        StopTimer(CALLEE_KEYS),
    ]
    assert keys.pressed(KeyPressed("b1", "1")) == [StopTimer(CALLEE_KEYS)]


def test_a_longer_sequence_may_yet_come():
    keys = pressed(caller=("1", "12"))
    keys.connected(ReportConnected(LEG, "b1"))
    assert keys.pressed(KeyPressed("a", "1")) == [StartTimer(CALLER_KEYS, 2.0)]
    assert keys.timeout("ring") == []
    assert keys.timeout(CALLER_KEYS) == [ReportDigits(LEG, "b1", "1", True, 1)]


def test_the_last_keys_may_count_at_once():
    keys = pressed(caller=("1", "12"), digits_at_once=True)
    keys.connected(ReportConnected(LEG, "b1"))
    assert keys.pressed(KeyPressed("a", "1")) == [
        ReportDigits(LEG, "b1", "1", by_caller=True, ordinal=1),
        StartTimer(CALLER_KEYS, 3.0),
    ]
    assert keys.pressed(KeyPressed("a", "2")) == [
        ReportDigits(LEG, "b1", "12", by_caller=True, ordinal=2),
        StartTimer(CALLER_KEYS, 3.0),
    ]
    assert keys.timeout(CALLER_KEYS) == []


def test_nobody_wants_to_know():
    assert not pressed().wanted
