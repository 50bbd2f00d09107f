"""Say: let a number, an amount or a time be heard, of the switch's own sound files. Answers."""

from dialctl.call import Call
from dialctl.plan import Next, Say
from dialctl.verbs.speak import let_hear

STEP = Say


def run(call: Call, step: Say) -> Next:
    return _say(call, step, 0)


def resume(call: Call, step: Say) -> Next:
    """What has not been said yet of ``loop`` times."""
    return _say(call, step, max(1, call.course.progress.heard))


def _say(call: Call, step: Say, heard: int) -> Next:
    needs = f"it needs mod_say_{step.language}, the language in FreeSWITCH's configuration, and its"
    let_hear(call, step, f"{needs} sound files", heard)
    return None
