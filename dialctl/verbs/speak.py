"""Speak: let the caller hear text. Answers the A-leg."""

import itertools

from dialctl.call import Call
from dialctl.esl import sounds
from dialctl.plan import Next, Speak

STEP = Speak


def run(call: Call, step: Speak) -> Next:
    heard = sounds.application(step, call.settings.speech)
    times = range(step.loop) if step.loop else itertools.count()
    for _ in times:
        call.channel.let_hear(*heard)
    return None
