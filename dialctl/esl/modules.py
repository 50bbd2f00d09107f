"""Commands of modules that FreeSWITCH itself does not have, and what they tell. No socket.

Which module it is the operator says (``modules:`` in dialctl.yaml), by the name of its API command.
Those that are known (mod_audio_fork, mod_audio_stream; mod_google_transcribe and its like) share a
syntax:

    uuid_audio_fork UUID start URL mono|mixed|stereo 8k|16k METADATA
    uuid_google_transcribe UUID start LANGUAGE [interim]
    ... UUID stop

Transcripts come as CUSTOM events, of subclass google_transcribe::transcription for that one, with
the engine's JSON in their body.
"""

import json
import re
from collections.abc import Mapping

from dialctl.esl import commands
from dialctl.esl.frames import Headers
from dialctl.http.encoding import Value
from dialctl.plan import MediaFork, Transcription

_RATES = {8000: "8k", 16000: "16k"}
# The switch parts an argument at blanks, and takes quotes and backslashes away
# (switch_utils.c, separate_string_blank_delim()); JSON can say all of them otherwise.
_ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t"} | {
    "\\b": "\b",
    "\\f": "\f",
}
_TAKEN_APART = re.compile(r"\\[\"\\nrtbf]|[ '$]")


def start_fork(command: str, uuid: str, fork: MediaFork, metadata: Mapping[str, Value]) -> bytes:
    rate = _RATES.get(fork.sample_rate, str(fork.sample_rate))
    said = _word(metadata)
    return commands.api(f"{command} {uuid} start {fork.url} {fork.mix} {rate} {said}")


def start_transcription(command: str, uuid: str, transcription: Transcription) -> bytes:
    interim = " interim" if transcription.interim else ""
    return commands.api(f"{command} {uuid} start {transcription.language}{interim}")


def stop(command: str, uuid: str) -> bytes:
    return commands.bgapi(f"{command} {uuid} stop")


def transcripts(command: str) -> tuple[str, ...]:
    """The events in which a transcription's command tells."""
    return "CUSTOM", f"{command.removeprefix('uuid_')}::transcription"


def transcript(event: Headers, command: str) -> Mapping[str, Value] | None:
    """What an event tells; None for any other one. ValueError for what is no JSON object."""
    if event.get("Event-Subclass") != transcripts(command)[1]:
        return None
    said = json.loads(event.body)
    if not isinstance(said, dict):
        raise ValueError("no JSON object")
    return said


def _word(said: Mapping[str, Value]) -> str:
    text = json.dumps(said, separators=(",", ":"))
    return _TAKEN_APART.sub(lambda found: f"\\u{ord(_ESCAPES.get(found[0], found[0])):04x}", text)
