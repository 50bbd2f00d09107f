"""One call's event socket: the only place that knows greenswitch.

Taken from greenswitch 0.0.19: ``OutboundSession``, that is the notion of a session with its
``connected`` state, ``session_data`` and the FIFO of commands that await their reply, and
``NotConnectedError``.

Replaced, since each would cost a call sooner or later (facts seen with 0.0.19):
  reading     it decodes a block before it splits it into lines, so a line break in a value forges
              a header; it spins at the end of the stream: ``frames.FrameReader`` reads instead
  sending     ``sock.send`` may write a part, and each command waits for its reply, a media tick
              of 20 ms: ``write`` sends all of several commands at once and waits for none
  dispatch    two greenlets and a queue polled every second: one greenlet, one inbox
  waiting     by an application's name: by the ``Application-UUID`` that we chose
  accepting   a loop that polls ten times a second: gevent's StreamServer, in ``server``
"""

import socket
from collections import deque
from typing import Any

import gevent
from gevent.event import AsyncResult
from gevent.lock import RLock
from gevent.queue import Queue
from greenswitch.esl import ESLProtocol, NotConnectedError, OutboundSession

from dialctl.errors import CallGone, SwitchError
from dialctl.esl import commands
from dialctl.esl.frames import Frame, FrameReader, Headers

RECEIVE_BYTES = 65536


class Disconnected:
    """The last thing in an inbox: the socket has ended. ``error`` says why, if it was not asked."""

    def __init__(self, error: str = "") -> None:
        self.error = error


class Session(OutboundSession):  # type: ignore[misc]  # greenswitch has no types
    """What a call needs of FreeSWITCH: ``connect``, ``write``, and the events in ``inbox``.

    ``inbox`` may be shared with other senders: a call waits in one place for everything.
    """

    def __init__(self, sock: socket.socket, inbox: "Queue[Any]") -> None:
        # Not OutboundSession's own: it opens a file on the socket and starts two greenlets.
        ESLProtocol.__init__(self)
        self.sock = sock
        self.inbox = inbox
        self.connected = True
        self._commands_sent: deque[AsyncResult[Headers] | None] = deque()
        self._write_lock = RLock()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = gevent.spawn(self._read)

    def connect(self, timeout: float) -> Headers:
        """Take the call over; its channel data. Raises SwitchError when none comes in time."""
        reply: AsyncResult[Headers] = AsyncResult()
        self._send(commands.CONNECT, [reply])
        try:
            data: Headers = reply.get(timeout=timeout)  # type: ignore[assignment]
        except gevent.Timeout:
            raise SwitchError(f"no channel data within {timeout:g} s of connect") from None
        if not data.get("Unique-ID"):
            raise SwitchError("the reply to connect names no channel")
        self.session_data = data
        return data

    def write(self, *lines: bytes) -> None:
        """Send commands together, so that they run in one media tick. Raises CallGone."""
        self._send(b"".join(lines), [None] * len(lines))

    def close(self) -> None:
        """End the socket; the channel itself goes on as its dialplan says."""
        self.connected = False
        self._reader.kill(block=False)
        self.sock.close()

    def _send(self, data: bytes, replies: "list[AsyncResult[Headers] | None]") -> None:
        if not self.connected:
            raise CallGone("the event socket has closed") from NotConnectedError()
        with self._write_lock:
            self._commands_sent.extend(replies)
            try:
                self.sock.sendall(data)
            except OSError as error:
                self.connected = False
                raise CallGone(f"the event socket has closed: {error}") from error

    def _read(self) -> None:
        """The reader: it never waits for anything but the socket."""
        reader, error = FrameReader(), ""
        try:
            while data := self.sock.recv(RECEIVE_BYTES):
                for frame in reader.feed(data):
                    self._take(frame)
        except OSError as problem:
            error = str(problem)
        except SwitchError as problem:
            error = f"FreeSWITCH sent {problem}"
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
                    reply.set(frame.headers)
                elif frame.headers.get("Reply-Text").startswith("-ERR"):
                    self.inbox.put(frame.headers)
            # text/disconnect-notice: with linger the socket goes on, without it it ends by itself
