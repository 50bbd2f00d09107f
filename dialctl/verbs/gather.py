"""Gather: collect keys from the caller, and ask the application what they mean.

Our own clocks and our own buffer: FreeSWITCH only tells of each key. What the application is asked
when nothing was pressed in time, or nothing valid, its dialect knows.
"""

from dialctl.call import Call
from dialctl.collector import Collector
from dialctl.errors import KeyHeard
from dialctl.plan import Gather, Next
from dialctl.verbs.play import let_hear

STEP = Gather

BEEP = "tone_stream://%(200,0,800)"


def run(call: Call, step: Gather) -> Next:
    call.channel.hear_keys(True)
    try:
        digits = _collect(call, step)
    finally:
        call.channel.hear_keys(False)
    if step.secret:
        call.customer.story.hide(digits)
    pressed = "***" if digits and step.secret else digits or "no valid keys"
    call.log.info("line %d: <%s>: %s", step.line, step.element, pressed)
    request = call.customer.dialect.gathered(step, digits)
    if request is None or step.follow_action:
        return request
    call.customer.tell_request(request)
    return None


def _collect(call: Call, step: Gather) -> str:
    for left in reversed(range(step.tries)):
        collector = Collector(step.finish_on, step.max_digits, step.valid, step.min_digits)
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
        key = _next_key(call, call.clock.now() + patience)
        if not key:
            return
        collector.press(key)


def resume(call: Call, step: Gather) -> Next:
    """What was pressed so far is not known any more: the caller is asked again."""
    return run(call, step)


def _next_key(call: Call, until: float) -> str:
    """'' when the clock reaches ``until`` first."""
    try:
        while call.clock.now() < until:
            call.channel.wait_alive(until)
    except KeyHeard as heard:
        return heard.key
    return ""
