"""The language that RCML and CallAPI share: Restcomm's. No dialect itself; each of them is one.

A dialect takes the vocabulary from here as it is, and its grammar under its own name.
"""

from dialctl.dialects.restcomm.conference import conference_ended, conference_notices, room_sound
from dialctl.dialects.restcomm.document import DOCUMENTS, Rcml
from dialctl.dialects.restcomm.reports import (
    ENCODING,
    call_notices,
    dial_ended,
    gathered,
    leg_notices,
    recorded,
    referred,
    request_fields,
)

__all__ = [
    "DOCUMENTS",
    "ENCODING",
    "Rcml",
    "call_notices",
    "conference_ended",
    "conference_notices",
    "dial_ended",
    "gathered",
    "leg_notices",
    "recorded",
    "referred",
    "request_fields",
    "room_sound",
]
