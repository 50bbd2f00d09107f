"""Sounds that documents name by URL, fetched by us and not by the switch.

FreeSWITCH's own fetch (mod_httapi) holds up the channel's thread: nothing is heard of a caller
who hangs up meanwhile. Here a greenlet of its own fetches, once for all calls that want the same
URL, and goes on when its caller has left: the next one will want it too.

Plivo's timeouts of Play are fixed: 2 s to connect, 120 s for each wait for bytes, one retry, of
whatever went wrong. Connect timeout and retries are the operator's ``http.connect_timeout`` and
``http.retries``, whose defaults are the same; ``http.read_timeout``, for documents, is not taken.
A URL's fragment means nothing here, as Plivo says.
"""

import hashlib
import logging

import gevent

from dialctl.audio.freshness import validity
from dialctl.audio.kinds import kind
from dialctl.audio.shelf import Part, Shelf, Sound
from dialctl.clock import Clock
from dialctl.errors import FetchError
from dialctl.http.client import Answer, Client, Denied, RequestFailed
from dialctl.http.retry import RETRY_WORDS, RequestPlan, quoted, shown, wire_url
from dialctl.settings import Http

READ_SECONDS = 120.0
TOTAL_SECONDS = 240.0  # for all attempts: Plivo tells of no limit, but a drip must end some time
SOUND_BYTES = 64 << 20  # the longest sound: an hour of telephone quality (8 kHz, 16 bits)
SHELF_BYTES = 1 << 30  # of all together

_log = logging.getLogger("dialctl.audio")


class AudioCache:
    """``get`` is all there is to it. The greenlet that waits in it may be killed at any time."""

    def __init__(self, client: Client, http: Http, shelf: Shelf, clock: Clock) -> None:
        self._client = client
        self._http = http
        self._shelf = shelf
        self._clock = clock
        self._fetches: dict[str, gevent.Greenlet[..., Sound | Exception]] = {}

    def get(self, url: str, call_uuid: str = "") -> Sound:
        """The sound at ``url``, http(s) and absolute. Raises FetchError with the reason."""
        url = wire_url(url)
        key = hashlib.sha256(url.encode()).hexdigest()
        known = self._shelf.find(key)
        if known and self._clock.wall() < known.validity.fresh_until:
            return known
        fetch = self._fetches.get(key)
        if fetch is None:
            fetch = gevent.spawn(self._fetch, key, url, known, call_uuid)
            self._fetches[key] = fetch
        result = fetch.get()
        if isinstance(result, Sound):
            return result
        # Each waiter raises its own: one exception would collect all their tracebacks.
        raise FetchError(str(result)) if isinstance(result, FetchError) else result

    def _fetch(self, key: str, url: str, known: Sound | None, call_uuid: str) -> Sound | Exception:
        """An error is a result: an exception here would be printed by gevent."""
        try:
            if known is None:
                return self._ask(key, url, None, call_uuid)
            with self._shelf.held(known):  # while the server is asked whether it is still right
                return self._ask(key, url, known, call_uuid)
        except OSError as error:
            return FetchError(
                f"the sound at {shown(url)} cannot be kept in {self._shelf.folder}: "
                f"{error.strerror or error}"
            )
        except Exception as error:
            return error
        finally:
            del self._fetches[key]

    def _ask(self, key: str, url: str, known: Sound | None, call_uuid: str) -> Sound:
        plan = RequestPlan(
            url,
            self._http.connect_timeout,
            READ_SECONDS,
            TOTAL_SECONDS,
            self._http.retries,
            frozenset(RETRY_WORDS),
        )
        began, attempts, elapsed = self._clock.now(), 0, 0.0
        pause: float | None = 0.0
        while pause is not None:
            self._clock.sleep(pause)
            part = self._shelf.begin(key)
            try:
                result = self._attempt(plan, part, known, elapsed)
                attempts += 1
                elapsed = self._clock.now() - began
                if isinstance(result, Answer) and result.status in (200, 304):
                    return self._answered(key, url, result, part, known, call_uuid)
            finally:
                part.discard()
            pause = plan.pause_after(result.policy, attempts, elapsed)
        return self._failed(url, result, known, f"attempts {attempts}, {elapsed:.2f} s", call_uuid)

    def _attempt(
        self, plan: RequestPlan, part: Part, known: Sound | None, elapsed: float
    ) -> Answer | RequestFailed:
        connect, read, left = plan.timeouts(elapsed)
        try:
            return self._client.request(
                "GET",
                plan.url,
                headers=known.validity.conditions if known else {},
                connect_timeout=connect,
                read_timeout=read,
                max_bytes=SOUND_BYTES,
                total_timeout=left,
                sink=part.write,
            )
        except RequestFailed as failure:
            return failure

    def _answered(
        self, key: str, url: str, answer: Answer, part: Part, known: Sound | None, call_uuid: str
    ) -> Sound:
        extra = {"call_uuid": call_uuid}
        now = self._clock.wall()
        if known and answer.status == 304:
            self._shelf.renew(known, validity(answer.headers, now, known.validity))
            _log.debug("%s has not changed", shown(url), extra=extra)
            return known
        found = kind(answer.content_type, url, part.head)
        if not (found and part.size):
            told = quoted(answer.content_type) or "no Content-Type"
            raise FetchError(
                f"the sound at {shown(url)} is neither wav nor mp3 ({told}, {part.size} bytes)"
            )
        _log.debug("%s: %s, %d bytes", shown(url), found, part.size, extra=extra)
        return self._shelf.put(key, found, part, validity(answer.headers, now))

    def _failed(
        self,
        url: str,
        result: Answer | RequestFailed,
        known: Sound | None,
        effort: str,
        call_uuid: str,
    ) -> Sound:
        why = str(result) if isinstance(result, RequestFailed) else f"answered {result.status}"
        error = FetchError(f"the sound at {shown(url)} {why} ({effort})", status=result.status)
        unasked = result.status == 0 or result.status >= 500
        if not (known and known.validity.stale and unasked) or isinstance(result, Denied):
            raise error
        _log.warning("%s; the one fetched earlier is used", error, extra={"call_uuid": call_uuid})
        return known
