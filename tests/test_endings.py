"""Why a call is over, when what was meant and what the switch says differ."""

import pytest
from dialctl.endings import failed, refusal, settled
from dialctl.errors import DocumentError, FetchError
from dialctl.model import ChannelEnd, Ending, EndReason, Side

DOCUMENT, STEP = Ending(EndReason.END_OF_DOCUMENT), Ending(EndReason.HANGUP_STEP)
CALLER, SWITCH = Ending(EndReason.CALLER), Ending(EndReason.SWITCH)
BY_THEM = ChannelEnd("NORMAL_CLEARING", Side.THEM)
BY_US = ChannelEnd("NORMAL_CLEARING", Side.US)


@pytest.mark.parametrize(
    ("meant", "end", "asked_for", "ending"),
    [
        (DOCUMENT, BY_US, False, DOCUMENT),
        (DOCUMENT, BY_THEM, False, CALLER),
        (STEP, BY_THEM, False, CALLER),
        (CALLER, BY_THEM, False, CALLER),
        (CALLER, BY_US, True, STEP),
        (CALLER, BY_US, False, SWITCH),
        (CALLER, ChannelEnd("SYSTEM_SHUTDOWN", Side.US), True, SWITCH),
    ],
)
def test_what_is_told(meant, end, asked_for, ending):
    assert settled(meant, end, asked_for=asked_for) == ending


@pytest.mark.parametrize(
    ("cause", "answered", "told"),
    [
        ("", False, "NORMAL_CLEARING"),
        ("USER_BUSY", True, "NORMAL_CLEARING"),
        ("USER_BUSY", False, "USER_BUSY"),
        ("INVALID_GATEWAY", False, "NORMAL_TEMPORARY_FAILURE"),
    ],
)
def test_what_an_unanswered_caller_is_told(cause, answered, told):
    assert refusal(cause, answered=answered) == told


def test_a_document_that_could_not_be_had_or_used():
    assert failed(FetchError("down"), "action").reason is EndReason.UNREACHABLE
    wrong = failed(DocumentError("no", fault="action url"), "answer")
    assert (wrong.reason, wrong.fault) == (EndReason.BAD_DOCUMENT, "action url")
