"""<Dial>: who is rung, for how long, and what is asked afterwards. Of a room, <Conference>."""

from dialctl.dialects import values
from dialctl.dialects.restcomm import conference, targets
from dialctl.dialects.restcomm.attributes import MAX_SECONDS, hook, sound
from dialctl.dialects.xml import Reading
from dialctl.errors import DocumentError
from dialctl.plan import Dial, Play, Ringing, Step, Target

ATTRIBUTES = frozenset(
    {
        "action",
        "callerId",
        "dialMusic",
        "hangupOnStar",
        "method",
        "record",
        "sequential",
        "timeLimit",
        "timeout",
    }
)
NOUNS = "<Number>, <Client>, <Sip> or <Conference>"
DEFAULT_TIME_LIMIT = 14400
MAX_TIME_LIMIT = 86400


def read(reading: Reading) -> Step:
    rooms = [element for element in reading.element if element.tag == "Conference"]
    time_limit = reading.whole("timeLimit", DEFAULT_TIME_LIMIT, 1, MAX_TIME_LIMIT)
    star = reading.boolean("hangupOnStar", False)
    after = hook(reading, "action", "method")
    if rooms:
        if len(reading.element) > 1:
            raise reading.error("holds a <Conference>, beside which nothing else may stand")
        return conference.read(reading.child(rooms[0]), reading, time_limit, star, after)
    return Dial(
        targets=_targets(reading),
        ring_timeout=reading.whole("timeout", reading.limits.ring_timeout, 1, MAX_SECONDS),
        time_limit=time_limit,
        caller_id=_caller_id(reading),
        sequential=reading.boolean("sequential", False),
        hangup_on_star=star,
        music=_music(reading),
        record=reading.boolean("record", False),
        answer_first=True,
        action=after,
        **reading.at,
    )


def _targets(reading: Reading) -> tuple[Target, ...]:
    found = tuple(targets.target(reading.child(element)) for element in reading.element)
    if found and reading.text:
        reading.warn(f"its text {reading.text[:40]!r} beside its nouns is ignored")
    if not found and reading.text:
        found = (targets.from_text(reading),)
    if not found:
        raise reading.error(f"rings nobody; it must hold a number, {NOUNS}")
    most = reading.limits.targets
    if len(found) > most:
        raise reading.error(f"has {len(found)} destinations; at most {most} are allowed")
    return found


def _caller_id(reading: Reading) -> str | None:
    """A number, or a client's name, with or without ``client:``."""
    text = reading.get("callerId")
    shown = text.removeprefix("client:")
    if not text or values.is_caller_id(shown):
        return shown or None
    reading.warn(f"callerId={text[:40]!r} is no telephone number; the caller's own is shown")
    return None


def _music(reading: Reading) -> Play | Ringing:
    """A sound's URL, or ``disabled``: silence."""
    text = reading.get("dialMusic")
    if text.lower() == "disabled":
        return Ringing.SILENCE
    if not text:
        return Ringing.REAL
    try:
        return Play(source=sound(reading, text), **reading.at)
    except DocumentError as problem:
        reading.warn(f"dialMusic: {problem}; the callee's own ringing is heard")
        return Ringing.REAL
