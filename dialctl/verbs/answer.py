"""Answer: answer the caller, if that has not been done."""

from dialctl.call import Call
from dialctl.plan import Answer, Next

STEP = Answer


def run(call: Call, step: Answer) -> Next:
    if not call.channel.answered:
        call.channel.execute(("answer", ""))
    return None
