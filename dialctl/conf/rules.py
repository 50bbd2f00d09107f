"""What a value of conf/*.yaml may be: in words for the operator, and as a check."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from dialctl import apps

# Takes a value of the right type and gives it back, tidied; or raises ValueError with advice.
Check = Callable[[Any], Any]


def _any(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Rule:
    """What one key may hold. A list's rule is about each of its values."""

    expected: str
    check: Check = _any
    optional: bool = False  # "" will do, and means none
    secret: bool = False  # never quoted
    unique: bool = False  # no two entries of the file's list may have the same
    digits: bool = False  # 0049 without quotes is the text it looks like, not YAML's octal number
    alone: bool = False  # one value will do where a list stands
    filled: bool = False  # the list needs at least one value


def optional(rule: Rule) -> Rule:
    return replace(rule, expected=f'{rule.expected}, or "" for none', optional=True)


def some(rule: Rule) -> Rule:
    return replace(rule, filled=True)


def nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word that was probably meant, '' when none is near."""
    close = get_close_matches(word.lower(), [name.lower() for name in known], n=1, cutoff=0.5)
    return next((name for name in known if name.lower() in close), "")


def choice(*names: str) -> Rule:
    def check(value: str) -> str:
        if value not in names:
            raise ValueError(f"write {nearest(value, names) or 'one of these'}")
        return value

    return Rule(f"{', '.join(names[:-1])} or {names[-1]}", check)


def at_least(low: int) -> Rule:
    def check(value: int) -> int:
        if value < low:
            raise ValueError(f"make it {low} or more")
        return value

    return Rule(f"a whole number of {low} or more", check)


def _above_zero(value: float) -> float:
    if value <= 0:
        raise ValueError("make it more than 0")
    return value


def _not_below_zero(value: float) -> float:
    if value < 0:
        raise ValueError("make it 0 or more")
    return value


def _trimmed(text: str) -> str:
    if text != text.strip():
        raise ValueError("leave out the blanks at its ends")
    return text


_ADDRESS = re.compile(r"(?:\[([^\[\]]+)\]|([^:\[\]]+)):([0-9]{1,5})")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")


def address(text: str) -> tuple[str, int]:
    """``host:port`` in its two parts; IPv6 stands in brackets. ValueError says what is wrong."""
    parts = _ADDRESS.fullmatch(text)
    if not parts:
        raise ValueError("write host and port, an IPv6 host in brackets and the whole in quotes")
    six, host, port = parts[1], parts[2], int(parts[3])
    if port > 65535:
        raise ValueError("ports end at 65535")
    try:
        if six:
            return str(ipaddress.IPv6Address(six)), port
        if re.fullmatch(r"[0-9.]+", host):
            return str(ipaddress.IPv4Address(host)), port
    except ValueError as error:
        raise ValueError("that is no IP address; correct it") from error
    if not _HOST.fullmatch(host):
        raise ValueError("that is no host name; correct it")
    return host, port


def _command(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_]+", text):
        raise ValueError("write its name alone, without arguments")
    return text


def _listen(text: str) -> str:
    address(text)
    return text


def _served(text: str) -> str:
    if address(text)[1] == 0:
        raise ValueError("port 0 is none that can be told in a RecordUrl; choose one")
    return text


def _speakable(text: str) -> str:
    """FreeSWITCH takes such a path as one word between quotes."""
    if re.search(r"['\\\x00-\x1f]", text):
        raise ValueError("FreeSWITCH cannot be told a path with quotes or backslashes")
    return _trimmed(text)


def _peer(text: str) -> str:
    if address(text)[1] == 0:
        raise ValueError("nobody can be reached at port 0; give the port FreeSWITCH listens on")
    return text


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError("write a network such as 10.0.0.0/8, or one address") from error
    if "/" in text and ipaddress.ip_interface(text).ip != network.network_address:
        raise ValueError(f"write {network}, or leave out the / for one address")
    return text


def _denied(text: str) -> str:
    return text if text == "private" else _network(text)


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port beyond 65535, half a pair of brackets
        whole = False
    if not whole or re.search(r"\s", text):
        raise ValueError("write it in full and without blanks, such as https://example.com/answer/")
    return text


def _store(text: str) -> str:
    if not re.match(r"sqlite:///|rediss?://[^/\s]", text):
        raise ValueError("write sqlite:/// for a file in state_dir, or redis://host/0")
    return text


def _beeps(text: str) -> str:
    if text != "avmd":
        raise ValueError("write avmd, the only one that is known")
    return text


def _pattern(text: str) -> str:
    try:
        apps.compiled(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"as a regular expression it fails ({error}); correct it") from error
    return text


def _prefix(text: str) -> str:
    digits = re.sub(r"[ -]", "", text).removeprefix("+")
    if not re.fullmatch(r"[0-9]+", digits):
        raise ValueError("write the digits that a number begins with, in quotes")
    return digits


def _domain(text: str) -> str:
    if not re.fullmatch(r"\*|[^\s*@/,;<>]+", text):
        raise ValueError('write a host, host:port, or "*" for every domain')
    return text.lower()


# These would end FreeSWITCH's dial string, widen it or put variables into it: a comma would ring
# somebody else.
_NOT_IN_ENDPOINT = re.compile(r""":_:|[,|\[\]<>'"\\$\s\x00-\x1f\x7f]""")


def endpoint(needed: str, *others: str) -> Rule:
    """The dial string of one gateway, or of one place where users are found."""
    known = [f"{{{name}}}" for name in (needed, *others)]

    def check(text: str) -> str:
        if bad := _NOT_IN_ENDPOINT.search(text):
            raise ValueError(
                f"{bad[0]!r} would change FreeSWITCH's dial string; remove it,"
                " and give each endpoint its own entry in the list"
            )
        if strange := [word for word in re.findall(r"\{[^{}]*\}|[{}]", text) if word not in known]:
            raise ValueError(f"{strange[0]} is not known here; use {' and '.join(known)}")
        if known[0] not in text:
            raise ValueError(f"put {known[0]} where it belongs")
        return text

    return Rule(f"an endpoint with {known[0]}", check)


TEXT = Rule("a text", _trimmed)
COMMAND = Rule("a command of the switch's, such as uuid_audio_fork", _command)
NAME = Rule("a name", _trimmed, unique=True)
PATH = Rule("a path", _trimmed)
SWITCH = Rule("true or false")
SECRET = Rule("a text", optional=True, secret=True)
SECONDS = Rule("a number of seconds above 0", _above_zero)
GRACE = Rule("a number of seconds, 0 for none", _not_below_zero)
FOLDER = Rule("a path", _speakable)
SERVED = Rule("host:port such as 127.0.0.1:8190", _served)
LISTEN = Rule("host:port such as 127.0.0.1:8084", _listen)
PEER = Rule("host:port such as 127.0.0.1:8021", _peer)
NETWORK = Rule("a network such as 10.0.0.0/8", _network)
DENIED = Rule("a network such as 10.0.0.0/8, or private", _denied)
URL = Rule("an http or https URL", _url)
METHOD = choice("GET", "POST")
STORE = Rule("sqlite:/// or redis://host/0", _store)
BEEPS = Rule("avmd, the module that hears beeps", _beeps)
CALLABLE = Rule("a pattern of a number, or of sip:user@host", _pattern, digits=True, alone=True)
PATTERN = Rule(
    "a pattern of the called number (without the key every call matches)",
    _pattern,
    digits=True,
    alone=True,
    filled=True,
)
PREFIX = Rule(
    'the digits a number begins with ("" for all)', _prefix, optional=True, unique=True, digits=True
)
DOMAIN = Rule('a domain ("*" for all)', _domain, unique=True, digits=True)


def is_loopback(host_port: str) -> bool:
    """Whether a host, with or without a port, is this machine's own name for itself."""
    try:
        host = urlsplit(f"//{host_port}").hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
