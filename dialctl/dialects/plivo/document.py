"""Plivo XML: text in, plan out, or a DocumentError that says line, element and rule.

Source: Plivo's pages on the XML elements; where they are silent, docs/dialects.md says what we
do. Names of elements and attributes are case-sensitive there. An element is known,
skipped with a warning, or unknown (the document is refused).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element as Element

from dialctl.dialects.plivo import conference, dial, inputs, record, speak
from dialctl.dialects.plivo.attributes import Reading
from dialctl.dialects.plivo.speak import MAX_LOOP
from dialctl.errors import DocumentError
from dialctl.plan import Hangup, Hook, Plan, Play, Redirect, Step, Wait
from dialctl.settings import DialectLimits

DOCUMENTS = "xml"
HANGUP_CAUSES = {"rejected": "CALL_REJECTED", "busy": "USER_BUSY", "": "NORMAL_CLEARING"}
MAX_WAIT_SECONDS = 86400
MAX_SCHEDULE_SECONDS = 86400


@dataclass(frozen=True, slots=True)
class Word:
    """How an element is read; ``later`` names the attributes that are not built yet."""

    read: Callable[[Reading], Step | None]
    attributes: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    children: bool = False


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
        reading.warn("beep has no effect beside silence")
    if silence >= seconds:
        reading.warn(f"minSilence={silence * 1000:g} is not shorter than the length of {seconds} s")
    return Wait(seconds=seconds, silence=silence, **reading.at)


def _beep(reading: Reading) -> bool:
    """A boolean or, in newer documents, how the beep sounds, which the switch knows itself."""
    if re.fullmatch(r"[a-z_]+=[0-9]+(,[a-z_]+=[0-9]+)*", reading.get("beep")):
        reading.warn("beep: any beep ends it; how it shall sound is ignored")
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
    return Redirect(hook=Hook(url, reading.method("method", "redirect method")), **reading.at)


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


def parse(document: bytes, base_url: str, limits: DialectLimits) -> Plan:
    """The document's steps. ``base_url`` is where it came from. Raises DocumentError."""
    root = _root(document)
    if root.tag != "Response":
        raise DocumentError(
            f"the document begins with <{root.tag!s}>; it must be a <Response>",
            line=root.sourceline or 0,
            element=str(root.tag),
        )
    warnings: list[str] = []
    steps = [_step(Reading(child, base_url, limits, warnings, _step)) for child in root]
    return Plan(tuple(step for step in steps if step), tuple(warnings))


def parse_sound(document: bytes, base_url: str, limits: DialectLimits) -> Plan:
    """A document of things to hear: Play, Speak and Wait count, all others are ignored."""
    root = _root(document)
    if root.tag != "Response":
        raise DocumentError(f"the document begins with <{root.tag!s}>; it must be a <Response>")
    warnings: list[str] = []
    steps = []
    for child in root:
        reading = Reading(child, base_url, limits, warnings, _step)
        if reading.name in inputs.PROMPTS:
            steps.append(_step(reading))
        else:
            reading.warn("is nothing to hear and is ignored")
    return Plan(tuple(step for step in steps if step), tuple(warnings))


def _root(document: bytes) -> Element:
    # No entity of any kind is ever resolved and nothing is fetched: a document is what it says.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise DocumentError(f"not well-formed XML: {error.msg}", line=line) from error
    if root.getroottree().docinfo.doctype:
        raise DocumentError("a document type declaration is not allowed", line=1)
    return root


def _step(reading: Reading) -> Step | None:
    word = WORDS.get(reading.name)
    if word is None:
        if reading.name in SKIPPED:
            reading.warn("not supported; it is skipped and the call goes on")
            return None
        raise reading.error(f"is no element of Plivo's; expected one of {', '.join(sorted(WORDS))}")
    if len(reading.element) and not word.children:
        raise reading.error(f"may not hold <{reading.element[0].tag!s}>")
    reading.check_attributes(word.attributes, word.later)
    return word.read(reading)
