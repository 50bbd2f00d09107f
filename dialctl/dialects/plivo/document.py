"""Plivo XML: text in, plan out, or a DocumentError that says line, element and rule.

Source: Plivo's pages on the XML elements; where they are silent, docs/dialects.md says what we
do.
"""

import re

from dialctl.dialects.plivo import conference, dial, inputs, record, speak
from dialctl.dialects.plivo.attributes import method
from dialctl.dialects.plivo.speak import MAX_LOOP
from dialctl.dialects.xml import Language, Reading, Word
from dialctl.plan import Hangup, Hook, Play, Redirect, Step, Wait

DOCUMENTS = "xml"
HANGUP_CAUSES = {"rejected": "CALL_REJECTED", "busy": "USER_BUSY", "": "NORMAL_CLEARING"}
MAX_WAIT_SECONDS = 86400
MAX_SCHEDULE_SECONDS = 86400


def _play(reading: Reading) -> Step | None:
    source = reading.sound(reading.text)
    return Play(source=source, loop=reading.whole("loop", 1, 0, MAX_LOOP), **reading.at)


def _wait(reading: Reading) -> Step | None:
    """What ends it early: Plivo's page on Wait (docs/dialects.md tells of the other page)."""
    seconds = reading.whole("length", 1, 1, MAX_WAIT_SECONDS)
    silence = reading.whole("minSilence", 2000, 1, MAX_WAIT_SECONDS * 1000) / 1000
    beep = _beep(reading)
    if not reading.boolean("silence", False):
        return Wait(seconds=seconds, beep=beep, **reading.at)
    if beep:
        reading.note("beep has no effect beside silence")
    if silence >= seconds:
        reading.warn(f"minSilence={silence * 1000:g} is not shorter than the length of {seconds} s")
    return Wait(seconds=seconds, silence=silence, **reading.at)


def _beep(reading: Reading) -> bool:
    """A boolean or, in newer documents, how the beep sounds, which the switch knows itself."""
    if re.fullmatch(r"[a-z_]+=[0-9]+(,[a-z_]+=[0-9]+)*", reading.get("beep")):
        reading.note("beep: any beep ends it; how it shall sound is ignored")
        return True
    return reading.boolean("beep", False)


def _hangup(reading: Reading) -> Step | None:
    reason = reading.choice("reason", ("rejected", "busy"), "")
    after = reading.whole("schedule", 0, 1, MAX_SCHEDULE_SECONDS)
    # With nothing behind it, it hangs up at once (Plivo's page on Hangup).
    if not after or reading.element.getnext() is None:
        return Hangup(cause=HANGUP_CAUSES[reason], **reading.at)
    cause = HANGUP_CAUSES[reason] if reason else "ALLOTTED_TIMEOUT"
    return Hangup(cause=cause, after=after, **reading.at)


def _redirect(reading: Reading) -> Step | None:
    url = reading.url(reading.text, "redirect url")
    return Redirect(hook=Hook(url, method(reading, "redirect method")), **reading.at)


WORDS: dict[str, Word] = {
    "Dial": Word(dial.read, dial.ATTRIBUTES, children=True),
    "Speak": Word(speak.read, speak.ATTRIBUTES, children=True),
    "Play": Word(_play, frozenset({"loop"})),
    "Wait": Word(_wait, frozenset({"length", "silence", "minSilence", "beep"})),
    "Hangup": Word(_hangup, frozenset({"reason", "schedule"})),
    "PreAnswer": Word(inputs.pre_answer, children=True),
    "GetDigits": Word(inputs.get_digits, inputs.DIGITS_ATTRIBUTES, children=True),
    "GetInput": Word(inputs.get_input, inputs.INPUT_ATTRIBUTES, children=True),
    "Record": Word(record.read, record.ATTRIBUTES),
    "Conference": Word(conference.read, conference.ATTRIBUTES, conference.LATER),
    "DTMF": Word(inputs.dtmf, frozenset({"async"})),
    "Redirect": Word(_redirect, frozenset({"method"})),
}
SKIPPED = frozenset({"Message", "MultiPartyCall"})
LANGUAGE = Language("Plivo's", WORDS, SKIPPED, inputs.PROMPTS)
parse = LANGUAGE.parse
parse_sound = LANGUAGE.parse_sound
