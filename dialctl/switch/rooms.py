"""Conferences: rooms, their members, and what ``conference::maintenance`` events tell of them.

There is no audio here: nobody has the floor for what he says, whoever is in first has it. A
profile is never found, so nothing is heard that was not asked for; so is what **was seen** with a
name that conference.conf does not have. Sources: mod_conference.c, conference_member.c,
conference_record.c, conference_event.c.
"""

import os
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import gevent

from dialctl.switch import media
from dialctl.switch.events import Event, Headers
from dialctl.switch.thread import TICK

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel
    from dialctl.switch.double import Switch

SUBCLASS = "conference::maintenance"
_DOMAIN = "cluecon.com"  # switch_core_get_domain() without a configured one
_ORIGINS = {
    "add-member": ("conference_member.c", "conference_member_add", 962),
    "conference-create": ("mod_conference.c", "conference_new", 3848),
    "conference-destroy": ("mod_conference.c", "conference_thread_run", 863),
    "del-member": ("conference_member.c", "conference_member_del", 1355),
    "floor-change": ("conference_member.c", "conference_member_set_floor_holder", 1158),
    "hup-member": ("conference_api.c", "conference_api_sub_hup", 871),
    "kick-member": ("conference_api.c", "conference_api_sub_kick", 902),
    "pause-recording": ("conference_api.c", "conference_api_sub_pauserec", 3860),
    "play-file": ("conference_api.c", "conference_api_sub_play", 2817),
    "play-file-done": ("conference_file.c", "conference_file_close", 52),
    "resume-recording": ("conference_api.c", "conference_api_sub_pauserec", 3860),
    "speak-text": ("conference_api.c", "conference_api_sub_say", 2884),
    "start-recording": ("conference_record.c", "conference_record_thread_run", 319),
    "stop-recording": ("conference_record.c", "conference_record_thread_run", 427),
}


@dataclass(eq=False)
class Member:
    number: int
    channel: "Channel"
    flags: frozenset[str]
    running: bool = True

    def lines(self) -> Headers:
        return (
            ("Video", "false"),
            ("Hear", "true"),
            ("See", "true"),
            ("Speak", "false" if "mute" in self.flags else "true"),
            ("Talking", "false"),
            ("Mute-Detect", "false"),
            ("Hold", "false"),
            ("Member-ID", str(self.number)),
            ("Member-Type", "moderator" if "moderator" in self.flags else "member"),
            ("Member-Ghost", "false"),
            ("Energy-Level", "0"),
            ("Current-Energy", "0"),
        )


@dataclass(eq=False)
class Recording:
    path: str
    began: float
    length: float = 0.0  # seconds before the pause
    paused: bool = False

    def pause(self, now: float) -> None:
        if not self.paused:
            self.length, self.paused = self.length + now - self.began, True

    def resume(self, now: float) -> None:
        if self.paused:
            self.began, self.paused = now, False


class Room:
    def __init__(self, switch: "Switch", name: str, flags: frozenset[str], most: int) -> None:
        self.name, self.most = name, most
        self.waits = "wait-mod" in flags
        self.uuid = str(uuid.uuid4())
        self.members: list[Member] = []
        self.recordings: list[Recording] = []
        self._switch = switch
        self._floor: Member | None = None
        self._closing = False
        switch.rooms[name] = self
        self.tell("conference-create")

    def __len__(self) -> int:
        return len(self.members)

    def tell(self, action: str, *more: tuple[str, str], member: Member | None = None) -> None:
        before = self._lines()
        after: Headers = (("Action", action), *more)
        if member:
            floor = "true" if member is self._floor else "false"
            before, after = (*before, ("Floor", floor)), (*member.lines(), *after)
        self._publish(action, before, after, member)

    def enter(self, member: Member) -> None:
        self.members.append(member)
        self.waits = self.waits and "moderator" not in member.flags
        variables = member.channel.variables
        moderator = str("moderator" in member.flags).lower()
        variables.set("conference_member_id", str(member.number))
        variables.set("conference_moderator", moderator)
        variables.set("conference_ghost", "false")
        variables.set("conference_recording", self.recordings[-1].path if self.recordings else "")
        variables.set("conference_uuid", self.uuid)
        caller = member.channel.profile.caller_number
        variables.set("conference_call_key", f"conference_{self.name}_{_DOMAIN}_{caller}")
        self.tell("add-member", member=member)
        self._soon(self._give_the_floor)

    def leave(self, member: Member) -> None:
        if member is self._floor:
            self._floor = None
            self._floor_changes()
        self.members.remove(member)
        member.channel.variables.set("conference_call_key", "")
        if not self.members or "endconf" in member.flags:
            self._closing = True
        self.tell("del-member", member=member)
        self._soon(self._close if self._closing else self._give_the_floor)

    def dismiss(self, members: Iterable[Member], action: str) -> None:
        for member in members:
            member.running = False
            self.tell(action, member=member)
            member.channel.thread.wake()

    def play(self, file: str) -> None:
        self.tell("play-file", ("File", file), ("Async", "false"))
        seconds = media.seconds(file)
        if seconds != media.ENDLESS:
            milliseconds = round(seconds * 1000)
            gevent.spawn_later(self._switch.clock.real(seconds), self._played, file, milliseconds)

    def record(self, path: str) -> None:
        if not _can_be_written(path):
            error = ("Error", "File could not be opened for recording")
            self.tell("start-recording", ("Path", path), error)
            self._tell_stopped(Recording(path, 0.0, paused=True))
            return
        self.recordings.append(Recording(path, self._switch.clock.now()))
        self.tell("start-recording", ("Path", path))

    def turn(self, recording: Recording, how: str) -> None:
        """``how``: pause or resume."""
        getattr(recording, how)(self._switch.clock.now())
        self.tell(f"{how}-recording", ("Path", recording.path), ("Other-Recordings", "true"))

    def stop_recording(self, recording: Recording) -> None:
        recording.pause(self._switch.clock.now())
        self.recordings.remove(recording)
        self._tell_stopped(recording)

    # -- what follows of itself ---------------------------------------------------------------

    def _give_the_floor(self) -> None:
        if self._floor is None and self.members:
            self._floor = self.members[-1]  # the switch's list begins with who came last
            self._floor_changes()

    def _floor_changes(self) -> None:
        holder = self._floor
        before = (*self._lines(), ("Action", "floor-change"), ("Old-ID", "none"))
        if holder is None:
            self._publish("floor-change", before, (("New-ID", "none"),), None)
            return
        # The room is named twice here. Seen.
        before = (*before, *self._lines(), ("Floor", "true"))
        after = (*holder.lines(), ("New-ID", str(holder.number)))
        self._publish("floor-change", before, after, holder)

    def _close(self) -> None:
        if self._switch.rooms.get(self.name) is not self:
            return
        for recording in tuple(self.recordings):
            self.stop_recording(recording)
        for member in tuple(self.members):
            if member.channel.variables.get("hangup_after_conference").lower() != "false":
                member.channel.hang_up("NORMAL_CLEARING")
            member.running = False
            member.channel.thread.wake()
        if not self.members:
            del self._switch.rooms[self.name]
            self.tell("conference-destroy")

    def _played(self, file: str, milliseconds: int) -> None:
        if self.members:
            lengths = (
                ("seconds", str(milliseconds // 1000)),
                ("milliseconds", str(milliseconds)),
                ("samples", str(milliseconds * 8)),
            )
            after = (*lengths, ("Action", "play-file-done"), ("File", file))
            self._publish("play-file-done", self._lines(), after, None)

    def _tell_stopped(self, recording: Recording) -> None:
        milliseconds = round(recording.length * 1000)
        size = (("Record-File-Size", str(milliseconds * 16 + 44)),) if milliseconds else ()
        self.tell(
            "stop-recording",
            ("Path", recording.path),
            ("Other-Recordings", "true" if self.recordings else "false"),
            ("Samples-Out", str(milliseconds * 8)),
            ("Samplerate", "8000"),
            ("Milliseconds-Elapsed", str(milliseconds)),
            *size,
        )

    def _soon(self, step: Callable[[], None]) -> None:
        gevent.spawn_later(self._switch.clock.real(TICK), step)

    def _lines(self) -> Headers:
        return (
            ("Conference-Name", self.name),
            ("Conference-Domain", _DOMAIN),
            ("Conference-Size", str(len(self))),
            ("Conference-Ghosts", "0"),
            ("Conference-Profile-Name", "none"),
            ("Conference-Unique-ID", self.uuid),
        )

    def _publish(self, action: str, before: Headers, after: Headers, member: Member | None) -> None:
        channel = member.channel if member else None
        event = Event(
            "CUSTOM",
            channel,
            before=before,
            after=after,
            subclass=SUBCLASS,
            whole=True,
            origin=_ORIGINS[action],
        )
        self._switch.publish(event)


def _can_be_written(path: str) -> bool:
    """The switch makes the folders that are missing; nobody makes one below a file."""
    folder = os.path.dirname(path)
    while folder and not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return os.path.isdir(folder or ".")


@dataclass
class Numbers:
    """Members and recordings are counted together, over all rooms."""

    last: int = field(default=0)

    def next(self) -> int:
        self.last += 1
        return self.last
