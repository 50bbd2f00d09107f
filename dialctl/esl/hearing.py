"""To hear when a channel is silent and when it beeps, beside whatever it does: bridge or sound.

Silence is told by a recording that nobody wants: FreeSWITCH ends one by itself when it has been
silent for long enough (switch_ivr_async.c, record_callback()), and drops a file that is shorter
than RECORD_MIN_SEC. Its own applications for this (wait_for_silence, detect_audio) hold up the
channel, its bridge and its hangup until they are over (seen). Beeps are mod_avmd's.
"""

from dialctl.dial.heard import BeepHeard, Heard, ListeningBegan, ListeningEnded, ListeningFailed
from dialctl.esl import commands
from dialctl.esl.frames import Headers

# A subclass stands behind CUSTOM, which therefore comes last.
EVENTS = ("RECORD_START", "RECORD_STOP", "CUSTOM", "avmd::beep")
BEEP_MODULE = "mod_avmd"
AWAIT_BEEP = ("avmd_start", "")
STOP_AWAITING_BEEP = ("avmd_stop", "")

# Each is answered with a word.
BEEP_MODULE_LOADED = commands.api(f"module_exists {BEEP_MODULE}")
SCRATCH_FOLDER = commands.api("global_getvar temp_dir")

# No recording is as long as that, so none is kept: FreeSWITCH removes the file.
_NEVER_SECONDS = 100_000
# Should nobody be there to stop it: after the longest time that anybody listens.
_BACKSTOP_SECONDS = 5
_SPOKE = {"success-silence": True, "no-input-timeout": False}


def scratch_file(folder: str, uuid: str) -> str:
    """Where the unwanted recording of a channel goes while it lasts."""
    return f"{folder.rstrip('/')}/dialctl-listens-{uuid}.wav"


def listen(file: str, patience: float, silence: float, level: int, most: float) -> tuple[str, str]:
    """Until it has been silent for ``patience`` from now on or, once it spoke, ``silence``.

    Seconds; ``level`` is FreeSWITCH's: the mean amplitude of 16-bit samples below which it is
    silent. After ``most`` seconds it ends in any case, should nobody have stopped it.
    """
    variables = {
        "RECORD_READ_ONLY": "true",  # what this party says, not what it hears
        "RECORD_INITIAL_TIMEOUT_MS": str(round(patience * 1000)),
        "RECORD_FINAL_TIMEOUT_MS": str(round(silence * 1000)),
        "RECORD_SILENCE_THRESHOLD": str(level),
        "RECORD_PRE_BUFFER_FRAMES": "0",  # else nothing is looked at for half a second
        "RECORD_USE_THREAD": "false",
        "RECORD_MIN_SEC": str(_NEVER_SECONDS),
    }
    inside = ",".join(f"{name}={value}" for name, value in variables.items())
    return "record_session", f"{file} +{round(most) + _BACKSTOP_SECONDS} {{{inside}}}"


def stop(file: str) -> tuple[str, str]:
    return "stop_record_session", file


def heard(event: Headers) -> Heard | None:
    """What an event says of a channel that is listened to; None for all else."""
    uuid, name = event.get("Unique-ID"), event.get("Event-Name")
    if name == "CUSTOM":
        return BeepHeard(uuid) if event.get("Event-Subclass") == EVENTS[-1] else None
    if not event.get("Record-File-Path").endswith(scratch_file("", uuid)):
        return None  # a recording that somebody wants
    match name:
        case "RECORD_START":
            return ListeningBegan(uuid, _at(event))
        case "RECORD_STOP":
            why = event.get("Record-Completion-Cause")
            if why in _SPOKE:
                return ListeningEnded(uuid, _at(event), _SPOKE[why])
            if event.get("Answer-State") != "hangup":  # else its end is told anyway
                return ListeningFailed(uuid, why)
    return None


def _at(event: Headers) -> float:
    return event.number("Event-Date-Timestamp") / 1_000_000
