"""How long a sound lasts. Pure; there is no audio here, a sound is its time.

Sources: mod_tone_stream.c (tones, silence, ``;loops=``), libteletone_generate.c (tones).
"""

import re
from collections.abc import Callable

DEFAULT = 1.0  # seconds: a file or a URL, whose real length only its bytes would tell
ENDLESS = float("inf")
_A_CHARACTER = 0.07  # seconds of flite's speech: 21 characters took 1.5 s

_TONE = re.compile(r"%\(([^)]*)\)")


def seconds(sound: str) -> float:
    """The length of what ``playback`` is given: a path, a URL, or one of the switch's streams."""
    sound = re.sub(r"^\{[^}]*\}", "", sound).partition("@@")[0]
    kind, slashes, rest = sound.partition("://")
    if not slashes:
        return DEFAULT if sound else 0.0
    return _LENGTHS[kind](rest) if kind in _LENGTHS else DEFAULT


def speech(text: str) -> float:
    return len(text) * _A_CHARACTER


def _silence(rest: str) -> float:
    milliseconds = _number(rest.partition(",")[0])
    return milliseconds / 1000 if milliseconds >= 0 else ENDLESS


def _tones(rest: str) -> float:
    """``L=3;%(on,off,hertz)``; on and off in ms. A tone without hertz is none: 0 s. **Seen.**"""
    rest, _, loops = rest.partition(";loops=")
    if loops.startswith("-"):
        return ENDLESS
    times, total = max(1, _number(loops)), 0.0
    for part in rest.split(";"):
        if part.startswith("L="):
            times *= max(1, _number(part[2:]))
        for tone in _TONE.findall(part):
            numbers = tone.split(",")
            total += _number(numbers[0]) + _number(numbers[1]) if len(numbers) > 2 else 0
    return times * total / 1000


def _file_string(rest: str) -> float:
    return sum(seconds(part) for part in rest.split("!") if part)


def _number(text: str) -> int:
    found = re.match(r"\s*(-?\d+)", text)
    return int(found[1]) if found else 0


_LENGTHS: dict[str, Callable[[str], float]] = {
    "silence_stream": _silence,
    "tone_stream": _tones,
    "file_string": _file_string,
    "local_stream": lambda _: ENDLESS,
    "say": speech,
    "tts": speech,
}
