"""What a channel's far end is heard to say: recordings that end at a silence, and mod_avmd.

There is no audio: a party's script says when it speaks and when it beeps. Sources:
switch_ivr_async.c (record_callback, send_record_stop_event), mod_avmd.c (avmd_start_app, which
hears only whom the switch has called).
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from dialctl.switch.events import Event

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel
    from dialctl.switch.thread import Thread

BEEP_MODULE = "mod_avmd"
_RATE = 8000  # samples a second, two bytes each
_WAV_HEADER = 44
_BEEP_TAKES = 0.15  # seconds of a beep until it is one: seen
_ARGUMENT = re.compile(r"(\S+)(?: \+(\d+))?(?: \{([^}]*)\})?")


@dataclass(slots=True)
class Recording:
    file: str
    variables: tuple[tuple[str, str], ...]
    began: float
    cause: str = ""  # why it ended, once it has

    def number(self, name: str) -> int:
        text = dict(self.variables).get(name, "")
        return int(text) if text.isdigit() else 0


def record_session(thread: "Thread", argument: str) -> None:
    """``FILE [+SECONDS] [{NAME=VALUE,...}]``, beside whatever the channel does."""
    channel, clock = thread.channel, thread.channel.switch.clock
    parts = _ARGUMENT.match(argument)
    if not parts or parts[1] in channel.recordings:
        return
    pairs = (pair.partition("=") for pair in (parts[3] or "").split(",") if pair)
    variables = tuple((name, value) for name, _, value in pairs)
    recording = channel.recordings[parts[1]] = Recording(parts[1], variables, clock.now())
    channel.publish("RECORD_START", after=_about(recording))
    ends = [(float(parts[2]), "")] if parts[2] else []
    if seen := _silent(channel, recording):
        ends.append(seen)
    if ends:
        seconds, cause = min(ends)
        channel.later(seconds, partial(_end, channel, recording, cause))


def stop_record_session(thread: "Thread", argument: str) -> None:
    recording = thread.channel.recordings.get(argument.strip())
    if recording:
        _end(thread.channel, recording)


def close(channel: "Channel") -> None:
    """It has hung up."""
    for recording in tuple(channel.recordings.values()):
        _end(channel, recording)


def _silent(channel: "Channel", recording: Recording) -> tuple[float, str] | None:
    """In how many seconds it will have been silent for long enough, if ever, and after what."""
    patience = recording.number("RECORD_INITIAL_TIMEOUT_MS") / 1000
    silence = recording.number("RECORD_FINAL_TIMEOUT_MS") / 1000
    now = channel.switch.clock.now()
    sounds = [(start - now, end - now) for start, end in channel.sounds() if end > now]
    if not sounds or sounds[0][0] >= patience:
        return (patience, "no-input-timeout") if patience else None
    quiet = 0.0
    for start, end in sounds:
        if quiet and start - quiet >= silence:
            break
        quiet = end
    return (quiet + silence, "success-silence") if silence else None


def _end(channel: "Channel", recording: Recording, cause: str = "") -> None:
    if channel.recordings.get(recording.file) is not recording:
        return  # ended by something else
    del channel.recordings[recording.file]
    seconds = channel.switch.clock.now() - recording.began
    short = seconds < recording.number("RECORD_MIN_SEC")
    recording.cause = cause or ("input-too-short" if short else "success-maxtime")
    samples, variables = round(seconds * _RATE), channel.variables
    variables.set("record_file_size", str(_WAV_HEADER + 2 * samples))
    if short:
        variables.set("RECORD_DISCARDED", "true")
    variables.set("record_samples", str(samples))
    variables.set("record_seconds", str(int(seconds)))
    variables.set("record_ms", str(round(seconds * 1000)))
    variables.set("record_completion_cause", recording.cause)
    why = (("Record-Completion-Cause", recording.cause),)
    channel.publish("RECORD_STOP", after=(*_about(recording), *why))


def _about(recording: Recording) -> tuple[tuple[str, str], ...]:
    own = ((f"Recording-Variable-{name}", value) for name, value in recording.variables)
    return (("Record-File-Path", recording.file), *own)


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
