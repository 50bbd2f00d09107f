"""Documents in: what the customer's web application answers, or a plain word on why nothing."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from dialctl.clock import Clock
from dialctl.errors import DocumentError, FetchError
from dialctl.http import attempts
from dialctl.http.attempts import Told
from dialctl.http.client import Client, RequestFailed, TooLarge
from dialctl.http.encoding import Encoding, Params
from dialctl.http.retry import plan_request, shown
from dialctl.settings import Http

_log = logging.getLogger("dialctl.http")


@dataclass(frozen=True, slots=True)
class Document:
    """What a URL answered.

    ``url`` is the document's own, against which its relative URLs are resolved: after redirects,
    without fragment and without the parameters we added.
    """

    url: str
    body: bytes
    content_type: str


class Fetcher:
    """Fetches documents. The greenlet that waits in ``fetch`` may be killed at any time."""

    def __init__(self, client: Client, http: Http, clock: Clock) -> None:
        self._client = client
        self._http = http
        self._clock = clock

    def fetch(
        self,
        url: str,
        method: str = "POST",
        params: Params = (),
        auth_token: str = "",
        call_uuid: str = "",
        encoding: Encoding = Encoding.FORM,
        heard: Callable[[Told], None] = lambda told: None,
    ) -> Document:
        """The document at ``url``, after as many attempts as its fragment or ``http`` allows.

        ``url`` is absolute; with an ``auth_token`` each attempt is signed. It may be empty.
        ``heard`` is told what came of it, whatever it is. Raises
        FetchError if it cannot be reached or does not answer 2xx, DocumentError if it answers 2xx
        with more than ``limits.document_bytes``.
        """
        extra = {"call_uuid": call_uuid}
        try:
            plan = plan_request(url, self._http)
        except ValueError as error:
            raise unaskable(error) from None
        for warning in plan.warnings:
            _log.warning("%s", warning, extra=extra)
        told = attempts.request(
            self._client, self._clock, plan, method, params, auth_token, encoding=encoding
        )
        heard(told)
        document = document_of(told, url)
        _log.debug(
            "the web application at %s sent %d bytes (%s)",
            shown(plan.url),
            len(document.body),
            told.effort,
            extra=extra,
        )
        return document


def unaskable(error: ValueError) -> FetchError:
    """There is no such URL."""
    return FetchError(f"the web application cannot be asked: {error}")


def document_of(told: Told, url: str) -> Document:
    """What ``url`` answered. Raises as ``Fetcher.fetch``."""
    result, effort = told.result, told.effort
    who = f"the web application at {shown(url)}"
    ok = 200 <= result.status < 300
    if isinstance(result, RequestFailed):
        why = f"{who} {result} ({effort})"
        if ok and isinstance(result, TooLarge):
            raise DocumentError(why)
        raise FetchError(why, status=0 if ok else result.status)  # half a 200 is no 200
    if not ok:
        raise FetchError(f"{who} answered {result.status} ({effort})", status=result.status)
    return Document(result.url, result.body, result.content_type)
