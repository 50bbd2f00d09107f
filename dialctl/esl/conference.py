"""mod_conference in words: names of rooms, arguments, commands, and what its events say. Pure.

A room's name is the customer's text and an app's name; both are encoded so that nothing in them
means anything to FreeSWITCH, and that two rooms never have one name. Source: mod_conference.c
(conference_function), conference_api.c, conference_event.c, FreeSWITCH 1.10.12.
"""

import hashlib
import re

from dialctl.conference.model import (
    Dismissed,
    Entered,
    Event,
    FloorTaken,
    Joined,
    Left,
    Parted,
    Stay,
)
from dialctl.esl import commands
from dialctl.esl.events import KEYS
from dialctl.esl.frames import Headers
from dialctl.plan import Conference

# No profile of conference.conf: FreeSWITCH takes its built-in defaults for a name that it does not
# find, and so none of the sounds that the shipped profile plays (seen).
PROFILE = "dialctl"

SUBCLASS = "conference::maintenance"
EVENTS = ("CUSTOM", SUBCLASS)
# Every member's every word makes two of these, for each member.
UNHEARD = (("Action", "-start-talking"), ("Action", "-stop-talking"))
NAME_HEADER = "Conference-Name"
# What FreeSWITCH sets on a channel that it has let in, and leaves there.
UUID_VARIABLE = "conference_uuid"
MEMBER_VARIABLE = "conference_member_id"

_LONGEST = 100  # characters of a room's name as it stands
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")


def room_name(app: str, room: str) -> str:
    """The name at the switch of a customer's room; ``app`` keeps two customers' rooms apart.

    Lower case only: an event filter takes ``Room`` and ``room`` for one (mod_event_socket.c).
    """
    name = f"dialctl-{_encoded(app)}-{_encoded(room)}"
    if len(name) <= _LONGEST:
        return name
    return f"dialctl-{hashlib.sha256(name.encode()).hexdigest()}"


def _encoded(text: str) -> str:
    return "".join(chr(byte) if byte in _PLAIN else f"_{byte:02x}" for byte in text.encode())


def variables(conference: Conference) -> str:
    """The argument of ``multiset`` before the application ``conference``."""
    # It counts for whoever makes the room; FreeSWITCH takes 1 for a mistake, and we count too.
    most = str(conference.max_members) if conference.max_members > 1 else ""
    pairs = {
        "conference_controls": "none",  # else keys mute, deafen and hang up
        "conference_max_members": most,
        # When a room closes FreeSWITCH would hang up whoever is in it.
        "hangup_after_conference": "false",
        UUID_VARIABLE: "",  # of an earlier one
    }
    return "^^;" + ";".join(f"{name}={value}" for name, value in pairs.items())


def arguments(room: str, conference: Conference) -> str:
    """The argument of the application ``conference``."""
    flags = {
        "wait-mod": True,  # of the room, for whoever makes it: nobody is heard before it starts
        "moderator": conference.starts,
        "endconf": conference.ends,
        "mute": conference.muted,
        "dist-dtmf": conference.relay_digits,
    }
    return f"{room}@{PROFILE}+flags{{{'|'.join(name for name, on in flags.items() if on)}}}"


def subscription(room: str, keys: bool) -> tuple[bytes, ...]:
    """Hear of everybody in a room, from before it is entered; ``keys``: also of pressed ones."""
    return (
        commands.filter_header(NAME_HEADER, room),
        *(commands.filter_header(*unheard) for unheard in UNHEARD),
        commands.events(EVENTS),
        *([commands.events(KEYS)] if keys else []),
    )


def unsubscription(room: str, keys: bool) -> tuple[bytes, ...]:
    return (
        commands.unfilter_header(NAME_HEADER, room),
        *(commands.unfilter_header(*unheard) for unheard in UNHEARD),
        commands.no_events(EVENTS),
        *([commands.no_events(KEYS)] if keys else []),
    )


# API commands.


def size(room: str) -> str:
    return f"conference {room} get count"


def is_missing(answer: str) -> bool:
    """Whether mod_conference is: the answer to any of these commands then."""
    return answer == "-ERR conference Command not found!"


def waits(room: str) -> str:
    """Answered ``true`` until the room has started."""
    return f"conference {room} get wait_mod"


def variable(uuid: str, name: str) -> str:
    """Of a channel; answered ``_undef_`` if it is not set."""
    return f"uuid_getvar {uuid} {name}"


def leave(room: str, member: int) -> str:
    return f"conference {room} hup {member}"


def close(room: str) -> str:
    return f"conference {room} hup all"


def record(room: str, path: str) -> str:
    return f"conference {room} record {quoted(path)}"


def turn_recording(room: str, how: str, path: str) -> str:
    """``how``: pause or resume."""
    return f"conference {room} recording {how} {quoted(path)}"


def quoted(text: str) -> str:
    """One word of a command whose words are parted by blanks (switch_separate_string())."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


# Events.


def room_event(event: Headers, uuid: str, stay: Stay | None) -> Event | None:
    """What a CUSTOM event says to the channel ``uuid``, whose ``stay`` is known once it is in."""
    own = event.get("Unique-ID") == uuid
    members = event.number("Conference-Size")
    starts = event.get("Member-Type") == "moderator"
    match event.get("Action"):
        case "add-member" if own:
            mine = Stay(
                event.number("Member-ID"),
                event.get("Conference-Unique-ID"),
                first=members == 1,
                since=event.number("Event-Date-Timestamp") / 1_000_000,
            )
            return Entered(mine, members, open=starts)
        case "add-member":
            return Joined(members, starts)
        case "del-member":
            return Left(members) if own else Parted(members)
        case "hup-member" | "kick-member" if own:
            return Dismissed()
        case "floor-change" if stay and event.number("New-ID") == stay.member:
            return FloorTaken() if event.get("Speak") == "true" else None
    return None


def is_of(event: Headers, room: str) -> bool:
    """Whether a CUSTOM event is this room's."""
    return event.get("Event-Subclass") == SUBCLASS and event.get(NAME_HEADER) == room


def file_problem(event: Headers) -> str:
    """Which sound the room could not be played, '' if this event tells of none."""
    failed = event.get("Action") == "play-file" and event.get("Error")
    return re.sub(r"[^\x20-\x7e]", "?", event.get("File"))[:200] if failed else ""


def number(answer: str) -> int:
    """How many; 0: there is no such room."""
    return int(answer) if answer.isdigit() else 0
