"""A controller for tests of the double: it says what a test tells it to."""

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from dialctl.clock import Clock
from dialctl.switch import ALeg, Switch
from gevent import socket
from gevent.queue import Empty, Queue
from gevent.server import StreamServer

from traces.player import read
from traces.recording import Frame

PATIENCE = 60.0  # seconds until a frame must be there
EVENTS = (
    "CHANNEL_CREATE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER CHANNEL_BRIDGE"
    " CHANNEL_UNBRIDGE CHANNEL_HANGUP_COMPLETE CHANNEL_EXECUTE_COMPLETE DTMF BACKGROUND_JOB"
)
LEG = "00000000-0000-4000-8000-00000000000{}"


class Conversation:
    """One connection from the switch. ``frames`` are all that came."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._new: Queue[Frame | None] = Queue()
        self._unread: list[Frame] = []
        self.frames: list[Frame] = []
        self.data = Frame("")  # the answer to connect

    def listen(self) -> None:
        reader = self._socket.makefile("rb")
        try:
            while frame := read(reader):
                self.frames.append(frame)
                self._new.put(frame)
        except (OSError, ValueError):
            pass  # closed by this side
        self._new.put(None)

    @property
    def uuid(self) -> str:
        return self.data.uuid

    def start(self, *filters: str) -> Self:
        """What every controller says first; without filters: its own channel's events."""
        self.data = self.ask("connect")
        self.ask("linger 1")
        for text in filters or (f"Unique-ID {self.uuid}", f"Channel-Call-UUID {self.uuid}"):
            self.ask(f"filter {text}")
        self.ask(f"event plain {EVENTS}")
        return self

    def say(self, text: str) -> None:
        self._socket.sendall(text.encode() + b"\n\n")

    def ask(self, text: str) -> Frame:
        """Say it and wait for the reply."""
        self.say(text)
        return self.wait(lambda frame: not frame.event or "CHANNEL_DATA" in frame.event)

    def reply(self, text: str) -> str:
        """The reply's text, or the body of what an api command gives."""
        frame = self.ask(text)
        head, _, body = frame.text.partition("\n\n")
        return body if "api/response" in head else head.partition("Reply-Text: ")[2]

    def execute(self, app: str, argument: str = "", number: str = "", more: str = "") -> None:
        lines = [
            "sendmsg\ncall-command: execute",
            f"execute-app-name: {app}",
            f"execute-app-arg: {argument}" if argument else "",
            f"Event-UUID: {number}" if number else "",
            more,
        ]
        assert self.reply("\n".join(filter(None, lines))) == "+OK"

    def run(self, app: str, argument: str = "") -> Frame:
        """Execute, and wait until it is done."""
        number = f"number-{len(self.frames)}-{app}"
        self.execute(app, argument, number)
        return self.done(number)

    def done(self, number: str) -> Frame:
        return self.wait(
            lambda frame: (
                frame.event == "CHANNEL_EXECUTE_COMPLETE"
                and frame.headers["Application-UUID"] == number
            )
        )

    def event(self, name: str, leg: str = "") -> Frame:
        """The first event of that name that no test has asked for yet; of any leg, or of one."""
        return self.wait(lambda frame: frame.event == name and leg in ("", frame.uuid))

    def wait(self, wanted: Callable[[Frame], bool]) -> Frame:
        """The first frame like that; the others stay for later."""
        deadline = time.monotonic() + PATIENCE
        while True:
            for frame in self._unread:
                if wanted(frame):
                    self._unread.remove(frame)
                    return frame
            try:
                new = self._new.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                new = None
            assert new, f"it did not come; {len(self.frames)} frames came"
            self._unread.append(new)

    def ended(self) -> bool:
        """The switch has closed the connection."""
        try:
            while self._new.get(timeout=PATIENCE):
                pass
        except Empty:
            return False
        return True

    def names(self) -> list[str]:
        """The names of the events that came."""
        return [frame.event for frame in self.frames if frame.event]

    def close(self) -> None:
        """Leave without a word."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Lab:
    """A switch and a controller for it, as long as a test lasts."""

    def __init__(self, callees: Mapping[str, str] | None = None, **how: object) -> None:
        self._calls: Queue[Conversation] = Queue()
        self._server = StreamServer(("127.0.0.1", 0), self._accept)
        self._server.start()
        self.address = ("127.0.0.1", self._server.server_port)
        self.clock = Clock()
        how.setdefault("controllers", [self.address])
        self.switch = Switch(callees=callees, clock=self.clock, **how)  # type: ignore[arg-type]

    def _accept(self, connection: socket.socket, address: object) -> None:
        conversation = Conversation(connection)
        self._calls.put(conversation)
        conversation.listen()

    def next(self) -> Conversation:
        return self._calls.get(timeout=PATIENCE)

    def call(self, **what: object) -> tuple[ALeg, Conversation]:
        a_leg = self.switch.place_call(**what)  # type: ignore[arg-type]
        return a_leg, self.next()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.switch.stop()
        self._server.stop()
