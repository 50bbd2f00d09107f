"""One connection to a customer's web server, and the typed ways in which it fails.

``urllib3``'s, with five things settled that it leaves open: where it may go; one time limit for
DNS, TCP and TLS together; every failure says whether any byte of an answer had come, for on that
depends whether the request may be made again; a kept connection that the server has meanwhile
closed is replaced; a greenlet killed in the middle leaves no socket behind.
"""

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

from dialctl.errors import FetchError
from dialctl.http.egress import Egress
from dialctl.http.retry import quoted, status_word

_new_poll = monkey.get_original("select", "poll")  # gevent's waits for the hub even with timeout 0

CHUNK = 16384  # bytes read at a time

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


class Wire(HTTPConnection):
    """One connection. It opens itself, and anew, once, when it turns out to be stale.

    Stale: the server closed the kept connection, which shows only when the next request fails
    before the first byte of an answer. Nothing else is ever sent twice from here.
    """

    names: Names
    egress: Egress

    _poll: "select.poll | None" = None

    @property
    def is_connected(self) -> bool:
        """Open and silent: between two requests there is nothing to read but its end."""
        return self.sock is not None and self._poll is not None and not self._poll.poll(0)

    def exchange(self, request: bytes, connect: float, read: float) -> bytes:
        """Send a request; the first bytes of its answer. Timeouts are seconds, ``read``'s of each
        wait for bytes. Raises ConnectFailed, Denied, ReadFailed."""
        if self.is_connected:
            try:
                self.sock.settimeout(read)
                return self._first(request)
            except _NoAnswer:
                pass
        self.close()
        self.timeout = connect
        self.connect()
        self.sock.settimeout(read)
        try:
            return self._first(request)
        except _NoAnswer as error:
            raise ReadFailed(f"gave no answer: {error}", partial=False) from None

    def _first(self, request: bytes) -> bytes:
        try:
            sent = self.sock.send(request)
            if sent < len(request):
                self.sock.sendall(memoryview(request)[sent:])
        except (BrokenPipeError, ConnectionResetError):
            pass  # an answer may have come all the same
        except OSError as error:
            raise ReadFailed(f"did not take the request: {words(error)}", partial=False) from None
        try:
            data = self.sock.recv(CHUNK)
        except TimeoutError:
            raise ReadFailed("gave no answer in time", partial=False) from None
        except OSError as error:
            raise _NoAnswer(words(error)) from None
        if not data:
            raise _NoAnswer("the connection was closed")
        return data

    def more(self, status: int) -> bytes:
        """Further bytes of an answer that has begun. Raises ReadFailed."""
        if sys.platform == "linux":
            # A server that writes head and body of its answer apart holds the body back until the
            # head is acknowledged: 40 ms on a kept connection, if we do not do so at once.
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        try:
            data = self.sock.recv(CHUNK)
        except OSError as error:
            why = f"broke off its answer: {words(error)}"
            raise ReadFailed(why, partial=True, status=status) from None
        if not data:
            raise ReadFailed("broke off its answer: it is too short", partial=True, status=status)
        return data

    def connect(self) -> None:
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
        self._poll = _new_poll()
        self._poll.register(self.sock.fileno(), select.POLLIN)

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


class TlsWire(Wire, HTTPSConnection):
    """The same, encrypted."""
