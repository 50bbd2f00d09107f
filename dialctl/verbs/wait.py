"""Wait: do nothing for a while. The A-leg is not answered by it."""

from dialctl.call import Call
from dialctl.plan import Next, Wait

STEP = Wait


def run(call: Call, step: Wait) -> Next:
    call.channel.sleep(step.seconds)
    return None


def resume(call: Call, step: Wait) -> Next:
    """The rest of it."""
    call.channel.sleep(max(0.0, call.course.progress.began + step.seconds - call.clock.wall()))
    return None
