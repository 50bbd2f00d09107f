"""One call's event socket: the only place that knows greenswitch.

Taken from greenswitch 0.0.19: ``OutboundSession``, that is the notion of a session with its
``connected`` state and the FIFO of commands that await their reply, and ``NotConnectedError``.

Replaced, since each would cost a call sooner or later (facts seen with 0.0.19):
  reading     it decodes a block before it splits it into lines, so a line break in a value forges
              a header; it spins at the end of the stream: ``frames.FrameReader`` reads instead
  sending     ``sock.send`` may write a part, and each command waits for its reply, a media tick
              of 20 ms: ``write`` sends all of several commands at once and waits for none
  dispatch    two greenlets and a queue polled every second: a watcher of gevent's loop, which
              costs a call no stack, and one inbox
  waiting     by an application's name: by the ``Application-UUID`` that we chose
  accepting   a loop that polls ten times a second: gevent's StreamServer, in ``server``
"""

import os
import socket
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import AsyncResult
from gevent.lock import RLock
from gevent.queue import Queue
from greenswitch.esl import ESLProtocol, NotConnectedError, OutboundSession

from dialctl.errors import CallGone, SwitchError
from dialctl.esl import commands
from dialctl.esl.events import NAMES
from dialctl.esl.frames import MAX_BODY, Frame, FrameReader, Headers

READABLE = 1  # as gevent's loop has it
RECEIVE_BYTES = 65536
FRAME_SECONDS = 30.0  # for a frame that has begun to be there, whole
MOST_WAITING = 2000  # events in an inbox; a call makes some twenty
# What FreeSWITCH does not take in time, and silence of a machine that has vanished, ends it.
UNACKNOWLEDGED_SECONDS = 60
KEEPALIVE_SECONDS = 30


class Disconnected:
    """The last thing in an inbox: the socket has ended. ``error`` says why, if it was not asked."""

    def __init__(self, error: str = "") -> None:
        self.error = error


class Session(OutboundSession):  # type: ignore[misc]  # greenswitch has no types
    """What a call needs of FreeSWITCH: ``connect``, ``write``, and the events in ``inbox``.

    ``inbox`` may be shared with other senders: a call waits in one place for everything.
    """

    stranger_body = 65536  # bytes of a frame's body, before it is known to be the switch

    def __init__(self, sock: socket.socket, inbox: "Queue[Any]") -> None:
        # Not OutboundSession's own: it opens a file on the socket and starts two greenlets.
        ESLProtocol.__init__(self)
        self.sock = sock
        self.inbox = inbox
        self.connected = True
        self._commands_sent: deque[AsyncResult[Frame] | None] = deque()
        self._write_lock = RLock()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _notice_its_end(sock)
        self._frames = FrameReader(self.stranger_body)
        self._loop = gevent.get_hub().loop
        self._patience: Any = None  # the timer of a frame that is not complete
        self._arrivals = self._loop.io(sock.fileno(), READABLE)
        self._arrivals.start(self._read, sock.fileno())

    def connect(self, timeout: float) -> Headers:
        """Take the call over; its channel data. Raises SwitchError, CallGone."""
        data = self._ask(commands.CONNECT, timeout).headers
        if not data.get("Unique-ID"):
            raise SwitchError("the reply to connect names no channel")
        self._frames.most = MAX_BODY
        return data

    def listening(self, uuid: str, linger: int) -> tuple[bytes, ...]:
        """The commands to hear of the channel, and of its legs until ``linger`` seconds after its
        end."""
        return commands.linger(linger), commands.filter_uuid(uuid), commands.events(NAMES)

    def ask(self, api: bytes, timeout: float) -> str:
        """The answer to an API command. Raises SwitchError when none comes in time, CallGone."""
        return self._ask(api, timeout).body.decode("utf-8", "replace")

    def _ask(self, line: bytes, timeout: float) -> Frame:
        reply: AsyncResult[Frame] = AsyncResult()
        self._send(line, [reply])
        try:
            frame: Frame = reply.get(timeout=timeout)  # type: ignore[assignment]
        except gevent.Timeout:
            what = line.partition(b"\n")[0].decode("utf-8", "replace")
            if what.startswith("auth "):
                what = "auth"  # the password is nobody's business
            raise SwitchError(f"no answer within {timeout:g} s to {what[:80]!r}") from None
        return frame

    def write(self, *lines: bytes) -> None:
        """Send commands together, so that they run in one media tick. Raises CallGone."""
        self._send(b"".join(lines), [None] * len(lines))

    def close(self) -> None:
        """End the socket; the channel itself goes on as its dialplan says."""
        self.connected = False
        self._stop_reading()
        self.sock.close()

    def hand_over(self, give: Callable[[socket.socket], bool]) -> bool:
        """Whether somebody else has the socket now, which has been asked for nothing but
        ``connect``. Its new owner connects anew."""
        self._arrivals.stop()  # else we could read what is for the other one
        if self._frames.midway or not give(self.sock):
            self._arrivals.start(self._read, self.sock.fileno())
            return False
        self.close()
        return True

    def _send(self, data: bytes, replies: "list[AsyncResult[Frame] | None]") -> None:
        if not self.connected:
            raise CallGone("the event socket has closed") from NotConnectedError()
        with self._write_lock:
            self._commands_sent.extend(replies)
            try:
                sent = self.sock.send(data)
                if sent < len(data):
                    self.sock.sendall(memoryview(data)[sent:])
            except OSError as error:
                self.connected = False
                raise CallGone(f"the event socket has closed: {error}") from error

    def _read(self, fd: int) -> None:
        """Called by the loop when there is something to read: it must not wait for anything.

        One piece each time, so that a socket that is never empty is not read for ever.
        """
        try:
            data = os.read(fd, RECEIVE_BYTES)
            whole = False
            for frame in self._frames.feed(data):
                self._take(frame)
                whole = True
            self._be_patient(whole)
            if self.inbox.qsize() > MOST_WAITING:
                raise SwitchError(f"more events than are looked at: {self.inbox.qsize()} wait")
        except BlockingIOError:
            pass  # there was nothing after all
        except OSError as problem:
            self._end(str(problem))
        except SwitchError as problem:
            self._end(f"FreeSWITCH sent {problem}")
        else:
            if not data:
                self._end("")

    def _be_patient(self, whole: bool) -> None:
        """With a frame that is not complete; ``whole``: it is not the one of before."""
        midway = self._frames.midway
        if self._patience and (whole or not midway):
            self._patience.close()
            self._patience = None
        if midway and not self._patience:
            self._patience = self._loop.timer(FRAME_SECONDS)
            error = f"FreeSWITCH sent half a frame, and no more within {FRAME_SECONDS:g} s"
            self._patience.start(self._end, error)

    def _stop_reading(self) -> None:
        self._arrivals.close()
        if self._patience:
            self._patience.close()
            self._patience = None

    def _end(self, error: str) -> None:
        """The socket has ended, or is of no use any more."""
        self._stop_reading()
        self.connected = False
        for reply in self._commands_sent:
            if reply is not None:
                reply.set_exception(CallGone("the event socket has closed"))
        self.inbox.put(Disconnected(error))

    def _take(self, frame: Frame) -> None:
        match frame.content_type:
            case "text/event-plain":
                self.inbox.put(frame.event)
            case "command/reply" | "api/response":
                reply = self._commands_sent.popleft() if self._commands_sent else None
                if reply is not None:
                    reply.set(frame)
                elif frame.headers.get("Reply-Text").startswith("-ERR"):
                    self.inbox.put(frame.headers)
            # text/disconnect-notice: with linger the socket goes on, without it it ends by itself


class InboundSession(Session):
    """The switch's own event socket (mod_event_socket's listener) for a call that has no socket of
    its own, ``uuid``; or for none: ''. Filters and events are as on an outbound one.
    """

    stranger_body = MAX_BODY  # we have called it

    def __init__(self, sock: socket.socket, inbox: "Queue[Any]", uuid: str, password: str) -> None:
        self._uuid = uuid
        self._password = password
        super().__init__(sock, inbox)

    def authenticate(self, timeout: float) -> None:
        """Raises SwitchError if it is the wrong password, CallGone."""
        reply = self._ask(commands.auth(self._password), timeout).headers.get("Reply-Text")
        if not reply.startswith("+OK"):
            raise SwitchError("it refuses freeswitch.password")

    def connect(self, timeout: float) -> Headers:
        """The call's channel data. Raises CallGone when there is no such channel, SwitchError."""
        self.authenticate(timeout)
        # Heard before asked: else what happens in between would be missed.
        self.write(commands.filter_uuid(self._uuid), commands.events(NAMES))
        data = self._ask(commands.dump(self._uuid), timeout).event
        if data.get("Unique-ID") != self._uuid:
            raise CallGone("the channel has ended")
        return data

    def listening(self, uuid: str, linger: int) -> tuple[bytes, ...]:
        """It hears of the channel since ``connect``, and does not end with it."""
        return ()

    def write(self, *lines: bytes) -> None:
        """As an outbound session's: what is for the channel names it. Raises CallGone."""
        named = f"sendmsg {self._uuid}\n".encode()
        super().write(*(line.replace(b"sendmsg\n", named, 1) for line in lines))


def _notice_its_end(sock: socket.socket) -> None:
    """Of a machine that has vanished, and of a peer that takes nothing any more."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_SECONDS)
        limit = UNACKNOWLEDGED_SECONDS * 1000
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, limit)
