"""Refuse: turn an unanswered caller away with a SIP status of the document's own."""

from dialctl.call import Call
from dialctl.esl.commands import literal
from dialctl.plan import EndCall, Next, Refuse

STEP = Refuse


def run(call: Call, step: Refuse) -> Next:
    if call.channel.answered:
        call.log.warning(
            "line %d: <%s>: the caller has been answered before and is hung up",
            step.line,
            step.element,
        )
        return EndCall("NORMAL_CLEARING")
    # mod_sofia.c, sofia_on_hangup: headers of the refusal.
    headers = [("set", f"sip_rh_{name}={literal(value)}") for name, value in step.headers]
    reason = literal(step.reason)
    call.channel.begin(*headers, ("respond", f"{step.status} {reason}".rstrip()))
    return EndCall("CALL_REJECTED")


def resume(call: Call, step: Refuse) -> Next:
    """Whoever began it did not get to its end, or there would be no call."""
    return run(call, step)
