"""The Voice Gateway's language: lists of verbs in JSON in, JSON out. No verb of it records."""

from dialctl.dialects.voicegateway.document import DOCUMENTS, parse
from dialctl.dialects.voicegateway.reports import (
    ENCODING,
    call_notices,
    dial_ended,
    fork_metadata,
    gathered,
    leg_notices,
    referred,
    request_fields,
    transcribed,
)

__all__ = [
    "DOCUMENTS",
    "ENCODING",
    "call_notices",
    "dial_ended",
    "fork_metadata",
    "gathered",
    "leg_notices",
    "parse",
    "referred",
    "request_fields",
    "transcribed",
]
