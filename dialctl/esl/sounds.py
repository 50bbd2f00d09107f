"""What somebody shall hear, as arguments and commands of FreeSWITCH's. Pure.

A channel hears applications; a room hears what ``conference ROOM play`` and ``say`` put into it.
"""

from collections.abc import Sequence

from dialctl.esl.commands import literal
from dialctl.esl.conference import quoted
from dialctl.plan import Play, Speak, Step, Wait
from dialctl.settings import Speech

# Plivo's basic voices, in mod_flite's words.
VOICES = {"WOMAN": "slt", "MAN": "kal"}

# As the engine that Plivo grew out of played them (plivoframework, elements.py).
BEEP = "tone_stream://%(300,200,700)"

MOST_PARTS = 100  # of a file_string:// (mod_dptools.c takes 128)
MOST_SENTENCES = 10


def beeps(count: int) -> str:
    return BEEP if count == 1 else BEEP.replace("://", f"://L={count};")


def application(step: Step, speech: Speech) -> tuple[str, str]:
    """The application, and its argument, that lets a channel hear a step once.

    ``step`` is a Play, a Speak or a Wait. What would be expanded is taken out of a text.
    """
    match step:
        case Speak():
            text = literal(step.text).replace("|", " ")  # it parts engine, voice and text
            return "speak", f"{speech.engine}|{voice(step, speech)}|{text}"
        case Play():
            return "playback", step.source
        case Wait(seconds=seconds):
            return "playback", _silence(seconds)
    raise ValueError(f"<{step.element}> is nothing to hear")


def voice(step: Speak, speech: Speech) -> str:
    return VOICES.get(step.voice, speech.voice) if speech.engine == "flite" else speech.voice


def in_room(room: str, steps: Sequence[Step], speech: Speech) -> tuple[str, ...]:
    """The API commands, in their order, that let a room hear these steps.

    What follows on each other without a text between is one command. For ever is once here.
    """
    commands: list[str] = []
    files: list[str] = []
    for step in steps:
        if isinstance(step, Speak):
            commands += _play(room, files)
            files = []
            commands += [_say(room, step, speech)] * min(max(step.loop, 1), MOST_SENTENCES)
        else:
            times = max(step.loop, 1) if isinstance(step, Play) else 1
            files += [application(step, speech)[1]] * times
    return (*commands, *_play(room, files))


def _play(room: str, files: Sequence[str]) -> list[str]:
    if not files:
        return []
    if len(files) == 1:
        return [f"conference {room} play {quoted(files[0])}"]
    # FreeSWITCH opens the second and later ones while the room waits; order is worth it.
    parts = [file.replace("!", "%21") for file in files[:MOST_PARTS]]
    return [f"conference {room} play {quoted('file_string://' + '!'.join(parts))}"]


def _say(room: str, step: Speak, speech: Speech) -> str:
    # Brackets would be read as parameters, a number sign as a voice (conference_say()).
    text = literal(step.text).lstrip(" {}[]<>#")
    return (
        f"conference {room} say "
        f"{{tts_engine={speech.engine},tts_voice={voice(step, speech)}}} {text}"
    )


def _silence(seconds: float) -> str:
    return f"silence_stream://{round(seconds * 1000)}"
