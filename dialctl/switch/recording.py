"""Recordings of a channel: ``record_session`` and ``uuid_record``, and the file that comes of them.

There is no audio: a party's script says when it speaks, which decides what ends at a silence. A
file is there from the beginning, and in the end as long as its silence lasted; of an mp3 there is
nothing but its name, of one that is dropped in any case (RECORD_MIN_SEC) not even that. Source:
switch_ivr_async.c (switch_ivr_record_session_event, record_callback, send_record_stop_event).
"""

import os
import re
import wave
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from dialctl.switch import sip
from dialctl.switch.variables import is_true

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel
    from dialctl.switch.thread import Thread

_RATE = 8000  # samples a second, two bytes each
_PACKET = 0.02  # seconds
_HELD_BACK = 25  # packets that are never written if one side alone has audio. Seen
_HEADER = 44  # bytes of a wave file before its samples
_ARGUMENT = re.compile(r"(\S+)(?: \+(\d+))?(?: \{([^}]*)\})?")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Recording:
    path: str
    began: float  # on the call's clock
    variables: Pairs
    bridged: bool  # its channel was, when it began

    def text(self, name: str) -> str:
        return dict(self.variables).get(name, "")

    def number(self, name: str) -> int:
        text = self.text(name)
        return int(text) if text.isdigit() else 0

    @property
    def channels(self) -> int:
        return 2 if is_true(self.text("RECORD_STEREO")) else 1

    @property
    def held_back(self) -> int:
        whole = self.bridged or is_true(self.text("RECORD_READ_ONLY"))
        return 0 if whole else _HELD_BACK

    @property
    def has_file(self) -> bool:
        return not self.number("RECORD_MIN_SEC")

    @property
    def headers(self) -> Pairs:
        own = ((f"Recording-Variable-{name}", text) for name, text in self.variables)
        return (("Record-File-Path", self.path), *own)


def pairs(text: str) -> Pairs:
    """``NAME=VALUE,NAME=VALUE``."""
    parts = (pair.partition("=") for pair in text.split(",") if pair)
    return tuple((name, value) for name, _, value in parts)


def record_session(thread: "Thread", argument: str) -> None:
    """``FILE [+SECONDS] [{NAME=VALUE,...}]``, beside whatever the channel does."""
    parts = _ARGUMENT.match(argument)
    if parts:
        start(thread.channel, parts[1], int(parts[2] or 0), pairs(parts[3] or ""))


def stop_record_session(thread: "Thread", argument: str) -> None:
    stop(thread.channel, argument.strip())


def start(channel: "Channel", path: str, limit: int, variables: Pairs) -> bool:
    """False when there is no such file to be."""
    sip.pre_answer(channel)
    if path in channel.recordings:
        return True
    recording = Recording(path, channel.switch.clock.now(), variables, channel.bridged)
    if recording.has_file and not _made(path):
        channel.variables.set("record_completion_cause", "uri-failure")
        return False
    channel.recordings[path] = recording
    channel.publish("RECORD_START", after=recording.headers)
    ends = [(channel.switch.until_second(limit), "")] if limit else []
    if silence := _silent(channel, recording):
        ends.append(silence)
    if ends:
        seconds, cause = min(ends)
        channel.later(seconds, partial(_end, channel, recording, cause))
    return True


def stop(channel: "Channel", path: str) -> bool:
    """False when there is no such recording."""
    recording = channel.recordings.get(path)
    if recording:
        _end(channel, recording)
    return recording is not None


def close(channel: "Channel") -> None:
    """It has hung up."""
    for recording in tuple(channel.recordings.values()):
        _end(channel, recording)


def _made(path: str) -> bool:
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb"):
            return True
    except OSError:
        return False


def _silent(channel: "Channel", recording: Recording) -> tuple[float, str] | None:
    """In how many seconds it will have been silent for long enough, if ever, and after what."""
    patience = recording.number("RECORD_INITIAL_TIMEOUT_MS") / 1000
    silence = recording.number("RECORD_FINAL_TIMEOUT_MS") / 1000
    now = channel.switch.clock.now()
    sounds = [(start - now, end - now) for start, end in channel.sounds() if end > now]
    if not sounds or sounds[0][0] >= patience:
        return (patience, "no-input-timeout") if patience else None
    quiet = 0.0
    for begin, end in sounds:
        if quiet and begin - quiet >= silence:
            break
        quiet = end
    return (quiet + silence, "success-silence") if silence else None


def _end(channel: "Channel", recording: Recording, cause: str = "") -> None:
    if channel.recordings.get(recording.path) is not recording:
        return  # ended by something else
    del channel.recordings[recording.path]
    packets = round((channel.switch.clock.now() - recording.began) / _PACKET)
    written = max(min(packets, 1), packets - recording.held_back)
    samples = round(written * _PACKET * _RATE)
    short = samples < recording.number("RECORD_MIN_SEC") * _RATE
    variables = channel.variables
    if not written:
        cause = "empty-file"
        with suppress(OSError):
            os.remove(recording.path)
    elif not cause:
        ended = "success-maxtime" if channel.up else "success-silence"
        cause = "input-too-short" if short else ended
    if recording.path.endswith(".wav"):
        if written and recording.has_file:
            with suppress(OSError):
                _write(recording, samples)
        variables.set("record_file_size", str(_HEADER + samples * 2 * recording.channels))
    if short or not written:
        variables.set("RECORD_DISCARDED", "true")
    variables.set("record_samples", str(samples))
    variables.set("record_seconds", str(samples // _RATE))
    variables.set("record_ms", str(samples // (_RATE // 1000)))
    variables.set("record_completion_cause", cause)
    after = (*recording.headers, ("Record-Completion-Cause", cause))
    channel.publish("RECORD_STOP", after=after)


def _write(recording: Recording, samples: int) -> None:
    with wave.open(recording.path, "wb") as file:
        file.setnchannels(recording.channels)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(bytes(samples * 2 * recording.channels))
