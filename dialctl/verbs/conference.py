"""Conference: enter a room, until this call leaves it or it closes; report; ask what comes next.

``conference.member`` decides; this file turns FreeSWITCH's events into its words and its commands
into FreeSWITCH's, and keeps its clocks. ``rooms`` has the sounds and the recording.
"""

import contextlib
import uuid
from collections.abc import Sequence
from dataclasses import replace

from dialctl.call import Call
from dialctl.conference.member import Member, State
from dialctl.conference.model import (
    Announce,
    CloseRoom,
    Command,
    Entered,
    Entertain,
    Event,
    Hush,
    Inside,
    LeaveRoom,
    Left,
    Over,
    PressDigits,
    Report,
    ReportEntered,
    ReportLeft,
    Resumed,
    RoomSound,
    Stay,
)
from dialctl.dial.model import StartTimer, StopTimer, TimerFired
from dialctl.errors import CallGone, HandedOver, SwitchError
from dialctl.esl import commands, events, sounds
from dialctl.esl import conference as words
from dialctl.esl.frames import Headers
from dialctl.plan import Conference, Next, NextDocument, Notice, Recorded, Skip, Step
from dialctl.rooms import Entertainment, Recorder, sound_of

STEP = Conference


def run(call: Call, step: Conference) -> Next:
    return _Visit(call, step).run()


def resume(call: Call, step: Conference) -> Next:
    """Whoever is in the room has gone on talking; what is owed of it is told."""
    inside = call.course.progress.inside
    if inside is not None:
        visit = _Visit(call, step)
        return visit.follow(inside) if call.observing else visit.catch_up(inside)
    if call.observing:
        call.channel.wait_for_its_end()
    return run(call, step)


class _Visit:
    """One Conference of one call while it lasts."""

    def __init__(self, call: Call, step: Conference) -> None:
        self._call, self._step, self._channel = call, step, call.channel
        call.course.conferences += 1
        self._ordinal = call.course.conferences
        self._room = words.room_name(call.customer.app.name, step.room)
        self._member = Member(step)
        self._moving = False
        self._keys = bool(step.digits) or step.leave_on_star
        self._timers: dict[str, float] = {}  # name -> when it fires, on the call's clock
        # The Event-UUID of the application, the same on every controller.
        name = f"{call.channel.uuid}/conference/{self._ordinal}"
        self._conference_uuid = str(uuid.uuid5(uuid.NAMESPACE_OID, name))
        self._recorder = Recorder(call, self._room, step, self._tell)
        self._on_enter: tuple[Step, ...] = ()

    def run(self) -> Next:
        size = self._ask(words.size(self._room))
        if words.is_missing(size):
            self._call.log.error(
                "line %d: <%s> is skipped: FreeSWITCH has not loaded mod_conference",
                self._step.line,
                self._step.element,
            )
            return None
        if words.number(size) >= self._step.max_members:
            return self._not_let_in()
        self._on_enter = sound_of(self._call, self._step, RoomSound.ENTER)
        self._load_sounds()
        self._call.course.advance(inside=Inside())
        self._send(*words.subscription(self._room, self._keys), *self._entry())
        return self._stay()

    def follow(self, inside: Inside) -> Next:
        """Go on with one that an earlier controller has begun and that may last."""
        self._load_sounds()
        self._channel.stop_sound()  # whatever it waits with
        self._send(*words.subscription(self._room, self._keys))
        if stay := inside.stay or self._found():
            self._recorder.resume(inside, stay)
            self._perform(self._member.handle(self._resumed(inside, stay, self._size())))
        return self._stay()

    def catch_up(self, inside: Inside) -> Next:
        """Tell what is owed of one that has ended while nobody had the call."""
        gone = self._channel.gone
        if stay := inside.stay or (None if gone else self._found()):
            size = None if gone else self._size()
            for event in (self._resumed(inside, stay, 0), Left(size), Over()):
                for command in self._member.handle(event):
                    if isinstance(command, ReportEntered | ReportLeft):
                        self._tell(command)
        return self._what_follows(inside.recording)

    def _resumed(self, inside: Inside, stay: Stay, size: int) -> Resumed:
        left = stay.since + self._step.time_limit - self._channel.time()
        waits = size > 0 and self._ask(words.waits(self._room)) == "true"
        return Resumed(inside, stay, size, open=not waits, rest=max(0.0, left))

    def _found(self) -> Stay | None:
        """What the channel itself says of a room that nobody was there to see it enter."""
        conference = self._variable(words.UUID_VARIABLE)
        member = self._variable(words.MEMBER_VARIABLE)
        since = self._call.course.progress.began
        return Stay(int(member), conference, since=since) if conference and member else None

    def _stay(self) -> Next:
        member = self._member
        try:
            while not member.done:
                for event in self._happened():
                    self._perform(member.handle(event))
                    self._keep_recording()
        except HandedOver:
            self._entertainment.abandon()
            raise
        if member.stay and not member.size:
            self._recorder.hear_the_end(member.stay)
        self._send(*words.unsubscription(self._room, self._keys))
        return self._what_follows(self._recorder.inside[0])

    def _keep_recording(self) -> None:
        member = self._member
        if member.stay is None:
            return
        self._recorder.room_is(member.stay, member.size, inside=member.state is State.INSIDE)
        recording, recorder = self._recorder.inside
        inside = replace(member.inside, recording=recording, recorder=recorder)
        if inside != self._call.course.progress.inside:
            self._call.course.advance(inside=inside)

    def _what_follows(self, recorded: Recorded | None) -> Next:
        call, stay, customer = self._call, self._member.stay, self._call.customer
        if call.observing and not call.channel.gone:
            raise HandedOver  # its dialplan is on its way to a controller
        if stay is None:
            return self._not_let_in()
        view = customer.view(over=call.channel.lost)
        followed = customer.dialect.conference_ended(
            view, self._step, self._ordinal, stay, recorded
        )
        match followed:
            case NextDocument() as document if not self._moving:
                return document
            case NextDocument() as document:
                customer.tell_request(document)
            case Notice() as notice:
                customer.tell((notice,))
        return Skip(self._step.skips) if self._step.skips else None

    # Before.

    def _not_let_in(self) -> Next:
        if not self._channel.gone:
            self._call.log.info("room %s is full: %s is skipped", self._room, self._step.element)
        return None

    def _load_sounds(self) -> None:
        self._on_exit = sound_of(self._call, self._step, RoomSound.EXIT)
        self._entertainment = Entertainment(self._call, self._step, self._timers)

    def _entry(self) -> tuple[bytes, ...]:
        before = (*self._channel.preparations(), ("multiset", words.variables(self._step)))
        arguments = words.arguments(self._room, self._step)
        return (
            *(commands.execute(*application, str(uuid.uuid4())) for application in before),
            commands.execute("conference", arguments, self._conference_uuid),
        )

    # What happens.

    def _happened(self) -> tuple[Event, ...]:
        """Wait for the next thing that matters."""
        if self._channel.transfer and not self._moving:
            self._moving = True
            self._perform([LeaveRoom()] if self._member.stay else [])
        due = min(self._timers.items(), key=lambda timer: timer[1], default=None)
        try:
            event = self._channel.wait(until=due[1] if due else None)
        except CallGone:
            return (Over(),)
        if event is not None:
            return self._meaning(event) if isinstance(event, Headers) else ()
        assert due is not None  # without a timer there is no timeout
        del self._timers[due[0]]
        return () if self._entertainment.timer(due[0]) else (TimerFired(due[0]),)

    def _meaning(self, event: Headers) -> tuple[Event, ...]:
        name = event.get("Event-Name")
        if name == "CUSTOM":
            return self._in_room(event) if words.is_of(event, self._room) else ()
        if event.get("Unique-ID") != self._channel.uuid:
            return ()
        if name == "DTMF":
            return (events.key_pressed(event),)
        if name == "CHANNEL_HANGUP_COMPLETE":
            return (Over(),)
        if event.get("Application-UUID") == self._conference_uuid:
            return (Over(),)
        self._entertainment.completed(event)
        return ()

    def _in_room(self, event: Headers) -> tuple[Event, ...]:
        self._recorder.happened(event)
        if problem := words.file_problem(event):
            self._call.log.warning("room %s could not be played %s", self._room, problem)
        happened = words.room_event(event, self._channel.uuid, self._member.stay)
        if isinstance(happened, Entered):
            self._call.log.info("in room %s as member %d", self._room, happened.stay.member)
            if not happened.open:
                # Whoever has opened it may have left since: only the switch knows.
                with contextlib.suppress(CallGone):
                    waits = self._ask(words.waits(self._room))
                    happened = replace(happened, open=waits != "true")
        return (happened,) if happened else ()

    # What is done.

    def _perform(self, commands_: Sequence[Command]) -> None:
        for command in commands_:
            match command:
                case Announce(leaving):
                    self._announce(self._on_exit if leaving else self._on_enter)
                case Entertain():
                    self._entertainment.begin()
                case Hush():
                    self._entertainment.end()
                case LeaveRoom():
                    assert self._member.stay is not None  # it is in
                    self._request(words.leave(self._room, self._member.stay.member))
                case CloseRoom():
                    self._call.log.info("the time of room %s is up", self._room)
                    self._request(words.close(self._room))
                case PressDigits():
                    self._request(f"uuid_send_dtmf {self._channel.uuid} {self._step.send_digits}")
                case StartTimer(timer, seconds):
                    self._timers[timer] = self._call.clock.now() + seconds
                case StopTimer(timer):
                    self._timers.pop(timer, None)
                case report:
                    self._tell(report)

    def _announce(self, steps: tuple[Step, ...]) -> None:
        wanted = sounds.in_room(self._room, steps, self._call.settings.speech)
        if len(wanted) == 1:
            self._request(*wanted)
        else:  # in order, though this socket waits meanwhile
            self._send(*map(commands.api, wanted))

    def _tell(self, report: Report) -> None:
        customer = self._call.customer
        notices = customer.dialect.conference_notices(
            customer.view(), self._step, self._ordinal, report
        )
        customer.tell(notices)

    def _ask(self, command: str) -> str:
        """What an API command answers; '' if nothing. Raises CallGone."""
        try:
            return self._channel.ask(commands.api(command)).strip()
        except SwitchError as error:
            self._call.log.error("the switch: %s", error)
            return ""

    def _size(self) -> int:
        return words.number(self._ask(words.size(self._room)))

    def _variable(self, name: str) -> str:
        value = self._ask(words.variable(self._channel.uuid, name))
        return "" if value == "_undef_" else value

    def _request(self, command: str) -> None:
        self._send(commands.bgapi(command))

    def _send(self, *lines: bytes) -> None:
        # The end of the socket is in the inbox too, and is dealt with there.
        with contextlib.suppress(CallGone):
            self._channel.write(*lines)
