"""Text of a document's into typed values: what may become part of a dial string or a header.

Every dialect reads numbers, SIP addresses and keys through here; what does not fit is None or '',
and the dialect says whose fault that is.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

# What is left of a number goes into a dial string: digits, and nothing else.
_NUMBER = re.compile(r"\+?[0-9]{1,20}")
_PUNCTUATION = str.maketrans("", "", " -.()\t\r\n\u00a0")
# RFC 3261 25.1: a user is unreserved characters here; a host is a name, an IPv4 or [IPv6] address.
_SIP_USER = re.compile(
    r"(?P<user>[A-Za-z0-9_.!~*+-]{1,128})@"
    r"(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::[0-9]{1,5})?)"
)
_URI_USER = re.compile(r"sips?:([^@:;<>?\s]+)@|tel:([^:;<>?\s]+)")
_SCHEME = re.compile(r"sips?:")
_CALLER_ID = re.compile(r"[A-Za-z0-9_.+*#~-]{1,64}")
_KEYS = re.compile(r"[0-9A-DwW*#]{1,128}")
# The switch's own sounds: a tone, silence, a stream, or a file below its sounds folder. Neither a
# path that leaves it nor one of FreeSWITCH's {variables} or @@ prefixes gets through.
_OWN_SOUND = re.compile(
    r"(?:(?:tone|silence|local)_stream://[A-Za-z0-9%(),;=*._+/ -]+"
    r"|/?(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9_./-]*\.(?:wav|mp3|ulaw|alaw|gsm|raw|r8|r16))"
)


@dataclass(frozen=True, slots=True)
class SipAddress:
    """``sip:user@domain;parameters?headers``; the last two as they stand there, unchecked."""

    user: str
    domain: str
    parameters: str = ""
    headers: str = ""


def digits(text: str) -> str:
    """A telephone number's digits, without ``+``, blanks, dashes, dots and brackets."""
    number = text.translate(_PUNCTUATION)
    return number.removeprefix("+") if _NUMBER.fullmatch(number) else ""


def sip_address(text: str, *, scheme: bool = True) -> SipAddress | None:
    """``scheme``: it must begin with ``sip:`` or ``sips:``."""
    begins = _SCHEME.match(text)
    if scheme and not begins:
        return None
    rest, _, headers = text[begins.end() if begins else 0 :].partition("?")
    address, _, parameters = rest.partition(";")
    found = _SIP_USER.fullmatch(address)
    return SipAddress(found["user"], found["domain"], parameters, headers) if found else None


def diverted(diversion: str) -> str:
    """The user of a Diversion header (RFC 5806); the whole of it where there is none."""
    user = re.search(r"sips?:([^@>;]+)", diversion)
    return user[1] if user else diversion


def uri_user(header: str) -> str:
    """The user of the SIP or tel URI in a header such as Refer-To, '' where there is none."""
    found = _URI_USER.search(header)
    return unquote(found[1] or found[2]) if found else ""


def is_caller_id(text: str) -> bool:
    """Whether it may be shown as the caller's number: letters, digits, ``_ . + * # ~ -``."""
    return bool(_CALLER_ID.fullmatch(text))


def are_keys(text: str) -> bool:
    """Whether they may be pressed: 0-9 A-D * #, w half a second, W a second; at most 128."""
    return bool(_KEYS.fullmatch(text))


def is_own_sound(text: str) -> bool:
    """Whether it is a sound that the switch has by itself."""
    return bool(_OWN_SOUND.fullmatch(text))
