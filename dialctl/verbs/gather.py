"""Gather: collect keys from the caller, and ask the application what they mean.

Our own clocks and our own buffer: FreeSWITCH only tells of each key. Nothing pressed in time, or
nothing valid, and the next step runs; the application is asked only when there is an answer.
"""

from dialctl.call import Call
from dialctl.collector import Collector
from dialctl.errors import KeyHeard
from dialctl.plan import Gather, Next, NextDocument, Stage
from dialctl.verbs.play import let_hear

STEP = Gather

BEEP = "tone_stream://%(200,0,800)"


def run(call: Call, step: Gather) -> Next:
    call.channel.hear_keys(True)
    try:
        digits = _collect(call, step)
    finally:
        call.channel.hear_keys(False)
    if not digits:
        call.log.info("line %d: <%s>: no valid keys", step.line, step.element)
        return None
    call.log.info("line %d: <%s>: %s", step.line, step.element, "***" if step.secret else digits)
    if step.action is None:
        return None
    fields = (*step.fields, ("Digits", digits))
    if step.follow_action:
        return NextDocument(step.action, Stage.ACTION, fields)
    call.customer.tell_request(NextDocument(step.action, Stage.ACTION, fields))
    return None


def _collect(call: Call, step: Gather) -> str:
    for left in reversed(range(step.tries)):
        collector = Collector(step.finish_on, step.max_digits, step.valid)
        _prompt(call, step, collector)
        _listen(call, step, collector)
        if collector.valid:
            return collector.digits
        if collector.digits and step.invalid_sound and left:
            _hear(call, step)
    return ""


def _prompt(call: Call, step: Gather, collector: Collector) -> None:
    """The prompts, until they are over or a key is pressed."""
    try:
        for prompt in step.prompts:
            call.run_step(prompt)
        if step.beep:
            call.channel.let_hear("playback", BEEP)
        elif not call.channel.answered:
            call.channel.execute(("answer", ""))
    except KeyHeard as heard:
        call.channel.stop_sound()
        collector.press(heard.key)


def _hear(call: Call, step: Gather) -> None:
    try:
        let_hear(call, step, step.invalid_sound)
    except KeyHeard:
        call.channel.stop_sound()


def _listen(call: Call, step: Gather, collector: Collector) -> None:
    while not collector.complete:
        patience = step.digit_timeout if collector.digits else step.timeout
        key = call.channel.wait_key(call.clock.now() + patience)
        if not key:
            return
        collector.press(key)


def resume(call: Call, step: Gather) -> Next:
    """What was pressed so far is not known any more: the caller is asked again."""
    return run(call, step)
