"""One request of a call to its web application, as the story of the call has it. Pure."""

import enum
import re
from functools import lru_cache

from dialctl.http.encoding import Params, texts

LONGEST = 2000  # characters of a parameter's value that are kept
HIDDEN = "***"
# Parameters that hold keys which were pressed where a document may ask for silence of them.
KEYS = frozenset(("Digits", "digits"))
# What may be a secret by its name; a caller's SIP headers are parameters too.
_SECRET = re.compile(r"(?i)pass(word|wd|phrase)?$|secret|token|credential|authorization|api_?key")


class State(enum.Enum):
    """What has become of a request."""

    UNDER_WAY = "under way"
    ANSWERED = "answered"  # whatever its status
    FAILED = "failed"  # no answer came
    WAITING = "waiting in the outbox"
    DEAD = "given up"
    DROPPED = "not waited for"  # its call has ended meanwhile
    TOLD_BEFORE = "told before, by another controller"


class Request:
    """Times are seconds since 1970 on the call's clock. ``params`` are what may be shown of them.

    ``stage`` says what a document was asked for as; '' is a report. ``key`` is a report's
    Idempotency-Key. ``status`` is 0 where there was no answer, which ``error`` then explains.
    """

    __slots__ = (
        "_packed",
        "at",
        "attempts",
        "error",
        "key",
        "method",
        "milliseconds",
        "size",
        "stage",
        "state",
        "status",
        "url",
    )

    def __init__(
        self, at: float, stage: str, method: str, url: str, packed: str, key: str = ""
    ) -> None:
        self.at = at
        self.stage = stage
        self.method = method
        self.url = url
        self.key = key
        self.state = State.UNDER_WAY
        self.attempts = self.status = self.milliseconds = self.size = 0
        self.error = ""
        self._packed = packed

    @property
    def open(self) -> bool:
        return self.state is State.UNDER_WAY

    @property
    def params(self) -> list[tuple[str, str]]:
        texts = self._packed.split("\0") if self._packed else []
        return list(zip(texts[::2], texts[1::2], strict=True))

    def done(
        self, state: State, status: int, error: str, attempts: int, seconds: float, size: int = 0
    ) -> None:
        """``attempts`` and ``seconds`` are added to those of earlier rounds."""
        self.state, self.status, self.error, self.size = state, status, error, size
        self.attempts += attempts
        self.milliseconds += round(seconds * 1000)

    def close(self, state: State) -> None:
        """Nothing more comes of it here, unless something has."""
        if self.open:
            self.state = state


def packed(params: Params, hidden: frozenset[str] | None) -> str:
    """What of ``params`` may be shown, in one text: a live call has few bytes to spare.

    ``hidden`` are pressed keys that may not; None: nobody knows which.
    """
    said: list[str] = []
    for name, value in texts(params):
        said.append(name)
        if _is_secret(name) or (name in KEYS and value and (hidden is None or value in hidden)):
            said.append(HIDDEN)
        else:
            said.append(value if len(value) <= LONGEST else f"{value[:LONGEST]}...")
    text = "\0".join(said)
    if text.count("\0") > len(said) - 1 > 0:
        text = "\0".join([word.replace("\0", "\\x00") for word in said])
    return text


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return bool(_SECRET.search(name))
