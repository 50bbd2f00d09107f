"""A round of a Dial as its channels' records tell it, when nobody was there to hear it."""

from dialctl.dial.model import (
    Attempt,
    Leg,
    LegAnswered,
    LegBridged,
    LegCreated,
    LegEnded,
    LegRinging,
    Round,
    RoundEnded,
)
from dialctl.dial.replay import story
from dialctl.model import ChannelEnd, Record

ANN = Leg("a1", 1, "1001", (Attempt("a1", "user/ann"),))
BOB = Leg("b1", 2, "1002", (Attempt("b1", "sofia/gateway/x/1002"),))
ROUND = Round((ANN, BOB))
LOST = ChannelEnd("LOSE_RACE", ended=3.0)
CLEAR = ChannelEnd("NORMAL_CLEARING", ended=9.0)


def events(*arguments):
    return [happened.event for happened in story(*arguments)]


def test_in_the_order_of_the_switchs_clock():
    winner = Record("b1", created=1.0, rang=1.5, answered=3.0, bridged=3.1, end=CLEAR)
    loser = Record("phone", attempt="a1", created=1.1, rang=1.2, end=LOST)
    stranger = Record("z", created=0.5)
    assert events(ROUND, [winner, loser, stranger], "SUCCESS") == [
        LegCreated("b1", "", 1.0),
        LegCreated("phone", "a1", 1.1),
        LegRinging("phone"),
        LegRinging("b1"),
        LegAnswered("b1", 3.0),
        LegEnded("phone", LOST),
        LegBridged("b1"),
        LegEnded("b1", CLEAR),
        RoundEnded("SUCCESS"),
    ]


def test_a_round_that_goes_on_has_no_end():
    assert events(ROUND, [Record("b1", created=1.0)], None) == [LegCreated("b1", "", 1.0)]


def test_a_round_of_which_no_channel_was_made():
    assert events(ROUND, [], "INVALID_GATEWAY") == [RoundEnded("INVALID_GATEWAY")]
