"""Statuses in Restcomm's words: of a leg, of a Dial, of the call itself.

Its pages have completed, busy, no-answer, failed and canceled; 603 is busy there (Call.java).
"""

from dialctl.dial import causes
from dialctl.dial.model import Outcome
from dialctl.model import ChannelEnd

# The engine's words that are others here.
_WORDS = {"cancel": "canceled", "timeout": "no-answer"}
_LOST = (causes.LOST_RACE, "PICKED_OFF", causes.CANCELLED)


def of_dial(outcome: Outcome) -> str:
    """DialCallStatus."""
    return _WORDS.get(outcome.status, outcome.status)


def of_leg(end: ChannelEnd) -> str:
    """CallStatus of a leg that is over: completed if it was ever answered."""
    if end.answered:
        return "completed"
    if end.cause in _LOST:
        return "canceled"
    status = causes.status(end)
    return _WORDS.get(status, status)


def of_call(end: ChannelEnd) -> str:
    """CallStatus of the caller's call that is over; refused, it is what he was refused for."""
    if end.cause == "CALL_REJECTED" and not end.answered:
        return "no-answer"  # Restcomm's page on Reject
    return "no-answer" if _hung_up_unanswered(end) else of_leg(end)


def _hung_up_unanswered(end: ChannelEnd) -> bool:
    return end.cause == "NORMAL_CLEARING" and not end.answered
