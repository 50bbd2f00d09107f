"""One event socket: between a channel and its controller, or of the switch itself (inbound.py).

    controller -> requests -> commands.py -> replies at once
    events -> queue -> out at the socket's next look, at most a tick later

Source: mod_event_socket.c (socket_function, listener_run, read_packet, send_disconnect).
"""

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

import gevent
from gevent import socket

from dialctl.switch import commands
from dialctl.switch.events import Event
from dialctl.switch.filters import Filters
from dialctl.switch.thread import TICK
from dialctl.switch.wire import Request, Requests

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel
    from dialctl.switch.double import Switch

_PATIENCE = 25.0  # seconds that the switch waits for the first command
_GOODBYE = "Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"


class Listener:
    """``channel`` is None on the switch's own socket, which must be ``authorized`` by a password;
    ``full``: all commands are for it."""

    def __init__(
        self,
        connection: socket.socket,
        switch: "Switch",
        channel: "Channel | None" = None,
        *,
        full: bool = True,
    ) -> None:
        self.channel = channel
        self.switch = switch
        self.full = full
        self.authorized = channel is not None
        self.events: set[str] = set()
        self.filters = Filters()
        self.format = "plain"
        self.my_events = False
        self.linger: int | None = None  # seconds, -1 for ever, None not at all
        self.resumes = False
        self.leaving = False  # by exit
        self.connected = channel is None  # has said its first word
        self.closed = False
        self._connection = connection
        self._outgoing: deque[bytes] = deque()
        self._sending = False
        self._waiting: deque[Event] = deque()
        self._looked = self.switch.clock.now()
        self._look_due = False
        self._lingering = False
        silent = gevent.spawn_later(self.switch.clock.real(_PATIENCE), self._end_if_silent)
        self._timers: list[gevent.Greenlet[[], None]] = [silent]
        if channel:
            channel.watchers.add(self._look_soon)
            if not channel.up:  # it has ended while the controller was being called
                self._look_soon()
        self.switch.listeners.add(self)

    def listen_to_it(self) -> None:
        """Obey until the connection ends."""
        requests = Requests()
        try:
            while not self.leaving and (data := self._connection.recv(65536)):
                self._obey(requests.feed(data))
        except OSError:
            pass  # reset by the controller: the same as an orderly end
        self.close()

    def _obey(self, requests: list[Request]) -> None:
        for request in requests:
            if self.leaving or self.closed:
                return
            self.answer(commands.obey(self, request))

    def _end_if_silent(self) -> None:
        if not (self.connected and self.authorized):
            self.close()

    def answer(self, text: str) -> None:
        """A reply goes out at once, before the events that wait."""
        if text:
            self._looked = self.switch.clock.now()
            self._send(text.encode(errors="surrogateescape"))

    # -- events -------------------------------------------------------------------------------

    def listen(self, names: set[str]) -> None:
        self.events = names
        self.reseat()

    def reseat(self) -> None:
        """What it wants to hear has changed."""
        if self.events and not self.closed:
            self.switch.audience.seat(self)
        else:
            self.switch.audience.leave(self)

    def keys(self) -> list[tuple[str, str]] | None:
        keys = self.filters.keys()
        if keys is None and self.my_events and self.filters.empty and self.channel:
            uuid = self.channel.uuid.lower()
            return [("unique-id", uuid), ("job-owner-uuid", uuid)]
        return keys

    def hear(self, event: Event) -> None:
        if (event.subclass or event.name) not in self.events or not self.filters.let(event):
            return
        if self.my_events and not self._mine(event):
            return
        event.freeze()
        self._waiting.append(event)
        self._look_soon()

    def _mine(self, event: Event) -> bool:
        uuid = self.channel.uuid if self.channel else ""
        return uuid in (event.header("unique-id"), event.header("job-owner-uuid"))

    def _look_soon(self) -> None:
        """The switch's listener looks at its queue once a tick."""
        if self._look_due or self.closed:
            return
        self._look_due = True
        clock = self.switch.clock
        left = TICK - (clock.now() - self._looked) % TICK
        self._timers.append(gevent.spawn_later(clock.real(left), self._look))

    def _look(self) -> None:
        self._look_due = False
        self._looked = self.switch.clock.now()
        self._timers = [timer for timer in self._timers if not timer.dead]
        while self._waiting:
            self._send(self._waiting.popleft().frame(self.format))
        channel = self.channel
        if channel and not channel.up and not self._lingering and not self.closed:
            self._after_hangup(channel)

    # -- the end ------------------------------------------------------------------------------

    def _after_hangup(self, channel: "Channel") -> None:
        """The channel is down: linger, or say goodbye."""
        self._lingering = True
        if self.linger is None:
            self.close()
            return
        self._send(commands.lingering(self, channel).encode())
        if self.linger >= 0:
            # The switch compares whole seconds, so it stays up to one longer. Seen.
            seconds = self.switch.until_second(self.linger + 1)
            timer = gevent.spawn_later(self.switch.clock.real(seconds), self.close)
            self._timers.append(timer)

    def close(self) -> None:
        """End the connection, whoever wanted it."""
        if self.closed:
            return
        self._leave()
        channel = self.channel
        if channel and (self.resumes or channel.variables.true("socket_resume")):
            # The channel's state becomes CS_RESET: what it runs ends now. Seen.
            channel.thread.left = True
        self._send(commands.goodbye(self, _GOODBYE).encode())
        self._shut()
        if channel:
            channel.thread.wake()

    def cut(self) -> None:
        """The connection breaks: nothing more is said, not even the rest of a frame."""
        if not self.closed:
            self._leave()
            self._shut()
            if self.channel:
                self.channel.thread.wake()

    def _leave(self) -> None:
        self.closed = True
        self.switch.audience.leave(self)
        self.switch.listeners.discard(self)
        if self.channel:
            self.channel.watchers.discard(self._look_soon)
        for timer in self._timers:
            if timer is not gevent.getcurrent():
                timer.kill(block=False)

    def _shut(self) -> None:
        with suppress(OSError):  # the controller was faster
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _send(self, data: bytes) -> None:
        """Whoever comes while somebody sends leaves his part to him: frames never mix."""
        self._outgoing.append(data)
        if self._sending:
            return
        self._sending = True
        try:
            while self._outgoing:
                self._connection.sendall(self._outgoing.popleft())
        except OSError:
            self._outgoing.clear()  # gone; the reader notices
        finally:
            self._sending = False
