"""Holds what the double said against what FreeSWITCH said."""

import re
from collections import defaultdict
from collections.abc import Iterable
from difflib import ndiff
from fnmatch import fnmatch

from traces.player import Player
from traces.recording import UUID, Frame

# The caller's ACK to our 200 comes some milliseconds later, before or after the next event.
ACK = {
    f"variable_sip_{name}"
    for name in (
        "to_tag",
        "from_tag",
        "cseq",
        "call_id",
        "full_via",
        "from_display",
        "full_from",
        "full_to",
    )
}

# (scenario, leg, event, headers): they may be there or not, and stand anywhere.
LOOSE_HEADERS = (
    # Two legs' answers cross: whether leg 3 is refused before A is told that leg 1 rings.
    ("simultaneous-first-answers", "A", "CHANNEL_PROGRESS", "variable_sip_*_status"),
    ("simultaneous-first-answers", "A", "CHANNEL_PROGRESS", "variable_sip_*_phrase"),
    ("simultaneous-first-answers", "A", "CHANNEL_PROGRESS", "variable_last_bridge_*_cause"),
    # The leg's own thread writes them while the confirmation's thread ends.
    ("confirm-socket-twice", "[12]", "CHANNEL_EXECUTE_COMPLETE", "variable_rtp_audio_*"),
    ("early-media-leg-killed", "1", "CHANNEL_HANGUP_COMPLETE", "variable_call_uuid"),
    # What the regular expression of that call's extension caught: nothing.
    ("reconnect", "A", "*", "variable_DP_MATCH"),
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
)
_MOMENTS = ("*-Time", "variable_*epoch", "variable_*_stamp")
_DURATIONS = {"sec": 1.0, "msec": 0.001, "usec": 0.000001, "duration": 1.0}
_DURATION = re.compile(r"variable_(?:[mu]duration|\w+?(?P<unit>msec|usec|sec)|duration)$")
_TOLERANCE = 0.6  # seconds of call time
_PLACES = (("15060", "5060"), ("15080", "5080"))


def differences(player: Player, name: str) -> list[str]:
    """What is not as recorded, in words; nothing when all is."""
    found = [f"never came: {what}" for what in player.missing]
    recorded: dict[int, list[Frame]] = defaultdict(list)
    for row in player.rows:
        if not row.out:
            recorded[row.conn].append(Frame(row.text))
    for conn, frames in recorded.items():
        played = player.frames[conn]
        found += _replies(frames, played)
        for leg in sorted({frame.leg for frame in (*frames, *played) if frame.event}):
            found += _events(name, leg, _of(leg, frames), _of(leg, played))
    return found


def _of(leg: str, frames: Iterable[Frame]) -> list[Frame]:
    return [frame for frame in frames if frame.event and frame.leg == leg]


def _replies(recorded: list[Frame], played: list[Frame]) -> list[str]:
    was = [repr(frame.signature) for frame in recorded if not frame.event]
    now = [repr(frame.signature) for frame in played if not frame.event]
    return [f"reply {line}" for line in ndiff(was, now) if line[0] in "+-"]


def _events(name: str, leg: str, recorded: list[Frame], played: list[Frame]) -> list[str]:
    was = [" ".join(frame.signature) for frame in recorded]
    now = [" ".join(frame.signature) for frame in played]
    if was != now:
        return [f"event {line}" for line in ndiff(was, now) if line[0] in "+-"]
    uuids = _same_uuids(recorded, played)
    found = []
    for one, other in zip(recorded, played, strict=True):
        place = f"{' '.join(one.signature).strip()}:"
        loose = _loose(name, leg, one.event)
        names = [[key for key, _ in frame.lines if not _any(loose, key)] for frame in (one, other)]
        found += [f"{place} header {line}" for line in ndiff(*names) if line[0] in "+-"]
        found += [f"{place} {text}" for text in _values(one, other, uuids)]
    return found


def _loose(name: str, leg: str, event: str) -> list[str]:
    given = [
        headers
        for scenario, legs, events, headers in LOOSE_HEADERS
        if scenario == name and fnmatch(leg, legs) and fnmatch(event, events)
    ]
    return [*given, *ACK] if leg == "A" else given


def _any(patterns: Iterable[str], name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _same_uuids(recorded: list[Frame], played: list[Frame]) -> dict[str, str]:
    """Which UUID of the recording is which now: each leg's and its other leg's."""
    names = ("Unique-ID", "Other-Leg-Unique-ID", "Channel-Call-UUID", "Application-UUID")
    pairs = {}
    for one, other in zip(recorded, played, strict=True):
        for name in names:
            pairs[one.headers.get(name, "")] = other.headers.get(name, "")
    return pairs


def _values(recorded: Frame, played: Frame, uuids: dict[str, str]) -> Iterable[str]:
    for name, was in recorded.lines:
        now = played.headers.get(name)
        if now is None or _any(_OWN_VALUES, name):
            continue
        if _any(_MOMENTS, name):
            if (was == "0") != (now == "0"):
                yield f"{name} was {was}, is {now}"
        elif _DURATION.match(name):
            if abs(_seconds(name, was) - _seconds(name, now)) > _tolerance(name):
                yield f"{name} was {was}, is {now}"
        elif _translate(was, uuids) != _translate(now, {}):
            yield f"{name} was {was!r}, is {now!r}"


def _translate(value: str, uuids: dict[str, str]) -> str:
    for there, here in _PLACES:
        value = value.replace(there, here)
    return UUID.sub(lambda match: uuids.get(match[0], match[0]), value)


def _seconds(name: str, value: str) -> float:
    scale = {"m": 0.001, "u": 0.000001}
    unit = re.match(r"variable_(?:(m|u)duration$|\w*?(m|u)?sec$)", name)
    return float(value) * scale.get((unit and (unit[1] or unit[2])) or "", 1.0)


def _tolerance(name: str) -> float:
    """Figures in whole seconds may be one more or less (ending.py says why)."""
    return _TOLERANCE if re.search(r"[mu]sec$|[mu]duration$", name) else 1.0 + _TOLERANCE
