"""Hangup: end the call, answered or not; at once, or later while the following steps run."""

from dialctl.call import Call
from dialctl.plan import EndCall, Hangup, Next

STEP = Hangup


def run(call: Call, step: Hangup) -> Next:
    if step.after:
        call.hang_up_after(step.after, step.cause)
        return None
    return EndCall(step.cause)


def resume(call: Call, step: Hangup) -> Next:
    """The earlier controller had not got to it."""
    return run(call, step)
