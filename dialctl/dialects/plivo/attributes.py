"""Attributes of Plivo's elements: text in, typed values out.

What Plivo says of a value out of range is little; where it says nothing the documented default
is taken and a warning says so. A URL or method of an action or redirect has a hangup cause of
its own and is refused.
"""

import difflib
import re
from collections.abc import Callable
from typing import TypedDict

from lxml.etree import _Element as Element

from dialctl.errors import DocumentError
from dialctl.http.retry import resolve, wire_url
from dialctl.plan import Hook, Step
from dialctl.settings import DialectLimits

# The switch's own sounds: a tone, silence, a stream, or a file below its sounds folder. Neither a
# path that leaves it nor one of FreeSWITCH's {variables} or @@ prefixes gets through.
_OWN_SOUND = re.compile(
    r"(?:(?:tone|silence|local)_stream://[A-Za-z0-9%(),;=*._+/ -]+"
    r"|/?(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9_./-]*\.(?:wav|mp3|ulaw|alaw|gsm|raw|r8|r16))"
)
MAX_NAME = 50


class At(TypedDict):
    line: int
    element: str


class Reading:
    """One element as it is being read. Raises DocumentError naming line and element."""

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
        self._base_url = base_url
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
        return Reading(element, self._base_url, self.limits, self._warnings, self._read_step)

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
        self._warnings.append(f"line {self.element.sourceline or 0}: <{self.name}>: {message}")

    def check_attributes(self, known: frozenset[str], later: frozenset[str]) -> None:
        """Nothing is ignored in silence: an attribute is built, or a warning says it is not."""
        for name in map(str, self.element.attrib):
            if name in later:
                self.warn(f"{name} is not built yet and is skipped")
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

    def choice(self, name: str, values: tuple[str, ...], default: str) -> str:
        text = self.get(name)
        if text in values:
            return text
        if text:
            self.warn(f"{name}={text!r} is none of {', '.join(values)}; the default is taken")
        return default

    def method(self, name: str, fault: str) -> str:
        text = self.get(name) or "POST"
        if text not in ("GET", "POST"):
            raise self.error(f"{name}={text!r} is neither GET nor POST", fault)
        return text

    def url(self, text: str, fault: str) -> str:
        """An absolute http(s) URL; a relative one is resolved against the document's own."""
        if not text:
            raise self.error("names no URL", fault)
        try:
            return resolve(self._base_url, text)
        except ValueError as problem:
            raise self.error(f"has no usable URL: {problem}", fault) from problem

    def action(self) -> Hook | None:
        """action and method."""
        if not self.get("action"):
            return None
        url = self.url(self.get("action"), "action url")
        return Hook(url, self.method("method", "action method"))

    def callback(self) -> Hook | None:
        """callbackUrl and callbackMethod."""
        if not self.get("callbackUrl"):
            return None
        url = self.url(self.get("callbackUrl"), "")
        return Hook(url, self.choice("callbackMethod", ("GET", "POST"), "POST"))

    def sound(self, text: str) -> str:
        """What a Play plays: a URL, or a sound of the switch's own."""
        if _OWN_SOUND.fullmatch(text):
            return text
        if re.match(r"https?://", text):
            # As it goes on the wire: a brace, which FreeSWITCH would expand behind a $, is encoded.
            return wire_url(self.url(text, ""))
        raise self.error(f"{text[:80]!r} is neither an http(s) URL nor a sound of the switch's")
