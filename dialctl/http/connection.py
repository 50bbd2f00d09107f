"""One connection to a customer's web server, and the typed ways in which it fails.

``urllib3``'s, with five things settled that it leaves open: where it may go; one time limit for
DNS, TCP and TLS together; every failure says whether any byte of an answer had come, for on that
depends whether the request may be made again; a kept connection that the server has meanwhile
closed is replaced; a greenlet killed in the middle leaves no socket behind.
"""

import http.client
import re
import select
import socket
import ssl
import sys
from typing import Any

import gevent
import urllib3
from gevent import monkey
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse

from dialctl.errors import FetchError
from dialctl.http.egress import Egress
from dialctl.http.retry import quoted, status_word

_poll = monkey.get_original("select", "poll")  # gevent's waits for the hub even with timeout 0

Found = list[tuple[Any, ...]]  # what getaddrinfo() returns


class RequestFailed(FetchError):
    """A request brought no whole answer. The message completes "the web application ...".

    ``policy`` is the retry policy's word for it, '' if the request must not be made again;
    ``status`` is the HTTP status if that much of the answer had come, else 0.
    """

    policy = ""


class ConnectFailed(RequestFailed):
    """No connection: DNS, TCP, TLS, or the connect timeout."""

    policy = "ct"


class Denied(RequestFailed):
    """The operator lets no request go there."""


class ReadFailed(RequestFailed):
    """No answer, or half an answer (``partial``): read timeout, reset, broken encoding."""

    def __init__(self, message: str, *, partial: bool, status: int = 0) -> None:
        self.partial = partial
        self.policy = "" if partial else "rt"
        super().__init__(message, status=status)


class TooLarge(RequestFailed):
    """The body, unpacked, is longer than allowed. It is not read to its end."""

    def __init__(self, message: str, *, status: int) -> None:
        self.policy = status_word(status)
        super().__init__(message, status=status)


class BadRedirect(RequestFailed):
    """A redirect we do not follow: one too many, to another scheme, or to what is no URL."""


class Names:
    """Host names to addresses, one look-up a name at a time.

    gevent looks names up in ten threads. A customer whose name server is dead holds one of them
    until the system gives up, however many of his calls are waiting; the others stay free.
    """

    def __init__(self) -> None:
        self._asked: dict[tuple[str, int], gevent.Greenlet[..., Found | str]] = {}

    def addresses(self, host: str, port: int) -> Found:
        """What getaddrinfo() finds, at least one. Raises ConnectFailed."""
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                socket.inet_pton(family, host)
            except (OSError, ValueError):
                continue
            return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]
        asked = self._asked.get((host, port))
        if asked is None:
            asked = self._asked[host, port] = gevent.spawn(self._look_up, host, port)
        found = asked.get()
        if isinstance(found, str):
            raise ConnectFailed(f"could not be reached: {quoted(host)} is unknown: {found}")
        return found

    def _look_up(self, host: str, port: int) -> Found | str:
        # An exception here would be printed by gevent, and raised in nobody.
        try:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            return words(error)
        finally:
            del self._asked[host, port]


def pools(names: Names, egress: Egress) -> dict[str, type[HTTPConnectionPool]]:
    """Pool classes by scheme, for urllib3's PoolManager."""
    shared = {"names": names, "egress": egress}
    plain = type("Plain", (_Wire,), shared)
    tls = type("Tls", (_Wire, HTTPSConnection), shared)
    return {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
    }


class Tls(ssl.SSLContext):
    """Verifies against the authorities that requests brings along and those of the machine.

    The latter are the operator's own (and those in SSL_CERT_FILE). One context serves all
    connections: urllib3 would load the authorities anew for each.
    """

    @classmethod
    def verifying(cls) -> "Tls":
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=DEFAULT_CA_BUNDLE_PATH)
        context.load_default_certs()
        return context

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        # gevent's wrap_socket() closes the socket when the handshake fails, but leaves it to the
        # garbage collector when the greenlet is killed, or its gevent.Timeout strikes.
        kwargs["do_handshake_on_connect"] = False
        sock = super().wrap_socket(*args, **kwargs)
        try:
            sock.do_handshake()
        except BaseException:
            sock.close()
            raise
        return sock


def words(error: Exception) -> str:
    """What an exception of the network says, fit for a log."""
    return quoted(getattr(error, "strerror", None) or str(error) or type(error).__name__)


class _NoAnswer(Exception):
    """The connection ended before the first byte of an answer."""


class _Head(http.client.HTTPResponse):
    """Tells an answer that never began from one that broke off."""

    fp: Any

    def begin(self) -> None:
        try:
            begun = self.fp.peek(1)
        except TimeoutError:
            raise ReadFailed("gave no answer in time", partial=False) from None
        except OSError as error:
            raise _NoAnswer(words(error)) from None
        if not begun:
            raise _NoAnswer("the connection was closed")
        try:
            super().begin()
        except (OSError, http.client.HTTPException) as error:
            raise ReadFailed(f"broke off its answer: {words(error)}", partial=True) from None
        lengths = {text.strip() for text in self.headers.get_all("Content-Length", ())}
        if len(lengths) > 1 or not all(re.fullmatch("[0-9]{1,18}", text) for text in lengths):
            # RFC 9112, 6.3: where the answer ends is unknown, and so where the next one begins.
            raise ReadFailed("gave its answer no clear length", partial=True, status=self.status)


class _Wire(HTTPConnection):
    """Sends a request in one piece, and opens itself anew, once, when it turns out to be stale.

    Stale: the server closed the kept connection, which shows only when the next request fails
    before the first byte of an answer. Nothing else is ever sent twice from here.
    """

    names: Names
    egress: Egress
    response_class = _Head

    _used = False  # has carried an answer since it was opened
    _held: list[bytes] | None = None  # the pieces of a request, while urllib3 writes it
    _asked: tuple[Any, Any, Any]  # the request under way: connect timeout, arguments

    @property
    def is_connected(self) -> bool:
        """Open and silent: between two requests there is nothing to read but its end."""
        if self.sock is None:
            return False
        poll = _poll()
        poll.register(self.sock.fileno(), select.POLLIN)
        return not poll.poll(0)

    def connect(self) -> None:
        self._used = False
        limit = gevent.Timeout(self.timeout)
        try:
            with limit:
                super().connect()
        except gevent.Timeout as timeout:
            if timeout is not limit:
                raise
            raise ConnectFailed("could not be reached in time") from None
        except (OSError, urllib3.exceptions.HTTPError) as error:
            raise ConnectFailed(f"could not be reached: {words(error)}") from None

    def _new_conn(self) -> socket.socket:
        failure: OSError | Denied | None = None
        for family, kind, protocol, _, address in self.names.addresses(self._dns_host, self.port):
            # The very address that is connected to: no second look-up comes between.
            if rule := self.egress.rule(address[0]):
                failure = failure or Denied(
                    f"may not be reached: {address[0]} is denied by http.egress.deny ({rule})"
                )
                continue
            try:
                return self._opened(socket.socket(family, kind, protocol), address)
            except OSError as error:
                failure = error
        raise failure or OSError("its name has no address")

    def _opened(self, sock: socket.socket, address: Any) -> socket.socket:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(self.timeout)
            sock.connect(address)
        except BaseException:  # killed, too: urllib3's own would leave the socket open
            sock.close()
            raise
        return sock

    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._asked = (self.timeout, args, kwargs)
        held: list[bytes] = []
        self._held = held
        try:
            super().request(*args, **kwargs)
        finally:
            self._held = None
        try:
            self.send(b"".join(held))
        except (BrokenPipeError, ConnectionResetError):
            return  # an answer may have come all the same
        except OSError as error:
            raise ReadFailed(f"did not take the request: {words(error)}", partial=False) from None
        if sys.platform == "linux":
            # A server that writes head and body of its answer apart holds the body back until the
            # head is acknowledged: 40 ms on a kept connection, if we do not do so at once.
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3
        try:
            answer = super().getresponse()
        except _NoAnswer as error:
            if not self._used:
                raise ReadFailed(f"gave no answer: {error}", partial=False) from None
        else:
            self._used = True
            del self._asked  # an idle connection shall not keep what a call has said
            return answer
        read_timeout = self.timeout
        self.timeout, args, kwargs = self._asked
        self.close()
        self.request(*args, **kwargs)
        self.timeout = read_timeout
        return self.getresponse()
