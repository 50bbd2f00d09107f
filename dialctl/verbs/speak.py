"""Speak: let the caller hear text. Answers the A-leg."""

from dialctl.call import Call
from dialctl.esl import sounds
from dialctl.plan import Next, Say, Speak
from dialctl.verbs import times

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


def resume(call: Call, step: Speak) -> Next:
    """What has not been said yet of ``loop`` times."""
    engine = call.settings.speech.engine
    let_hear(call, step, f"its engine is {engine}", max(1, call.course.progress.heard))
    return None


def let_hear(call: Call, step: Speak | Say, needs: str, before: int = 0) -> None:
    """As often as the step says; neither application tells of a failure but by being quick."""
    heard = sounds.application(step, call.settings.speech)
    for _ in times(call, step.loop, before):
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
