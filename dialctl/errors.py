"""Every error dialctl raises on purpose, named by whose fault it is.

    DialctlError
    ├── DocumentError   the customer's document is wrong
    ├── FetchError      the customer's web application gave no usable answer
    ├── ConfigError     the operator's files are wrong
    ├── SwitchError     the switch said what it should not, or went away
    ├── StoreError      the outbox's file cannot be used: disk, rights, damage
    └── CallGone        nobody's fault: people hang up
        └── CallLost    the switch has ended, and the call with it

Anything else that is raised is ours, and is the only kind logged with a traceback.
"""

import contextlib
from collections.abc import Iterator


class DialctlError(Exception):
    """Base of every error dialctl raises on purpose."""


class DocumentError(DialctlError):
    """The customer's document cannot be carried out.

    ``line`` counts from 1 (0 when unknown), ``element`` is the tag at fault ('' when unknown).
    ``fault`` names a part of it that has a hangup cause of its own, e.g. ``action url``.
    """

    def __init__(self, message: str, *, line: int = 0, element: str = "", fault: str = "") -> None:
        self.line = line
        self.element = element
        self.fault = fault
        where = f"line {line}: " if line else ""
        super().__init__(f"{where}{message}")


Faults = list[DocumentError] | None


@contextlib.contextmanager
def gathered(faults: Faults) -> Iterator[None]:
    """DocumentErrors of a part of a document, into the list if there is one."""
    try:
        yield
    except DocumentError as fault:
        if faults is None:
            raise
        faults.append(fault)


class FetchError(DialctlError):
    """The customer's web application could not be reached or did not answer 2xx.

    ``status`` is its HTTP status, 0 when there was no answer at all.
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        self.status = status
        super().__init__(message)


class ConfigError(DialctlError):
    """A configuration file is wrong. The message names file, line and key."""


class SwitchError(DialctlError):
    """FreeSWITCH broke the event socket's rules, or its connection ended in the middle."""


class StoreError(DialctlError):
    """The outbox cannot be read or written. ``corrupt``: nor will it ever be, as it is."""

    def __init__(self, message: str, *, corrupt: bool = False) -> None:
        self.corrupt = corrupt
        super().__init__(message)


class KeyHeard(Exception):  # noqa: N818  it happened, nothing went wrong
    """A party pressed a key while something was heard that a key may interrupt."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


class TimeUp(Exception):  # noqa: N818  as KeyHeard
    """A channel's own deadline came while something on it was waited for."""


class Moved(Exception):  # noqa: N818  as KeyHeard
    """The call is to go on with another document: Channel.transfer."""


class CallGone(DialctlError):
    """The A-leg has hung up or its socket has closed; nothing more can be done on it."""


class CallLost(CallGone):
    """FreeSWITCH has ended, or cannot be asked what has become of the call."""


class HandedOver(Exception):  # noqa: N818  as KeyHeard
    """Somebody else carries this call on from where it stands; nothing of it is told here."""
