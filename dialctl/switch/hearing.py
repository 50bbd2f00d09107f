"""What mod_avmd hears of a channel's far end; how silence is heard, recording.py tells.

There is no audio: a party's script says when it beeps. Source: mod_avmd.c (avmd_start_app, which
hears only whom the switch has called).
"""

from functools import partial
from typing import TYPE_CHECKING

from dialctl.switch.events import Event

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel
    from dialctl.switch.thread import Thread

BEEP_MODULE = "mod_avmd"
_BEEP_TAKES = 0.15  # seconds of a beep until it is one: seen


def avmd_start(thread: "Thread", argument: str) -> None:
    channel = thread.channel
    if not _loaded(channel) or channel.inbound or channel.awaits_beep:
        return
    channel.awaits_beep = True
    now = channel.switch.clock.now()
    for start, _ in channel.beeps():
        if start >= now:
            channel.later(start + _BEEP_TAKES - now, partial(_beep, channel, now))


def avmd_stop(thread: "Thread", argument: str) -> None:
    if _loaded(thread.channel):
        thread.channel.awaits_beep = False


def _loaded(channel: "Channel") -> bool:
    if BEEP_MODULE in channel.switch.modules:
        return True
    # As of every application that the switch does not know (switch_core_session.c). Seen.
    channel.hang_up("DESTINATION_OUT_OF_ORDER")
    return False


def _beep(channel: "Channel", since: float) -> None:
    if not channel.awaits_beep:
        return
    channel.awaits_beep = False
    spent = channel.switch.clock.now() - since
    channel.variables.set("avmd_total_time", f"[{round(spent * 1000)}]")
    channel.variables.set("avmd_detect", "TRUE")
    after = (
        ("Unique-ID", channel.uuid),
        ("Call-command", "avmd"),
        ("Beep-Status", "DETECTED"),
        ("Frequency", "1000.000000"),
        ("Frequency-variance", "0.000038"),
        ("Amplitude", "14346.310289"),
        ("Amplitude-variance", "5649.829783"),
        ("Detection-time", str(round(spent * 1_000_000))),
        ("Detector-resolution", "6"),
        ("Detector-offset", "1"),
        ("Detector-index", "16"),
    )
    channel.switch.publish(Event("CUSTOM", channel, after=after, subclass="avmd::beep"))
