"""One HTTP request, once: no retry, no cookie, no proxy, and never more than was allowed.

A connection is urllib3's, and kept (``pool``); the request is written in one piece. The ordinary
answer is read as it comes (``ordinary``), every other one by http.client and urllib3: with a
``requests`` session on top a request costs five times the CPU.
"""

import http.client
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import gevent
import urllib3

from dialctl.clock import Clock
from dialctl.http import asking, signing
from dialctl.http.asking import place
from dialctl.http.connection import (
    CHUNK,
    BadRedirect,
    ConnectFailed,
    Denied,
    ReadFailed,
    RequestFailed,
    TooLarge,
    Wire,
    words,
)
from dialctl.http.egress import Egress
from dialctl.http.encoding import Encoding, Params, body, query
from dialctl.http.ordinary import ordinary
from dialctl.http.pool import Pool
from dialctl.http.reading import Reading
from dialctl.http.retry import RequestPlan, resolve, shown, status_word, wire_url
from dialctl.settings import Http

__all__ = [
    "Answer",
    "BadRedirect",
    "Client",
    "ConnectFailed",
    "Denied",
    "ReadFailed",
    "RequestFailed",
    "TooLarge",
]

MOST_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)

Sink = Callable[[bytes], object]

# urllib3 logs whole URLs, and customers put secrets into queries.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. ``url`` is where it came from, without the parameters we added.

    ``headers`` are found by their names in any case; they are there if there was a sink.
    """

    status: int
    content_type: str
    body: bytes
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def policy(self) -> str:
        """The retry policy's word for it, as a RequestFailed has it; '' is never retried."""
        return status_word(self.status)


class Client:
    """Makes requests on pooled connections. Any number of greenlets may use it at once.

    ``http`` and ``document_bytes`` are the limits of a request that brings none of its own.
    """

    def __init__(self, http: Http, clock: Clock, document_bytes: int) -> None:
        self._http = http
        self._clock = clock
        self._document_bytes = document_bytes
        self._pool = Pool(Egress(http.egress.deny))

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.close()

    def attempt(
        self,
        plan: RequestPlan,
        method: str,
        params: Params,
        auth_token: str,
        elapsed: float = 0.0,
        headers: Mapping[str, str] | None = None,
        encoding: Encoding = Encoding.FORM,
    ) -> Answer | RequestFailed:
        """One attempt at ``plan``, ``elapsed`` seconds after the first; signed, with a token."""
        signed: dict[str, str] = {}
        if auth_token:
            nonce = signing.new_nonce()
            signed = signing.headers(method, plan.url, params, auth_token, nonce)
        connect, read, left = plan.timeouts(elapsed)
        try:
            return self.request(
                method,
                plan.url,
                params,
                {**signed, **(headers or {})},
                connect,
                read,
                total_timeout=left,
                encoding=encoding,
            )
        except RequestFailed as failure:
            return failure

    def request(
        self,
        method: str,
        url: str,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        connect_timeout: float | None = None,
        read_timeout: float | None = None,
        max_bytes: int | None = None,
        total_timeout: float | None = None,
        sink: Sink | None = None,
        encoding: Encoding = Encoding.FORM,
    ) -> Answer:
        """One request, with up to MOST_REDIRECTS redirects followed.

        ``method`` is GET (``params`` go behind the URL's own query) or POST (they are the body).
        ``url`` is as a RequestPlan has it. Timeouts are seconds of call time: to connect, for each
        wait for bytes, and for everything; ``max_bytes`` counts the unpacked body. A ``sink``
        gets the body of a 200 piece by piece, and the answer holds none; other bodies are not
        read then. Raises ConnectFailed, Denied, ReadFailed, TooLarge, BadRedirect, and what
        the sink raises; any status is an answer.
        """
        http = self._http
        if method == "GET":
            more = f"{'&' if '?' in url else '?'}{query(params)}" if params else ""
            hop = _Hop("GET", url, more)
        else:
            hop = _Hop("POST", url, "", body(params, encoding), encoding)
        limit = gevent.Timeout(self._clock.real(_or(total_timeout, http.total_timeout)))
        timeouts = (
            self._clock.real(_or(connect_timeout, http.connect_timeout)),
            self._clock.real(_or(read_timeout, http.read_timeout)),
        )
        most = self._document_bytes if max_bytes is None else max_bytes
        try:
            with limit:
                while True:
                    answer = self._once(hop, headers or {}, timeouts, most, sink)
                    if isinstance(answer, Answer):
                        return answer
                    hop = hop.redirected(answer)
        except gevent.Timeout as timeout:
            if timeout is not limit:
                raise
            begun = hop.status != 0
            raise ReadFailed("took too long", partial=begun, status=hop.status) from None

    def _once(
        self,
        hop: "_Hop",
        headers: Mapping[str, str],
        timeouts: tuple[float, float],
        most: int,
        sink: Sink | None,
    ) -> Answer | str:
        """Make one hop. Returns the answer, or where it redirects to."""
        to = place(hop.url)
        request = asking.request(hop.method, to, hop.added, headers, hop.body, hop.encoding)
        wire, keeps = self._pool.take(to), False
        try:
            said = wire.exchange(request, *timeouts)
            answer = None if sink else _ordinary(hop, wire, said, most)
            if answer is not None:
                keeps = answer[1]
                return answer[0]
            reading = Reading(said, wire.sock, hop.method)
            hop.status = reading.status
            result = _read(hop, reading, most, sink)
            keeps = reading.ended
            return result
        finally:
            if keeps:
                self._pool.keep(to, wire)
            else:
                wire.close()


@dataclass(slots=True)
class _Hop:
    """Where a request has got to: one redirect is one hop further."""

    method: str
    url: str
    added: str = ""  # to it: our parameters
    body: bytes | None = None
    encoding: Encoding = Encoding.FORM  # of the body
    left: int = MOST_REDIRECTS
    status: int = 0  # 0 until the answer has begun

    def redirected(self, location: str) -> "_Hop":
        if not self.left:
            raise BadRedirect(f"redirects more than {MOST_REDIRECTS} times", status=self.status)
        # http.client reads headers as Latin-1, whatever they were meant to be.
        text = location.encode("latin-1", "replace").decode("utf-8", "replace")
        try:
            target = wire_url(resolve(self.url, text))
        except ValueError as error:
            raise BadRedirect(f"redirects to nowhere: {error}", status=self.status) from None
        if self.url.partition(":")[0] != target.partition(":")[0]:
            # Down to http it would be read and forged on its way; up, what was sent has been.
            why = f"redirects to another scheme, from {shown(self.url)} to {shown(target)}"
            raise BadRedirect(why, status=self.status)
        if self.status in (301, 302, 303):
            # as browsers do
            return _Hop("GET", target, left=self.left - 1)
        return _Hop(self.method, target, "", self.body, self.encoding, self.left - 1)


def _ordinary(hop: _Hop, wire: Wire, said: bytes, most: int) -> tuple[Answer, bool] | None:
    """An ordinary answer, and whether ``wire`` may carry another one; None if it is not ordinary.

    Raises ReadFailed, TooLarge.
    """
    found = ordinary(said)
    if found is None:
        return None
    hop.status, kind, start, end, keeps = found
    if end - start > most:
        raise _too_large(most, hop.status)
    while len(said) < end:
        said += wire.more(hop.status)
    # What is behind it belongs to nothing.
    return Answer(hop.status, kind, said[start:end], hop.url), keeps and len(said) == end


def _read(hop: _Hop, raw: Reading, most: int, sink: Sink | None) -> Answer | str:
    if hop.status in REDIRECTS and "Location" in raw.headers:
        return str(raw.headers["Location"])
    body = b"" if sink and hop.status != 200 else _body(raw, most, sink)
    return Answer(hop.status, raw.headers.get("Content-Type", ""), body, hop.url, raw.headers)


def _body(raw: Reading, most: int, sink: Sink | None) -> bytes:
    if (raw.length_remaining or 0) > most:
        raise _too_large(most, raw.status)
    body = bytearray()
    take, size = sink or body.extend, 0
    for chunk in _chunks(raw):
        size += len(chunk)
        if size > most:
            raise _too_large(most, raw.status)
        take(chunk)
    return bytes(body)


def _chunks(raw: Reading) -> Iterator[bytes]:
    try:
        yield from raw.stream(CHUNK, decode_content=True)
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
        why = f"broke off its answer: {words(error)}"
        raise ReadFailed(why, partial=True, status=raw.status) from None


def _too_large(most: int, status: int) -> TooLarge:
    return TooLarge(f"answered with more than {most} bytes", status=status)


def _or(given: float | None, default: float) -> float:
    return default if given is None else given
