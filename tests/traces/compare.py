"""Holds what the double said against what FreeSWITCH said."""

from collections import defaultdict
from collections.abc import Iterable
from difflib import ndiff
from fnmatch import fnmatch

from traces.player import Player
from traces.recording import UUID, Frame

# The caller's ACK to our 200 comes some milliseconds later, before or after the next event.
ACK = [
    "variable_sip_to_tag",
    "variable_sip_from_tag",
    "variable_sip_cseq",
    "variable_sip_call_id",
    "variable_sip_full_*",
    "variable_sip_from_display",
]

# (scenario, leg, event, headers): they may be there or not, and stand anywhere.
LOOSE_HEADERS = (
    # Two legs' answers cross: whether leg 3 is refused before A is told that leg 1 rings.
    ("simultaneous-first-answers", "A", "CHANNEL_PROGRESS", "variable_sip_*_status"),
    ("simultaneous-first-answers", "A", "CHANNEL_PROGRESS", "variable_sip_*_phrase"),
    ("simultaneous-first-answers", "A", "CHANNEL_PROGRESS", "variable_last_bridge_*_cause"),
    # The leg's own thread writes them while the confirmation's thread ends.
    ("confirm-socket-twice", "[12]", "CHANNEL_EXECUTE_COMPLETE", "variable_rtp_audio_*"),
    ("early-media-leg-killed", "1", "CHANNEL_HANGUP_COMPLETE", "variable_call_uuid"),
    # A thread beside the branches plays the music, and counts it.
    ("music-spoken*", "A", "*", "variable_playback_*"),
    ("music-spoken*", "A", "*", "variable_originated_legs"),
    # What the regular expression of that call's extension caught: nothing.
    ("reconnect", "A", "*", "variable_DP_MATCH"),
)

# The same for values.
LOOSE_VALUES = (
    # Every branch has a thread of its own, and any may be the first.
    ("*enterprise*", "A", "*", "variable_originated_legs"),
    # Who is first with its step: the leg's thread or the callee's answer.
    ("simultaneous-all-fail", "3", "CHANNEL_PROGRESS", "Channel-State*"),
    # Who is first: the switch with its music, or the callee with a 180.
    ("music", "A", "CHANNEL_PROGRESS_MEDIA", "Caller-Channel-Progress-Time"),
    # Whether the bridge's end comes before the killed leg's.
    ("early-media-leg-killed", "1", "CHANNEL_HANGUP_COMPLETE", "*all?[uU][uU][iI][dD]"),
)

# Values that are another call's or another machine's.
_OWN_VALUES = (
    "Core-UUID",
    "Event-Date-*",
    "Event-Sequence",
    "variable_session_id",
    "variable_sip_call_id",
    "variable_sip_*tag",
    "variable_sip_cseq",
    "variable_sip_*via",  # its branch
    "variable_sip_full_*",  # its tag
    "variable_*sdp*",  # its ports
    "variable_*_media_port",
    "variable_rtp_use_ssrc",
    "variable_rtp_audio_*",  # statistics of media that the double does not have
    "variable_socket_host",
    "variable_current_application_data",
    "variable_last_arg",
    "variable_transfer_*",  # a time and a random UUID
    "*-Transfer-Source",
    "Job-UUID",
    # What mod_avmd measured, and for how long it had listened.
    "Frequency*",
    "Amplitude*",
    "Detection-time",
    "Detector-*",
    "variable_avmd_total_time",
    "variable_record_file_size",
    # How much of a sound was read ahead, to the tick in which a recording began.
    "seconds",
    "milliseconds",
    "samples",
    "Samples-Out",
    "Milliseconds-Elapsed",
    "Record-File-Size",
)
_MOMENTS = ("*-Time", "variable_*epoch", "variable_*_stamp")
_AMOUNTS = ("variable_*sec", "variable_*duration", "variable_playback_*s", "variable_record_*s")
_UNITS = {
    "msec": 0.001,
    "usec": 0.000001,
    "mduration": 0.001,
    "uduration": 0.000001,
    "playback_ms": 0.001,
    "record_ms": 0.001,
    "_pos": 1 / 8000,
    "_samples": 1 / 8000,
}
_TOLERANCE = 1.1  # seconds of call time: the switch's timers compare whole clock seconds


def differences(player: Player, name: str) -> list[str]:
    """What is not as recorded, in words; nothing when all is."""
    found = [f"never came: {what}" for what in player.missing]
    recorded: dict[int, list[Frame]] = defaultdict(list)
    for row in player.rows:
        if not row.out:
            recorded[row.conn].append(Frame(row.text))
    same = _Same(player.port, player.folder)
    for conn, frames in recorded.items():
        played = player.frames[conn]
        found += _replies(frames, played)
        for leg in sorted({frame.leg for frame in (*frames, *played) if frame.event}):
            found += _events(name, leg, _of(leg, frames), _of(leg, played), same)
    return found


def _of(leg: str, frames: Iterable[Frame]) -> list[Frame]:
    return [frame for frame in frames if frame.event and frame.leg == leg]


def _replies(recorded: list[Frame], played: list[Frame]) -> list[str]:
    was = [repr(frame.signature) for frame in recorded if not frame.event]
    now = [repr(frame.signature) for frame in played if not frame.event]
    return [f"reply {line}" for line in ndiff(was, now) if line[0] in "+-"]


def _events(
    name: str, leg: str, recorded: list[Frame], played: list[Frame], same: "_Same"
) -> list[str]:
    was = [" ".join(frame.signature) for frame in recorded]
    now = [" ".join(frame.signature) for frame in played]
    if was != now:
        return [f"event {line}" for line in ndiff(was, now) if line[0] in "+-"]
    found = []
    for one, other in zip(recorded, played, strict=True):
        place = f"{' '.join(one.signature).strip()}:"
        loose = _given(LOOSE_HEADERS, name, leg, one.event) + (ACK if leg == "A" else [])
        names = [[key for key, _ in frame.lines if not _any(loose, key)] for frame in (one, other)]
        loose = _given(LOOSE_VALUES, name, leg, one.event)
        found += [f"{place} header {line}" for line in ndiff(*names) if line[0] in "+-"]
        found += [f"{place} {text}" for text in _values(one, other, same, loose)]
    return found


def _given(table: Iterable[tuple[str, ...]], *place: str) -> list[str]:
    """The headers that ``table`` names for a scenario, a leg and an event."""
    return [row[-1] for row in table if all(map(fnmatch, place, row[:-1]))]


def _any(patterns: Iterable[str], name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


class _Same:
    """Which UUID of the recording is which now. One is one other, wherever it stands."""

    def __init__(self, port: int, folder: str) -> None:
        self._now: dict[str, str] = {}
        self._places = (
            ("15060", "5060"),
            ("15080", "5080"),
            (":8084", f":{port}"),
            ("/recordings", folder),
        )

    def __call__(self, was: str, now: str) -> bool:
        for there, here in self._places:
            was, now = was.replace(there, here), now.replace(there, here)
        pairs = zip(UUID.findall(was), UUID.findall(now), strict=False)
        told = all(self._now.setdefault(one, other) == other for one, other in pairs)
        return told and UUID.sub("UUID", was) == UUID.sub("UUID", now)


def _values(recorded: Frame, played: Frame, same: _Same, loose: Iterable[str]) -> Iterable[str]:
    for name, was in recorded.lines:
        now = played.headers.get(name)
        if now is None or _any(_OWN_VALUES, name) or _any(loose, name):
            continue
        if _any(_MOMENTS, name):
            right = (was == "0") == (now == "0")
        elif _any(_AMOUNTS, name):
            right = abs(_amount(name, was) - _amount(name, now)) <= _tolerance(name)
        else:
            right = same(was, now)
        if not right:
            yield f"{name} was {was!r}, is {now!r}"


def _amount(name: str, value: str) -> float:
    """In seconds."""
    for end, unit in _UNITS.items():
        if name.endswith(end):
            return float(value) * unit
    return float(value)


def _tolerance(name: str) -> float:
    """Figures in whole seconds may be one more or less (ending.py says why)."""
    return _TOLERANCE if name.endswith(tuple(_UNITS)) else 1.0 + _TOLERANCE
