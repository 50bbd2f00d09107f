"""<GetDigits>, <GetInput>, <DTMF> and <PreAnswer>: what the caller presses, and what is pressed."""

import re

from dialctl.dialects import values
from dialctl.dialects.plivo.attributes import action
from dialctl.dialects.xml import Reading
from dialctl.plan import Gather, PreAnswer, PressKeys, Step

DIGITS_ATTRIBUTES = frozenset(
    {
        "action",
        "digitTimeout",
        "finishOnKey",
        "invalidDigitsSound",
        "log",
        "method",
        "numDigits",
        "playBeep",
        "redirect",
        "retries",
        "timeout",
        "validDigits",
    }
)
INPUT_ATTRIBUTES = frozenset(
    {
        "action",
        "digitEndTimeout",
        "executionTimeout",
        "finishOnKey",
        "hints",
        "inputType",
        "interimSpeechResultsCallback",
        "interimSpeechResultsCallbackMethod",
        "language",
        "log",
        "method",
        "numDigits",
        "profanityFilter",
        "redirect",
        "speechEndTimeout",
        "speechModel",
    }
)
PROMPTS = frozenset({"Play", "Speak", "Wait"})
# Plivo documents Speak, Play and Wait; its SDKs write the others as well.
EARLY = PROMPTS | {"DTMF", "GetDigits", "Message", "Redirect"}
MAX_SECONDS = 3600
MAX_TRIES = 20


def pre_answer(reading: Reading) -> Step | None:
    return PreAnswer(steps=reading.steps(EARLY), **reading.at)


def dtmf(reading: Reading) -> Step | None:
    if not values.are_keys(reading.text):
        raise reading.error(f"{reading.text[:40]!r} holds more than 0-9 A-D * # w W")
    return PressKeys(digits=reading.text, wait=not reading.boolean("async", True), **reading.at)


def get_digits(reading: Reading) -> Step | None:
    valid = reading.get("validDigits") or "1234567890*#"
    if not re.fullmatch(r"[0-9*#]+", valid):
        reading.warn(f"validDigits={valid[:40]!r} holds more than 0-9 * #; all keys are valid")
        valid = "1234567890*#"
    invalid_sound = reading.get("invalidDigitsSound")
    return Gather(
        prompts=reading.steps(PROMPTS),
        action=action(reading),
        follow_action=reading.boolean("redirect", True),
        timeout=reading.whole("timeout", 5, 1, MAX_SECONDS),
        digit_timeout=reading.whole("digitTimeout", 2, 1, MAX_SECONDS),
        finish_on=finish_on(reading),
        max_digits=reading.whole("numDigits", 99, 1, 99),
        valid=valid,
        invalid_sound=reading.sound(invalid_sound) if invalid_sound else "",
        tries=reading.whole("retries", 1, 1, MAX_TRIES),
        beep=reading.boolean("playBeep", False),
        secret=not reading.boolean("log", True),
        **reading.at,
    )


def get_input(reading: Reading) -> Step | None:
    kinds = (reading.get("inputType") or "dtmf").split()
    if "dtmf" not in kinds:
        raise reading.error("asks for speech, which is not available: no recognizer is configured")
    if kinds != ["dtmf"]:
        reading.note("speech is not available: no recognizer is configured; keys are collected")
    if not reading.get("action"):
        raise reading.error("has no action, which it must have", "action url")
    return Gather(
        prompts=reading.steps(PROMPTS),
        action=action(reading),
        follow_action=reading.boolean("redirect", True),
        timeout=reading.whole("executionTimeout", 15, 5, 60),
        digit_timeout=_digit_end(reading),
        finish_on=finish_on(reading),
        max_digits=reading.whole("numDigits", 32, 1, 32),
        secret=not reading.boolean("log", True),
        fields=(("InputType", "dtmf"),),
        **reading.at,
    )


def _digit_end(reading: Reading) -> int:
    if reading.get("digitEndTimeout") in ("", "auto"):
        return 2
    return reading.whole("digitEndTimeout", 2, 2, 10)


def finish_on(reading: Reading, default: str = "#") -> str:
    text = reading.element.get("finishOnKey")
    if text is None:
        return default
    if text in ("", "none"):
        return ""
    if re.fullmatch(r"[0-9*#]", text) or text == default:
        return text
    reading.warn(f"finishOnKey={text[:40]!r} is no key; {default} is taken")
    return default
