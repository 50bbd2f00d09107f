"""Redirect: go on with another document."""

from dialctl.call import Call
from dialctl.plan import Next, NextDocument, Redirect, Stage

STEP = Redirect


def run(call: Call, step: Redirect) -> Next:
    return NextDocument(step.hook, Stage.REDIRECT)


def resume(call: Call, step: Redirect) -> Next:
    return run(call, step)
