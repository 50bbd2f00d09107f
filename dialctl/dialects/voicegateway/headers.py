"""SIP headers of a document's own: which may be sent, and what their values may hold."""

import re

from dialctl.dialects.voicegateway.reading import Reading

# RFC 3261, 25.1: a token, here of letters, digits and dashes.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
# What a leg's channel variable can hold (esl.dialstring); the others part or end it, and ``:_:``
# parts a dial string wherever it stands. Blanks around it are dropped.
_VALUE = re.compile(r"(?! )(?!.*:_:)[^;\[\]{}<>'\"\\$|^\x00-\x1f\x7f]{1,512}(?<! )")
# Those that the SIP stack writes itself: a second one would break the message or the call.
_ITS_OWN = frozenset(
    {
        *("allow", "authorization", "call-id", "contact", "content-disposition"),
        *("content-encoding", "content-length", "content-type", "cseq", "date", "event"),
        *("expires", "from", "max-forwards", "min-se", "proxy-authorization", "record-route"),
        *("refer-to", "replaces", "require", "route", "session-expires", "supported", "to", "via"),
    }
)


def sip_headers(reading: Reading) -> dict[str, str]:
    """The property ``headers``, name to value."""
    headers = {}
    for name, padded in reading.map("headers").items():
        value = padded.strip(" ")
        where = f"headers.{ascii(name)[1:-1]}"
        if not _NAME.fullmatch(name):
            reading.warn(where, "is no name of a SIP header and is not sent")
        elif name.lower() in _ITS_OWN:
            reading.warn(where, "is a header of the SIP stack's own and is not sent")
        elif not fits(value):
            reading.warn(where, "has a value that FreeSWITCH would take apart and is not sent")
        else:
            headers[name] = value
    return headers


def fits(value: str) -> bool:
    """Whether FreeSWITCH leaves a text alone that stands in a leg's channel variable."""
    return _VALUE.fullmatch(value) is not None
