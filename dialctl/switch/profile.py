"""Who calls whom, and when: a channel's caller profile and its times.

In an event it stands as ``Caller-*`` for the channel itself and as ``Other-Leg-*`` for the one at
its other end, ``Channel-*`` in the answer to ``connect``. Source: switch_caller.c,
switch_caller_profile_event_set_data(). Times are microseconds since 1970, 0 for "not yet".
"""

from dataclasses import dataclass, field, replace

from dialctl.switch.variables import encode


@dataclass(slots=True)
class Times:
    profile_created: int = 0
    created: int = 0
    answered: int = 0
    progress: int = 0
    progress_media: int = 0
    hungup: int = 0
    transferred: int = 0
    bridged: int = 0


@dataclass(slots=True)
class Profile:
    direction: str
    uuid: str
    channel_name: str
    username: str
    caller_name: str
    caller_number: str
    destination: str
    logical_direction: str = ""
    original_name: str = ""
    original_number: str = ""
    callee_name: str = ""
    callee_number: str = ""
    transfer_source: str = ""
    rdnis: str = ""
    context: str = "public"
    index: str = "1"
    times: Times = field(default_factory=Times)

    def __post_init__(self) -> None:
        self.logical_direction = self.logical_direction or self.direction
        self.original_name = self.original_name or self.caller_name
        self.original_number = self.original_number or self.caller_number

    def snapshot(self, logical_direction: str) -> "Profile":
        """How the channel at the other end remembers this one: times stand still, no index."""
        return replace(
            self, logical_direction=logical_direction, index="", times=replace(self.times)
        )

    def block(self, prefix: str) -> str:
        """The header lines, without a line break at the end."""
        lines = [f"{prefix}-{name}: {encode(value)}" for name, value in self._texts() if value]
        lines += [f"{prefix}-{name}: {value}" for name, value in self._times()]
        lines.append(
            f"{prefix}-Screen-Bit: true\n{prefix}-Privacy-Hide-Name: false\n"
            f"{prefix}-Privacy-Hide-Number: false"
        )
        return "\n".join(lines)

    def _texts(self) -> tuple[tuple[str, str], ...]:
        return (
            ("Direction", self.direction),
            ("Logical-Direction", self.logical_direction),
            ("Username", self.username),
            ("Dialplan", "XML"),
            ("Caller-ID-Name", self.caller_name),
            ("Caller-ID-Number", self.caller_number),
            ("Orig-Caller-ID-Name", self.original_name),
            ("Orig-Caller-ID-Number", self.original_number),
            ("Callee-ID-Name", self.callee_name),
            ("Callee-ID-Number", self.callee_number),
            ("Network-Addr", "127.0.0.1"),
            ("ANI", self.username),
            ("Destination-Number", self.destination),
            ("Unique-ID", self.uuid),
            ("Source", "mod_sofia"),
            ("Transfer-Source", self.transfer_source),
            ("Context", self.context),
            ("RDNIS", self.rdnis),
            ("Channel-Name", self.channel_name),
            ("Profile-Index", self.index),
        )

    def _times(self) -> tuple[tuple[str, int], ...]:
        times = self.times
        return (
            ("Profile-Created-Time", times.profile_created),
            ("Channel-Created-Time", times.created),
            ("Channel-Answered-Time", times.answered),
            ("Channel-Progress-Time", times.progress),
            ("Channel-Progress-Media-Time", times.progress_media),
            ("Channel-Hangup-Time", times.hungup),
            ("Channel-Transfer-Time", times.transferred),
            ("Channel-Resurrect-Time", 0),
            ("Channel-Bridged-Time", times.bridged),
            ("Channel-Last-Hold", 0),
            ("Channel-Hold-Accum", 0),
        )
