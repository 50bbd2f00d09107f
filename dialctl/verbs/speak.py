"""Speak: let the caller hear text. Answers the A-leg."""

import itertools

from dialctl.call import Call
from dialctl.esl.commands import literal
from dialctl.plan import Next, Speak
from dialctl.settings import Speech

STEP = Speak

# Plivo's basic voices, in mod_flite's words.
VOICES = {"WOMAN": "slt", "MAN": "kal"}


def voice_of(step: Speak, speech: Speech) -> str:
    """In the words of the operator's engine."""
    return VOICES.get(step.voice, speech.voice) if speech.engine == "flite" else speech.voice


def run(call: Call, step: Speak) -> Next:
    speech = call.settings.speech
    voice = voice_of(step, speech)
    text = literal(step.text).replace("|", " ")  # it parts engine, voice and text
    times = range(step.loop) if step.loop else itertools.count()
    for _ in times:
        call.channel.let_hear("speak", f"{speech.engine}|{voice}|{text}")
    return None
