"""<Conference> in a <Dial>: how it is read, and what is told when the caller has left the room."""

from dialctl.conference.model import Report, RoomSound, Stay
from dialctl.dialects.restcomm.attributes import method_of
from dialctl.dialects.restcomm.reports import followed
from dialctl.dialects.xml import Reading
from dialctl.errors import DocumentError
from dialctl.http.encoding import Fields
from dialctl.model import CallView
from dialctl.plan import Announcement, Conference, Hook, NextDocument, Notice, Recorded, Step

ATTRIBUTES = frozenset(
    {
        "beep",
        "endConferenceOnExit",
        "maxParticipants",
        "muted",
        "startConferenceOnEnter",
        "waitMethod",
        "waitUrl",
    }
)
BEEPS = {"true": (True, True), "false": (False, False), "onenter": (True, False)}
BEEPS["onexit"] = (False, True)
DEFAULT_PARTICIPANTS = 40
MAX_PARTICIPANTS = 100


def read(
    reading: Reading, dial: Reading, time_limit: float, star: bool, action: Hook | None
) -> Step:
    """``reading`` is the noun's; the rest is its Dial's."""
    reading.check_attributes(ATTRIBUTES, frozenset())
    if not reading.text:
        raise reading.error("names no room")
    if dial.boolean("record", False):
        dial.note("a <Conference> is not recorded")
    entering, leaving = _beeps(reading)
    return Conference(
        room=reading.text,
        muted=reading.boolean("muted", False),
        starts=reading.boolean("startConferenceOnEnter", True),
        ends=reading.boolean("endConferenceOnExit", False),
        on_enter=Announcement(beeps=1) if entering else None,
        on_exit=Announcement(beeps=1) if leaving else None,
        wait_sound=_wait_sound(reading),
        max_members=reading.whole("maxParticipants", DEFAULT_PARTICIPANTS, 1, MAX_PARTICIPANTS),
        time_limit=time_limit,
        leave_on_star=star,
        action=action,
        **dial.at,
    )


def _beeps(reading: Reading) -> tuple[bool, bool]:
    text = reading.get("beep") or "true"
    if text.lower() not in BEEPS:
        reading.warn(f"beep={text[:40]!r} is none of true, false, onEnter, onExit; true is taken")
    return BEEPS.get(text.lower(), BEEPS["true"])


def _wait_sound(reading: Reading) -> Announcement | None:
    """A sound by the end of its path, else a document; none: silence."""
    text = reading.get("waitUrl")
    method = method_of(reading, "waitMethod")
    if not text:
        return None
    try:
        url = reading.url(text)
        if url.partition("?")[0].lower().endswith((".wav", ".mp3")):
            return Announcement(source=reading.sound(url))
        return Announcement(document=Hook(url, method))
    except DocumentError as problem:
        reading.warn(f"waitUrl: {problem}; nothing is heard")
        return None


def room_sound(conference: Conference, which: RoomSound) -> tuple[tuple[str, str], ...]:
    """Nothing beyond the call's own parameters."""
    return ()


def conference_notices(
    view: CallView, conference: Conference, ordinal: int, report: Report
) -> tuple[Notice, ...]:
    """Nobody asks to be told."""
    return ()


def conference_ended(
    view: CallView,
    conference: Conference,
    ordinal: int,
    stay: Stay,
    recorded: Recorded | None,
) -> NextDocument | Notice | None:
    """The action of its Dial; there is no other leg to tell of."""
    fields: Fields = (("DialCallStatus", "completed"),)
    return followed(view, conference.action, f"conference-{ordinal}-action", fields)
