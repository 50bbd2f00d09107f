"""A controller that says again, to the double, what was said to FreeSWITCH."""

import collections
import re
from contextlib import suppress
from typing import BinaryIO

import gevent
from dialctl.clock import Clock
from dialctl.switch import ALeg, Switch
from gevent import socket
from gevent.event import Event
from gevent.server import StreamServer

from traces import recording, scenarios
from traces.recording import Frame

PATIENCE = 6.0  # seconds of call time that the last frame may be late
AFTERWARDS = 0.3  # seconds of call time for what nobody expects
_AT_ONCE = 0.05  # seconds; a command that came sooner after the frame before was an answer to it


class Player:
    """One recording, played. ``frames`` are those that came, by connection, from 1."""

    def __init__(self, name: str, folder: str = "/recordings") -> None:
        self.folder = folder  # where it records now
        self.rows = recording.load(name)
        self.clock = Clock()
        self.frames: dict[int, list[Frame]] = collections.defaultdict(list)
        self.missing: list[str] = []
        self._actions = scenarios.ACTIONS.get(name, ())
        self._playing = True
        self._came = Event()
        self._a_legs: dict[str, ALeg] = {}
        self._sockets: dict[int, socket.socket] = {}
        self._talks: list[gevent.Greenlet] = []

    def play(self) -> None:
        server = StreamServer(("127.0.0.1", 0), self._accept)
        server.start()
        self.port = server.server_port
        self.switch = Switch(
            [("127.0.0.1", self.port)],
            scenarios.callees(self.rows),
            gateways=scenarios.GATEWAYS,
            users=scenarios.USERS,
            clock=self.clock,
        )
        self._deadline = self.clock.now() + self.rows[-1].t + PATIENCE
        self._place_calls()
        wanted = max(row.conn for row in self.rows)
        while len(self._talks) < wanted and self.clock.now() < self._deadline:
            self._wait_for_frame(0.5)
        gevent.joinall(self._talks)
        self.clock.sleep(AFTERWARDS)
        self._playing = False
        self.switch.stop()
        server.stop()

    def _place_calls(self) -> None:
        start = self.clock.now()
        for at, call in scenarios.calls(self.rows):
            self.clock.sleep(start + at - self.clock.now())
            a_leg = self.switch.place_call(**call)
            self._a_legs[a_leg.uuid] = a_leg

    def _accept(self, connection: socket.socket, address: object) -> None:
        number = len(self._sockets) + 1
        self._sockets[number] = connection
        self._talks.append(gevent.spawn(self._talk, number))
        reader = connection.makefile("rb")
        try:
            while frame := read(reader):
                if self._playing:
                    self.frames[number].append(frame)
                self._came.set()
                self._came.clear()
        except (OSError, ValueError):
            pass  # closed by an action of ours

    def _talk(self, number: int) -> None:
        """Say what was said, when everything has come that had come by then."""
        steps = [(row.t, row.out, row.text) for row in self.rows if row.conn == number]
        steps += [(t, True, f"!{what}") for conn, t, what in self._actions if conn == number]
        steps.sort(key=lambda step: step[0])
        expected: collections.Counter[tuple[str, ...]] = collections.Counter()
        before = steps[0][0] if steps else 0.0
        for t, out, text in steps:
            if not out:
                expected[Frame(text).signature] += 1
            elif self._await(number, expected):
                if t - before > _AT_ONCE:
                    self.clock.sleep(t - before)
                self._do(number, text)
            else:
                return
            before = t
        self._await(number, expected)

    def _do(self, number: int, text: str) -> None:
        if not text.startswith("!"):
            with suppress(OSError):  # the call is over
                self._sockets[number].sendall(self._translate(number, text).encode() + b"\n\n")
            return
        a_leg = self._a_legs[self.frames[number][0].uuid]
        what, _, detail = text[1:].partition(" ")
        if what == "press":
            a_leg.press(detail)
        elif what == "hangup":
            a_leg.hangup(detail)
        elif what == "kill":
            self.switch.api("uuid_kill", a_leg.uuid)
        elif what == "close":
            self._sockets[number].shutdown(socket.SHUT_RDWR)
            self._sockets[number].close()
        else:
            raise ValueError(text)

    def _await(self, number: int, expected: collections.Counter[tuple[str, ...]]) -> bool:
        while True:
            came = collections.Counter(frame.signature for frame in self.frames[number])
            if not (left := expected - came):
                return True
            if self.clock.now() > self._deadline:
                self.missing += [f"connection {number}: {signature}" for signature in left]
                return False
            self._wait_for_frame(0.5)

    def _wait_for_frame(self, seconds: float) -> None:
        self._came.wait(self.clock.real(seconds))

    def _translate(self, number: int, text: str) -> str:
        """The recording's UUID of the channel and its port are others now."""
        recorded = next(row for row in self.rows if row.conn == number and not row.out)
        was = Frame(recorded.text).uuid
        now = self.frames[number][0].uuid if self.frames[number] else was
        text = text.replace("'/recordings", f"'{self.folder}")
        return text.replace(was or "-", now).replace("127.0.0.1:8084", f"127.0.0.1:{self.port}")


def read(reader: BinaryIO) -> Frame | None:
    head = b""
    while line := reader.readline():
        if line == b"\n" and head:
            break
        head += line if line != b"\n" else b""
    if not head:
        return None
    length = re.search(rb"^Content-Length: (\d+)$", head, re.MULTILINE)
    body = reader.read(int(length[1])) if length else b""
    return Frame((head + b"\n" + body).decode())
