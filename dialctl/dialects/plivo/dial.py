"""<Dial>, <Number> and <User>: who is rung, for how long, and who is told."""

import re

from dialctl.dialects.plivo.attributes import MAX_NAME, Reading
from dialctl.plan import Dial, Hook, Number, Target, User

ATTRIBUTES = frozenset(
    {
        "action",
        "callbackMethod",
        "callbackUrl",
        "callerId",
        "callerName",
        "hangupOnStar",
        "method",
        "redirect",
        "timeLimit",
        "timeout",
    }
)
LATER = frozenset(
    {
        "confirmKey",
        "confirmSound",
        "confirmTimeout",
        "dialMusic",
        "digitsMatch",
        "digitsMatchBLeg",
        "machineDetection",
        "sequential",
        "sipHeaders",
    }
)
NUMBER_LATER = frozenset(
    {
        "callerId",
        "callerName",
        "extraDialString",
        "gatewayCodecs",
        "gatewayRetries",
        "gatewayTimeouts",
        "gateways",
        "sendDigits",
        "sendDigitsMode",
        "sendOnPreanswer",
        "sipHeaders",
    }
)
USER_LATER = frozenset(
    {
        "callerId",
        "callerName",
        "sendDigits",
        "sendOnPreanswer",
        "sipAuthPassword",
        "sipAuthUsername",
        "sipHeaders",
    }
)

DEFAULT_TIME_LIMIT = 14400
MAX_TIME_LIMIT = 86400
MAX_RING_TIMEOUT = 3600  # nobody lets a telephone ring for longer; it bounds what a leg costs

# What is left of a number goes into a dial string: digits, and nothing else.
_NUMBER = re.compile(r"\+?[0-9]{1,20}")
_PUNCTUATION = str.maketrans("", "", " -.()\t\r\n\u00a0")
# RFC 3261 25.1: a user is unreserved characters here; a host is a name, an IPv4 or [IPv6] address.
_USER = re.compile(
    r"sips?:(?P<user>[A-Za-z0-9_.!~*+-]{1,128})@"
    r"(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::[0-9]{1,5})?)"
)
_CALLER_ID = re.compile(r"[A-Za-z0-9_.+*#~-]{1,64}")


def read(reading: Reading) -> Dial:
    return Dial(
        targets=_targets(reading),
        ring_timeout=reading.whole("timeout", reading.limits.ring_timeout, 1, MAX_RING_TIMEOUT),
        time_limit=reading.whole("timeLimit", DEFAULT_TIME_LIMIT, 1, MAX_TIME_LIMIT),
        caller_id=_caller_id(reading),
        caller_name=_caller_name(reading),
        hangup_on_star=reading.boolean("hangupOnStar", False),
        action=_action(reading),
        follow_action=reading.boolean("redirect", True),
        callback=_callback(reading),
        **reading.at,
    )


def _targets(reading: Reading) -> tuple[Target, ...]:
    targets = tuple(_target(reading.child(element)) for element in reading.element)
    if not targets:
        raise reading.error("rings nobody; it must hold a <Number> or a <User>")
    if len(targets) > reading.limits.targets:
        raise reading.error(
            f"has {len(targets)} destinations; at most {reading.limits.targets} are allowed"
        )
    return targets


def _target(reading: Reading) -> Target:
    match reading.name:
        case "Number":
            reading.check_attributes(frozenset(), NUMBER_LATER)
            number = reading.text.translate(_PUNCTUATION)
            if not _NUMBER.fullmatch(number):
                raise reading.error(f"{reading.text[:40]!r} is no telephone number")
            digits = number.removeprefix("+")
            return Target(Number(digits), digits)
        case "User":
            reading.check_attributes(frozenset(), USER_LATER)
            text, _, parameters = reading.text.partition(";")
            uri = _USER.fullmatch(text)
            if parameters:
                reading.warn(f"its URI parameters {parameters[:40]!r} are ignored")
            if not uri:
                raise reading.error(f"{reading.text[:80]!r} is no sip:user@host")
            user = User(uri["user"], uri["domain"])
            return Target(user, f"sip:{user.user}@{user.domain}")
    raise reading.error("may not stand in <Dial>; expected <Number> or <User>")


def _caller_id(reading: Reading) -> str | None:
    text = reading.get("callerId")
    if not text:
        return None
    if _CALLER_ID.fullmatch(text):
        return text
    reading.warn(f"callerId={text[:40]!r} is no telephone number; the caller's own is shown")
    return None


def _caller_name(reading: Reading) -> str | None:
    text = "".join(char for char in reading.get("callerName") if char.isprintable())
    if len(text) > MAX_NAME:
        reading.warn(f"callerName is cut to {MAX_NAME} characters")
    return text[:MAX_NAME] or None


def _action(reading: Reading) -> Hook | None:
    if not reading.get("action"):
        return None
    url = reading.url(reading.get("action"), "action url")
    return Hook(url, reading.method("method", "action method"))


def _callback(reading: Reading) -> Hook | None:
    if not reading.get("callbackUrl"):
        return None
    url = reading.url(reading.get("callbackUrl"), "")
    return Hook(url, reading.choice("callbackMethod", ("GET", "POST"), "POST"))
