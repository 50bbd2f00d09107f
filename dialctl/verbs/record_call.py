"""RecordCall: record both parties while the next steps run. Answers the A-leg if it begins now."""

from dialctl.call import Call
from dialctl.plan import Next, RecordCall
from dialctl.verbs.record import action

STEP = RecordCall


def run(call: Call, step: RecordCall) -> Next:
    if not step.on_connection and not call.channel.answered:
        call.channel.execute(("answer", ""))
    recording = call.recordings.record_call(step)
    return action(call, step, recording.result()) if recording else None


def resume(call: Call, step: RecordCall) -> Next:
    """What had begun is told again, under the same key."""
    recording = call.recordings.begun(step)
    return action(call, step, recording.result()) if recording else run(call, step)
