"""<Dial>: who is rung, for how long, and who is told."""

import re
from dataclasses import replace

from dialctl.dialects.plivo.attributes import action, callback
from dialctl.dialects.plivo.targets import caller_id, caller_name, sip_headers, target
from dialctl.dialects.xml import Reading
from dialctl.errors import DocumentError
from dialctl.plan import Confirm, Dial, Hook, OnMachine, Ringing, Target

ATTRIBUTES = frozenset(
    {
        "action",
        "callType",
        "callbackMethod",
        "callbackUrl",
        "callerId",
        "callerName",
        "confirmKey",
        "confirmSound",
        "confirmTimeout",
        "dialMusic",
        "digitsMatch",
        "digitsMatchBLeg",
        "hangupOnStar",
        "machineDetection",
        "method",
        "redirect",
        "sequential",
        "sipHeaders",
        "timeLimit",
        "timeout",
    }
)
ON_MACHINE = {"true": OnMachine.TELL, "hangup": OnMachine.HANG_UP, "false": None}
_KEY = re.compile(r"[0-9*#]")
_SEQUENCE = re.compile(r"[0-9A-D*#]{1,32}")
_RINGING = {"": Ringing.REAL, "real": Ringing.REAL, "none": Ringing.SILENCE}
DEFAULT_TIME_LIMIT = 14400
MAX_TIME_LIMIT = 86400
MAX_RING_TIMEOUT = 3600  # nobody lets a telephone ring for longer; it bounds what a leg costs


def read(reading: Reading) -> Dial:
    headers, confirm = sip_headers(reading), _confirm(reading)
    if reading.get("callType") not in ("", "voice"):
        reading.note(
            f"callType={reading.get('callType')[:40]!r} is not available; it is a voice call"
        )
    return Dial(
        targets=tuple(_with(headers, confirm, one) for one in _targets(reading)),
        ring_timeout=reading.whole("timeout", reading.limits.ring_timeout, 1, MAX_RING_TIMEOUT),
        time_limit=reading.whole("timeLimit", DEFAULT_TIME_LIMIT, 1, MAX_TIME_LIMIT),
        caller_id=caller_id(reading),
        caller_name=caller_name(reading),
        sequential=reading.boolean("sequential", False),
        hangup_on_star=reading.boolean("hangupOnStar", False),
        music=_music(reading),
        on_machine=_on_machine(reading),
        action=action(reading),
        follow_action=reading.boolean("redirect", True),
        callback=callback(reading),
        digits_of_caller=sequences(reading, "digitsMatch"),
        digits_of_callee=sequences(reading, "digitsMatchBLeg"),
        **reading.at,
    )


def _targets(reading: Reading) -> tuple[Target, ...]:
    targets = tuple(target(reading.child(element)) for element in reading.element)
    if not targets:
        raise reading.error("rings nobody; it must hold a <Number> or a <User>")
    if len(targets) > reading.limits.targets:
        raise reading.error(
            f"has {len(targets)} destinations; at most {reading.limits.targets} are allowed"
        )
    return targets


def _music(reading: Reading) -> Hook | Ringing:
    """``real``, ``none`` (the engine's word for silence), or a document's URL."""
    text = reading.get("dialMusic")
    if text in _RINGING:
        return _RINGING[text]
    try:
        return Hook(reading.url(text, ""))
    except DocumentError as problem:
        reading.warn(f"dialMusic: {problem}; the callee's own ringing is heard")
        return Ringing.REAL


def _confirm(reading: Reading) -> Confirm | None:
    if not reading.get("confirmSound"):
        if reading.get("confirmKey"):
            reading.warn("confirmKey has no effect without a confirmSound")
        return None
    key = reading.get("confirmKey")
    if key and not _KEY.fullmatch(key):
        raise reading.error(f"confirmKey={key[:40]!r} is no key; expected one of 0-9 * #")
    default = reading.limits.confirm_timeout
    return Confirm(
        sound=Hook(reading.url(reading.get("confirmSound"))),
        key=key,
        timeout=reading.whole("confirmTimeout", default, 1, MAX_RING_TIMEOUT),
    )


def _on_machine(reading: Reading) -> OnMachine | None:
    """As machine_detection of Plivo's Call API; told to the callbackUrl."""
    text = reading.choice("machineDetection", ("true", "hangup", "false"), "false")
    if text == "true" and not reading.get("callbackUrl"):
        reading.warn('machineDetection="true" has no effect without a callbackUrl')
        return None
    return ON_MACHINE[text]


def sequences(reading: Reading, name: str) -> tuple[str, ...]:
    """Comma-separated key sequences; told to the callbackUrl, so nothing without one."""
    found = []
    for text in filter(None, (part.strip() for part in reading.get(name).split(","))):
        if _SEQUENCE.fullmatch(text):
            found.append(text)
        else:
            reading.warn(f"{name}: {text[:40]!r} holds more than 0-9 A-D * # and is ignored")
    if found and not reading.get("callbackUrl"):
        reading.warn(f"{name} has no effect without a callbackUrl")
        return ()
    return tuple(found)


def _with(headers: tuple[tuple[str, str], ...], confirm: Confirm | None, one: Target) -> Target:
    """What the Dial says of each target; the headers of its own come first."""
    every = {**dict(headers), **dict(one.headers)}
    return replace(one, headers=tuple(every.items()), confirm=confirm)
