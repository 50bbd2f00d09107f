"""The targets of a dial: a telephone number, a SIP address, a registered user."""

from dataclasses import replace

from dialctl.dialects import values
from dialctl.dialects.voicegateway.headers import fits, sip_headers
from dialctl.dialects.voicegateway.reading import Reading
from dialctl.http.retry import quoted
from dialctl.plan import Destination, Interview, Number, Target, User

SHARED = ("confirmHook", "headers", "type")
CONFIRM_SECONDS = 120.0  # from the answer


def targets(reading: Reading) -> tuple[Target, ...]:
    """Duplicates, and those beyond the limit, are dropped."""
    found: dict[Destination, Target] = {}
    confirm, headers = reading.hook("confirmHook"), sip_headers(reading)
    for given in reading.objects("target"):
        target = _target(given)
        own = given.hook("confirmHook") or confirm
        target = replace(
            target,
            headers=tuple({**headers, **sip_headers(given)}.items()),
            confirm=Interview(own, CONFIRM_SECONDS, may_be_empty=True) if own else None,
        )
        # Told apart by whom they reach, as the peer does: not by the trunk to get there.
        who = target.destination
        key = Number(who.digits) if isinstance(who, Number) else who
        if key in found:
            given.warn("", "is there already and is dropped")
        elif len(found) == reading.limits.targets:
            given.warn("", f"is one more than {reading.limits.targets} targets and is dropped")
        else:
            found[key] = target
    if not found:
        raise reading.error("target", "rings nobody")
    return tuple(found.values())


def _target(reading: Reading) -> Target:
    match kind := reading.text("type"):
        case "phone":
            reading.expect(*SHARED, "number", "trunk")
            return _phone(reading)
        case "sip":
            reading.expect(*SHARED, "auth", "sipUri")
            return _address(reading, "sipUri", _needed(reading, "sipUri"), scheme=True)
        case "user":
            reading.expect(*SHARED, "name")
            name = _needed(reading, "name")
            return _address(reading, "name", name, scheme=name.startswith(("sip:", "sips:")))
    raise reading.error("type", f"is {quoted(kind)!r}; expected phone, sip or user")


def _phone(reading: Reading) -> Target:
    text = _needed(reading, "number")
    digits = values.digits(text)
    if not digits:
        raise reading.error("number", f"is {quoted(text)[:40]!r}, which is no telephone number")
    plus = "+" if text.lstrip().startswith("+") else ""
    return Target(
        destination=Number(digits, reading.text("trunk")),
        label=f"{plus}{digits}",
    )


def _address(reading: Reading, name: str, text: str, *, scheme: bool) -> Target:
    address = values.sip_address(text, scheme=scheme)
    if not address:
        raise reading.error(name, f"is {quoted(text)[:80]!r}, which is no SIP address user@host")
    if address.parameters or address.headers:
        reading.warn(name, "has URI parameters or headers, which are ignored")
    plain = f"{address.user}@{address.domain}"
    return Target(
        destination=User(address.user, address.domain),
        label=f"sip:{plain}" if scheme else plain,
        auth=_auth(reading),
    )


def _auth(reading: Reading) -> tuple[str, str] | None:
    auth = reading.object("auth")
    if auth is None:
        return None
    auth.expect("password", "username")
    names = _needed(auth, "username"), _needed(auth, "password")
    for name, text in zip(("username", "password"), names, strict=True):
        if not fits(text):
            # Never quoted: it is a secret.
            raise auth.error(name, "holds a sign that FreeSWITCH would take apart")
    return names


def _needed(reading: Reading, name: str) -> str:
    text = reading.text(name).strip()
    if not text:
        raise reading.error(name, "is missing")
    return text
