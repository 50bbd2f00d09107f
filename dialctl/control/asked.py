"""The parameters of a call that is asked for: text in, typed values out. Pure.

Names, ranges and defaults: Plivo's page on making a call, and plivo-python's resources/calls.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from dialctl import apps
from dialctl.following import Hook
from dialctl.reach import Number, SendDigits, Target, User
from dialctl.settings import App

MOST_CALLED = 1000  # of one request
MOST_NAME = 50
DAY = 86400

_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_USER = re.compile(r"sip:([A-Za-z0-9_.+-]{1,64})@([A-Za-z0-9_.-]{1,253}(?::[0-9]{1,5})?)")
_HEADER = re.compile(r"[A-Za-z0-9]{1,128}")
_KEYS = re.compile(r"[0-9A-Da-d*#wW]{1,200}")
# What Plivo's SDKs send whatever is asked for, and what says nothing then.
_SILENT = frozenset(
    {
        "machine_detection_time",
        "machine_detection_method",
        "error_if_parent_not_found",
        "callback_method",
    }
)
_NOT_BUILT = ("machine_detection", "machine_detection_url", "parent_call_uuid", "callback_url")
_KNOWN = frozenset(
    {
        "from",
        "to",
        "caller_name",
        "time_limit",
        "ring_timeout",
        "hangup_on_ring",
        "send_digits",
        "send_on_preanswer",
        "sip_headers",
        *(
            f"{which}_{what}"
            for which in ("answer", "ring", "hangup", "fallback")
            for what in ("url", "method")
        ),
    }
)


class Unusable(ValueError):
    """``parameter`` is at fault; ``forbidden``: this app may not."""

    def __init__(self, message: str, parameter: str, *, forbidden: bool = False) -> None:
        self.parameter = parameter
        self.forbidden = forbidden
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; ``targets`` are called each by itself."""

    caller: str
    targets: tuple[Target, ...]
    answer: Hook
    caller_name: str = ""
    ring: Hook | None = None
    hangup: Hook | None = None
    fallback: Hook | None = None
    time_limit: int = 14400
    ring_timeout: int = 120
    hangup_on_ring: int | None = None


def read(fields: Mapping[str, str], app: App) -> Wanted:
    """Raises Unusable for the first parameter that cannot be carried out."""
    for name in fields:
        if name in _NOT_BUILT and fields[name]:
            raise Unusable("is not built; leave it out", name)
        if name not in _KNOWN and name not in _SILENT and name not in _NOT_BUILT:
            raise Unusable("is no parameter of a call", name)
    caller = fields.get("from", "")
    if not (_NUMBER.fullmatch(caller) or _USER.fullmatch(caller)):
        raise Unusable("expected a telephone number of 3 to 20 digits, or sip:user@host", "from")
    answer = _hook(fields, "answer")
    if answer is None:
        raise Unusable("expected an http or https URL", "answer_url")
    name = "".join(char for char in fields.get("caller_name", "") if char.isprintable())
    if len(name) > MOST_NAME:
        raise Unusable(f"expected at most {MOST_NAME} characters", "caller_name")
    hangup_on_ring = _whole(fields, "hangup_on_ring", -1, 0)
    return Wanted(
        caller=caller.lstrip("+") if caller.startswith("+") else caller,
        targets=_targets(fields, app, caller, name),
        answer=answer,
        caller_name=name,
        ring=_hook(fields, "ring"),
        hangup=_hook(fields, "hangup"),
        fallback=_hook(fields, "fallback"),
        time_limit=_whole(fields, "time_limit", 14400, 1),
        ring_timeout=_whole(fields, "ring_timeout", 120, 1),
        hangup_on_ring=None if hangup_on_ring < 0 else hangup_on_ring,
    )


def _targets(fields: Mapping[str, str], app: App, caller: str, name: str) -> tuple[Target, ...]:
    called = fields.get("to", "").split("<")
    if len(called) > MOST_CALLED:
        raise Unusable(f"expected at most {MOST_CALLED} of them, parted by <", "to")
    headers, keys = _headers(fields), _send_digits(fields)
    targets = []
    for one in called:
        user, number = _USER.fullmatch(one), _NUMBER.fullmatch(one)
        if not (user or number):
            raise Unusable(
                f"{one[:40]!r} is neither a telephone number of 3 to 20 digits nor sip:user@host",
                "to",
            )
        label = one.lstrip("+")
        if not (app.call_out and apps.matches(app.call_out, label)):
            raise Unusable(
                f"{label[:80]} is none of those that the app may call: call_out in apps.yaml",
                "to",
                forbidden=True,
            )
        targets.append(
            Target(
                destination=User(user[1], user[2]) if user else Number(label),
                label=label,
                caller_id=caller.removeprefix("sip:").partition("@")[0],
                caller_name=name or None,
                send_digits=keys,
                headers=headers,
            )
        )
    return tuple(targets)


def _hook(fields: Mapping[str, str], which: str) -> Hook | None:
    url, method = fields.get(f"{which}_url", ""), fields.get(f"{which}_method") or "POST"
    if method not in ("GET", "POST"):
        raise Unusable("expected GET or POST", f"{which}_method")
    return hook(url, method, f"{which}_url") if url else None


def hook(url: str, method: str, parameter: str) -> Hook:
    """Raises Unusable for what is no http URL."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(url) > 2000 or not url.isprintable() or " " in url:
        raise Unusable("expected an http or https URL", parameter)
    return Hook(url, method)


def _whole(fields: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = fields.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,5}", text) or not least <= int(text) <= DAY:
        raise Unusable(f"expected whole seconds from {least} to {DAY}", name)
    return int(text)


def _headers(fields: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """``k=v,k2=v2``, letters and digits, sent as X-PH-k."""
    headers = []
    for pair in filter(None, fields.get("sip_headers", "").split(",")):
        name, _, value = (part.strip() for part in pair.partition("="))
        if not (_HEADER.fullmatch(name) and _HEADER.fullmatch(value)):
            raise Unusable("expected k=v,k2=v2 of letters and digits", "sip_headers")
        headers.append((f"X-PH-{name}", value))
    return tuple(headers)


def _send_digits(fields: Mapping[str, str]) -> SendDigits | None:
    keys, early = fields.get("send_digits", ""), fields.get("send_on_preanswer") or "false"
    if early not in ("true", "false"):
        raise Unusable("expected true or false", "send_on_preanswer")
    if not keys:
        return None
    if not _KEYS.fullmatch(keys):
        raise Unusable("expected 0-9 A-D * # w W, at most 200 of them", "send_digits")
    return SendDigits(keys, early == "true")
