"""PressKeys: press keys for the caller's side. The A-leg is answered first."""

from dialctl.call import Call
from dialctl.esl import commands
from dialctl.plan import Next, PressKeys

STEP = PressKeys


def run(call: Call, step: PressKeys) -> Next:
    if not call.channel.answered:
        call.channel.execute(("answer", ""))
    if step.wait:
        call.channel.execute(("send_dtmf", step.digits))
    else:
        # Beside whatever comes next, which an application in the channel's queue would hold up.
        call.channel.write(commands.bgapi(f"uuid_send_dtmf {call.channel.uuid} {step.digits}"))
    return None
