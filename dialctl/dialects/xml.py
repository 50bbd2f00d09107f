"""XML documents as every XML dialect reads them: text in, elements with typed attributes out.

A dialect has a ``Language``: its elements, and how each is read. Names of elements and attributes
are case-sensitive. Nothing is ignored in silence: what has no effect is told in the warnings.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

from lxml import etree
from lxml.etree import _Element as Element

from dialctl.dialects import values
from dialctl.errors import DocumentError, Faults, gathered
from dialctl.http.retry import resolve, wire_url
from dialctl.plan import Note, Plan, Step
from dialctl.settings import DialectLimits


class At(TypedDict):
    line: int
    element: str


class Reading:
    """One element as it is being read. Raises DocumentError naming line and element.

    ``fault`` is a DocumentError's.
    """

    def __init__(
        self,
        element: Element,
        base_url: str,
        limits: DialectLimits,
        warnings: list[str],
        read_step: Callable[["Reading"], Step | None],
    ) -> None:
        self.element = element
        self.limits = limits
        self.base_url = base_url
        self._warnings = warnings
        self._read_step = read_step

    @property
    def name(self) -> str:
        return str(self.element.tag)

    @property
    def at(self) -> At:
        return {"line": self.element.sourceline or 0, "element": self.name}

    @property
    def text(self) -> str:
        return (self.element.text or "").strip()

    def child(self, element: Element) -> "Reading":
        return Reading(element, self.base_url, self.limits, self._warnings, self._read_step)

    def steps(self, allowed: frozenset[str]) -> tuple[Step, ...]:
        """The elements that stand inside this one."""
        steps = []
        for element in self.element:
            if element.tag not in allowed:
                names = ", ".join(sorted(allowed))
                raise self.error(f"may not hold <{element.tag!s}>; expected {names}")
            steps.append(self._read_step(self.child(element)))
        return tuple(step for step in steps if step)

    def error(self, message: str, fault: str = "") -> DocumentError:
        return DocumentError(f"<{self.name}> {message}", **self.at, fault=fault)

    def warn(self, message: str) -> None:
        """Its author has made a mistake, which does not keep it from being carried out."""
        self._warnings.append(f"line {self.element.sourceline or 0}: <{self.name}>: {message}")

    def note(self, message: str) -> None:
        """It asks for what we do not have."""
        self.warn(message)
        self._warnings[-1] = Note(self._warnings[-1])

    def check_attributes(self, known: frozenset[str], later: frozenset[str]) -> None:
        """An attribute is built, or a warning says it is not."""
        for name in map(str, self.element.attrib):
            if name in later:
                self.note(f"{name} is not built yet and is skipped")
            elif name not in known:
                near = difflib.get_close_matches(name, known | later, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                self.warn(f"{name} is no attribute of it and is ignored{hint}")

    def get(self, name: str) -> str:
        return (self.element.get(name) or "").strip()

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number; one above ``most`` is cut to it, anything else wrong is the default."""
        text = self.get(name)
        if not text:
            return default
        if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) < least:
            self.warn(f"{name}={text!r} is no whole number from {least}; {default} is taken")
            return default
        if int(text) > most:
            self.warn(f"{name}={text} is cut to {most}")
        return min(int(text), most)

    def boolean(self, name: str, default: bool) -> bool:
        text = self.get(name)
        if text in ("true", "false"):
            return text == "true"
        if text:
            word = str(default).lower()
            self.warn(f"{name}={text!r} is neither true nor false; {word} is taken")
        return default

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        text = self.get(name)
        if text in allowed:
            return text
        if text:
            self.warn(f"{name}={text!r} is none of {', '.join(allowed)}; the default is taken")
        return default

    def url(self, text: str, fault: str = "") -> str:
        """An absolute http(s) URL; a relative one is resolved against the document's own."""
        if not text:
            raise self.error("names no URL", fault)
        try:
            return resolve(self.base_url, text)
        except ValueError as problem:
            raise self.error(f"has no usable URL: {problem}", fault) from problem

    def sound(self, text: str) -> str:
        """What shall be heard: a URL, or a sound of the switch's own."""
        if values.is_own_sound(text):
            return text
        if re.match(r"https?://", text):
            # As it goes on the wire: a brace, which FreeSWITCH would expand behind a $, is encoded.
            return wire_url(self.url(text))
        raise self.error(f"{text[:80]!r} is neither an http(s) URL nor a sound of the switch's")


@dataclass(frozen=True, slots=True)
class Word:
    """How an element is read; ``later`` names the attributes that are not built yet."""

    read: Callable[[Reading], Step | None]
    attributes: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    children: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """``vendor`` is whose it is, for errors. An element is a word of it, skipped with a warning, or
    unknown (the document is refused)."""

    vendor: str
    words: Mapping[str, Word]
    skipped: frozenset[str]
    heard: frozenset[str]  # elements that can be heard

    def parse(
        self, document: bytes, base_url: str, limits: DialectLimits, faults: Faults = None
    ) -> Plan:
        """The document's steps; as Dialect.parse."""
        warnings: list[str] = []
        steps = []
        for child in response(document):
            with gathered(faults):
                steps.append(self._step(Reading(child, base_url, limits, warnings, self._step)))
        return Plan(tuple(step for step in steps if step), tuple(warnings))

    def parse_sound(self, document: bytes, base_url: str, limits: DialectLimits) -> Plan:
        """A document of things to hear: all other elements are ignored."""
        warnings: list[str] = []
        steps = []
        for child in response(document):
            reading = Reading(child, base_url, limits, warnings, self._step)
            if reading.name in self.heard:
                steps.append(self._step(reading))
            else:
                reading.warn("is nothing to hear and is ignored")
        return Plan(tuple(step for step in steps if step), tuple(warnings))

    def _step(self, reading: Reading) -> Step | None:
        word = self.words.get(reading.name)
        if word is None:
            if reading.name in self.skipped:
                reading.note("not supported; it is skipped and the call goes on")
                return None
            near = difflib.get_close_matches(reading.name, self.words, 1)
            meant = f"did you mean <{near[0]}>? " if near else ""
            known = ", ".join(sorted(self.words))
            raise reading.error(f"is no element of {self.vendor}; {meant}expected one of {known}")
        if len(reading.element) and not word.children:
            raise reading.error(f"may not hold <{reading.element[0].tag!s}>")
        reading.check_attributes(word.attributes, word.later)
        return word.read(reading)


def response(document: bytes) -> Element:
    """The document's <Response>. Raises DocumentError.

    No entity of any kind is ever resolved and nothing is fetched: a document is what it says.
    """
    if not document.strip():
        raise DocumentError("the document is empty")
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
    if root.tag != "Response":
        raise DocumentError(
            f"the document begins with <{root.tag!s}>; it must be a <Response>",
            line=root.sourceline or 0,
            element=str(root.tag),
        )
    return root
