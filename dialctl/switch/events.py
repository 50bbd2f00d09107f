"""Events as the switch writes them: which headers, in which order. Rendered when somebody listens.

Sources: switch_event_prep_for_delivery_detailed() in switch_event.c for the head,
switch_channel_event_set_data() in switch_channel.c for what follows.
"""

import json
import re
import time
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from dialctl.switch.variables import PREFIX, decode, encode

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel

Headers = tuple[tuple[str, str], ...]
Origin = tuple[str, str, int]  # file, function and line of the C code that fires an event

# Which C code fires it; some controllers log this.
_ORIGINS = {
    "BACKGROUND_JOB": ("mod_event_socket.c", "api_exec", 1572),
    "CHANNEL_ANSWER": ("switch_channel.c", "switch_channel_perform_mark_answered", 3846),
    "CHANNEL_BRIDGE": ("switch_ivr_bridge.c", "switch_ivr_multi_threaded_bridge", 1689),
    "CHANNEL_CREATE": ("switch_core_state_machine.c", "switch_core_session_run", 626),
    "CHANNEL_DATA": ("mod_event_socket.c", "parse_command", 2021),
    "CHANNEL_EXECUTE": ("switch_core_session.c", "switch_core_session_exec", 2944),
    "CHANNEL_EXECUTE_COMPLETE": ("switch_core_session.c", "switch_core_session_exec", 2967),
    "CHANNEL_HANGUP": ("switch_channel.c", "switch_channel_perform_hangup", 3445),
    "CHANNEL_HANGUP_COMPLETE": (
        "switch_core_state_machine.c",
        "switch_core_session_reporting_state",
        943,
    ),
    "CHANNEL_PARK": ("switch_ivr.c", "switch_ivr_park", 1002),
    "CHANNEL_PROGRESS": (
        "switch_channel.c",
        "switch_channel_perform_mark_ring_ready_value",
        3505,
    ),
    "CHANNEL_PROGRESS_MEDIA": (
        "switch_channel.c",
        "switch_channel_perform_mark_pre_answered",
        3560,
    ),
    "CHANNEL_UNPARK": ("switch_ivr.c", "switch_ivr_park", 1213),
    "CHANNEL_UNBRIDGE": ("switch_ivr_bridge.c", "switch_ivr_multi_threaded_bridge", 1879),
    "CUSTOM": ("mod_avmd.c", "avmd_fire_event", 700),
    "DTMF": ("switch_channel.c", "switch_channel_dequeue_dtmf", 677),
    "RECORD_START": ("switch_ivr_async.c", "record_callback", 1481),
    "RECORD_STOP": ("switch_ivr_async.c", "send_record_stop_event", 1240),
}
NAMES = frozenset(_ORIGINS)
_WITHOUT_VARIABLES = ("DTMF", "CUSTOM")  # seen
# Names that the switch knows and the double never fires; to subscribe to them is no error.
_SILENT = frozenset(
    re.findall(
        r"\w+",
        """
        ADD_SCHEDULE API CALL_UPDATE CHANNEL_APPLICATION CHANNEL_CALLSTATE
        CHANNEL_DESTROY CHANNEL_HOLD CHANNEL_ORIGINATE CHANNEL_OUTGOING CHANNEL_STATE
        CHANNEL_UNHOLD CHANNEL_UUID CODEC COMMAND DEL_SCHEDULE DETECTED_SPEECH
        DETECTED_TONE GENERAL HEARTBEAT LOG MEDIA_BUG_START MEDIA_BUG_STOP MESSAGE
        NOTALK NOTIFY PLAYBACK_START PLAYBACK_STOP PRESENCE_IN PRIVATE_COMMAND
        RECV_INFO RE_SCHEDULE RELOADXML SEND_INFO
        SESSION_HEARTBEAT SHUTDOWN TALK
        """,
    )
)
KNOWN = NAMES | _SILENT


class Stamp(NamedTuple):
    """What the switch itself adds to an event."""

    sequence: int
    microseconds: int
    core_uuid: str
    hostname: str


class Event:
    """One event. ``channel`` is None for those of the switch itself, which may have a ``body``."""

    __slots__ = (
        "_text",
        "after",
        "before",
        "body",
        "channel",
        "intro",
        "name",
        "origin",
        "stamp",
        "subclass",
        "whole",
    )

    def __init__(
        self,
        name: str,
        channel: "Channel | None",
        *,
        before: Headers = (),
        after: Headers = (),
        body: str = "",
        subclass: str = "",  # of a CUSTOM one, which says of its channel what ``after`` has
        whole: bool = False,  # such a one, but it tells of its channel as others do
        origin: Origin | None = None,  # if the name does not tell
    ) -> None:
        self.name = name
        self.subclass = subclass
        self.whole = whole or not subclass
        self.origin = origin or _ORIGINS[name]
        self.channel = channel
        self.before = before
        self.after = after
        self.body = body
        self.intro = ""  # lines between the head and the channel's
        self.stamp = Stamp(0, 0, "", "")
        self._text = ""

    @property
    def text(self) -> str:
        """The event as its listeners get it, rendered once for all of them."""
        self.freeze()
        return self._text

    def frame(self, style: str) -> bytes:
        """What carries it over the wire; ``style`` is plain or json."""
        text = self.text if style == "plain" else self._json()
        body = text.encode(errors="surrogateescape")
        head = f"Content-Length: {len(body)}\nContent-Type: text/event-{style}\n\n"
        return head.encode() + body

    def _json(self) -> str:
        lines = self.text.partition("\n\n")[0].split("\n")
        pairs = (line.partition(": ") for line in lines)
        headers = {name: decode(value) for name, _, value in pairs}
        return json.dumps(headers | ({"_body": self.body} if self.body else {}))

    @property
    def bare(self) -> str:
        """Values in brackets and as they are, as ``uuid_dump ... plain`` has them."""
        lines = self.text.partition("\n\n")[0].split("\n")
        pairs = (line.partition(": ") for line in lines)
        return "".join(f"{name}: [{decode(value)}]\n" for name, _, value in pairs) + "\n"

    def freeze(self) -> None:
        """Somebody listens: write down how things stand now."""
        if not self._text:
            self._text = self._render()

    def header(self, name: str) -> str:
        """The decoded value of a header by its lower-case name, "" when it has none."""
        channel = self.channel
        if name == "unique-id":
            return channel.uuid if channel else ""
        if name == "channel-call-uuid":
            return channel.call_uuid if channel else ""
        if name.startswith(PREFIX):
            known = channel is not None and self.name not in _WITHOUT_VARIABLES
            return channel.variables.get(name[len(PREFIX) :]) if channel and known else ""
        found = _line(name).search(self.text.partition("\n\n")[0])
        return decode(found[1]) if found else ""

    def _render(self) -> str:
        head = f"Event-Subclass: {encode(self.subclass)}" if self.subclass else ""
        parts = [head, _head(self), self.intro, _lines(self.before)]
        if self.channel and self.whole:
            parts.append(self.channel.block())
            told = self.name not in _WITHOUT_VARIABLES
            parts.append(self.channel.variables.block() if told else "")
        parts.append(_lines(self.after))
        if self.body:
            parts.append(f"Content-Length: {len(self.body.encode())}\n\n{self.body}")
            return "\n".join(filter(None, parts))
        return "\n".join(filter(None, parts)) + "\n\n"


def _head(event: Event) -> str:
    """The first lines of every event."""
    stamp = event.stamp
    local, gmt = _dates(stamp.microseconds // 1_000_000)
    file, function, line = event.origin
    return (
        f"Event-Name: {event.name}\nCore-UUID: {stamp.core_uuid}\n"
        f"FreeSWITCH-Hostname: {stamp.hostname}\nFreeSWITCH-Switchname: {stamp.hostname}\n"
        "FreeSWITCH-IPv4: 127.0.0.1\nFreeSWITCH-IPv6: %3A%3A1\n"
        f"Event-Date-Local: {local}\nEvent-Date-GMT: {gmt}\n"
        f"Event-Date-Timestamp: {stamp.microseconds}\nEvent-Calling-File: {file}\n"
        f"Event-Calling-Function: {function}\nEvent-Calling-Line-Number: {line}\n"
        f"Event-Sequence: {stamp.sequence}"
    )


@lru_cache(maxsize=64)
def _dates(seconds: int) -> tuple[str, str]:
    local = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    gmt = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(seconds))
    return encode(local), encode(gmt)


def _lines(headers: Headers) -> str:
    return "\n".join(f"{name}: {encode(value) or '_undef_'}" for name, value in headers)


@lru_cache(maxsize=64)
def _line(name: str) -> re.Pattern[str]:
    """Finds a header's value in an event's text."""
    return re.compile(f"^{re.escape(name)}: (.*)$", re.IGNORECASE | re.MULTILINE)
