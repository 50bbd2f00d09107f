"""How long a fetched sound may be used without asking, and how to ask again. Pure.

RFC 9111: Cache-Control (max-age, no-cache, no-store, must-revalidate), Expires, Age; RFC 9110:
ETag, Last-Modified, and the conditions made of them. Every time is in seconds since 1970.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

# A server that says nothing at all of it would have a prompt fetched for each of its tries.
UNSAID = 60.0
LONGEST = 31536000.0  # a year, whatever the server says

_DIRECTIVE = re.compile(r'([a-z-]+)(?:\s*=\s*"?([^",]*)"?)?')
_VALIDATOR = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,255}")  # what may go into a header again


@dataclass(frozen=True, slots=True)
class Validity:
    """``etag`` and ``last_modified`` are the server's words, '' for none.

    ``stale``: it may be used all the same when the server cannot be asked. ``keep``: it may be
    kept once nobody hears it any more.
    """

    fresh_until: float = 0.0
    etag: str = ""
    last_modified: str = ""
    stale: bool = True
    keep: bool = True

    @property
    def conditions(self) -> dict[str, str]:
        """The headers of a request that wants it only if it has changed."""
        wanted = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in wanted.items() if value}


def validity(headers: Mapping[str, str], now: float, before: Validity | None = None) -> Validity:
    """What the headers of an answer say; of a 304 those that are missing are as ``before``."""
    said = _directives(headers.get("Cache-Control", ""))
    etag, modified = (
        text if _VALIDATOR.fullmatch(text) else ""
        for text in (headers.get("ETag", ""), headers.get("Last-Modified", ""))
    )
    if before is not None:
        etag, modified = etag or before.etag, modified or before.last_modified
    if "no-store" in said:
        return Validity(now, stale=False, keep=False)
    stale = not {"no-cache", "must-revalidate"} & said.keys()
    lasts = 0.0 if "no-cache" in said else _lifetime(said, headers, now)
    if lasts is None:
        lasts = 0.0 if etag or modified else UNSAID
    return Validity(now + lasts, etag, modified, stale)


def _lifetime(said: Mapping[str, str], headers: Mapping[str, str], now: float) -> float | None:
    """Seconds from now, None where the server leaves it open."""
    if "max-age" in said:
        lasts = _number(said["max-age"]) - _number(headers.get("Age", ""))
    elif "Expires" in headers:
        expires = _moment(headers["Expires"])
        lasts = expires - (_moment(headers.get("Date", "")) or now) if expires else 0.0
    else:
        return None
    return min(max(lasts, 0.0), LONGEST)


def _directives(text: str) -> dict[str, str]:
    return {name: value.strip() for name, value in _DIRECTIVE.findall(text.lower())}


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0.0


def _moment(text: str) -> float:
    """An HTTP date; 0 for what is none: RFC 9111 has such an Expires mean the past."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return 0.0
