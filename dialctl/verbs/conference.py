"""Conference: enter a room, until this call leaves it or it closes; report; ask what comes next.

``conference.member`` decides; this file turns FreeSWITCH's events into its words and its commands
into FreeSWITCH's, and keeps its clocks. ``rooms`` has the wait sound and the recording.
"""

import contextlib
import uuid
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
    LeaveRoom,
    Over,
    PressDigits,
    Report,
    RoomSound,
)
from dialctl.conference.waiting import Heard, WaitSound
from dialctl.dial.model import StartTimer, StopTimer, TimerFired
from dialctl.errors import CallGone, DialctlError
from dialctl.esl import commands, events, sounds
from dialctl.esl import conference as words
from dialctl.esl.frames import Headers
from dialctl.plan import Announcement, Conference, Next, NextDocument, Play, Step
from dialctl.rooms import Entertainment, Recorder

STEP = Conference


def run(call: Call, step: Conference) -> Next:
    return _Visit(call, step).run()


class _Visit:
    """One Conference of one call while it lasts."""

    def __init__(self, call: Call, step: Conference) -> None:
        self._call, self._step, self._channel = call, step, call.channel
        call.course.conferences += 1
        self._ordinal = call.course.conferences
        self._room = words.room_name(call.customer.app.name, step.room)
        self._member = Member(step)
        self._timers: dict[str, float] = {}  # name -> when it fires, on the call's clock
        self._conference_uuid = str(uuid.uuid4())  # the Event-UUID of the application
        self._recorder = Recorder(call, self._room, step.record, self._tell)

    def run(self) -> Next:
        step, member = self._step, self._member
        if self._size() >= step.max_members:
            return self._not_let_in()
        self._on_enter = self._steps(step.on_enter, RoomSound.ENTER)
        self._on_exit = self._steps(step.on_exit, RoomSound.EXIT)
        self._entertainment = self._waiting(self._steps(step.wait_sound, RoomSound.WAIT))
        self._enter()
        while not member.done:
            for event in self._happened():
                self._perform(member.handle(event))
                if member.stay:
                    inside = member.state is State.INSIDE
                    self._recorder.room_is(member.stay, member.size, inside=inside)
        if member.stay and not member.size:
            self._recorder.hear_the_end(member.stay)
        self._send(*self._unsubscription())
        return self._what_follows()

    def _what_follows(self) -> Next:
        call, stay = self._call, self._member.stay
        if stay is None:
            return self._not_let_in()
        recording = self._recorder.recording
        recorded = recording.so_far if recording else None
        customer = call.customer
        followed = customer.dialect.conference_ended(
            customer.view(), self._step, self._ordinal, stay, recorded
        )
        match followed:
            case NextDocument() as document:
                return document
            case None:
                return None
            case notice:
                customer.tell((notice,))
                return None

    # Before.

    def _size(self) -> int:
        answer = self._channel.ask(words.size(self._room))
        return int(answer) if answer.isdigit() else 0  # no such room yet

    def _not_let_in(self) -> Next:
        if not self._channel.gone:
            self._call.log.info("room %s is full: %s is skipped", self._room, self._step.element)
        return None

    def _steps(self, announcement: Announcement | None, which: RoomSound) -> tuple[Step, ...]:
        """What is to be heard. What cannot be had is not: the room matters more."""
        if announcement is None:
            return ()
        if announcement.document is None:
            return (Play(source=announcement.source or sounds.beeps(announcement.beeps)),)
        told = self._call.customer.dialect.room_sound(self._step, which)
        try:
            return self._call.customer.sound(announcement.document, self._channel, told).steps
        except CallGone:
            raise
        except DialctlError as error:
            self._call.log.error("%s sound: %s", which.value, error)
            return ()

    def _waiting(self, steps: tuple[Step, ...]) -> Entertainment:
        speech = self._call.settings.speech
        heard = [
            Heard(*sounds.application(step, speech), getattr(step, "loop", 1)) for step in steps
        ]
        return Entertainment(self._call, WaitSound(heard), self._timers)

    def _enter(self) -> None:
        """Filters first, so that no event of the room is missed; all in one write."""
        before = (*self._channel.preparations(), ("multiset", words.variables(self._step)))
        self._channel.write(
            commands.filter_header(words.NAME_HEADER, self._room),
            *(commands.filter_header(*unheard) for unheard in words.UNHEARD),
            commands.events(words.EVENTS),
            *([commands.events(events.KEYS)] if self._wants_keys else []),
            *(commands.execute(*application, str(uuid.uuid4())) for application in before),
            commands.execute(
                "conference", words.arguments(self._room, self._step), self._conference_uuid
            ),
        )

    def _unsubscription(self) -> tuple[bytes, ...]:
        return (
            commands.unfilter_header(words.NAME_HEADER, self._room),
            *(commands.unfilter_header(*unheard) for unheard in words.UNHEARD),
            commands.no_events(words.EVENTS),
            *([commands.no_events(events.KEYS)] if self._wants_keys else []),
        )

    @property
    def _wants_keys(self) -> bool:
        return bool(self._step.digits) or self._step.leave_on_star

    # What happens.

    def _happened(self) -> tuple[Event, ...]:
        """Wait for the next thing that matters."""
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
                    waits = self._channel.ask(words.waits(self._room))
                    happened = replace(happened, open=waits != "true")
        return (happened,) if happened else ()

    # What is done.

    def _perform(self, commands_: list[Command]) -> None:
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
                    self._ask(words.leave(self._room, self._member.stay.member))
                case CloseRoom():
                    self._call.log.info("the time of room %s is up", self._room)
                    self._ask(words.close(self._room))
                case PressDigits():
                    self._ask(f"uuid_send_dtmf {self._channel.uuid} {self._step.send_digits}")
                case StartTimer(timer, seconds):
                    self._timers[timer] = self._call.clock.now() + seconds
                case StopTimer(timer):
                    self._timers.pop(timer, None)
                case report:
                    self._tell(report)

    def _announce(self, steps: tuple[Step, ...]) -> None:
        wanted = sounds.in_room(self._room, steps, self._call.settings.speech)
        if len(wanted) == 1:
            self._ask(*wanted)
        else:  # in order, though this socket then waits for what the switch has to fetch
            self._send(*map(commands.api, wanted))

    def _tell(self, report: Report) -> None:
        customer = self._call.customer
        notices = customer.dialect.conference_notices(
            customer.view(), self._step, self._ordinal, report
        )
        customer.tell(notices)

    def _ask(self, command: str) -> None:
        self._send(commands.bgapi(command))

    def _send(self, *lines: bytes) -> None:
        # The end of the socket is in the inbox too, and is dealt with there.
        with contextlib.suppress(CallGone):
            self._channel.write(*lines)
