"""What comes of a step of a call: the next document, something to tell, the end. Immutable.

``plan`` has the steps, and these words as well.
"""

import enum
from dataclasses import dataclass

from dialctl.http.encoding import Fields
from dialctl.model import Ending


@dataclass(frozen=True, slots=True)
class Hook:
    """A URL of the customer's to ask or to tell, absolute, with its own retry fragment if any."""

    url: str
    method: str = "POST"  # GET or POST


class Stage(enum.Enum):
    """Where a document came from: errors are named after it."""

    ANSWER = "answer"
    SOUND = "sound"  # heard by a callee or while it rings; not a document of the call's
    INTERVIEW = "interview"  # carried out on a callee's end
    ACTION = "action"
    REFER = "refer"
    REDIRECT = "redirect"
    TRANSFER = "transfer"
    RING = "ring"  # told of, no document


@dataclass(frozen=True, slots=True)
class NextDocument:
    """What a step asks for: drop the rest of this document and go on with that one.

    ``fields`` are what the request says beyond the call's own parameters.
    """

    hook: Hook
    stage: Stage
    fields: Fields = ()
    name: str = ""  # as a Notice's, of a request that tells of something; '' for one that only asks
    optional: bool = False  # without it the document that asks for it goes on


@dataclass(frozen=True, slots=True)
class Carried:
    """A document as it was fetched: the one that is carried out, or shall be instead of it."""

    stage: Stage
    url: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the customer, with no answer awaited.

    ``name`` tells it apart from every other notice of the same call, for its Idempotency-Key.
    """

    hook: Hook
    name: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Skip:
    """What a step asks for: leave out so many of those that follow it."""

    steps: int


@dataclass(frozen=True, slots=True)
class EndCall:
    """What a step asks for: hang up, now. ``ending``: why, if no step of the document said so."""

    cause: str
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a recording brought. Times are seconds since 1970 on the switch's clock."""

    uuid: str
    url: str
    milliseconds: int | None = None  # None: it is not over, nor are its times known
    started: float = 0.0
    ended: float = 0.0
    key: str = ""  # that ended it, '' if none did


Next = NextDocument | Carried | EndCall | Skip | None  # None: the next step of this document
