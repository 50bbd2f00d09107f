"""Record: keep what the caller says, until a key, silence, or the longest that it may last."""

import contextlib
from dataclasses import replace

from dialctl.call import Call
from dialctl.errors import CallGone, KeyHeard, Moved
from dialctl.plan import Next, Notice, Record, RecordCall, Recorded
from dialctl.recordings import CALLER_ONLY, Recording
from dialctl.verbs.gather import BEEP

STEP = Record

SILENCE_LEVEL = "200"  # FreeSWITCH's scale of loudness: below it nobody speaks


def run(call: Call, step: Record) -> Next:
    recording = call.recordings.new(step, step.format)
    recording.tape = replace(recording.tape, callback=step.callback)
    if step.beep:
        call.channel.let_hear("playback", BEEP)
    elif preparations := call.channel.preparations():
        call.channel.execute(*preparations)
    silence = str(step.silence * 1000)
    variables = CALLER_ONLY | {
        "RECORD_INITIAL_TIMEOUT_MS": silence,
        "RECORD_FINAL_TIMEOUT_MS": silence,
        "RECORD_SILENCE_THRESHOLD": SILENCE_LEVEL,
    }
    if not call.recordings.start(recording, step.max_length, variables):
        return None
    return _carry_on(call, step, recording)


def resume(call: Call, step: Record) -> Next:
    """What the switch still records; else from the beginning: nobody has heard the caller."""
    recording = call.recordings.begun(step)
    return _carry_on(call, step, recording) if recording else run(call, step)


def _carry_on(call: Call, step: Record, recording: Recording) -> Next:
    try:
        key = _until_over(call, step, recording)
    except (CallGone, Moved):
        # Also what a caller said who then hung up is told: voicemail is made of it.
        _told(call, step, recording, "")
        raise
    return _told(call, step, recording, key)


def _until_over(call: Call, step: Record, recording: Recording) -> str:
    """The key that ended it, '' if it was none."""
    call.channel.hear_keys(True)
    try:
        while not (recording.over or recording.unheard):
            try:
                call.channel.wait_alive()
            except KeyHeard as heard:
                if heard.key in step.finish_on:
                    return heard.key
        return ""
    finally:
        with contextlib.suppress(CallGone):  # then nobody presses keys any more
            call.channel.hear_keys(False)


def _told(call: Call, step: Record, recording: Recording, key: str) -> Next:
    call.recordings.finish(recording, key)
    return action(call, step, recording.result()) if recording.milliseconds else None


def action(call: Call, step: Record | RecordCall, told: Recorded) -> Next:
    """Tell the action of a recording, or go on with its document."""
    match call.customer.dialect.recorded(call.customer.view(), step, told):
        case Notice() as notice:
            call.customer.tell((notice,))
            return None
        case following:
            return following
