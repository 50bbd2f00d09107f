"""Speak: let the caller hear text. Answers the A-leg."""

import itertools

from dialctl.call import Call
from dialctl.esl import sounds
from dialctl.plan import Next, Say, Speak

STEP = Speak

AT_ONCE = 0.1  # seconds: what is over sooner was not heard


def run(call: Call, step: Speak) -> Next:
    engine = call.settings.speech.engine
    if engine == "flite" and step.language[:2] not in ("", "en"):
        call.log.warning(
            "line %d: <%s>: mod_flite speaks English only, not %s",
            step.line,
            step.element,
            step.language,
        )
    let_hear(call, step, f"its engine is {engine}")
    return None


def let_hear(call: Call, step: Speak | Say, needs: str) -> None:
    """As often as the step says; neither application tells of a failure but by being quick."""
    heard = sounds.application(step, call.settings.speech)
    for _ in range(step.loop) if step.loop else itertools.count():
        began = call.clock.now()
        call.channel.let_hear(*heard)
        if call.clock.now() - began < AT_ONCE:
            call.log.warning(
                "line %d: <%s>: nothing was heard, FreeSWITCH's log tells why; %s",
                step.line,
                step.element,
                needs,
            )
            break  # nor will it be the next time
