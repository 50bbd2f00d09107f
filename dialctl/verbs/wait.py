"""Wait: do nothing for a while, or until the caller is silent or a machine beeps.

The A-leg is not answered by it. What shall end it early and cannot be heard does not: the wait
is as long as it may be, and the log says why.
"""

import contextlib
from functools import partial

from dialctl.call import Call
from dialctl.dial.heard import BeepHeard, ListeningEnded, ListeningFailed
from dialctl.ears import Ears, heard
from dialctl.errors import CallGone
from dialctl.esl.hearing import BEEP_MODULE
from dialctl.plan import Next, Wait

STEP = Wait


def run(call: Call, step: Wait) -> Next:
    return _wait(call, step, step.seconds)


def resume(call: Call, step: Wait) -> Next:
    """The rest of it."""
    return _wait(call, step, call.course.progress.began + step.seconds - call.channel.time())


def _wait(call: Call, step: Wait, seconds: float) -> Next:
    until = call.clock.now() + seconds
    if (step.silence or step.beep) and _ended(call, step, until):
        return None
    call.channel.sleep(until - call.clock.now())
    return None


def _ended(call: Call, step: Wait, until: float) -> bool:
    """Whether what shall end it did so before ``until``."""
    channel = call.channel
    if not channel.answered:
        return _deaf(call, step, "nothing is heard of a caller who has not been answered")
    ears = Ears(channel, call.settings.machine_detection.level)
    if step.silence:
        ears.listen(channel.uuid, step.silence, step.silence, step.seconds)
        stop = partial(ears.stop_listening, channel.uuid)
    elif why := _no_beeps(call, ears):
        return _deaf(call, step, why)
    else:
        ears.await_beep(channel.uuid)
        stop = partial(ears.stop_awaiting_beep, channel.uuid)
    try:
        while call.clock.now() < until:
            match heard(channel.wait_alive(until)):
                case ListeningEnded() | BeepHeard():
                    call.log.info("line %d: <%s>: ended early", step.line, step.element)
                    return True
                case ListeningFailed(why=why):
                    return _deaf(call, step, why)
    finally:
        with contextlib.suppress(CallGone):  # then nobody listens any more
            stop()
    return False


def _no_beeps(call: Call, ears: Ears) -> str:
    """Why beeps cannot be heard; '' if they can."""
    if not call.settings.modules.machine_detection:
        return "modules.machine_detection is empty"
    if not call.channel.called:
        return f"{BEEP_MODULE} hears whom the switch has called, not who has called it"
    return "" if ears.hear_beeps() else f"{BEEP_MODULE} is not loaded in FreeSWITCH"


def _deaf(call: Call, step: Wait, why: str) -> bool:
    call.log.warning("line %d: <%s> does not end early: %s", step.line, step.element, why)
    return False
