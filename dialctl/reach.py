"""Who can be reached, and by which ways: the typed values that a Dial's targets are made of.

``plan`` has these names too. Text from a document has become one of them or was refused.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number: digits only, no ``+``."""

    digits: str
    trunk: str = ""  # a name of the operator's; '': as routes.yaml has it for the number


@dataclass(frozen=True, slots=True)
class User:
    """A SIP user: ``domain`` is host or host:port."""

    user: str
    domain: str


@dataclass(frozen=True, slots=True)
class SendDigits:
    """Keys pressed for the callee's system: 0-9 A-D * #, w half a second, W a second."""

    digits: str
    on_early_media: bool = False  # else once it has answered
    rfc2833: bool = False  # as events, whatever the leg would do by itself


@dataclass(frozen=True, slots=True)
class Gateway:
    """A way to a number that the document itself names: a dial string's beginning."""

    prefix: str
    codecs: str = ""  # FreeSWITCH's absolute_codec_string
    timeout: int = 0  # seconds; 0: the Dial's
    attempts: int = 1
