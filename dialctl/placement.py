"""A call that was asked for: what whoever asked wants, kept with its channel. Pure.

Whichever controller the answered channel comes to reads it there (``unpack``).
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from dialctl.following import Hook
from dialctl.model import ALeg
from dialctl.progress import packed, unpacked
from dialctl.settings import App


@dataclass(frozen=True, slots=True)
class Placement:
    """Times are seconds; 0 for none. ``called`` as reports name it: digits, or ``sip:user@host``.

    URLs that are None are the app's own.
    """

    request: str  # the UUID that it was answered with
    app: str
    caller: str
    called: str
    answer: Hook
    caller_name: str = ""
    fallback: Hook | None = None
    hangup: Hook | None = None
    ring: Hook | None = None
    ring_timeout: int = 120
    time_limit: int = 14400
    hangup_on_ring: int | None = None  # so long after it begins to ring


def pack(placement: Placement) -> str:
    return packed(json.dumps(asdict(placement)).encode())


def unpack(text: str) -> Placement:
    """Raises ValueError for what ``pack`` did not write."""
    try:
        said = json.loads(unpacked(text))
        for name in ("answer", "fallback", "hangup", "ring"):
            said[name] = Hook(**said[name]) if said[name] else None
        return Placement(**said)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no placement of a call: {error!r}") from error


def of(a_leg: ALeg, complain: Callable[[str, Exception], None]) -> Placement | None:
    """That of a call that came to us, None if nobody asked for it, or it cannot be read."""
    try:
        return unpack(a_leg.placed) if a_leg.placed else None
    except ValueError as error:
        complain("what it was placed for is not known, its app's own URLs are asked: %s", error)
        return None


def named(a_leg: ALeg, placement: Placement | None) -> ALeg:
    """Who calls whom: the channel alone does not know it as it was asked for."""
    if placement is None:
        return a_leg
    return replace(
        a_leg,
        caller=placement.caller,
        called=placement.called,
        caller_name=placement.caller_name,
        sip_from="",
        sip_to=placement.called.removeprefix("sip:") if ":" in placement.called else "",
        to_header="",
        app=placement.app,
        request=placement.request,
    )


def serving(app: App, placement: Placement | None) -> App:
    """The app with the URLs of this call in place of its own."""
    if placement is None:
        return app
    fallback = placement.fallback or Hook("", app.fallback_method)
    hangup = placement.hangup or Hook(app.hangup_url, app.hangup_method)
    return replace(
        app,
        answer_url=placement.answer.url,
        answer_method=placement.answer.method,
        fallback_url=fallback.url,
        fallback_method=fallback.method,
        hangup_url=hangup.url,
        hangup_method=hangup.method,
    )
