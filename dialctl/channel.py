"""The A-leg's channel: what it is asked to do, what has become of it, and the one place to wait.

Everything that a call waits for comes through one inbox: the switch's events, the web
application's documents, the end of the socket. A caller may hang up at any moment; that is
CallGone, raised out of whatever was waiting.
"""

import contextlib
import uuid
from collections.abc import Callable
from typing import Any, NoReturn

from gevent.queue import Empty, Queue

from dialctl.clock import Clock
from dialctl.dial.causes import SWITCH_GONE
from dialctl.errors import CallGone, CallLost, HandedOver, KeyHeard, Moved, TimeUp
from dialctl.esl import commands, events, records
from dialctl.esl.frames import Headers
from dialctl.esl.session import Disconnected, Session
from dialctl.following import NextDocument
from dialctl.log import CallLog
from dialctl.model import ALeg, ChannelEnd

CONNECT_SECONDS = 5.0  # FreeSWITCH answers `connect` within a millisecond or two
LINGER_SECONDS = 10  # how long late events of legs may take to arrive after the caller left
GOODBYE_SECONDS = 60.0  # for its own hangup event: a tick, if nothing holds its thread up

Wire = Callable[["Queue[Any]"], Session]  # makes the session that puts events into an inbox


class Channel:
    """One A-leg. ``end`` is how it ended, once that is known; ``lost``: its socket has ended.

    Without a ``wire`` both have ended. ``ask_fate`` is asked once when the socket ends while the
    call is up: it returns when the switch is gone, raises HandedOver when it goes on elsewhere.
    """

    def __init__(self, wire: Wire | None, clock: Clock, log: CallLog) -> None:
        self._clock = clock
        self._log = log
        self.inbox: Queue[Any] = Queue()
        self._session = wire(self.inbox) if wire else None
        self.ask_fate: Callable[[], None] = lambda: None
        self.heard_answer: Callable[[float], None] = lambda at: None  # seconds since 1970
        self.uuid = self.cause = ""  # whose it is; why it has hung up
        self.data = Headers(b"")  # as it was on ``connect``, or what is asked of it later on
        self.answered = self.called = False  # called by the switch; else it called the switch
        self.early = False  # what it hears now is early media: it is not to be answered for it
        self.gone = False  # it has hung up; how, its last event will tell
        self.end: ChannelEnd | None = None
        self.lost = wire is None
        self.answered_at = 0.0  # seconds since 1970
        self.leaving = False  # to be left to the next controller as soon as nothing is in flight
        self.transfer: NextDocument | None = None  # to be gone on with
        self.busy = 0  # with what must be finished before that
        self._notes: dict[str, Callable[[], str]] = {}  # variables to be sent before a wait
        self._held: list[bytes] = []  # commands to be sent then
        self._hearing = self._star_is_a_key = False
        self._watchers: dict[str, Callable[[Headers], None]] = {}  # by the event's name
        self._fate: type[Exception] = CallGone  # of one that is lost
        self._epoch = clock.wall() - clock.now()  # when the clock was 0, on the switch's clock
        self.deadline: float | None = None  # on the clock; what waits beyond it raises TimeUp

    def connect(self) -> ALeg:
        """Take the call over and hear of its events. Raises SwitchError, CallGone."""
        assert self._session
        self.data = self._session.connect(self._clock.real(CONNECT_SECONDS))
        if now := events.happened(self.data):
            self._epoch = now - self._clock.now()
        a_leg = events.a_leg(self.data)
        self.uuid, self.called = a_leg.uuid, a_leg.outbound
        self.answered, self.answered_at = bool(a_leg.answered), a_leg.answered
        self.hold(*self._session.listening(a_leg.uuid, LINGER_SECONDS))
        return a_leg

    def hand_over(self, give: Callable[[Any], bool]) -> None:
        """Let another one carry on what has just been connected. Raises HandedOver if it does."""
        if self._session and self._session.hand_over(give):
            raise HandedOver

    def time(self) -> float:
        """Seconds since 1970 on the switch's clock, which need not be this machine's."""
        return self._clock.now() + self._epoch

    @property
    def listening(self) -> bool:
        """Whether its socket can be asked something."""
        return self._session is not None and not self.lost

    def close(self) -> None:
        """End the socket. A channel that is still up goes on as its dialplan says."""
        if self._session:
            self._session.close()

    # What it is asked to do.

    def note(self, name: str, value: Callable[[], str]) -> None:
        """Let a channel variable tell the next controller, with the next write or wait."""
        self._notes[name] = value

    def hold(self, *lines: bytes) -> None:
        """Commands to be sent then, after the variables."""
        self._held += lines

    def write(self, *lines: bytes) -> None:
        """Send commands together, so that they run in one media tick. Raises CallGone."""
        try:
            self._write(lines)
        except CallGone:
            self._read_to_the_end()
            raise

    def post(self, *lines: bytes) -> None:
        """As ``write``, but that the socket has ended is left to whoever waits. Raises nothing."""
        if lines:
            with contextlib.suppress(CallGone, HandedOver):
                self._write(lines)

    def _write(self, lines: tuple[bytes, ...]) -> None:
        notes, held, self._notes, self._held = self._notes, self._held, {}, []
        if self._session is None or self.lost:
            raise self._fate("the event socket has closed")
        self._session.write(*records.notes(self.uuid, notes), *held, *lines)

    def ask(self, api: bytes) -> str:
        """The answer to an API command that answers at once. Raises SwitchError, CallGone."""
        if self._session is None:
            raise CallGone("the channel has ended")
        if self._notes or self._held:
            self.write()
        return self._session.ask(api, self._clock.real(CONNECT_SECONDS))

    def watch(self, names: tuple[str, ...], seen: Callable[[Headers], None]) -> None:
        """Hear of more events of this channel, each by ``seen``. Raises CallGone."""
        self._watchers.update(dict.fromkeys(names, seen))
        self.write(commands.events(names))

    def execute(self, *applications: tuple[str, str]) -> Headers:
        """Run applications one after the other, to the last one's end. Raises CallGone."""
        return self.finish(self.begin(*applications))

    def begin(self, *applications: tuple[str, str]) -> str:
        """Start applications, one after the other; names the last one for ``finish``."""
        uuids = [str(uuid.uuid4()) for _ in applications]
        named = zip(applications, uuids, strict=True)
        self.write(*(commands.execute(*application, name) for application, name in named))
        return uuids[-1]

    def finish(self, application_uuid: str) -> Headers:
        """Wait for its CHANNEL_EXECUTE_COMPLETE. Raises CallGone, KeyHeard, TimeUp."""
        while True:
            event = self.wait_alive()
            if isinstance(event, Headers) and event.get("Application-UUID") == application_uuid:
                return event

    def let_hear(self, application: str, arg: str) -> str:
        """Run what the caller listens to, once answered; its response. Raises CallGone."""
        return self.execute(*self.preparations(), (application, arg)).get("Application-Response")

    def preparations(self) -> tuple[tuple[str, str], ...]:
        """What comes before something is heard: the answer, unless it is early media."""
        answer = () if self.answered or self.early else (("answer", ""),)
        if self._star_is_a_key:
            return answer
        self._star_is_a_key = True
        # FreeSWITCH would break a sound, or a recording, off at a star.
        return (*answer, ("set", "playback_terminators=none"))

    def hear_keys(self, hear: bool) -> None:
        """While on, a key interrupts whatever waits on this channel, as KeyHeard.

        To turn it on raises CallGone; off is what a verb does on its way out, whatever ended it.
        """
        self._hearing = hear
        send, words = (self.write, commands.events) if hear else (self.post, commands.no_events)
        send(words(events.KEYS))

    def stop_sound(self) -> None:
        """Break off what is heard. In order: it must not take away what is written next."""
        self.write(commands.api(f"uuid_break {self.uuid}"))

    def hang_up(self, cause: str) -> None:
        """End it and wait until the switch says that it has. ``cause`` as in commands.hangup."""
        until = self._clock.now() + GOODBYE_SECONDS
        self.busy += 1  # nobody else can tell its end as we can
        with contextlib.suppress(CallGone):  # it was over already; what is known of it is noted
            if not self.gone:
                self.write(commands.hangup(cause))
            while self.end is None and self.wait(until) is not None:
                pass
        self.busy -= 1

    # What it waits for.

    def sleep(self, seconds: float) -> None:
        """Raises CallGone."""
        until = self._clock.now() + seconds
        while self._clock.now() < until:
            self.wait_alive(until)

    def wait_for_its_end(self) -> NoReturn:
        """Raises CallGone."""
        while True:
            self.wait_alive()

    def wait_alive(self, until: float | None = None) -> Any:
        """As ``wait``, but raises CallGone once it has hung up; also KeyHeard, TimeUp, Moved."""
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

    def require_alive(self) -> None:
        """Raises CallGone if the caller has hung up, Moved if he is to go on elsewhere."""
        if self.gone:
            raise CallGone("the caller hung up")
        if self.transfer:
            raise Moved

    def wait(self, until: float | None = None) -> Any:
        """The next thing in the inbox; None when the clock reaches ``until`` first.

        Raises CallGone when the socket has ended, not when the caller has hung up: events of
        legs may still come then. Raises HandedOver when the call goes on elsewhere.
        """
        while (item := self._next(until)) is None and self.leaving:  # ``leave`` has woken us
            if until is not None and self._clock.now() >= until:
                break
        return item

    def _next(self, until: float | None) -> Any:
        if self.lost:
            raise self._fate("the event socket has closed")
        if self._notes or self._held:
            self.write()
        if self.leaving and not self.busy and not self.gone:
            raise HandedOver
        try:
            wait = None if until is None else self._clock.real(max(0.0, until - self._clock.now()))
            item = self.inbox.get(timeout=wait)
        except Empty:
            return None
        if isinstance(item, Disconnected):
            self._lose(item.error)
        elif isinstance(item, Headers):
            self._note(item)
        return item

    def move(self, document: NextDocument) -> None:
        """Let whatever waits end, and the call go on with this document."""
        self.transfer = document
        self.inbox.put(document)  # whoever waits looks up

    def leave(self) -> None:
        """Leave the call to the next controller as soon as nothing is in flight."""
        self.leaving = True
        self.inbox.put(None)  # whoever waits looks up

    def _read_to_the_end(self) -> None:
        """The socket has ended: what it said before has not been looked at. Raises CallGone."""
        while not self.lost:
            self.wait()

    def _lose(self, error: str) -> None:
        self.lost = True
        self.close()  # while it is open the switch waits for us
        if error:
            self._log.warning("the event socket: %s", error)
        if self.gone and self.cause != SWITCH_GONE:
            raise CallGone("the event socket has closed")
        if not self.gone:
            self._fate = HandedOver
            self.ask_fate()
        self._fate = CallLost
        raise CallLost("FreeSWITCH has ended")

    def _note(self, event: Headers) -> None:
        """What an event says of this channel itself, whoever waits for it."""
        name = event.get("Event-Name")
        if not name:
            self._log.warning("FreeSWITCH refused a command: %s", event.get("Reply-Text"))
        elif event.get("Unique-ID") == self.uuid:
            if event.get("Answer-State") == "hangup":
                self.gone, self.cause = True, event.get("Hangup-Cause")
            if name == "CHANNEL_ANSWER":
                self.answered, self.answered_at = True, events.happened(event)
                self.heard_answer(self.answered_at)
            elif name == "CHANNEL_HANGUP_COMPLETE":
                self.end = events.channel_end(event)
            elif seen := self._watchers.get(name):
                seen(event)
