"""say, play and gather: what the caller hears, and which keys are pressed."""

import html
import re

from dialctl.dialects import values
from dialctl.dialects.voicegateway.reading import Reading
from dialctl.http.retry import quoted, wire_url
from dialctl.plan import Gather, Play, PreAnswer, Speak, Step

MAX_LOOP = 1000
MAX_SECONDS = 86400
MAX_KEYS = 99
_VOICES = {"MALE": "MAN", "FEMALE": "WOMAN"}
_OF_SPEECH = ("bargein", "listenDuringPrompt", "minBargeinWordCount", "recognizer", "speechTimeout")
_TAG = re.compile(r"<[^<>]*>")


def say(reading: Reading) -> tuple[Step, ...]:
    return _heard(reading, say_steps(reading))


def play(reading: Reading) -> tuple[Step, ...]:
    return _heard(reading, play_steps(reading))


def _heard(reading: Reading, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    if steps and reading.boolean("earlyMedia", False):
        return (PreAnswer(steps=steps, **reading.at),)
    return steps


def say_steps(reading: Reading) -> tuple[Step, ...]:
    reading.expect("earlyMedia", "loop", "synthesizer", "text")
    voice, loop = _voice(reading), _loop(reading)
    text = " ".join(_plain(reading, text) for text in reading.text_or_texts("text")).strip()
    if not text:
        reading.warn("text", "says nothing and is skipped")
        return ()
    return (Speak(text=text, voice=voice, loop=loop, **reading.at),)


def play_steps(reading: Reading) -> tuple[Step, ...]:
    reading.expect("earlyMedia", "loop", "url")
    loop = _loop(reading)
    sounds = [sound(reading, url) for url in reading.text_or_texts("url")]
    if len(sounds) == 1:
        return (Play(source=sounds[0], loop=loop, **reading.at),)
    # A list is repeated as a whole; for ever is longer than anybody listens.
    times = loop or MAX_LOOP
    return tuple(Play(source=one, **reading.at) for one in (sounds * times)[:MAX_LOOP])


def sound(reading: Reading, text: str, name: str = "url") -> str:
    """A URL, or a sound of the switch's own."""
    if values.is_own_sound(text):
        return text
    if re.match(r"https?://", text):
        try:
            # As it goes on the wire: a brace, which FreeSWITCH would expand, is encoded.
            return wire_url(text)
        except ValueError as problem:
            raise reading.error(name, f"is no usable URL: {problem}") from problem
    raise reading.error(name, f"is {quoted(text)[:80]}: neither a URL nor a sound of the switch's")


def gather(reading: Reading) -> tuple[Step, ...]:
    """Keys only. ``timeout`` 0: it waits as long as it takes."""
    reading.expect(
        *("actionHook", "dtmfBargein", "finishOnKey", "input", "interDigitTimeout", "maxDigits"),
        *("minDigits", "numDigits", "play", "say", "timeout", *_OF_SPEECH),
    )
    _require_keys(reading)
    if not reading.boolean("dtmfBargein", True):
        reading.note("dtmfBargein", "has no effect: a key ends what is heard")
    timeout = reading.number("timeout", 15, 0, MAX_SECONDS) or MAX_SECONDS
    most = reading.whole("maxDigits", MAX_KEYS, 1, MAX_KEYS)
    return (
        Gather(
            prompts=_prompts(reading),
            action=reading.hook("actionHook"),
            timeout=timeout,
            digit_timeout=reading.number("interDigitTimeout", timeout, 0.1, MAX_SECONDS),
            finish_on=_finish_on(reading),
            min_digits=reading.whole("minDigits", 1, 1, MAX_KEYS),
            max_digits=reading.whole("numDigits", most, 1, MAX_KEYS),
            valid="0123456789*#ABCD",
            **reading.at,
        ),
    )


def _require_keys(reading: Reading) -> None:
    kinds = reading.texts("input") or ("digits",)
    if "digits" not in kinds:
        raise reading.error("input", "asks for speech alone, which is not available")
    if kinds != ("digits",):
        reading.note("input", "asks for speech too, which is not available; keys are collected")


def _prompts(reading: Reading) -> tuple[Step, ...]:
    steps: tuple[Step, ...] = ()
    if said := reading.object("say"):
        steps += say_steps(said)
    if played := reading.object("play"):
        steps += play_steps(played)
    return steps


def _finish_on(reading: Reading) -> str:
    text = reading.text("finishOnKey")
    if text and not re.fullmatch(r"[0-9*#]", text):
        reading.warn("finishOnKey", "is no key; none ends it")
        return ""
    return text


def _loop(reading: Reading) -> int:
    """A number or ``forever``, which is 0 here."""
    if reading.given.get("loop") == "forever":
        return 0
    return reading.whole("loop", 1, 1, MAX_LOOP)


def _voice(reading: Reading) -> str:
    synthesizer = reading.object("synthesizer")
    if synthesizer is None:
        return ""
    gender = synthesizer.text("gender")
    if gender not in _VOICES:
        synthesizer.note("", "has no effect but for a gender, MALE or FEMALE")
    return _VOICES.get(gender, "")


def _plain(reading: Reading, text: str) -> str:
    """What SSML holds to be said."""
    if not text.lstrip().startswith("<speak"):
        return " ".join(text.split())
    reading.note("text", "is SSML, whose markup is left out")
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())
