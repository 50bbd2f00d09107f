"""Hangup: end the call, answered or not."""

from dialctl.call import Call
from dialctl.plan import EndCall, Hangup, Next

STEP = Hangup


def run(call: Call, step: Hangup) -> Next:
    return EndCall(step.cause)
