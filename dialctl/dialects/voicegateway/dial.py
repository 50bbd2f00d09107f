"""dial: who is rung, for how long, and who is told.

Source: the Voice Gateway's page on Dial. Every dial has an actionHook, ``dial`` where none is
given.
"""

import re

from dialctl.dialects import values
from dialctl.dialects.voicegateway import taps
from dialctl.dialects.voicegateway.inputs import sound
from dialctl.dialects.voicegateway.reading import Reading
from dialctl.dialects.voicegateway.targets import targets
from dialctl.http.retry import quoted
from dialctl.plan import Dial, Hook, OnMachine, Play, Ringing, Step

MAX_RING_TIMEOUT = 3600  # nobody lets a telephone ring for longer; it bounds what a leg costs
MAX_TIME_LIMIT = 86400  # also where a document sets none
_SEQUENCE = re.compile(r"[0-9A-D*#]{1,32}")


def read(reading: Reading) -> tuple[Step, ...]:
    reading.expect(
        *("actionHook", "amd", "answerOnBridge", "callerId", "confirmHook", "dialMusic"),
        *("dtmfCapture", "dtmfHook", "headers", "listen", "referHook", "sequential", "target"),
        *("timeLimit", "timeout", "transcribe"),
    )
    of_caller, of_callee = _digits(reading)
    told_of_machines = _told_of_machines(reading)
    return (
        Dial(
            targets=targets(reading),
            ring_timeout=reading.number(
                "timeout", reading.limits.ring_timeout, 1, MAX_RING_TIMEOUT
            ),
            time_limit=reading.number("timeLimit", MAX_TIME_LIMIT, 1, MAX_TIME_LIMIT),
            sequential=reading.boolean("sequential", False),
            caller_id=_caller_id(reading),
            music=_music(reading),
            answer_first=not reading.boolean("answerOnBridge", False),
            on_machine=OnMachine.TELL if told_of_machines else None,
            on_machine_hook=told_of_machines,
            fork=taps.listen(reading),
            transcription=taps.transcribe(reading),
            action=reading.hook("actionHook", "dial"),
            callback=reading.hook("dtmfHook"),
            refer=reading.hook("referHook"),
            digits_of_caller=of_caller,
            digits_of_callee=of_callee,
            digits_at_once=True,
            **reading.at,
        ),
    )


def _caller_id(reading: Reading) -> str | None:
    text = reading.text("callerId").strip()
    if not text or values.is_caller_id(text):
        return text or None
    reading.warn("callerId", f"is {quoted(text)[:40]!r}, no number; the caller's own is shown")
    return None


def _music(reading: Reading) -> Play | Ringing:
    """Over and over while it rings."""
    url = reading.text("dialMusic")
    if not url:
        return Ringing.REAL
    return Play(source=sound(reading, url, "dialMusic"), loop=0, **reading.at)


def _told_of_machines(reading: Reading) -> Hook | None:
    """amd's actionHook. Callees are known by how long they talk: by no recognizer."""
    amd = reading.object("amd")
    if amd is None:
        return None
    amd.expect("actionHook")
    hook = amd.hook("actionHook")
    if hook is None:
        raise amd.error("actionHook", "is missing")
    return hook


def _digits(reading: Reading) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sequences of the caller and of the callee: the same list for both, or one each."""
    if reading.is_list("dtmfCapture"):
        both = _sequences(reading, "dtmfCapture")
        sequences = both, both
    elif capture := reading.object("dtmfCapture"):
        capture.expect("childCall", "parentCall")
        sequences = _sequences(capture, "parentCall"), _sequences(capture, "childCall")
    else:
        sequences = (), ()
    if any(sequences) and not reading.has("dtmfHook"):
        reading.warn("dtmfCapture", "has no effect without a dtmfHook")
        return (), ()
    return sequences


def _sequences(reading: Reading, name: str) -> tuple[str, ...]:
    found = []
    for text in reading.texts(name):
        if _SEQUENCE.fullmatch(text):
            found.append(text)
        else:
            reading.warn(name, f"holds {quoted(text)[:40]!r}, which is no keys 0-9 A-D * #")
    return tuple(found)
