"""PreAnswer: let an unanswered caller hear something, as early media that is not billed."""

from dialctl.call import Call
from dialctl.plan import Next, PreAnswer

STEP = PreAnswer


def run(call: Call, step: PreAnswer) -> Next:
    if not call.channel.answered:
        call.channel.execute(("pre_answer", ""))
    call.channel.early = True
    try:
        for nested in step.steps:
            following = call.run_step(nested)
            if following is not None:
                return following
    finally:
        call.channel.early = False
    return None


def resume(call: Call, step: PreAnswer) -> Next:
    """From its beginning: nobody has said anything yet."""
    return run(call, step)
