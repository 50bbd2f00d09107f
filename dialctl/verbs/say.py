"""Say: let a number, an amount or a time be heard, of the switch's own sound files. Answers."""

from dialctl.call import Call
from dialctl.esl.commands import literal
from dialctl.plan import Next, Say
from dialctl.verbs.speak import let_hear

STEP = Say

_NOT_IN_A_WORD = str.maketrans("'\"\\", "   ")  # the application parts its words like a shell


def run(call: Call, step: Say) -> Next:
    text = literal(step.text).translate(_NOT_IN_A_WORD)
    let_hear(
        call,
        step,
        "say",
        f"{step.language} {step.kind} {step.method} '{text}'",
        f"it needs mod_say_{step.language}, the language in FreeSWITCH's configuration, and its "
        "sound files",
    )
    return None
