"""Play: let the caller hear a sound. Answers the A-leg."""

import itertools

from dialctl.call import Call
from dialctl.plan import Next, Play

STEP = Play


def run(call: Call, step: Play) -> Next:
    times = range(step.loop) if step.loop else itertools.count()
    for _ in times:
        response = call.channel.let_hear("playback", step.source)
        if response != "FILE PLAYED":
            call.log.warning("line %d: <Play> of %s: %s", step.line, step.source, response)
            break  # it will not sound better the next time
    return None
