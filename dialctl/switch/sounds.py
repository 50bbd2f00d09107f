"""Playing a sound on a channel: its time goes by, and a digit may end it.

Source: switch_ivr_play_say.c, switch_ivr_play_file(); on_dtmf() in mod_dptools.c.
"""

import math

from dialctl.switch import media
from dialctl.switch.thread import Thread

ANY_KEY = "0123456789*#ABCD"
_RATE = 8000  # samples a second
_TONE_BUFFER = 2.048  # seconds: tones are generated so many at a time (mod_tone_stream.c)


def play(thread: Thread, sound: str, stop: str = "") -> str:
    """The digit of ``stop`` that ended it; "" when it came to its end or was broken off."""
    channel = thread.channel
    ended_by = ""

    def pressed() -> bool:
        nonlocal ended_by
        while channel.unread and not ended_by:
            digit = channel.unread.pop(0)
            ended_by = digit if digit in stop else ""
        return bool(ended_by)

    channel.tell("hears", sound)
    length = media.seconds(sound)
    start = channel.switch.clock.now()
    thread.wait(pressed, None if length == media.ENDLESS else length, pausing=True)
    if sound and sound != "silence":
        played = channel.switch.clock.now() - start - thread.held_up
        _count(thread, sound, length, min(length, played))
    return ended_by


def terminators(thread: Thread) -> str:
    """The keys that end a playback: ``*`` unless a variable says otherwise."""
    keys = thread.channel.variables.get("playback_terminators") or "*"
    return {"any": "1234567890*#", "none": ""}.get(keys.lower(), keys)


def _count(thread: Thread, sound: str, length: float, played: float) -> None:
    """The position counts what was played, the other figures what was read. **Seen.**"""
    read = played
    if sound.startswith("tone_stream://"):
        # The first is there before a command that waits is run inside the sound.
        read = min(length, max(1, math.ceil(played / _TONE_BUFFER)) * _TONE_BUFFER)
    milliseconds = round(read * 1000)
    variables = thread.channel.variables
    variables.set("playback_last_offset_pos", str(round(played * _RATE)))
    variables.set("playback_seconds", str(milliseconds // 1000))
    variables.set("playback_ms", str(milliseconds))
    variables.set("playback_samples", str(round(read * _RATE)))
