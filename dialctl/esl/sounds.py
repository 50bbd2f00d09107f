"""What somebody shall hear, as arguments and commands of FreeSWITCH's. Pure.

A channel hears applications; a room hears what ``conference ROOM play`` and ``say`` put into it.
"""

from collections.abc import Sequence

from dialctl.esl.commands import literal
from dialctl.esl.conference import quoted
from dialctl.plan import Play, Say, Speak, Step, Wait
from dialctl.settings import Speech

# Plivo's basic voices, in mod_flite's words and in MRCP's.
VOICES = {"WOMAN": "slt", "MAN": "kal"}
GENDERS = {"WOMAN": "female", "MAN": "male"}

# They part engine, voice and text, and hide parameters at the text's beginning.
_NOT_SPOKEN = str.maketrans("|{}", "   ")
_NOT_IN_A_WORD = str.maketrans("'\"\\", "   ")  # `say` parts its words like a shell

# As the engine that Plivo grew out of played them (plivoframework, elements.py).
BEEP = "tone_stream://%(300,200,700)"

MOST_PARTS = 100  # of a file_string:// (mod_dptools.c takes 128)
MOST_SENTENCES = 10


def beeps(count: int) -> str:
    return BEEP if count == 1 else BEEP.replace("://", f"://L={count};")


def application(step: Step, speech: Speech) -> tuple[str, str]:
    """The application, and its argument, that lets a channel hear a step once.

    ``step`` is a Play, a Speak, a Say or a Wait. What would be expanded is taken out of a text.
    """
    match step:
        case Speak():
            return "speak", _spoken(step, speech)
        case Say():
            text = literal(step.text).translate(_NOT_IN_A_WORD)
            return "say", f"{step.language} {step.kind} {step.method} '{text}'"
        case Play():
            return "playback", step.source
        case Wait(seconds=seconds):
            return "playback", _silence(seconds)
    raise ValueError(f"<{step.element}> is nothing to hear")


def voice(step: Speak, speech: Speech) -> str:
    if speech.engine == "flite":
        return VOICES.get(step.voice, speech.voice)
    named = speech.voice.replace("{language}", step.language or "en-US")
    return named.replace("{gender}", GENDERS.get(step.voice, "female"))


def _spoken(step: Speak, speech: Speech) -> str:
    """Of the application ``speak``.

    An engine other than flite is told language and voice in two ways, and takes what it knows:
    ``{language}`` and ``{gender}`` in ``speech.voice`` are replaced, and the text begins with
    parameters in MRCP's words, which FreeSWITCH takes off again and hands to the engine
    (switch_core_speech.c, switch_core_speech_feed_tts; mod_unimrcp).
    """
    text = literal(step.text).translate(_NOT_SPOKEN).strip()
    told = {"speech-language": step.language, "voice-gender": GENDERS.get(step.voice, "")}
    parameters = ",".join(f"{name}={value}" for name, value in told.items() if value)
    if parameters and speech.engine != "flite":
        text = f"{{{parameters}}}{text}"
    return f"{speech.engine}|{voice(step, speech)}|{text}"


def as_text(step: Step) -> Step:
    """For a room, or a caller while it rings, which have no ``say``: a Say is spoken."""
    if not isinstance(step, Say):
        return step
    return Speak(text=step.text, language=step.language, loop=step.loop, line=step.line)


def in_room(room: str, steps: Sequence[Step], speech: Speech) -> tuple[str, ...]:
    """The API commands, in their order, that let a room hear these steps.

    What follows on each other without a text between is one command. For ever is once here.
    """
    commands: list[str] = []
    files: list[str] = []
    for step in map(as_text, steps):
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
