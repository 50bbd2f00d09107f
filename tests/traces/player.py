"""A controller that says again, to the double, what was said to FreeSWITCH."""

import collections
import re

import gevent
from gevent.event import Event
from gevent.server import StreamServer
from traces import recording
from traces.recording import Frame, Row

from dialctl.clock import Clock
from dialctl.switch import ALeg, Switch

PATIENCE = 6.0  # seconds of call time that a frame may be late
AFTERWARDS = 0.3  # and for what nobody expects

# The lab's callees, by the first word of their number, as scripts.
SCRIPTS = {
    "ans": "answer:{0}:{1}",
    "em": "early:{0}:{1}",
    "rej": "fail:{0}",
    "ringrej": "fail:{1}:{0}",
    "ringing": "ring",
    "silent": "silent",
    # After RING it waits DELAY, presses DIGITS, each taking a quarter of a second, and talks on.
    "key": "answer:{0}:{talk};press={1}:{2}",
    "x": "dead",
}


def callees(rows: list[Row]) -> dict[str, str]:
    """Scripts for everybody whom a recording dials."""
    found = {"alice@lab.local": "answer:1:3", "bob@lab.local": "ring"}
    for row in rows:
        for number in re.findall(r"sofia/(?:internal|gateway/\w+)/([\w-]+)", row.text):
            word, *arguments = number.split("-")
            if word in SCRIPTS:
                talk = 0.0
                if word == "key":
                    talk = float(arguments[1]) + 0.26 * len(arguments[2]) + float(arguments[3])
                found[number] = SCRIPTS[word].format(*arguments, talk=talk)
    return found


class Player:
    """One recording, played."""

    def __init__(self, name: str, speed: float) -> None:
        self.rows = recording.load(name)
        self.clock = Clock(speed)
        self.frames: dict[int, list[Frame]] = collections.defaultdict(list)
        self.missing: list[str] = []
        self._came = Event()
        self._connections = 0
        self._talks: list[gevent.Greenlet] = []

    def play(self, **call: object) -> ALeg:
        """``call`` is for place_call. Returns when everything recorded has come, or is missing."""
        server = StreamServer(("127.0.0.1", 0), self._accept)
        server.start()
        self._port = server.server_port
        self.switch = Switch(
            [("127.0.0.1", self._port)],
            callees(self.rows),
            gateways={"carrier"},
            users={"alice@lab.local", "bob@lab.local"},
            clock=self.clock,
        )
        a_leg = self.switch.place_call(**call)  # type: ignore[arg-type]
        wanted = max(row.conn for row in self.rows)
        while len(self._talks) < wanted and not self.missing:
            self._wait_for_frame(PATIENCE + 60)
        gevent.joinall(self._talks)
        self.clock.sleep(AFTERWARDS)
        self.switch.stop()
        server.stop()
        return a_leg

    def _accept(self, connection, address) -> None:
        self._connections += 1
        number = self._connections
        self._talks.append(gevent.spawn(self._talk, number, connection))
        reader = connection.makefile("rb")
        while frame := _read(reader):
            self.frames[number].append(frame)
            self._came.set()
            self._came.clear()

    def _talk(self, number: int, connection) -> None:
        """Say what was said, when everything has come that had come by then."""
        rows = [row for row in self.rows if row.conn == number]
        expected: collections.Counter[tuple[str, ...]] = collections.Counter()
        before = rows[0].t if rows else 0.0
        for row in rows:
            if row.out:
                if not self._await(number, expected):
                    return
                if row.t - before > 0.05:
                    self.clock.sleep(row.t - before)
                connection.sendall(self._translate(number, row.text).encode() + b"\n\n")
            else:
                expected[Frame(row.text).signature] += 1
            before = row.t
        self._await(number, expected)

    def _await(self, number: int, expected: collections.Counter[tuple[str, ...]]) -> bool:
        deadline = self.clock.now() + PATIENCE
        while True:
            came = collections.Counter(frame.signature for frame in self.frames[number])
            if not (left := expected - came):
                return True
            if self.clock.now() > deadline:
                self.missing += [f"connection {number}: {signature}" for signature in left]
                return False
            self._wait_for_frame(0.5)

    def _wait_for_frame(self, seconds: float) -> None:
        self._came.wait(self.clock.real(seconds))

    def _translate(self, number: int, text: str) -> str:
        recorded = next(row for row in self.rows if row.conn == number and not row.out)
        was = Frame(recorded.text).headers.get("Unique-ID", "")
        now = self.frames[number][0].headers["Unique-ID"] if self.frames[number] else was
        return text.replace(was or "-", now).replace("127.0.0.1:8084", f"127.0.0.1:{self._port}")


def _read(reader) -> Frame | None:
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
