"""The Voice Gateway's documents: a list of verbs in JSON in, plan out.

Source: its page on Dial; the verbs beside it are as jambonz, of which it is one, has them. Bad
JSON is refused with line and column, an unknown verb or a value of a wrong type with its place.
"""

import difflib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from dialctl.dialects.voicegateway import dial, inputs
from dialctl.dialects.voicegateway.headers import sip_headers
from dialctl.dialects.voicegateway.reading import Context, Reading
from dialctl.errors import DocumentError, Faults, gathered
from dialctl.http.retry import quoted
from dialctl.plan import Hangup, Plan, Redirect, Refuse, Step, Wait
from dialctl.settings import DialectLimits

DOCUMENTS = "json"
MAX_WAIT_SECONDS = 86400
MAX_DEPTH = 32  # objects and lists in each other; a document that means something has seven


def _pause(reading: Reading) -> tuple[Step, ...]:
    reading.expect("length")
    if not reading.has("length"):
        raise reading.error("length", "is missing")
    return (Wait(seconds=reading.number("length", 1, 0, MAX_WAIT_SECONDS), **reading.at),)


def _redirect(reading: Reading) -> tuple[Step, ...]:
    reading.expect("actionHook")
    hook = reading.hook("actionHook")
    if hook is None:
        raise reading.error("actionHook", "is missing")
    return (Redirect(hook=hook, **reading.at),)


def _hangup(reading: Reading) -> tuple[Step, ...]:
    reading.expect()
    return (Hangup(cause="NORMAL_CLEARING", **reading.at),)


def _decline(reading: Reading) -> tuple[Step, ...]:
    reading.expect("headers", "reason", "status")
    status = reading.whole("status", 0, 0, 999)
    if not 400 <= status <= 699:
        raise reading.error("status", "must be a SIP status from 400 to 699")
    headers = tuple(sip_headers(reading).items())
    reason = reading.text("reason")
    return (Refuse(status=status, reason=reason, headers=headers, **reading.at),)


VERBS: dict[str, Callable[[Reading], tuple[Step, ...]]] = {
    "dial": dial.read,
    "gather": inputs.gather,
    "hangup": _hangup,
    "pause": _pause,
    "play": inputs.play,
    "redirect": _redirect,
    "say": inputs.say,
    "sip:decline": _decline,
}


def parse(document: bytes, base_url: str, limits: DialectLimits, faults: Faults = None) -> Plan:
    """The document's steps; as Dialect.parse."""
    warnings: list[str] = []
    steps: list[Step] = []
    for path, line, given in _verbs(document):
        context = Context(base_url, limits, line, "", warnings)
        with gathered(faults):
            steps += _steps(Reading(given, path, context))
    return Plan(tuple(steps), tuple(warnings))


def _steps(reading: Reading) -> tuple[Step, ...]:
    verb = reading.text("verb")
    if not verb:
        raise reading.error("verb", "is missing")
    if verb not in VERBS:
        near = difflib.get_close_matches(verb, VERBS, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        said, known = quoted(verb)[:40], ", ".join(VERBS)
        raise reading.error("verb", f"is {said!r}, no verb here; {meant}expected {known}")
    path = f"{reading.path}.{verb}" if reading.path else verb
    return VERBS[verb](Reading(reading.given, path, replace(reading.context, verb=verb)))


def _verbs(document: bytes) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Path, line and object of each verb. One alone may stand without a list around it."""
    text = _text(document)
    whole = _json(text)
    if isinstance(whole, dict):
        yield from [("", _line(text, text.index("{")), whole)] if whole else []
        return
    if not isinstance(whole, list):
        raise DocumentError("the document must be a list of verbs", line=1)
    for at, (line, given) in enumerate(zip(_lines(text), whole, strict=True)):
        if not isinstance(given, dict):
            raise DocumentError(f"[{at}] must be an object with a verb", line=line)
        yield f"[{at}]", line, given


def _text(document: bytes) -> str:
    try:
        return document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = document[: error.start].count(b"\n") + 1
        column = error.start - (document.rfind(b"\n", 0, error.start) + 1) + 1
        raise DocumentError(f"column {column}: not UTF-8", line=line) from error


def _json(text: str) -> Any:
    try:
        whole = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        message = f"column {error.colno}: not well-formed JSON: {error.msg}"
        raise DocumentError(message, line=error.lineno) from error
    except RecursionError as error:
        raise DocumentError("the document is nested too deep", line=1) from error
    except ValueError as error:  # a number of thousands of digits
        raise DocumentError(f"not usable JSON: {error}") from error
    _check(whole)
    return whole


def _check(whole: Any) -> None:
    """What is read, or sent on, further down must neither be nested without end nor no text."""
    level, depth = [whole], 0
    while level:
        inside: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inside += [*value, *value.values()]
            elif isinstance(value, list):
                inside += value
            elif isinstance(value, str) and not value.isascii():
                try:
                    value.encode()
                except UnicodeEncodeError as error:
                    raise DocumentError("half a surrogate pair is no text", line=1) from error
        level, depth = inside, depth + 1
        if level and depth > MAX_DEPTH:
            raise DocumentError("the document is nested too deep", line=1)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _lines(text: str) -> Iterator[int]:
    """The line on which each element of the list begins; the text is a list, well-formed."""
    decoder = json.JSONDecoder()
    at = text.index("[") + 1
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return
        yield _line(text, at)
        at = decoder.raw_decode(text, at)[1]


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
