"""Whom a Dial rings, by which ways, and what is asked of them first.

``plan`` has these names too. Text from a document has become one of them or was refused.
"""

from dataclasses import dataclass, field

from dialctl.following import Hook


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
    transport: str = ""  # udp, tcp or tls; '': the profile's own way


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who registers with the operator's switch, by name: letters, digits, ``_ . -``."""

    name: str


Destination = Number | User | Client


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


@dataclass(frozen=True, slots=True)
class Confirm:
    """What a callee hears and does after the answer, before it is connected.

    ``sound`` answers with a document of things to hear. With a ``key`` only the one who presses
    it is connected; without, who is still there when the sound is over. Seconds from the answer.
    """

    sound: Hook
    key: str = ""
    timeout: float = 120.0


@dataclass(frozen=True, slots=True)
class Interview:
    """A document that is carried out on a callee's end after the answer, in which nobody is rung.

    Who is still there at its end is connected. Seconds from the answer.
    """

    document: Hook
    timeout: float = 120.0
    may_be_empty: bool = False  # an answer without a document lets the callee in


@dataclass(frozen=True, slots=True)
class StatusCallback:
    """Where to tell what happens to a leg: ``events`` are words of the dialect's."""

    hook: Hook
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class Target:
    """Someone a Dial rings. ``label`` is how reports name the destination."""

    destination: Destination
    label: str
    caller_id: str | None = None  # None: the Dial's
    caller_name: str | None = None
    send_digits: SendDigits | None = None
    headers: tuple[tuple[str, str], ...] = ()  # of the INVITE, in the vendor's spelling
    auth: tuple[str, str] | None = field(default=None, repr=False)  # user, password
    gateways: tuple[Gateway, ...] = ()  # instead of the operator's routes
    raw_variables: str = ""  # only where the operator's configuration allows it
    confirm: Confirm | Interview | None = None
    status_callback: StatusCallback | None = None
