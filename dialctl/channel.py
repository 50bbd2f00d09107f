"""The A-leg's channel: what it is asked to do, what has become of it, and the one place to wait.

Everything that a call waits for comes through one inbox: the switch's events, the web
application's documents, the end of the socket. A caller may hang up at any moment; that is
CallGone, raised out of whatever was waiting.
"""

import socket
import uuid
from typing import Any

from gevent.queue import Empty, Queue

from dialctl.clock import Clock
from dialctl.errors import CallGone, KeyHeard, TimeUp
from dialctl.esl import commands, events
from dialctl.esl.frames import Headers
from dialctl.esl.session import Disconnected, Session
from dialctl.log import CallLog
from dialctl.model import ALeg, ChannelEnd

CONNECT_SECONDS = 5.0  # FreeSWITCH answers `connect` within a millisecond or two
LINGER_SECONDS = 10  # how long late events of legs may take to arrive after the caller left
GOODBYE_SECONDS = 5.0  # for the A-leg's own hangup event, which follows within a media tick


class Channel:
    """One A-leg. ``end`` is how it ended, once that is known; ``lost``: its socket has ended."""

    def __init__(self, sock: socket.socket, clock: Clock, log: CallLog) -> None:
        self._clock = clock
        self._log = log
        self.inbox: Queue[Any] = Queue()
        self._session = Session(sock, self.inbox)
        self.uuid = ""
        self.answered = False
        self.early = False  # what it hears now is early media: it is not to be answered for it
        self.recorded_ms = 0  # of the last recording that the switch has told of
        self.gone = False  # it has hung up; how, its last event will tell
        self.end: ChannelEnd | None = None
        self.lost = False
        self._hearing = False
        self._star_is_a_key = False
        self.deadline: float | None = None  # on the clock; what waits beyond it raises TimeUp

    def connect(self) -> ALeg:
        """Take the call over and hear of its events. Raises SwitchError, CallGone."""
        a_leg = events.a_leg(self._session.connect(self._clock.real(CONNECT_SECONDS)))
        self.uuid, self.answered = a_leg.uuid, a_leg.answered
        self._session.write(
            commands.linger(LINGER_SECONDS),
            commands.filter_uuid(a_leg.uuid),
            commands.events(events.NAMES),
        )
        return a_leg

    def close(self) -> None:
        """End the socket. A channel that is still up goes on as its dialplan says."""
        self._session.close()

    # What it is asked to do.

    def write(self, *lines: bytes) -> None:
        """Send commands together, so that they run in one media tick. Raises CallGone."""
        self._session.write(*lines)

    def execute(self, *applications: tuple[str, str]) -> Headers:
        """Run applications one after the other; the last one's CHANNEL_EXECUTE_COMPLETE.

        Raises CallGone.
        """
        return self.finish(self.begin(*applications))

    def begin(self, *applications: tuple[str, str]) -> str:
        """Start applications, one after the other; names the last one for ``finish``."""
        uuids = [str(uuid.uuid4()) for _ in applications]
        self.write(
            *(
                commands.execute(app, arg, event_uuid)
                for (app, arg), event_uuid in zip(applications, uuids, strict=True)
            )
        )
        return uuids[-1]

    def finish(self, application_uuid: str) -> Headers:
        """Wait for its CHANNEL_EXECUTE_COMPLETE. Raises CallGone, KeyHeard, TimeUp."""
        while True:
            event = self.wait_alive()
            if isinstance(event, Headers) and event.get("Application-UUID") == application_uuid:
                return event

    def let_hear(self, application: str, arg: str) -> str:
        """Run an application that the caller listens to, answering first if need be.

        The application's response, e.g. ``FILE PLAYED``. Raises CallGone.
        """
        event = self.execute(*self.preparations(), (application, arg))
        return event.get("Application-Response")

    def preparations(self) -> tuple[tuple[str, str], ...]:
        """What comes before something is heard: the answer, unless it is early media."""
        answer = () if self.answered or self.early else (("answer", ""),)
        if self._star_is_a_key:
            return answer
        self._star_is_a_key = True
        # FreeSWITCH would break a sound, or a recording, off at a star.
        return (*answer, ("set", "playback_terminators=none"))

    def hear_keys(self, hear: bool) -> None:
        """While on, a key interrupts whatever waits on this channel, as KeyHeard."""
        self._hearing = hear
        self.write(commands.events(events.KEYS) if hear else commands.no_events(events.KEYS))

    def stop_sound(self) -> None:
        """Break off what is heard. In order: it must not take away what is written next."""
        self.write(commands.api(f"uuid_break {self.uuid}"))

    def hang_up(self, cause: str) -> None:
        """End it and wait until the switch says that it has."""
        deadline = self._clock.now() + GOODBYE_SECONDS
        try:
            if not self.gone:
                self.write(commands.hangup(cause))
            while self.end is None and self.wait(until=deadline) is not None:
                pass
        except CallGone:
            pass  # it was over already; what is known of its end is noted

    # What it waits for.

    def sleep(self, seconds: float) -> None:
        """Raises CallGone."""
        deadline = self._clock.now() + seconds
        while self._clock.now() < deadline:
            self.wait_alive(until=deadline)

    def wait_alive(self, until: float | None = None) -> Any:
        """As ``wait``, but raises CallGone once the party has hung up; also KeyHeard, TimeUp."""
        self.require_alive()
        limited = self.deadline is not None and (until is None or self.deadline < until)
        item = self.wait(self.deadline if limited else until)
        self.require_alive()
        if limited and item is None:
            raise TimeUp
        if self._hearing and isinstance(item, Headers) and item.get("Event-Name") == "DTMF":
            key = events.key_pressed(item)
            if key.uuid == self.uuid:
                raise KeyHeard(key.key)
        return item

    def wait_key(self, until: float) -> str:
        """The next key; '' when the clock reaches ``until`` first. Raises CallGone."""
        try:
            while self._clock.now() < until:
                self.wait_alive(until)
        except KeyHeard as heard:
            return heard.key
        return ""

    def require_alive(self) -> None:
        """Raises CallGone if the caller has hung up."""
        if self.gone:
            raise CallGone("the caller hung up")

    def wait(self, until: float | None = None) -> Any:
        """The next thing in the inbox; None when the clock reaches ``until`` first.

        Raises CallGone when the socket has ended, not when the caller has hung up: events of
        legs may still come then.
        """
        if self.lost:
            raise CallGone("the event socket has closed")
        try:
            timeout = None if until is None else max(0.0, until - self._clock.now())
            item = self.inbox.get(timeout=None if timeout is None else self._clock.real(timeout))
        except Empty:
            return None
        match item:
            case Disconnected():
                self.lost = True
                if item.error:
                    self._log.warning("the event socket: %s", item.error)
                raise CallGone("the event socket has closed")
            case Headers():
                self._note(item)
        return item

    def _note(self, event: Headers) -> None:
        """What an event says of this channel itself, whoever waits for it."""
        if event.get("Reply-Text"):
            self._log.warning("FreeSWITCH refused a command: %s", event.get("Reply-Text"))
        elif event.get("Unique-ID") == self.uuid:
            name = event.get("Event-Name")
            self.gone = self.gone or event.get("Answer-State") == "hangup"
            self.recorded_ms = event.number("variable_record_ms") or self.recorded_ms
            if name == "CHANNEL_ANSWER":
                self.answered = True
            elif name == "CHANNEL_HANGUP_COMPLETE":
                self.end = events.channel_end(event)
