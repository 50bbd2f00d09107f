"""<Record>: what the caller says, the whole call, or what is said once a Dial is connected."""

from dialctl.dialects.plivo.attributes import action, callback
from dialctl.dialects.plivo.inputs import MAX_SECONDS, finish_on
from dialctl.dialects.xml import Reading
from dialctl.plan import Record, RecordCall, Step

ATTRIBUTES = frozenset(
    {
        "action",
        "callbackMethod",
        "callbackUrl",
        "fileFormat",
        "finishOnKey",
        "maxLength",
        "method",
        "playBeep",
        "recordChannelType",
        "recordSession",
        "redirect",
        "startOnDialAnswer",
        "timeout",
        "transcriptionMethod",
        "transcriptionReportType",
        "transcriptionType",
        "transcriptionUrl",
    }
)
DEFAULT_LENGTH = 60
MAX_LENGTH = 86400


def read(reading: Reading) -> Step | None:
    for name in reading.element.attrib:
        if str(name).startswith("transcription"):
            reading.note(f"{name!s} has no effect: there is no transcription; it is recorded only")
    session = reading.boolean("recordSession", False)
    on_connection = reading.boolean("startOnDialAnswer", False)
    if session and on_connection:
        reading.warn("startOnDialAnswer has no effect beside recordSession, which begins now")
    if session or on_connection:
        return _in_background(reading, on_connection=not session)
    if reading.get("recordChannelType"):
        reading.warn("recordChannelType has no effect: only the caller is recorded")
    return Record(
        action=action(reading),
        follow_action=reading.boolean("redirect", True),
        max_length=reading.whole("maxLength", DEFAULT_LENGTH, 1, MAX_LENGTH),
        silence=reading.whole("timeout", 15, 1, MAX_SECONDS),
        finish_on=finish_on(reading, default="1234567890*#"),
        beep=reading.boolean("playBeep", True),
        format=_format(reading),
        callback=callback(reading),
        **reading.at,
    )


def _in_background(reading: Reading, *, on_connection: bool) -> RecordCall:
    """timeout, finishOnKey and playBeep do not count then, as Plivo says."""
    channels = reading.choice("recordChannelType", ("stereo", "mono"), "stereo")
    return RecordCall(
        action=action(reading),
        follow_action=reading.boolean("redirect", True),
        on_connection=on_connection,
        max_length=reading.whole("maxLength", DEFAULT_LENGTH, 1, MAX_LENGTH),
        stereo=channels == "stereo",
        format=_format(reading),
        callback=callback(reading),
        **reading.at,
    )


def _format(reading: Reading) -> str:
    return reading.choice("fileFormat", ("mp3", "wav"), "mp3")
