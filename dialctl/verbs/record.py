"""Record: keep what the caller says. The switch writes the file, so it must reach the folder."""

import contextlib
import os
import posixpath
import uuid

from dialctl.call import Call
from dialctl.errors import CallGone, KeyHeard
from dialctl.plan import Next, Record, Recorded
from dialctl.verbs.gather import BEEP

STEP = Record

SILENCE_LEVEL = 200  # FreeSWITCH's scale of loudness: below it nobody speaks (mod_dptools, record)


def run(call: Call, step: Record) -> Next:
    name, path, url = new_file(call, step.format)
    if step.beep:
        call.channel.let_hear("playback", BEEP)
    elif preparations := call.channel.preparations():
        call.channel.execute(*preparations)
    started = call.clock.wall()
    key = ""
    try:
        key = _record(call, step, path)
    finally:
        # Also what a caller said who then hung up is told: voicemail is made of it.
        ended = call.clock.wall()
        length = call.channel.recorded_ms or int((ended - started) * 1000)
        told = Recorded(name, url, length, started, ended, key)
        call.log.info("line %d: <%s>: %d ms, %s", step.line, step.element, length, path)
        notices, following = call.customer.dialect.recorded(call.customer.view(), step, told)
        call.customer.tell(notices)
    return following


def new_file(call: Call, suffix: str) -> tuple[str, str, str]:
    """A recording to be: its UUID, its path at the switch, its URL."""
    media = call.settings.media
    name = str(uuid.uuid4())
    if not media.recordings_url:
        call.log.warning("media.recordings_url is not set: RecordUrl is the file's name alone")
    url = posixpath.join(media.recordings_url, f"{name}.{suffix}")
    return name, path_of(call, url), url


def path_of(call: Call, url: str) -> str:
    """At the switch, of the recording with this URL."""
    settings = call.settings
    folder = settings.media.recordings_dir or os.path.join(settings.state_dir, "recordings")
    return os.path.join(folder, posixpath.basename(url))


def _record(call: Call, step: Record, path: str) -> str:
    """Until the caller presses a key, is silent, or has had his time. The key, if it was one."""
    call.channel.hear_keys(True)
    call.channel.recorded_ms = 0
    recording = ("record", f"{path} {step.max_length} {SILENCE_LEVEL} {step.silence}")
    command = call.channel.begin(recording)
    try:
        while True:
            try:
                call.channel.finish(command)
                return ""
            except KeyHeard as heard:
                if heard.key in step.finish_on:
                    call.channel.hear_keys(False)
                    call.channel.stop_sound()
                    call.channel.finish(command)
                    return heard.key
    finally:
        with contextlib.suppress(CallGone):  # then nobody presses keys any more
            call.channel.hear_keys(False)
