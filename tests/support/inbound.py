"""What FreeSWITCH 1.10.12 answers on its own event socket; its built-in double must say the same.

Each line is said after the one before it. UUIDs are blotted out.
"""

import re

from gevent import socket

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STRANGER = "00000000-0000-4000-8000-000000000001"
NOT_FOUND = "command/reply -ERR command not found"
NO_SESSION = "command/reply -ERR not controlling a session"
GOODBYE = (
    "text/disconnect-notice Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
)

TALK = (
    ("event plain ALL", NOT_FOUND),  # nobody knows us yet
    ("api status", NOT_FOUND),
    ("auth ClueCon", "command/reply +OK accepted"),
    ("auth ClueCon", NOT_FOUND),
    ("connect", NOT_FOUND),
    ("getvar x", NOT_FOUND),
    ("resume", NOT_FOUND),
    ("myevents", NOT_FOUND),
    ("linger", NO_SESSION),
    ("nolinger", NO_SESSION),
    ("divert_events on", f"{NO_SESSION}."),
    ("sendmsg", "command/reply -ERR invalid session id []"),
    (f"sendmsg {STRANGER}\ncall-command: hangup", "command/reply -ERR invalid session id [UUID]"),
    ("filter Unique-ID x", "command/reply +OK filter added. [Unique-ID]=[x]"),
    ("noevents", "command/reply -ERR not listening for events"),
    ("event plain CHANNEL_ANSWER", "command/reply +OK event listener enabled plain"),
    ("api echo hi", "api/response hi"),
    ("api hash_dump db none", "api/response -ERR no reply\n"),
    ("api uuid_dump x", "api/response -ERR No such channel!\n"),
    ("api sched_api", "api/response -ERR Invalid syntax. USAGE: "
     "[+@]<time> <group_name> <command_string>[&]\n"),
    ("api sched_api +100 dialctl-x echo hi", "api/response +OK Added: N\n"),
    ("api sched_del dialctl-x", "api/response +OK Deleted: 1\n"),
    ("api sched_del dialctl-x", "api/response +OK Deleted: 0\n"),
    ("api global_getvar core_uuid", "api/response UUID"),
    ("bgapi echo x", "command/reply +OK Job-UUID: UUID"),
    ("nonsense", NOT_FOUND),
    ("exit", "command/reply +OK bye"),
)  # fmt: skip
WRONG = (("auth wrong", "command/reply -ERR invalid"),)


class EventSocket:
    """A connection, and what it says: ``say`` is one frame, in short."""

    def __init__(self, address):
        self._socket = socket.create_connection(address, timeout=60)
        self._file = self._socket.makefile("rb")

    def ask(self, line):
        self._socket.sendall(line.encode() + b"\n\n")
        return self.say()

    def say(self):
        """The next frame: its type, then its reply or its body."""
        head = {}
        while (line := self._file.readline().decode()) not in ("\n", ""):
            name, _, value = line.rstrip("\n").partition(": ")
            head[name] = value
        body = self._file.read(int(head.get("Content-Length", 0))).decode()
        text = f"{head.get('Content-Type', '')} {head.get('Reply-Text', '')}{body}"
        return re.sub(r"Added: \d+", "Added: N", UUID.sub("UUID", text))

    def ended(self):
        return self._file.read() == b""


def hold_to(address, talk):
    """Say all of it; what came otherwise, as pairs."""
    connection = EventSocket(address)
    assert connection.say() == "auth/request "
    wrong = []
    for line, expected in talk:
        answer = connection.ask(line)
        if answer != expected:
            wrong.append((line, answer))
    assert connection.say() == GOODBYE
    assert connection.ended()
    return wrong
