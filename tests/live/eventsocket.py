"""The tests' own client of FreeSWITCH's inbound event socket, which shares no code with dialctl."""

from urllib.parse import unquote

import gevent
from gevent import socket
from gevent.event import AsyncResult, Event
from gevent.lock import BoundedSemaphore

EVENTS = (
    "CHANNEL_CREATE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER CHANNEL_BRIDGE "
    "CHANNEL_EXECUTE CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY DTMF"
)


class SwitchEvent(dict):
    """One event's headers, decoded line by line."""

    @property
    def name(self):
        return self["Event-Name"]

    @property
    def uuid(self):
        return self.get("Unique-ID", "")

    @property
    def at(self):
        """When it happened by the switch's own clock, in seconds."""
        return int(self["Event-Date-Timestamp"]) / 1e6

    @classmethod
    def parse(cls, text):
        pairs = (line.split(": ", 1) for line in text.split("\n") if ": " in line)
        return cls((name, unquote(value)) for name, value in pairs)


class EventSocket:
    def __init__(self, port, password="ClueCon", host="127.0.0.1"):
        self._socket = socket.create_connection((host, port), timeout=5)
        self._socket.settimeout(None)
        self._file = self._socket.makefile("rb")
        self._replies = []
        self._lock = BoundedSemaphore()
        self._changed = Event()
        self.events = []
        self._reader = gevent.spawn(self._read)
        reply = self.command(f"auth {password}")
        assert reply.startswith("+OK"), reply
        self.command(f"event plain {EVENTS}")

    def command(self, text):
        """A command of the event socket; its reply."""
        with self._lock:
            result = AsyncResult()
            self._replies.append(result)
            self._socket.sendall(text.encode() + b"\n\n")
        return result.get(timeout=10)

    def api(self, text):
        return self.command(f"api {text}").strip()

    def bgapi(self, text):
        return self.command(f"bgapi {text}")

    def wait_for(self, predicate, timeout=5.0):
        """The predicate's first true answer, asked again after each event; None when time is up."""
        with gevent.Timeout(timeout, False):
            while True:
                self._changed.clear()
                if found := predicate():
                    return found
                self._changed.wait()
        return None

    def of(self, uuid, name=None):
        return [event for event in self.events if event.uuid == uuid and name in (None, event.name)]

    def of_name(self, name):
        return [event for event in self.events if event.name == name]

    def open_channels(self):
        """The channels that were made and are not gone yet: uuid to channel name."""
        channels = {}
        for event in self.events:
            if event.name == "CHANNEL_CREATE":
                channels[event.uuid] = event.get("Channel-Name", "")
            elif event.name == "CHANNEL_DESTROY":
                channels.pop(event.uuid, None)
        return channels

    def forget(self):
        """Drop the events of earlier tests."""
        self.events.clear()

    def close(self):
        self._reader.kill()
        self._socket.close()

    def _read(self):
        while head := self._head():
            body = self._file.read(int(head.get("Content-Length", 0))).decode("utf-8", "replace")
            kind = head.get("Content-Type", "")
            if kind == "text/event-plain":
                self.events.append(SwitchEvent.parse(body))
                self._changed.set()
            elif kind in ("command/reply", "api/response"):
                self._replies.pop(0).set(body or head.get("Reply-Text", ""))
            elif kind == "text/disconnect-notice":
                return

    def _head(self):
        head = {}
        while line := self._file.readline().decode("utf-8", "replace"):
            if line == "\n":
                if head:
                    return head
                continue
            name, _, value = line.rstrip("\n").partition(": ")
            head[name] = value
        return None
