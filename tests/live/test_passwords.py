"""Callees who ask for a password: one that takes what it is given, and one that never does."""

import re

import gevent
import pytest
from gevent import socket

from .flow import END_OF_DOCUMENT
from .numbers import response

FAILED = ("4240", "sip_auth_failed", "Carrier")
PASSWORD = 'sipAuthUsername="alice123" sipAuthPassword="secret-123"'


class Asking:
    """A SIP telephone that answers each INVITE with 407, or 486 once it is given a password."""

    def __init__(self, port, pleased):
        self._pleased = pleased
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self._serving = gevent.spawn(self._serve)

    def _serve(self):
        for number in range(100):
            text, address = self._socket.recvfrom(65535)
            if text.startswith(b"INVITE "):
                self._socket.sendto(self._answer(text.decode(), number), address)

    def _answer(self, text, number):
        head = dict(re.findall(r"^([\w-]+): *(.*?)\r$", text, re.MULTILINE))
        lines = [f"{name}: {head[name]}" for name in ("Via", "From", "Call-ID", "CSeq")]
        lines += [f"To: {head['To']};tag=x", "Content-Length: 0", "", ""]
        if self._pleased and "Proxy-Authorization" in head:
            return "\r\n".join(["SIP/2.0 486 Busy Here", *lines]).encode()
        challenge = f'Proxy-Authenticate: Digest realm="r", nonce="n{number}", algorithm=MD5'
        return "\r\n".join(["SIP/2.0 407 Who is it?", challenge, *lines]).encode()

    def stop(self):
        self._serving.kill()
        self._socket.close()


@pytest.fixture
def asking(live):
    telephones = []

    def start(pleased):
        telephones.append(Asking(live.switch.dead_port, pleased))
        return f"sip:bob@127.0.0.1:{live.switch.dead_port}"

    yield start
    for telephone in telephones:
        telephone.stop()


def called(live, uri, password):
    told = f'callbackUrl="{live.url("/callback")}" action="{live.url("/action")}"'
    live.script(response(f"<Dial {told}><User {password}>{uri}</User></Dial>"), action=response())
    return live.call()


@pytest.mark.parametrize("password", [PASSWORD, ""], ids=["wrong", "none"])
def test_a_password_that_is_wrong_or_missing(live, asking, password):
    uri = asking(pleased=False)
    call = called(live, uri, password)
    flow = live.flow(call)
    cause = "NORMAL_UNSPECIFIED" if password else "MANDATORY_IE_MISSING"
    live.expect(
        flow.start(),
        flow.leg_ended(uri, cause, how=FAILED),
        flow.action("failed", "sip_auth_failed", rang=False),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    assert call.refused()


def test_a_password_that_is_right(live, asking):
    uri = asking(pleased=True)
    call = called(live, uri, PASSWORD)
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(uri, "USER_BUSY"),
        flow.action("busy", "USER_BUSY", rang=False),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
