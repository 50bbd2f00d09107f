"""Plivo's voice language: Dial XML in, form fields out."""

from dialctl.dialects.plivo.conference import (
    conference_ended,
    conference_notices,
    room_sound,
)
from dialctl.dialects.plivo.document import DOCUMENTS, parse, parse_sound
from dialctl.dialects.plivo.reports import (
    ENCODING,
    call_notices,
    dial_ended,
    gathered,
    leg_notices,
    recorded,
    recording_ready,
    request_fields,
)

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
    "recording_ready",
    "request_fields",
    "room_sound",
]
