"""What the tests of the HTTP client share."""

import socket
from dataclasses import dataclass

import gevent
import pytest
from dialctl.clock import Clock
from dialctl.http.client import (
    Client,
)
from dialctl.settings import Http

from support.rawserver import SECOND, Web, answer


@pytest.fixture
def web():
    server = Web()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def client():
    made = Client(Http(SECOND, SECOND, 5.0), Clock(), 1000)
    yield made
    made.close()


# What is sent


def chunked(*chunks):
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return answer(200, body + b"0\r\n\r\n", Content_Length=None, Transfer_Encoding="chunked")


@dataclass
class Failed:
    policy: str
    partial: bool | None
    status: int


def failure(client, url, kind, **limits):
    with pytest.raises(kind) as raised:
        client.request("POST", url, {"a": "1"}, **limits)
    error = raised.value
    return Failed(error.policy, getattr(error, "partial", None), error.status), str(error)


class Resolver:
    """Stands in for gevent's, whose real look-ups depend on the machine."""

    def __init__(self, wait, found):
        self.asked = []
        self._wait, self._found = wait, found

    def getaddrinfo(self, host, port, *_args):
        self.asked.append(host)
        gevent.sleep(self._wait)
        if isinstance(self._found, Exception):
            raise self._found
        return [(*found, (address, port)) for *found, address in self._found]

    def close(self):
        pass


@pytest.fixture
def resolver(monkeypatch):
    def install(wait, found):
        made = Resolver(wait, found)
        monkeypatch.setattr(gevent.get_hub(), "resolver", made)
        return made

    return install


TCP = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
