"""Collecting digits: play_and_get_digits, and the key that group_confirm waits for.

Source: switch_ivr_play_say.c, switch_ivr_read() and switch_play_and_get_digits().
"""

import re
from dataclasses import dataclass

from dialctl.switch.dialstring import separate
from dialctl.switch.sounds import ANY_KEY, play
from dialctl.switch.thread import Thread


@dataclass(frozen=True, slots=True)
class Reading:
    """``timeout`` is for the first digit after the prompt, ``digit_timeout`` between digits; s."""

    least: int
    most: int
    prompt: str
    timeout: float
    terminators: str = ""
    digit_timeout: float = 0.0
    variable: str = ""


def read(thread: Thread, reading: Reading) -> tuple[str, str]:
    """One try: the digits, and success, timeout or failure, which is left in ``read_result``."""
    variables = thread.channel.variables
    variables.set("read_result", "")
    if reading.variable:
        variables.set(reading.variable, "")
    digits, pressed = "", play(thread, reading.prompt, ANY_KEY)
    terminator, timed_out = "", False
    while True:
        if pressed and pressed in reading.terminators:
            terminator = pressed
            break
        digits += pressed
        if len(digits) >= max(reading.most, reading.least):
            break
        pressed = _next(thread, (digits and reading.digit_timeout) or reading.timeout)
        if not pressed:
            timed_out = True
            break
    if terminator:
        variables.set("read_terminator_used", terminator)
    result = "failure" if len(digits) < reading.least else "timeout" if timed_out else "success"
    if not thread.ready:
        return digits, result  # hung up meanwhile: nothing is left behind. Seen.
    variables.set("read_result", result)
    if reading.variable:
        variables.set(reading.variable, digits)
    return digits, result


def _next(thread: Thread, seconds: float) -> str:
    unread = thread.channel.unread
    thread.wait(lambda: bool(unread), seconds)
    return unread.pop(0) if unread else ""


def play_and_get_digits(thread: Thread, argument: str) -> None:
    """``MIN MAX TRIES TIMEOUT TERMINATORS PROMPT INVALID VARIABLE REGEX [DIGIT_TIMEOUT]``."""
    words = separate(argument, " ") + [""] * 10
    if not all(word.isdigit() for word in words[:4]):
        return  # "Invalid arguments" in the switch's log
    least, most, tries, timeout = (int(word) for word in words[:4])
    terminators, prompt, invalid, variable, pattern, digit_timeout = words[4:10]
    reading = Reading(
        least=least,
        most=most,
        prompt=prompt,
        timeout=timeout / 1000,
        terminators=terminators,
        digit_timeout=int(digit_timeout) / 1000 if digit_timeout.isdigit() else 0.0,
        variable=variable,
    )
    variables = thread.channel.variables
    if pattern:
        variables.set(f"{variable}_invalid", "")
    while tries and thread.ready:
        digits, result = read(thread, reading)
        if not least and not digits and variables.get("read_terminator_used"):
            return
        if digits and (result == "success" or (result == "timeout" and len(digits) >= least)):
            if not pattern or _matches(digits, pattern):
                return
            variables.set(variable, "")
            variables.set(f"{variable}_invalid", digits)
        if thread.ready:
            play(thread, invalid)
        tries -= 1


def _matches(digits: str, pattern: str) -> bool:
    try:
        return bool(re.search(pattern, digits))
    except re.error:
        return False
