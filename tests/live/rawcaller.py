"""A caller who writes his INVITE himself, byte by byte, as no telephone would."""

import re
import uuid

import gevent
from gevent import socket

SDP = b"""v=0\r
o=- 1 1 IN IP4 127.0.0.1\r
s=-\r
c=IN IP4 127.0.0.1\r
t=0 0\r
m=audio %d RTP/AVP 0\r
a=rtpmap:0 PCMU/8000\r
"""


class RawCaller:
    """``invite``, then ``final`` is what became of it. ``call_id`` is the call's.

    What is answered is acknowledged, and what the switch ends is ended.
    """

    def __init__(self, port):
        self._to = ("127.0.0.1", port)
        self._socket = _bound()
        self._media = _bound()
        self.call_id = f"{uuid.uuid4().hex}"
        self.statuses = []
        self._listener = gevent.spawn(self._listen)

    def invite(self, number, display="Caller", user=b"15551230000", headers=(), sdp=b""):
        """``display``, ``headers`` and ``sdp`` go out as they are: bytes, or text as UTF-8."""
        host, port = self._socket.getsockname()
        here = b"%b:%d" % (host.encode(), port)
        display = _bytes(display).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        body = SDP % self._media.getsockname()[1] + sdp
        lines = [
            b"INVITE sip:%b@127.0.0.1:%d SIP/2.0" % (_bytes(number), self._to[1]),
            b"Via: SIP/2.0/UDP %b;rport;branch=z9hG4bK%b" % (here, uuid.uuid4().hex.encode()),
            b"Max-Forwards: 70",
            b'From: "%b" <sip:%b@%b>;tag=a' % (display, _bytes(user), here),
            b"To: <sip:%b@127.0.0.1:%d>" % (_bytes(number), self._to[1]),
            b"Call-ID: %b" % self.call_id.encode(),
            b"CSeq: 1 INVITE",
            b"Contact: <sip:me@%b>" % here,
            b"Content-Type: application/sdp",
            *map(_bytes, headers),
            b"Content-Length: %d" % len(body),
        ]
        self._lines = lines
        self._socket.sendto(b"\r\n".join(lines) + b"\r\n\r\n" + body, self._to)

    def final(self, timeout=10.0):
        """The status of the last answer but provisional ones."""
        with gevent.Timeout(timeout, False):
            while not self.statuses or self.statuses[-1] < 200:
                gevent.sleep(0.01)
        return self.statuses[-1] if self.statuses else 0

    def close(self):
        self._listener.kill()
        self._socket.close()
        self._media.close()

    def _listen(self):
        while True:
            data, _ = self._socket.recvfrom(65536)
            head = data.partition(b"\r\n\r\n")[0]
            if not head.startswith(b"SIP/2.0"):
                self._agree(head)  # BYE, and what else the switch may ask
                continue
            status, method = int(head[8:11]), re.search(rb"\r\nCSeq: \d+ (\w+)", head)[1]
            if method == b"INVITE":
                self.statuses.append(status)
                if status >= 200:
                    self._acknowledge(head)

    def _agree(self, head):
        kept = [
            line
            for line in head.split(b"\r\n")
            if re.match(rb"(?i)(via|from|to|call-id|cseq):", line)
        ]
        lines = [b"SIP/2.0 200 OK", *kept, b"Content-Length: 0", b"", b""]
        self._socket.sendto(b"\r\n".join(lines), self._to)

    def _acknowledge(self, head):
        to = re.search(rb"\r\nTo: .*", head)[0].strip()
        first = self._lines[0].replace(b"INVITE", b"ACK")
        lines = [first, *self._lines[1:4], to, self._lines[5], b"CSeq: 1 ACK"]
        self._socket.sendto(b"\r\n".join([*lines, b"Content-Length: 0", b"", b""]), self._to)


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def _bound():
    made = socket.socket(type=socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    return made
