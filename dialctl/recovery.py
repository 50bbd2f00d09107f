"""Calls that have lost their controller, or their socket: found again, told, carried on.

FreeSWITCH brings a call whose bridge has ended to a controller by itself (freeswitch/dialctl.xml).
Besides that its own event socket (``freeswitch:`` in dialctl.yaml) tells of calls that still ring
or talk, and of those that have ended meanwhile. Without it any call's own socket is asked what has
become of the others, and they are waited for.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping

import gevent
from gevent import socket
from gevent.event import Event
from gevent.pool import Group, Pool
from gevent.queue import Queue

from dialctl.call import Call
from dialctl.channel import Wire
from dialctl.clock import Clock
from dialctl.conf.rules import address
from dialctl.errors import CallGone, HandedOver, SwitchError
from dialctl.esl import commands, records
from dialctl.esl.frames import Headers
from dialctl.esl.session import InboundSession
from dialctl.progress import unpack_caller
from dialctl.settings import FreeSwitch
from dialctl.workers.place import Place

log = logging.getLogger("dialctl.recovery")

CONNECT_SECONDS = 5.0
# FreeSWITCH starts within this time; a call that it does not know then has ended with it.
RESTART_SECONDS = 30.0
PAUSE = 0.5  # seconds between two questions what has become of a call
RETRY_SECONDS = 2.0  # until FreeSWITCH is looked for again that did not answer at the start
SWEEP_SECONDS = 30.0  # how often calls are looked for that ended while nobody had them
# So long the controller that had a call, if it is another one and alive, may take to tell its end.
OWNED_SECONDS = 120.0
AT_ONCE = 50  # calls whose ends are told at the same time

Ask = Callable[[bytes], str]  # an API command to its answer; raises SwitchError, CallGone


class _NobodyToAsk(CallGone):
    """No call is up whose socket could be asked."""


class Recovery:
    """One for each worker at its ``place``. ``owner`` names this start of it; ``calls`` are up."""

    def __init__(
        self,
        freeswitch: FreeSwitch,
        clock: Clock,
        place: Place,
        owner: str,
        calls: Mapping[str, Call],
    ) -> None:
        self._freeswitch = freeswitch
        self._clock = clock
        self._place = place
        self._owner = owner
        self._calls = calls
        self._begin: Callable[[Wire | None], Call]
        self._sweeper: gevent.Greenlet[..., None] | None = None
        self._followers = Group()
        self._tellers = Pool(AT_ONCE)
        self._first = True  # nothing has been asked since the start
        self._somebody = Event()  # can be asked
        self._seen: dict[str, float] = {}  # ended calls, and since when we know
        self._told: dict[str, frozenset[str]] = {}  # those whose end we tell or told; their legs
        self._complaint = ""

    def start(self, begin: Callable[[Wire | None], Call]) -> None:
        """``begin`` makes a Call, over a wire or of one that has ended."""
        self._begin = begin
        self._sweeper = gevent.spawn(self._sweep_for_ever)

    def stop(self) -> None:
        """Look for no more calls, and follow none."""
        if self._sweeper:
            self._sweeper.kill(block=True, timeout=1)
        self._followers.kill(block=True, timeout=1)

    def connected(self, call: Call) -> None:
        """A call has a socket, which can be asked."""
        if self._first:
            self._somebody.set()

    def ask_fate(self, call: Call) -> None:
        """The call's socket has ended. Returns if FreeSWITCH has, raises HandedOver if not."""
        call.log.warning("the event socket has ended while the call is up")
        until = self._clock.now() + RESTART_SECONDS
        while self._clock.now() < until:
            if call.superseded or call.channel.leaving:
                raise HandedOver
            known = self._known(call)
            if known:
                raise HandedOver
            if known is not None:
                return
            self._clock.sleep(PAUSE)
        call.log.error("nothing says what has become of the call: it is told as ended")

    def _known(self, call: Call) -> bool | None:
        """Whether the switch knows a call, up or ended; None if it cannot be asked."""
        uuid = call.channel.uuid
        try:
            with self._asking(but=call) as ask:
                entry = self._entries(ask).get(uuid, "")
                if not entry:
                    # Somebody else has told its end, unless the switch is another one by now.
                    return ask(commands.core_uuid()).strip() == call.channel.data.get("Core-UUID")
                if not entry.startswith(records.LIVE):
                    self._finish(uuid, entry, ask)
                    return True
                if not Headers(ask(commands.dump(uuid)).encode()).get("Unique-ID"):
                    return None  # it is just ending
                if entry.removeprefix(records.LIVE) == self._owner:
                    self._follow(uuid)
                return True
        except (SwitchError, CallGone, OSError):
            return None

    # What ended, and what goes on, while nobody had it.

    def _sweep_for_ever(self) -> None:
        while True:
            try:
                self._sweep()
                self._first, self._complaint = False, ""
            except _NobodyToAsk:
                pass
            except (SwitchError, CallGone, OSError) as error:
                why = getattr(error, "strerror", None) or error
                where = f"freeswitch.event_socket {self._freeswitch.event_socket}".rstrip()
                text = "calls that nobody has are not found; it is tried again"
                self._complain(f"{where}: {why}; {text}")
            except Exception:
                log.exception("a fault of dialctl's own in looking for calls that nobody has")
            self._somebody.clear()
            self._somebody.wait(self._clock.real(RETRY_SECONDS if self._first else SWEEP_SECONDS))

    def _complain(self, text: str) -> None:
        if text != self._complaint:
            log.warning("%s", text)
        self._complaint = text

    def _sweep(self) -> None:
        with self._asking() as ask:
            self._look(ask)

    def _look(self, ask: Ask) -> None:
        entries, now = self._entries(ask), self._clock.now()
        self._seen = {uuid: self._seen.get(uuid, now) for uuid in entries}
        self._told = {uuid: legs for uuid, legs in self._told.items() if uuid in entries}
        for uuid, entry in entries.items():
            owner = entry.removeprefix(records.LIVE)
            if owner == entry:
                self._finish_if_left(uuid, entry, ask)
            elif self._first and self._is_mine(owner):
                self._follow(uuid)

    def _is_mine(self, owner: str) -> bool:
        """Whether an earlier start of this very worker is meant."""
        return owner != self._owner and self._place.worker_of(owner) == self._place.number

    def _finish_if_left(self, uuid: str, entry: str, ask: Ask) -> None:
        record = records.record(uuid, entry)
        if record is None or uuid in self._calls or uuid in self._told:
            return
        if self._place.elsewhere(record.owner):
            return  # that worker is there, or is being started again
        patience = OWNED_SECONDS
        if self._is_mine(record.owner):
            patience = 0.0
        elif record.owner == self._owner:
            patience = PAUSE  # it ended after its socket had: by the next time nobody has it
        if self._clock.now() - self._seen[uuid] >= patience:
            self._finish(uuid, entry, ask)

    def _finish(self, uuid: str, entry: str, ask: Ask) -> None:
        """Let somebody tell of a call that ended while nobody had it."""
        legs = records.entries(ask(records.dump(uuid)), uuid)
        self._told[uuid] = frozenset(legs)
        self._tellers.spawn(self._tell, uuid, entry, legs)

    def _tell(self, uuid: str, entry: str, legs: Mapping[str, str]) -> None:
        record = records.record(uuid, entry)
        progress, document, caller = records.kept(entry)
        try:
            a_leg = unpack_caller(caller, progress, document)
        except ValueError as error:
            what = "it ended while nobody had it and cannot be told of: %s"
            log.error(what, error, extra={"call_uuid": uuid})
        else:
            if record is not None:
                self._begin(None).finish(a_leg, record, legs)
        with contextlib.suppress(SwitchError, CallGone, OSError), self._asking() as ask:
            for command in records.forget(uuid, frozenset(legs)):
                ask(command)

    # Those whom it asks.

    def _follow(self, uuid: str) -> None:
        if self._freeswitch.event_socket:
            self._followers.spawn(self._follow_it, uuid)

    def _follow_it(self, uuid: str) -> None:
        try:
            sock = self._connect()
        except OSError as error:
            log.warning("it cannot be followed: %s", error, extra={"call_uuid": uuid})
            return
        self._begin(lambda inbox: InboundSession(sock, inbox, uuid, self._password)).follow()

    @contextlib.contextmanager
    def _asking(self, but: Call | None = None) -> Iterator[Ask]:
        """Raises OSError, SwitchError, CallGone."""
        if not self._freeswitch.event_socket:
            others = (c for c in self._calls.values() if c is not but and c.channel.listening)
            call = next(others, None)
            if call is None:
                raise _NobodyToAsk
            yield call.channel.ask
            return
        session = InboundSession(self._connect(), Queue(), "", self._password)
        try:
            session.authenticate(CONNECT_SECONDS)
            yield lambda api: session.ask(api, CONNECT_SECONDS)
        finally:
            session.close()

    def _connect(self) -> socket.socket:
        target = address(self._freeswitch.event_socket)
        sock = socket.create_connection(target, timeout=CONNECT_SECONDS)
        sock.settimeout(None)
        return sock

    @property
    def _password(self) -> str:
        return self._freeswitch.password

    @staticmethod
    def _entries(ask: Ask) -> dict[str, str]:
        return records.entries(ask(records.dump(records.REALM)), records.REALM)
