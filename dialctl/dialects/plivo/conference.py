"""<Conference>: how it is read, and what is told of it.

Plivo's page on the element has the attributes and the parameters; which of the names of events were
seen on its wire and which are ours, docs/dialects.md says.
"""

import math
import re

from dialctl.conference.model import (
    Report,
    ReportDigits,
    ReportEntered,
    ReportLeft,
    ReportRecording,
    RoomSound,
    Stay,
)
from dialctl.dialects import values
from dialctl.dialects.plivo.attributes import action, callback
from dialctl.dialects.plivo.dial import sequences
from dialctl.dialects.plivo.reports import standard
from dialctl.dialects.xml import Reading
from dialctl.errors import DocumentError
from dialctl.http.encoding import Fields, Value
from dialctl.model import CallStatus, CallView
from dialctl.plan import (
    Announcement,
    Conference,
    Hook,
    NextDocument,
    Notice,
    Recorded,
    RoomRecording,
    Stage,
)

ATTRIBUTES = frozenset(
    {
        "action",
        "callbackMethod",
        "callbackUrl",
        "digitsMatch",
        "endConferenceOnExit",
        "enterSound",
        "exitSound",
        "floorEvent",
        "hangupOnStar",
        "maxMembers",
        "method",
        "muted",
        "record",
        "recordFileFormat",
        "recordWhenAlone",
        "redirect",
        "relayDTMF",
        "sendDigits",
        "startConferenceOnEnter",
        "stayAlone",
        "timeLimit",
        "waitSound",
    }
)
LATER = frozenset({"transcriptionMethod", "transcriptionType", "transcriptionUrl"})

BEEPS = {"beep:1": 1, "beep:2": 2}
_SOUND_FILE = re.compile(r"https?://[^?#]+\.(?:mp3|wav)(?:[?#].*)?", re.IGNORECASE)
DEFAULT_MEMBERS = 20
MAX_MEMBERS = 200  # as the engine that Plivo grew out of has it; Plivo's own cloud takes 20
MAX_TIME_LIMIT = 86400

SOUNDS = {RoomSound.ENTER: "enterSound", RoomSound.EXIT: "exitSound", RoomSound.WAIT: "waitSound"}
EVENTS = {
    "enter": "ConferenceEnter",
    "exit": "ConferenceExit",
    "digits": "ConferenceDigitsMatch",
    "floor": "ConferenceFloor",
}


def read(reading: Reading) -> Conference:
    if not reading.text:
        raise reading.error("names no room")
    return Conference(
        room=reading.text,
        muted=reading.boolean("muted", False),
        starts=reading.boolean("startConferenceOnEnter", True),
        ends=reading.boolean("endConferenceOnExit", False),
        stays_alone=reading.boolean("stayAlone", True),
        on_enter=_sound(reading, "enterSound", BEEPS),
        on_exit=_sound(reading, "exitSound", BEEPS),
        wait_sound=_sound(reading, "waitSound", {}),
        max_members=reading.whole("maxMembers", DEFAULT_MEMBERS, 1, MAX_MEMBERS),
        record=_recording(reading),
        time_limit=reading.whole("timeLimit", MAX_TIME_LIMIT, 1, MAX_TIME_LIMIT),
        leave_on_star=reading.boolean("hangupOnStar", False),
        digits=sequences(reading, "digitsMatch"),
        tell_floor=reading.boolean("floorEvent", False),
        relay_digits=reading.boolean("relayDTMF", True),
        send_digits=_send_digits(reading),
        action=action(reading),
        follow_action=reading.boolean("redirect", True),
        callback=callback(reading),
        **reading.at,
    )


def _sound(reading: Reading, name: str, beeps: dict[str, int]) -> Announcement | None:
    """Beeps, a document of sounds, or, by the end of its path, a sound itself."""
    text = reading.get(name)
    if not text:
        return None
    if text in beeps:
        return Announcement(beeps=beeps[text])
    try:
        if _SOUND_FILE.fullmatch(text):
            return Announcement(source=reading.sound(text))
        return Announcement(document=Hook(reading.url(text)))
    except DocumentError as problem:
        allowed = ", ".join([*beeps, "an http(s) URL"])
        reading.warn(f"{name}={text[:80]!r} is none of {allowed}: {problem}; nothing is heard")
        return None


def _recording(reading: Reading) -> RoomRecording | None:
    suffix = reading.choice("recordFileFormat", ("mp3", "wav"), "mp3")
    when_alone = reading.boolean("recordWhenAlone", False)
    return RoomRecording(suffix, when_alone) if reading.boolean("record", False) else None


def _send_digits(reading: Reading) -> str:
    digits = reading.get("sendDigits")
    if digits and not values.are_keys(digits):
        reading.warn(f"sendDigits={digits[:40]!r} holds more than 0-9 A-D * # w W; none is sent")
        return ""
    return digits


# What is told.


def room_sound(conference: Conference, which: RoomSound) -> Fields:
    """The sounds are asked for before the room is entered: nothing is known of it."""
    return (
        ("Event", "ConferenceRemoteSounds"),
        ("ConferenceAction", SOUNDS[which]),
        ("ConferenceName", conference.room),
        ("ConferenceUUID", ""),
        ("ConferenceMemberID", ""),
    )


def conference_notices(
    view: CallView, conference: Conference, ordinal: int, report: Report
) -> tuple[Notice, ...]:
    if conference.callback is None:
        return ()
    name, fields = _told(view, conference, report)
    return (Notice(conference.callback, f"conference-{ordinal}-{name}", tuple(fields.items())),)


def _told(view: CallView, conference: Conference, report: Report) -> tuple[str, dict[str, Value]]:
    """Its name, and all that it says."""
    if isinstance(report, ReportRecording):
        return _recorded(view, conference, report)
    extra: dict[str, str] = {}
    match report:
        case ReportEntered(stay=stay):
            name, extra = "enter", {"ConferenceFirstMember": str(stay.first).lower()}
        case ReportLeft(last=None):
            name = "exit"
        case ReportLeft(last=last):
            name, extra = "exit", {"ConferenceLastMember": str(last).lower()}
        case ReportDigits(digits=digits, ordinal=count):
            name, extra = f"digits-{count}", {"ConferenceDigitsMatch": digits}
        case _:
            name = f"floor-{report.ordinal}"
    action = name.partition("-")[0]
    fields: dict[str, Value] = {
        **standard(view),
        "Event": EVENTS[action],
        "ConferenceAction": action,
        **dict(_room(conference, report.stay)),
        **extra,
    }
    return name, fields


def _recorded(
    view: CallView, conference: Conference, report: ReportRecording
) -> tuple[str, dict[str, Value]]:
    """It is the room's and no call's: neither a member nor a CallUUID is named."""
    recorded, over = report.recorded, report.over
    seconds, length, ended = -1, -1, -1  # while it goes on
    if recorded.milliseconds is not None:
        seconds, length = math.ceil(recorded.milliseconds / 1000), recorded.milliseconds
        ended = int(recorded.ended * 1000)
    fields: dict[str, Value] = {
        "Event": "ConferenceRecordStop" if over else "ConferenceRecordStart",
        "ConferenceAction": "record",
        "ConferenceName": conference.room,
        "ConferenceUUID": report.conference,
        "ParentAuthID": view.auth_id,
        "RecordUrl": recorded.url,
        "RecordingID": recorded.uuid,
        "RecordingDuration": str(seconds),
        "RecordingDurationMs": str(length),
        "RecordingStartMs": str(int(recorded.started * 1000)),
        "RecordingEndMs": str(ended),
    }
    return f"record-{recorded.uuid}-{'stop' if over else 'start'}", fields


def conference_ended(
    view: CallView,
    conference: Conference,
    ordinal: int,
    stay: Stay,
    recorded: Recorded | None,
) -> NextDocument | Notice | None:
    """The action request: followed, or told only (redirect="false", or the caller is gone)."""
    if conference.action is None:
        return None
    fields: Fields = (("Event", "Redirect"), *_room(conference, stay))
    if recorded:
        fields += (("RecordUrl", recorded.url), ("RecordingID", recorded.uuid))
    name = f"conference-{ordinal}-action"
    if conference.follow_action and view.status is not CallStatus.COMPLETED:
        return NextDocument(conference.action, Stage.ACTION, fields, name)
    told = standard(view) | dict(fields)
    return Notice(conference.action, name, tuple(told.items()))


def _room(conference: Conference, stay: Stay) -> Fields:
    return (
        ("ConferenceName", conference.room),
        ("ConferenceUUID", stay.conference),
        ("ConferenceMemberID", str(stay.member)),
    )
