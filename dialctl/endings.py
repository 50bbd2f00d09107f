"""Why a call is over, when what was meant and what the switch says differ. Pure."""

from dialctl.dial.causes import BY_REQUEST, BY_STATUS, SWITCH_GONE, decisive
from dialctl.dial.model import Outcome
from dialctl.errors import DialctlError, DocumentError, FetchError
from dialctl.model import ChannelEnd, Ending, EndReason, Side

FAULT = "NORMAL_TEMPORARY_FAILURE"  # 503: the web application's, the document's or ours
# 401 and 407 ask for a password that is not the caller's.
_PASSED_ON = frozenset(range(400, 700)) - {401, 407}
# An unanswered caller is refused with the SIP code of the cause: mod_sofia maps it (sofia_glue.c).
# Causes of a failed Dial whose own SIP codes would say something else to the caller.
_REFUSALS = {
    "GATEWAY_DOWN": FAULT,
    "INVALID_GATEWAY": FAULT,  # 484 would blame the number
    "INVALID_PROFILE": FAULT,
    "NO_USER_RESPONSE": "NO_ANSWER",  # 480, as the callee's side said, for 408
}


def refusal_of(outcome: Outcome, *, exact: bool) -> str:
    """How an unanswered caller is refused after a Dial that connected nobody.

    ``exact``: with the SIP status of the callee who refused it, as ``sip:486``; else by a cause.
    """
    leg = decisive(outcome)
    if exact and leg and leg.end.side is Side.THEM and leg.end.sip_status in _PASSED_ON:
        return f"{BY_STATUS}{leg.end.sip_status}"
    return outcome.cause


def refusal(cause: str, *, answered: bool) -> str:
    """What ends a call at the end of its document; ``cause``: of its last Dial, if that failed."""
    if not cause or answered:
        return "NORMAL_CLEARING"
    return _REFUSALS.get(cause, cause)


def failed(error: DialctlError, stage: str) -> Ending:
    """The ending of a call whose document of this stage could not be had or carried out."""
    fault = error.fault if isinstance(error, DocumentError) else ""
    reason = EndReason.UNREACHABLE if isinstance(error, FetchError) else EndReason.BAD_DOCUMENT
    return Ending(reason, stage, fault, str(error))


def settled(meant: Ending, end: ChannelEnd, *, asked_for: bool, placed: bool = False) -> Ending:
    """``asked_for``: a step has asked for a hangup at a later time; ``placed``: we called it."""
    ours = meant.reason in (EndReason.END_OF_DOCUMENT, EndReason.HANGUP_STEP)
    if end.cause == SWITCH_GONE:
        return Ending(EndReason.SWITCH)
    if end.cause == BY_REQUEST and end.side is not Side.THEM:
        return Ending(EndReason.API)
    if placed and not end.answered:
        return Ending(EndReason.NOT_REACHED)
    if end.side is Side.THEM and ours:
        return Ending(EndReason.CALLER)  # by a hair
    if end.side is Side.US and meant.reason is EndReason.CALLER:
        # Our own timer, or somebody at the switch.
        return Ending(EndReason.HANGUP_STEP if asked_for else EndReason.SWITCH)
    return meant
