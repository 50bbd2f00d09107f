"""<Number>, <Client> and <Sip>: who is rung, who is asked before, and who is told."""

import re
from dataclasses import replace
from urllib.parse import parse_qsl

from dialctl.dialects import values
from dialctl.dialects.restcomm.attributes import hook
from dialctl.dialects.xml import Reading
from dialctl.plan import Client, Interview, Number, SendDigits, StatusCallback, Target, User

SHARED = frozenset(
    {"method", "statusCallback", "statusCallbackEvent", "statusCallbackMethod", "url"}
)
NUMBER_ATTRIBUTES = SHARED | {"sendDigits"}
SIP_ATTRIBUTES = SHARED | {"password", "username"}
EVENTS = ("initiated", "ringing", "answered", "completed")

# As what routes.yaml's {name} becomes.
_CLIENT = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_TRANSPORT = re.compile(r"transport=(udp|tcp|tls)", re.IGNORECASE)
_HEADER = re.compile(r"[A-Za-z0-9_-]{1,64}")
# FreeSWITCH parts a dial string at ``:_:``, wherever it stands.
_HEADER_VALUE = re.compile(r"(?!.*:_:)[A-Za-z0-9_.!~*+@#&()=/?:, %-]{1,256}")
# What SIP and the operator's network say themselves (RFC 3261, 3325, 5806, 7044, 8224).
_NOT_CUSTOM = re.compile(
    r"(?:via|from|to|contact|route|record-route|path|call-id|cseq|max-forwards|expires|"
    r"allow(?:-events)?|supported|require|unsupported|content-[a-z]+|user-agent|server|"
    r"(?:www|proxy)-authenticate|(?:proxy-)?authorization|proxy-require|session-expires|min-se|"
    r"p-[a-z-]+|remote-party-id|privacy|identity(?:-info)?|diversion|history-info|reason|"
    r"refer(?:red-by|-to|-sub)|replaces|join|subject|timestamp|warning|date|mime-version|"
    r"[a-z])",
    re.IGNORECASE,
)
_SECRET = re.compile(r"(?!.*:_:)[A-Za-z0-9_.~!@#%&*()+=/?,:-]{1,128}")


def target(reading: Reading) -> Target:
    match reading.name:
        case "Number":
            reading.check_attributes(NUMBER_ATTRIBUTES, frozenset())
            return replace(_with(reading, _number(reading)), send_digits=_send_digits(reading))
        case "Client":
            reading.check_attributes(SHARED, frozenset())
            return _with(reading, _client(reading))
        case "Sip" | "Uri":
            reading.check_attributes(SIP_ATTRIBUTES, frozenset())
            return replace(_with(reading, _sip(reading)), auth=_auth(reading))
    raise reading.error("may not stand in <Dial>; expected <Number>, <Client> or <Sip>")


def from_text(reading: Reading) -> Target:
    """Plain text in a Dial (VoiceInterpreter.java): an address, a client, else a number."""
    if "@" in reading.text:
        return _sip(reading)
    return _client(reading) if reading.text.startswith("client") else _number(reading)


def _number(reading: Reading) -> Target:
    text, _, headers = reading.text.partition("?")
    digits = values.digits(text)
    if not digits:
        raise reading.error(f"{text[:40]!r} is no telephone number")
    return Target(Number(digits), digits, headers=_headers(reading, headers))


def _client(reading: Reading) -> Target:
    text, _, headers = reading.text.partition("?")
    name = text.strip().removeprefix("client:")
    if not _CLIENT.fullmatch(name):
        raise reading.error(f"{text[:40]!r} is no client's name: letters, digits and _ . -")
    return Target(Client(name), f"client:{name}", headers=_headers(reading, headers))


def _sip(reading: Reading) -> Target:
    address = values.sip_address(reading.text, scheme=False)
    if not address:
        raise reading.error(f"{reading.text[:80]!r} is no sip:user@host")
    transport = ""
    for parameter in filter(None, address.parameters.split(";")):
        if said := _TRANSPORT.fullmatch(parameter):
            transport = said[1].lower()
        else:
            reading.warn(f"its URI parameter {parameter[:40]!r} is ignored")
    return Target(
        User(address.user, address.domain, transport),
        f"sip:{address.user}@{address.domain}",
        headers=_headers(reading, address.headers),
    )


def _headers(reading: Reading, query: str) -> tuple[tuple[str, str], ...]:
    """Custom headers of the INVITE behind a question mark."""
    found = []
    for name, padded in parse_qsl(query, keep_blank_values=True):
        value = padded.strip(" ")  # as FreeSWITCH does
        if not _HEADER.fullmatch(name) or _NOT_CUSTOM.fullmatch(name):
            reading.warn(f"{name[:40]!r} is no custom header and is not sent")
        elif not _HEADER_VALUE.fullmatch(value):
            reading.warn(f"the header {name} holds what cannot be sent: {value[:40]!r}")
        else:
            found.append((name, value))
    return tuple(found)


def _with(reading: Reading, target: Target) -> Target:
    """What is asked on the callee's end, and who is told of it."""
    document = hook(reading, "url", "method")
    interview = Interview(document, reading.limits.confirm_timeout) if document else None
    told = hook(reading, "statusCallback", "statusCallbackMethod")
    callback = StatusCallback(told, _events(reading)) if told else None
    return replace(target, confirm=interview, status_callback=callback)


def _events(reading: Reading) -> frozenset[str]:
    """Parted by blanks or commas; ``completed`` if there is none."""
    wanted = set(re.findall(r"[^\s,]+", reading.get("statusCallbackEvent").lower()))
    for unknown in sorted(wanted.difference(EVENTS)):
        names = ", ".join(EVENTS)
        reading.warn(f"statusCallbackEvent: {unknown[:40]!r} is none of {names}")
    return frozenset(wanted.intersection(EVENTS)) or frozenset({"completed"})


def _send_digits(reading: Reading) -> SendDigits | None:
    text = reading.get("sendDigits")
    if text and not values.are_keys(text):
        reading.warn(f"sendDigits={text[:40]!r} holds more than 0-9 A-D * # w W; nothing is sent")
        return None
    return SendDigits(text) if text else None


def _auth(reading: Reading) -> tuple[str, str] | None:
    auth = reading.get("username"), reading.get("password")
    if auth == ("", ""):
        return None
    for name, text in zip(("username", "password"), auth, strict=True):
        if not _SECRET.fullmatch(text):
            # Never quoted: it is a secret.
            raise reading.error(f"{name} must be 1 to 128 letters, digits and ordinary signs")
    return auth
