"""Wait: do nothing for a while. The A-leg is not answered by it."""

from dialctl.call import Call
from dialctl.plan import Next, Wait

STEP = Wait


def run(call: Call, step: Wait) -> Next:
    call.channel.sleep(step.seconds)
    return None
