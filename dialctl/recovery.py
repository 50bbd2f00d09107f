"""Calls that have lost their controller, or their socket: found again, told, carried on.

FreeSWITCH brings a call whose bridge has ended to a controller by itself (freeswitch/dialctl.xml).
Besides that its own event socket (``freeswitch:`` in dialctl.yaml) tells of calls that still ring
or talk, and of those that have ended meanwhile. Without it a call whose socket has ended is waited
for, and the first call after the start is asked which others ended while nobody had them.
"""

import contextlib
import logging
from collections.abc import Callable
from typing import Any

import gevent
from gevent import socket
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

log = logging.getLogger("dialctl.recovery")

CONNECT_SECONDS = 5.0
# FreeSWITCH starts within this time; a call that it does not know then has ended with it.
RESTART_SECONDS = 30.0
PAUSE = 0.5  # seconds between two attempts to reach it
SWEEP_SECONDS = 30.0  # how often calls are looked for that ended while nobody had them
# So long its controller, if it is another one and alive, may take to tell the end of a call.
OWNED_SECONDS = 120.0

Ask = Callable[[bytes], str]  # an API command to its answer; raises SwitchError, CallGone
Forget = Callable[[tuple[bytes, ...]], None]


class Recovery:
    """One for the daemon. ``owner`` names this start of it: ADDRESS#START."""

    def __init__(self, freeswitch: FreeSwitch, clock: Clock, owner: str) -> None:
        self._freeswitch = freeswitch
        self._clock = clock
        self._owner = owner
        self._begin: Callable[[Wire | None], Call]
        self._greenlets: set[gevent.Greenlet[..., Any]] = set()
        self._asked = False

    def start(self, begin: Callable[[Wire | None], Call]) -> None:
        """``begin`` makes a Call, over a wire or of one that has ended."""
        self._begin = begin
        if self._freeswitch.event_socket:
            self._spawn(self._sweep_for_ever)

    def stop(self) -> None:
        gevent.killall(list(self._greenlets), block=True, timeout=1)

    def connected(self, call: Call) -> None:
        """A call has a socket, which can be asked what ended before we were there."""
        if not (self._asked or self._freeswitch.event_socket):
            self._asked = True
            self._spawn(self._ask_call, call)

    def ask_fate(self, call: Call) -> None:
        """The call's socket has ended. Returns if FreeSWITCH has, raises HandedOver if not."""
        call.log.warning("the event socket has ended while the call is up")
        until = self._clock.now() + RESTART_SECONDS
        while self._clock.now() < until:
            if call.superseded or call.channel.leaving:
                raise HandedOver
            if self._freeswitch.event_socket:
                known = self._known(call.channel.uuid)
                if known:
                    raise HandedOver
                if known is not None:
                    return
            self._clock.sleep(PAUSE)
        call.log.error("nothing says what has become of the call: it is told as ended")

    def _known(self, uuid: str) -> bool | None:
        """Whether the switch knows a call, up or ended; None if it cannot be asked."""
        try:
            with self._asking() as ask:
                entry = self._entries(ask).get(uuid, "")
                if entry.startswith(records.LIVE):
                    if not Headers(ask(commands.dump(uuid)).encode()).get("Unique-ID"):
                        return False
                    self._spawn(self._follow, uuid)
                elif entry:
                    self._finish(uuid, entry, ask)
                return bool(entry)
        except (SwitchError, CallGone, OSError):
            return None

    def _sweep_for_ever(self) -> None:
        first = True
        while True:
            try:
                with self._asking() as ask:
                    self._sweep(ask, first)
                first = False
            except (SwitchError, CallGone, OSError) as error:
                log.warning(
                    "FreeSWITCH's event socket %s: %s", self._freeswitch.event_socket, error
                )
            self._clock.sleep(PAUSE * 4 if first else SWEEP_SECONDS)

    def _ask_call(self, call: Call) -> None:
        try:
            self._sweep(call.channel.ask, first=False)
        except (SwitchError, CallGone) as error:
            self._asked = False  # the next call is asked
            log.info("what ended before could not be asked for: %s", error)

    def _sweep(self, ask: Ask, first: bool) -> None:
        for uuid, entry in self._entries(ask).items():
            owner = entry.removeprefix(records.LIVE)
            if owner == entry:
                self._finish_if_left(uuid, entry, ask)
            elif first and self._is_mine(owner):
                self._spawn(self._follow, uuid)

    def _is_mine(self, owner: str) -> bool:
        """Whether an earlier start of this very daemon is meant."""
        return owner != self._owner and owner.partition("#")[0] == self._owner.partition("#")[0]

    def _finish_if_left(self, uuid: str, entry: str, ask: Ask) -> None:
        record = records.record(uuid, entry)
        if record is None or record.end is None or record.owner == self._owner:
            return
        left = self._clock.wall() - record.end.ended > OWNED_SECONDS
        if left or self._is_mine(record.owner):
            self._finish(uuid, entry, ask)

    def _finish(self, uuid: str, entry: str, ask: Ask) -> None:
        """Tell of a call that ended while nobody had it."""
        record = records.record(uuid, entry)
        progress, document, caller = records.kept(entry)
        if record is None:
            return
        try:
            a_leg = unpack_caller(caller, progress, document)
        except ValueError as error:
            log.error("call %s ended while nobody had it and cannot be told of: %s", uuid, error)
            return
        legs = records.entries(ask(records.dump(uuid)), uuid)
        call = self._begin(None)
        call.finish(a_leg, record, legs)
        for command in records.forget(uuid, frozenset(legs)):
            ask(command)

    def _follow(self, uuid: str) -> None:
        try:
            sock = self._connect()
        except OSError as error:
            log.warning("call %s cannot be followed: %s", uuid, error)
            return
        session = self._begin(lambda inbox: InboundSession(sock, inbox, uuid, self._password))
        session.follow()

    @contextlib.contextmanager
    def _asking(self) -> Any:
        """Raises OSError, SwitchError, CallGone."""
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

    def _spawn(self, deed: Callable[..., None], *arguments: Any) -> None:
        greenlet = gevent.spawn(deed, *arguments)
        self._greenlets.add(greenlet)
        greenlet.link(self._greenlets.discard)
