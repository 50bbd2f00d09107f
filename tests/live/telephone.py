"""A telephone that speaks SIP by itself, as far as a transfer needs it.

FreeSWITCH is no callee for that: it ends its own call as soon as a NOTIFY says what has become of
its REFER, whatever it says (sofia.c, sofia_handle_sip_i_notify()). This one talks on.
"""

import uuid

import gevent
from gevent import socket
from gevent.event import AsyncResult, Event

SDP = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {port} RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""


def deflect(switch, callee, number):
    """A callee of the switch's own sends a REFER; the status that its NOTIFY has."""
    to = f"sip:{number}@127.0.0.1:{switch.internal_port}"
    _, _, answer = switch.events.api(f"uuid_deflect {callee.uuid} {to}").partition("SIP/2.0 ")
    return answer[:3]


class Telephone:
    """Answers any call at once and keeps it, one at a time. ``hung_up``: by the other side."""

    def __init__(self, port):
        self._socket = _bound(port)
        self._media = _bound(0)
        self._tag = uuid.uuid4().hex[:8]
        self._cseq = 0
        self._invite = None  # the call's INVITE, its headers in a list
        self._switch = None  # where it came from
        self._outcome = AsyncResult()  # of the REFER under way
        self.answered = Event()
        self.hung_up = Event()
        self._listener = gevent.spawn(self._listen)

    @property
    def address(self):
        return "bob@{}:{}".format(*self._socket.getsockname())

    def refer(self, to):
        """Ask for a transfer; the status that a NOTIFY tells in the end."""
        self._outcome = AsyncResult()
        by = f"Referred-By: <sip:{self.address}>"
        self._request("REFER", f"Refer-To: <{to}>", by)
        return self._outcome.get(timeout=5)

    def hang_up(self):
        self._request("BYE")

    def close(self):
        self._listener.kill()
        self._socket.close()
        self._media.close()

    def _listen(self):
        while True:
            data, sender = self._socket.recvfrom(65536)
            head, _, body = data.decode().partition("\r\n\r\n")
            first, *headers = head.split("\r\n")
            if first.startswith("SIP/2.0"):
                continue  # an answer to our own request
            method = first.split(" ")[0]
            if method == "INVITE":
                self._invite, self._switch = headers, sender
            if method != "ACK":
                self._answer(method, headers, sender)
            match method:
                case "ACK":
                    self.answered.set()
                case "BYE":
                    self.hung_up.set()
                case "NOTIFY" if (status := body.split(" ")[1]) >= "200":
                    self._outcome.set(status)

    def _answer(self, method, headers, sender):
        to = _header(headers, "To")
        lines = [
            "SIP/2.0 200 OK",
            *(line for line in headers if line.startswith("Via:")),
            *(f"{name}: {_header(headers, name)}" for name in ("From", "Call-ID", "CSeq")),
            f"To: {to}" if "tag=" in to else f"To: {to};tag={self._tag}",
            f"Contact: <sip:{self.address}>",
        ]
        port = self._media.getsockname()[1]
        self._send(lines, sender, SDP.format(port=port) if method == "INVITE" else "")

    def _request(self, method, *more):
        self._cseq += 1
        invite = self._invite
        contact = _header(invite, "Contact").partition("<")[2].partition(">")[0]
        branch = uuid.uuid4().hex
        host, port = self._socket.getsockname()
        lines = [
            f"{method} {contact} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{branch}",
            "Max-Forwards: 70",
            f"From: {_header(invite, 'To')};tag={self._tag}",
            f"To: {_header(invite, 'From')}",
            f"Call-ID: {_header(invite, 'Call-ID')}",
            f"CSeq: {self._cseq} {method}",
            f"Contact: <sip:{self.address}>",
            *more,
        ]
        self._send(lines, self._switch)

    def _send(self, lines, receiver, body=""):
        body = body.replace("\n", "\r\n")
        kind = ["Content-Type: application/sdp"] if body else []
        head = "\r\n".join([*lines, *kind, f"Content-Length: {len(body)}"])
        self._socket.sendto(f"{head}\r\n\r\n{body}".encode(), receiver)


def _bound(port):
    made = socket.socket(type=socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", port))
    return made


def _header(headers, name):
    (found,) = [line for line in headers if line.lower().startswith(f"{name.lower()}:")]
    return found.partition(":")[2].strip()
