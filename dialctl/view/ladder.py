"""A call as a ladder: who did what, one after the other. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dialctl.view.moments import seconds

CALLER, APPLICATION, CONTROLLER = "caller", "application", "dialctl"
_OF_LEG = (
    ("tried", "called"),
    ("ringing", "rings"),
    ("early_media", "early media"),
    ("answered", "answers"),
    ("confirming", "is asked to confirm"),
    ("confirmed", "confirmed"),
    ("connected", "talks with the caller"),
)


@dataclass(frozen=True, slots=True)
class Rung:
    """``who``: CALLER, APPLICATION, CONTROLLER, or ``leg N``. ``request``: its JSON, if it is one.

    ``after`` are seconds since the call came.
    """

    at: float
    after: float
    who: str
    what: str
    request: Mapping[str, Any] | None = field(default=None, compare=False)


def rungs(call: Mapping[str, Any]) -> list[Rung]:
    """What is known of a call (story.telling.whole), in the order in which it happened."""
    came = seconds(call["came"])
    found = [
        Rung(at, at - came, who, what, request)
        for moment, who, what, request in _happened(call)
        if (at := seconds(moment))
    ]
    found.sort(key=lambda rung: rung.at)  # stable
    return found


def _happened(
    call: Mapping[str, Any],
) -> Iterator[tuple[str | None, str, str, Mapping[str, Any] | None]]:
    yield call["came"], CALLER, f"calls {call['to']}", None
    for step in call["steps"]:
        where = f"line {step['line']}: " if step["line"] else ""
        whose = " on a callee's end" if step["callee"] else ""
        yield step["at"], CONTROLLER, f"{where}{step['element']}{whose}", None
    yield call["answered"], CALLER, "is answered", None
    for number, leg in enumerate(call["legs"], 1):
        who = f"leg {number}"
        for name, what in _OF_LEG:
            whom = f"{what}: {leg['to']}" if name == "tried" else what
            yield leg[name], who, whom, None
        sip = f", SIP {leg['sip_status']}" if leg["sip_status"] else ""
        yield leg["ended"], who, f"ended: {leg['why']} ({leg['cause']}{sip})", None
    for request in call["requests"]:
        yield request["at"], APPLICATION, asked(request), request
    for remark in call["remarks"]:
        yield remark["at"], CONTROLLER, f"says: {remark['text']}", None
    yield call["ended"], CALLER, f"is gone: {call['ending_text']} ({call['cause']})", None


def asked(request: Mapping[str, Any]) -> str:
    """A request in a line."""
    what = request["event"] or request["stage"]
    answer = str(request["status"] or "")
    if request["state"] != "answered":
        answer = ", ".join(filter(None, (answer, request["state"], request["error"])))
    took = "" if request["ms"] is None else f", {request['ms']} ms"
    return f"{request['method']} {what} → {answer}{took}"
