"""Signatures by which the customer's application knows that a request is ours. Pure.

Plivo's schemes V3 and V2, as its SDKs compute them (plivo-python, utils/signature_v3.py and
utils/__init__.py; plivo-go, utils_test.go for the vectors): where its prose differs, the SDKs
decide, because they are what applications check with.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import parse_qsl, urlparse

from dialctl.http.encoding import Params, Value, ordered, texts


def new_nonce() -> str:
    """Twenty random digits, as Plivo's own requests carry them."""
    return f"{secrets.randbelow(10**20):020}"


def sign_v3(method: str, url: str, params: Params, nonce: str, token: str) -> str:
    """Signature V3 of a request to ``url`` that adds ``params`` (query of a GET, body of a POST).

    The fragment is not signed; the query is signed decoded and sorted. A JSON body is signed as
    the SDKs sign the object that its receiver reads out of it.
    """
    base, query = _base(url), _query(url)
    if method == "POST" and params:
        # The question mark always stands; the dot only behind a query.
        rest = f"?{_joined(query)}{'.' if query else ''}{_signed(params)}"
    else:
        everything = [*query, *texts(params)]
        rest = f"?{_joined(everything)}" if everything else ""
    return _hmac(f"{base}{rest}.{nonce}", token)


def sign_v2(url: str, nonce: str, token: str) -> str:
    """Signature V2: the URL without query and fragment, and the nonce."""
    return _hmac(f"{_base(url)}{nonce}", token)


def headers(method: str, url: str, params: Params, auth_token: str, nonce: str) -> dict[str, str]:
    """The six signature headers.

    The Ma forms are signed with the main account's token; we know one account, so both are equal.
    A user and password in the URL are not signed: the receiver's own idea of its URL has none.
    """
    visible = _visible(url)
    v3 = sign_v3(method, visible, params, nonce, auth_token)
    v2 = sign_v2(visible, nonce, auth_token)
    return {
        "X-Plivo-Signature-V3": v3,
        "X-Plivo-Signature-Ma-V3": v3,
        "X-Plivo-Signature-V3-Nonce": nonce,
        "X-Plivo-Signature-V2": v2,
        "X-Plivo-Signature-Ma-V2": v2,
        "X-Plivo-Signature-V2-Nonce": nonce,
    }


@lru_cache(maxsize=256)
def _visible(url: str) -> str:
    parts = urlparse(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


@lru_cache(maxsize=256)
def _query(url: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(urlparse(url).query, keep_blank_values=True))


@lru_cache(maxsize=256)
def _base(url: str) -> str:
    parts = urlparse(url)  # not urlsplit: the SDKs drop ";parameters" of the path as well
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _joined(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _signed(params: Params) -> str:
    """Names and values without anything between them, those inside a value likewise."""
    return "".join(
        [
            name + value if isinstance(value, str) else _said(name, value)
            for name, value in ordered(params)
        ]
    )


def _said(name: str, value: Value) -> str:
    match value:
        case Mapping():
            return f"{name}{_signed(value)}"
        case list() | tuple():
            return "".join(sorted(_said(name, item) for item in value))
    return f"{name}{value}"


def _hmac(text: str, token: str) -> str:
    digest = hmac.digest(token.encode(), text.encode(), hashlib.sha256)
    return base64.b64encode(digest).decode("ascii")
