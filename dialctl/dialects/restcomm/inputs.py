"""<Gather> and <Record>: what the caller presses and says."""

import re

from dialctl.dialects.restcomm.attributes import MAX_SECONDS, action
from dialctl.dialects.xml import Reading
from dialctl.plan import Gather, Record, Step

PROMPTS = frozenset({"Pause", "Play", "Say"})
GATHER_ATTRIBUTES = frozenset(
    {
        "action",
        "finishOnKey",
        "hints",
        "input",
        "language",
        "method",
        "numDigits",
        "partialResultCallback",
        "partialResultCallbackMethod",
        "timeout",
    }
)
RECORD_ATTRIBUTES = frozenset(
    {
        "action",
        "finishOnKey",
        "maxLength",
        "media",
        "method",
        "playBeep",
        "timeout",
        "transcribe",
        "transcribeCallback",
    }
)
MOST_DIGITS = 99
DEFAULT_RECORD_SECONDS = 3600
MAX_RECORD_SECONDS = 14400
ANY_KEY = "1234567890*#"


def gather(reading: Reading) -> Step | None:
    """One timeout for every key. Nothing pressed: the next element; the action is not asked."""
    kinds = set(re.findall(r"[a-z]+", (reading.get("input") or "dtmf").lower()))
    if "dtmf" not in kinds:
        raise reading.error("asks for speech, which is not available: no recognizer is configured")
    if "speech" in kinds:
        reading.note("speech is not available: no recognizer is configured; keys are collected")
    timeout = reading.whole("timeout", 5, 1, MAX_SECONDS)
    return Gather(
        prompts=reading.steps(PROMPTS),
        action=action(reading),
        timeout=timeout,
        digit_timeout=timeout,
        finish_on=_finish_on(reading),
        max_digits=reading.whole("numDigits", MOST_DIGITS, 1, MOST_DIGITS),
        valid=ANY_KEY + "ABCD",
        **reading.at,
    )


def _finish_on(reading: Reading) -> str:
    text = reading.element.get("finishOnKey")
    if text is None or re.fullmatch(r"[0-9*#]?", text):
        return "#" if text is None else text
    reading.warn(f"finishOnKey={text[:40]!r} is no key; # is taken")
    return "#"


def record(reading: Reading) -> Step | None:
    if reading.get("media") not in ("", "audio_only"):
        reading.note("there is no video: the audio is recorded")
    if reading.boolean("transcribe", False) or reading.get("transcribeCallback"):
        reading.note("transcriptions are not available")
    return Record(
        action=action(reading),
        max_length=reading.whole("maxLength", DEFAULT_RECORD_SECONDS, 1, MAX_RECORD_SECONDS),
        silence=reading.whole("timeout", 5, 1, MAX_SECONDS),
        finish_on=_finish_recording_on(reading),
        beep=reading.boolean("playBeep", True),
        format="wav",
        **reading.at,
    )


def _finish_recording_on(reading: Reading) -> str:
    """Any number of keys; -1: none."""
    text = reading.get("finishOnKey") or ANY_KEY
    if text == "-1":
        return ""
    if re.fullmatch(r"[0-9*#]{1,12}", text):
        return text
    reading.warn(f"finishOnKey={text[:40]!r} holds more than 0-9 * #; any key ends it")
    return ANY_KEY
