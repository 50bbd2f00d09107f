"""Playing a sound on a channel: its time goes by, and a digit may end it.

Source: switch_ivr_play_say.c, switch_ivr_play_file(); on_dtmf() in mod_dptools.c.
"""

from dialctl.switch import media, sip
from dialctl.switch.thread import Thread

ANY_KEY = "0123456789*#ABCD"


def play(thread: Thread, sound: str, stop: str = "") -> str:
    """The digit of ``stop`` that ended it; "" when it came to its end or was broken off."""
    channel = thread.channel
    sip.pre_answer(channel)
    ended_by = ""

    def pressed() -> bool:
        nonlocal ended_by
        while channel.unread and not ended_by:
            digit = channel.unread.pop(0)
            ended_by = digit if digit in stop else ""
        return bool(ended_by)

    length = media.seconds(sound)
    start = channel.switch.clock.now()
    thread.wait(pressed, None if length == media.ENDLESS else length, pausing=True)
    if sound and sound != "silence":
        _count(thread, min(length, channel.switch.clock.now() - start))
    return ended_by


def terminators(thread: Thread) -> str:
    """The keys that end a playback: ``*`` unless a variable says otherwise."""
    keys = thread.channel.variables.get("playback_terminators") or "*"
    return {"any": "1234567890*#", "none": ""}.get(keys.lower(), keys)


def _count(thread: Thread, seconds: float) -> None:
    milliseconds = round(seconds * 1000)
    samples = str(milliseconds * 8)  # at 8000 Hz
    variables = thread.channel.variables
    variables.set("playback_last_offset_pos", samples)
    variables.set("playback_seconds", str(milliseconds // 1000))
    variables.set("playback_ms", str(milliseconds))
    variables.set("playback_samples", samples)
