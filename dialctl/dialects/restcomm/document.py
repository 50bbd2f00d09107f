"""RCML: text in, plan out, or a DocumentError that says line, element and rule.

Source: Restcomm's pages on RCML, and its VoiceInterpreter.java where they are silent.
"""

from dataclasses import replace

from dialctl.dialects.restcomm import dial, inputs
from dialctl.dialects.restcomm.attributes import method_of, sound
from dialctl.dialects.xml import Language, Reading, Word
from dialctl.errors import Faults
from dialctl.plan import Conference, Dial, Hangup, Hook, Plan, Play, Redirect, Speak, Step, Wait
from dialctl.settings import DialectLimits

DOCUMENTS = "xml"
REJECT_CAUSES = {"rejected": "CALL_REJECTED", "busy": "USER_BUSY"}
VOICES = {"man": "MAN", "woman": "WOMAN"}
# What an engine's own languages are called (RFC 5646).
LANGUAGES = {
    "ar": "ar-SA",
    "bf": "fr-BE",
    "bp": "pt-BR",
    "ca": "ca-ES",
    "cf": "fr-CA",
    "cs": "cs-CZ",
    "dan": "da-DK",
    "de": "de-DE",
    "el": "el-GR",
    "en": "en-US",
    "en-gb": "en-GB",
    "es": "es-ES",
    "fi": "fi-FI",
    "fr": "fr-FR",
    "it": "it-IT",
    "nl": "nl-NL",
    "no": "nb-NO",
    "pl": "pl-PL",
    "pt": "pt-PT",
    "ru": "ru-RU",
    "sv": "sv-SE",
    "tr": "tr-TR",
}
MAX_LOOP = 1000  # of one Play or Say; 0 stands for ever
MAX_PAUSE_SECONDS = 86400


def _say(reading: Reading) -> Step | None:
    text = " ".join(reading.text.split())
    if not text:
        reading.warn("it says nothing and is skipped")
        return None
    voice = VOICES.get(reading.choice("voice", tuple(VOICES), ""), "")
    language = LANGUAGES.get(reading.choice("language", tuple(LANGUAGES), ""), "")
    loop = reading.whole("loop", 1, 0, MAX_LOOP)
    return Speak(text=text, voice=voice, language=language, loop=loop, **reading.at)


def _play(reading: Reading) -> Step | None:
    source = sound(reading, reading.text)
    return Play(source=source, loop=reading.whole("loop", 1, 0, MAX_LOOP), **reading.at)


def _pause(reading: Reading) -> Step | None:
    return Wait(seconds=reading.whole("length", 1, 1, MAX_PAUSE_SECONDS), **reading.at)


def _hangup(reading: Reading) -> Step | None:
    return Hangup(cause="NORMAL_CLEARING", **reading.at)


def _reject(reading: Reading) -> Step | None:
    reason = reading.choice("reason", tuple(REJECT_CAUSES), "rejected")
    return Hangup(cause=REJECT_CAUSES[reason], **reading.at)


def _redirect(reading: Reading) -> Step | None:
    hook = Hook(reading.url(reading.text), method_of(reading, "method"))
    return Redirect(hook=hook, **reading.at)


WORDS: dict[str, Word] = {
    "Dial": Word(dial.read, dial.ATTRIBUTES, children=True),
    "Gather": Word(inputs.gather, inputs.GATHER_ATTRIBUTES, children=True),
    "Hangup": Word(_hangup),
    "Pause": Word(_pause, frozenset({"length"})),
    "Play": Word(_play, frozenset({"loop"})),
    "Record": Word(inputs.record, inputs.RECORD_ATTRIBUTES),
    "Redirect": Word(_redirect, frozenset({"method"})),
    "Reject": Word(_reject, frozenset({"reason"})),
    "Say": Word(_say, frozenset({"voice", "language", "loop"})),
}
SKIPPED = frozenset({"Email", "Fax", "Geolocation", "Hold", "Message", "Refer", "Resume", "Sms"})


class Rcml(Language):
    """By whatever vendor's name."""

    def __init__(self, vendor: str) -> None:
        super().__init__(vendor, WORDS, SKIPPED, inputs.PROMPTS)

    def parse(
        self, document: bytes, base_url: str, limits: DialectLimits, faults: Faults = None
    ) -> Plan:
        """Nothing at all is a document in which nothing more is asked for."""
        if not document.strip():
            return Plan(())
        plan = super().parse(document, base_url, limits, faults)
        return replace(plan, steps=_with_sequences(plan.steps))


def _with_sequences(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Who is connected ends a sequence of Dials and Pauses: the rest of it is left out."""
    found: list[Step] = []
    rest = 0  # of the sequence that follows
    for step in reversed(steps):
        if isinstance(step, Dial | Conference):
            found.append(replace(step, skips=rest))
        else:
            found.append(step)
        rest = rest + 1 if isinstance(step, Dial | Conference | Wait) else 0
    return tuple(reversed(found))
