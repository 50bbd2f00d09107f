"""CallAPI: RCML by another vendor's name, whose page on <Number> tells of its status callbacks."""

from dialctl.dialects.restcomm import (
    DOCUMENTS,
    ENCODING,
    Rcml,
    call_notices,
    conference_ended,
    conference_notices,
    dial_ended,
    gathered,
    leg_notices,
    recorded,
    referred,
    request_fields,
    room_sound,
)

LANGUAGE = Rcml("CallAPI's")
parse = LANGUAGE.parse
parse_sound = LANGUAGE.parse_sound

__all__ = [
    "DOCUMENTS",
    "ENCODING",
    "call_notices",
    "conference_ended",
    "conference_notices",
    "dial_ended",
    "gathered",
    "leg_notices",
    "parse",
    "parse_sound",
    "recorded",
    "referred",
    "request_fields",
    "room_sound",
]
