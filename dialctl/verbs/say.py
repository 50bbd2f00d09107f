"""Say: let a number, an amount or a time be heard, of the switch's own sound files. Answers."""

from dialctl.call import Call
from dialctl.plan import Next, Say
from dialctl.verbs.speak import let_hear

STEP = Say


def run(call: Call, step: Say) -> Next:
    needs = f"it needs mod_say_{step.language}, the language in FreeSWITCH's configuration, and its"
    let_hear(call, step, f"{needs} sound files")
    return None
