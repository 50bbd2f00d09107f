"""How long a sound lasts. There is no audio here, a sound is its time.

Only of a file that is named from the root something is known: whether it is there, and a wav's own
length. Sources: mod_tone_stream.c (tones, silence, ``;loops=``), libteletone_generate.c (tones).
"""

import os
import re
import wave
from collections.abc import Callable, Collection

DEFAULT = 1.0  # seconds: a URL, or a file whose real length is not looked for
ENDLESS = float("inf")
_A_CHARACTER = 0.07  # seconds of flite's speech: 21 characters took 1.5 s

_TONE = re.compile(r"%\(([^)]*)\)")


def seconds(sound: str) -> float:
    """The length of what ``playback`` is given: a path, a URL, or one of the switch's streams."""
    sound = re.sub(r"^\{[^}]*\}", "", sound).partition("@@")[0]
    kind, slashes, rest = sound.partition("://")
    if not slashes:
        return _file(sound) if sound else 0.0
    return _LENGTHS[kind](rest) if kind in _LENGTHS else DEFAULT


def found(sound: str, modules: Collection[str]) -> bool:
    """Whether the switch could open it: it says FILE NOT FOUND of whatever it cannot. **Seen.**"""
    if sound.endswith(".mp3") and "mod_shout" not in modules:
        return False
    if not sound.startswith("/"):
        return True
    return os.path.exists(sound) and not (sound.endswith(".wav") and _wav(sound) is None)


def speech(text: str) -> float:
    return len(text) * _A_CHARACTER


def _file(path: str) -> float:
    if not path.startswith("/"):
        return DEFAULT
    length = _wav(path) if path.endswith(".wav") else DEFAULT
    return length if length is not None and os.path.exists(path) else 0.0


def _wav(path: str) -> float | None:
    try:
        with wave.open(path, "rb") as file:
            return file.getnframes() / file.getframerate()
    except (OSError, EOFError, wave.Error):
        return None


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
