"""What a URL says: where to go, and how patiently. Pure.

    https://app.example/answer?q=1#ct=2000&rt=3000&rc=3&rp=ct,rt
    what is requested              how; never sent, never signed

The fragment is Plivo's "callback-retry" syntax (keys, ranges and meaning as on its page
voice/concepts/callback-configurations). Durations in it are milliseconds, ours are seconds.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from dialctl.settings import Http

LONGEST_URL = 2048  # characters, fragment and all

RETRY_WORDS = ("4xx", "5xx", "ct", "rt")  # "all" stands for all of them
RANGES = {  # milliseconds; rc is a count
    "ct": (100, 10000),
    "rt": (100, 40000),
    "tt": (100, 55000),
    "rc": (0, 5),
}
FIRST_PAUSE = 0.25  # before the second retry, doubled for each one after; the first has none

# Underscores are no host name's, but container networks use them.
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """How one URL is requested.

    ``url`` is as it goes on the wire: without its fragment, its host in ASCII, an empty path as
    ``/``, whatever RFC 3986 does not allow percent-encoded. Timeouts are seconds of call time:
    to connect (DNS, TCP and TLS), to wait for bytes, and for all attempts together. ``retries``
    come after the first attempt; ``retry_on`` holds words of ``RETRY_WORDS``. ``warnings`` are
    sentences for the log.
    """

    url: str
    connect_timeout: float
    read_timeout: float
    total_timeout: float
    retries: int
    retry_on: frozenset[str]
    warnings: tuple[str, ...] = ()

    def timeouts(self, elapsed: float) -> tuple[float, float, float]:
        """Connect, read and whole-attempt timeout ``elapsed`` seconds after the first attempt."""
        left = max(self.total_timeout - elapsed, 0.001)
        return min(self.connect_timeout, left), min(self.read_timeout, left), left

    def pause_after(self, failure: str, attempts: int, elapsed: float) -> float | None:
        """Seconds to wait before the next attempt, None when there shall be none.

        ``failure`` is the retry policy's word for what went wrong ('' is never retried),
        ``attempts`` how many have been made, ``elapsed`` seconds since the first began.
        """
        if failure not in self.retry_on or attempts > self.retries:
            return None
        pause = FIRST_PAUSE * 2 ** (attempts - 2) if attempts > 1 else 0.0
        return pause if elapsed + pause < self.total_timeout else None


def status_word(status: int) -> str:
    """The retry policy's word for an HTTP status, '' where it has none."""
    return f"{status // 100}xx" if 400 <= status < 600 else ""


@lru_cache(maxsize=512)
def plan_request(url: str, defaults: Http) -> RequestPlan:
    """The plan for an absolute URL. ValueError, in plain words, if it cannot be requested."""
    parts = _checked(url)
    warnings: list[str] = []
    given = _fragment(parts.fragment, warnings)
    retry_on = given.pop("rp", None)
    numbers: dict[str, int] = {}
    for key, text in given.items():
        low, high = RANGES[key]
        # int() would take blanks, signs, underscores and the digits of other scripts as well.
        if re.fullmatch(r"[0-9]{1,9}", text) and low <= int(text) <= high:
            numbers[key] = int(text)
        else:
            warnings.append(f"{key}={quoted(text)} is not within {low} to {high}; ignored")
    return RequestPlan(
        url=_on_the_wire(parts),
        connect_timeout=numbers["ct"] / 1000 if "ct" in numbers else defaults.connect_timeout,
        read_timeout=numbers["rt"] / 1000 if "rt" in numbers else defaults.read_timeout,
        total_timeout=numbers["tt"] / 1000 if "tt" in numbers else defaults.total_timeout,
        retries=numbers.get("rc", defaults.retries),
        retry_on=_policy(retry_on, defaults.retry_on, warnings),
        warnings=tuple(f"URL {shown(url)}: {warning}" for warning in warnings),
    )


def wire_url(url: str) -> str:
    """``url`` as a ``RequestPlan`` has it. ValueError, in plain words, if nobody can request it."""
    return _on_the_wire(_checked(url))


@lru_cache(maxsize=512)
def resolve(base: str, url: str) -> str:
    """``url`` made absolute against ``base`` (RFC 3986), its own fragment kept.

    ValueError, in plain words, for what does not end up http(s) with a host, what holds a blank
    or a control character, and what is longer than LONGEST_URL. An absolute ``url`` needs no
    base: ''.
    """
    _check_characters(url)
    try:
        # "" and "#x" mean the base itself, whose own fragment does not carry over.
        absolute = urljoin(base.partition("#")[0], url)
    except ValueError as error:
        raise ValueError(f"URL {shown(url)} cannot be understood: {error}") from None
    _checked(absolute)
    return absolute


@lru_cache(maxsize=256)
def shown(url: str) -> str:
    """``url`` as logs may hold it: no password, no value of its query, no fragment, <= 200."""
    head, question, query = url.partition("#")[0].partition("?")
    scheme, slashes, rest = head.partition("://")
    host, slash, path = rest.partition("/")
    names = "&".join(
        f"{pair.partition('=')[0]}=..." if "=" in pair else "..." for pair in query.split("&")
    )
    text = "".join(
        (scheme, slashes, host.rpartition("@")[2], slash, path, question, names if question else "")
    )
    return quoted(text)


def quoted(text: str) -> str:
    """Printable ASCII, at most 200 characters: what a stranger sent cannot forge a log line."""
    ascii_only = ascii(text)[1:-1]
    return ascii_only if len(ascii_only) <= 200 else f"{ascii_only[:197]}..."


def _check_characters(url: str) -> None:
    if len(url) > LONGEST_URL:
        raise ValueError(f"URL of {len(url)} characters, more than {LONGEST_URL}: {shown(url)}")
    # urlsplit() drops tabs, line ends and leading control characters in silence.
    if any(character.isspace() or not character.isprintable() for character in url):
        raise ValueError(f"URL {shown(url)} holds a blank or a control character")


def _checked(url: str) -> SplitResult:
    _check_characters(url)
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is none
        host = _ascii_host(parts)
    except ValueError as error:
        raise ValueError(f"URL {shown(url)} cannot be understood: {error}") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"URL {shown(url)} is neither http:// nor https://")
    if not host:
        raise ValueError(f"URL {shown(url)} has no host")
    return parts


def _ascii_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host)}]"
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if host and not _HOST.fullmatch(host):
        raise ValueError(f"{quoted(host)} is no host name")
    return host


def _on_the_wire(parts: SplitResult) -> str:
    """What the receiver sees, and so what is signed.

    The same normal form that urllib3 would make of it; made here, it is the same in signature,
    request and log.
    """
    user, at, _ = parts.netloc.rpartition("@")
    host = _ascii_host(parts)
    port = "" if parts.port is None else f":{parts.port}"
    netloc = f"{_encoded(user, ':')}{at}{host}{port}"
    query = f"?{_encoded(parts.query, '/?:@')}" if parts.query else ""
    return f"{parts.scheme}://{netloc}{_encoded(parts.path, '/:@') or '/'}{query}"


def _encoded(text: str, also: str) -> str:
    whole = _BARE_PERCENT.sub("%25", text)
    upper = _ESCAPE.sub(lambda escape: escape[0].upper(), whole)
    return quote(upper, safe=f"%!$&'()*+,;=-._~{also}")


def _fragment(fragment: str, warnings: list[str]) -> dict[str, str]:
    if fragment and "=" not in fragment:
        warnings.append("its fragment holds no settings; dropped")
        return {}
    given: dict[str, str] = {}
    for pair in filter(None, fragment.split("&")):
        key, _, text = pair.partition("=")
        if key in given:
            warnings.append(f"{key} is set twice; the last one counts")
        if key in RANGES or key == "rp":
            given[key] = unquote(text)
        elif key != "er":  # the edge region: there is only one here
            warnings.append(f"{quoted(key)} is no setting of a request; ignored")
    return given


def _policy(text: str | None, default: Iterable[str], warnings: list[str]) -> frozenset[str]:
    words = set(default if text is None else text.split(","))
    if not words <= {*RETRY_WORDS, "all"}:
        warnings.append(
            f"rp={quoted(text or '')} is no list of {', '.join(RETRY_WORDS)}, all; ignored"
        )
        words = set(default)
    return frozenset(RETRY_WORDS if "all" in words else words)
