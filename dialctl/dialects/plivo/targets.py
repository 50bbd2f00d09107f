"""<Number> and <User>: who is rung, what they are shown, and which keys are pressed for them."""

import re

from dialctl.dialects import values
from dialctl.dialects.plivo.attributes import MAX_NAME
from dialctl.dialects.xml import Reading
from dialctl.plan import Gateway, Number, SendDigits, Target, User

SHARED = frozenset({"callerId", "callerName", "sendDigits", "sendOnPreanswer", "sipHeaders"})
NUMBER_ATTRIBUTES = SHARED | {
    "extraDialString",
    "gatewayCodecs",
    "gatewayRetries",
    "gatewayTimeouts",
    "gateways",
    "sendDigitsMode",
}
USER_ATTRIBUTES = SHARED | {"sipAuthPassword", "sipAuthUsername"}

_HEADER = re.compile(r"[A-Za-z0-9]{1,128}")
# Plivo drops these headers of its own kind in silence; we say so.
_RESERVED_HEADERS = ("ph-", "plivo", "fs-", "sipauth", "zt-", "twilio")
_AUTH = re.compile(r"[A-Za-z0-9_.~!@#%&*()+=/?,-]{8,128}")
_GATEWAY = re.compile(r"(?:sofia/gateway/[A-Za-z0-9_.-]+/|sofia/[A-Za-z0-9_.-]+/|user/)")
_CODECS = re.compile(r"[A-Za-z0-9_.@-]+(?:,[A-Za-z0-9_.@-]+)*")
MAX_GATEWAYS = 10
MAX_GATEWAY_ATTEMPTS = 5


def target(reading: Reading) -> Target:
    match reading.name:
        case "Number":
            return _number(reading)
        case "User":
            return _user(reading)
    raise reading.error("may not stand in <Dial>; expected <Number> or <User>")


def _number(reading: Reading) -> Target:
    reading.check_attributes(frozenset(NUMBER_ATTRIBUTES), frozenset())
    digits = values.digits(reading.text)
    if not digits:
        raise reading.error(f"{reading.text[:40]!r} is no telephone number")
    return Target(
        destination=Number(digits),
        label=digits,
        caller_id=caller_id(reading),
        caller_name=caller_name(reading),
        send_digits=_send_digits(reading),
        headers=sip_headers(reading),
        gateways=_gateways(reading),
        raw_variables=_raw_variables(reading),
    )


def _user(reading: Reading) -> Target:
    reading.check_attributes(frozenset(USER_ATTRIBUTES), frozenset())
    address = values.sip_address(reading.text)
    if not address:
        raise reading.error(f"{reading.text[:80]!r} is no sip:user@host")
    if ignored := address.parameters or address.headers:
        reading.warn(f"its URI parameters {ignored[:40]!r} are ignored")
    user = User(address.user, address.domain)
    return Target(
        destination=user,
        label=f"sip:{user.user}@{user.domain}",
        caller_id=caller_id(reading),
        caller_name=caller_name(reading),
        send_digits=_send_digits(reading),
        headers=sip_headers(reading),
        auth=_auth(reading),
    )


def caller_id(reading: Reading) -> str | None:
    text = reading.get("callerId")
    if not text:
        return None
    if values.is_caller_id(text):
        return text
    reading.warn(f"callerId={text[:40]!r} is no telephone number; the caller's own is shown")
    return None


def caller_name(reading: Reading) -> str | None:
    text = "".join(char for char in reading.get("callerName") if char.isprintable())
    if len(text) > MAX_NAME:
        reading.warn(f"callerName is cut to {MAX_NAME} characters")
    return text[:MAX_NAME] or None


def sip_headers(reading: Reading) -> tuple[tuple[str, str], ...]:
    """``k=v,k2=v2``, letters and digits only, sent as X-PH-k."""
    headers = []
    for pair in filter(None, reading.get("sipHeaders").split(",")):
        name, _, value = (part.strip() for part in pair.partition("="))
        if not (_HEADER.fullmatch(name) and _HEADER.fullmatch(value)):
            reading.warn(f"sipHeaders: {pair[:40]!r} is not letters and digits on both sides of =")
        elif name.lower().startswith(_RESERVED_HEADERS) or name == "ClientRegion":
            reading.warn(f"sipHeaders: {name} is reserved and is not sent")
        else:
            headers.append((f"X-PH-{name}", value))
    return tuple(headers)


def _send_digits(reading: Reading) -> SendDigits | None:
    text = reading.get("sendDigits")
    if not text:
        return None
    if not values.are_keys(text):
        reading.warn(f"sendDigits={text[:40]!r} holds more than 0-9 A-D * # w W; nothing is sent")
        return None
    mode = reading.choice("sendDigitsMode", ("rfc2833",), "")
    return SendDigits(text, reading.boolean("sendOnPreanswer", False), mode == "rfc2833")


def _auth(reading: Reading) -> tuple[str, str] | None:
    auth = reading.get("sipAuthUsername"), reading.get("sipAuthPassword")
    if auth == ("", ""):
        return None
    for name, text in zip(("sipAuthUsername", "sipAuthPassword"), auth, strict=True):
        if not _AUTH.fullmatch(text):
            # Never quoted: it is a secret.
            raise reading.error(f"{name} must be 8 to 128 letters, digits and ordinary signs")
    return auth


def _gateways(reading: Reading) -> tuple[Gateway, ...]:
    """The engine's legacy attributes: comma lists, one entry for each gateway."""
    prefixes = _list(reading.get("gateways"))
    if len(prefixes) > MAX_GATEWAYS:
        raise reading.error(f"has {len(prefixes)} gateways; at most {MAX_GATEWAYS} are allowed")
    codecs = _quoted_list(reading.get("gatewayCodecs"))
    timeouts = _list(reading.get("gatewayTimeouts"))
    retries = _list(reading.get("gatewayRetries"))
    gateways = []
    for at, prefix in enumerate(prefixes):
        if not _GATEWAY.fullmatch(prefix):
            raise reading.error(f"gateways: {prefix[:40]!r} is none of sofia/gateway/NAME/, user/")
        codec = codecs[at] if at < len(codecs) else ""
        if codec and not _CODECS.fullmatch(codec):
            reading.warn(f"gatewayCodecs: {codec[:40]!r} is no list of codecs and is ignored")
            codec = ""
        gateways.append(
            Gateway(
                prefix,
                codec,
                timeout=_entry(timeouts, at, 0),
                attempts=min(max(1, _entry(retries, at, 1)), MAX_GATEWAY_ATTEMPTS),
            )
        )
    return tuple(gateways)


def _raw_variables(reading: Reading) -> str:
    text = reading.get("extraDialString")
    if not text:
        return ""
    if not reading.limits.raw_dial_strings:
        reading.warn("extraDialString is ignored: dialects.plivo.raw_dial_strings is off")
        return ""
    if re.search(r"[\[\]{}<>\x00-\x1f]|:_:|\$", text):
        raise reading.error("extraDialString may set variables and nothing else")
    return ";".join(_list(text))


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")] if text else []


def _quoted_list(text: str) -> list[str]:
    """``'PCMA,PCMU','GSM'``: single quotes keep inner commas."""
    return [quoted or plain for quoted, plain in re.findall(r"'([^']*)'|([^,']+)", text)]


def _entry(entries: list[str], at: int, default: int) -> int:
    text = entries[at] if at < len(entries) else ""
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else default
