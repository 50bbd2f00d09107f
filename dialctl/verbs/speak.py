"""Speak: let the caller hear text. Answers the A-leg.

An engine other than flite is told language and voice in two ways, and takes what it knows:
``{language}`` and ``{gender}`` in ``speech.voice`` are replaced, and the text begins with
parameters in MRCP's words, which FreeSWITCH takes off again and hands to the engine
(switch_core_speech.c, switch_core_speech_feed_tts; mod_unimrcp).
"""

import itertools

from dialctl.call import Call
from dialctl.esl.commands import literal
from dialctl.plan import Next, Say, Speak
from dialctl.settings import Speech

STEP = Speak

# Plivo's basic voices, in mod_flite's words and in MRCP's.
VOICES = {"WOMAN": "slt", "MAN": "kal"}
GENDERS = {"WOMAN": "female", "MAN": "male"}

AT_ONCE = 0.1  # seconds: what is over sooner was not heard
# They part engine, voice and text, and hide parameters at the text's beginning.
_NOT_SPOKEN = str.maketrans("|{}", "   ")


def run(call: Call, step: Speak) -> Next:
    speech = call.settings.speech
    if speech.engine == "flite" and step.language[:2] not in ("", "en"):
        call.log.warning(
            "line %d: <%s>: mod_flite speaks English only, not %s",
            step.line,
            step.element,
            step.language,
        )
    let_hear(call, step, "speak", argument(speech, step), f"its engine is {speech.engine}")
    return None


def let_hear(call: Call, step: Speak | Say, application: str, data: str, needs: str) -> None:
    """As often as the step says; neither application tells of a failure but by being quick."""
    for _ in range(step.loop) if step.loop else itertools.count():
        began = call.clock.now()
        call.channel.let_hear(application, data)
        if call.clock.now() - began < AT_ONCE:
            call.log.warning(
                "line %d: <%s>: nothing was heard, FreeSWITCH's log tells why; %s",
                step.line,
                step.element,
                needs,
            )
            break  # nor will it be the next time


def argument(speech: Speech, step: Speak) -> str:
    """Of the application ``speak``."""
    text = literal(step.text).translate(_NOT_SPOKEN).strip()
    if speech.engine == "flite":
        return f"flite|{VOICES.get(step.voice, speech.voice)}|{text}"
    language, gender = step.language, GENDERS.get(step.voice, "")
    voice = speech.voice.replace("{language}", language or "en-US")
    voice = voice.replace("{gender}", gender or "female")
    told = {"speech-language": language, "voice-gender": gender}
    parameters = ",".join(f"{name}={value}" for name, value in told.items() if value)
    return f"{speech.engine}|{voice}|{f'{{{parameters}}}' if parameters else ''}{text}"
