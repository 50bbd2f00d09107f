"""What a dialled party does, written as a script. Pure.

    answer:RING[:TALK]   ring RING s, answer, hang up after TALK s; without TALK it stays
    early:RING[:TALK]    the same with early media (183) in place of ringing
    busy                 486, USER_BUSY
    reject               603, CALL_REJECTED
    unallocated          404, UNALLOCATED_NUMBER
    fail:CAUSE[:RING]    refuse with any hangup cause, after RING s of ringing when given
    refuse:STATUS[:RING] the same with a SIP status, 400 to 699
    ring                 ring for ever
    silent               never more than 100 Trying
    dead                 nobody is at that address: NORMAL_TEMPORARY_FAILURE, sip:503
    ...;press=S:DIGITS   press DIGITS S seconds after the answer; may stand several times
    ...;says=S:LONG      speak for LONG s, S s after the answer; may stand several times
    ...;beep=S:LONG      beep so
    ...;refer=S:NUMBER   ask S s after the answer that the caller be transferred there (REFER)

RING, TALK and S are seconds, decimals allowed. Blanks round a part do not matter.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dialctl.switch import causes

DIGITS = frozenset("0123456789*#ABCD")


class ScriptError(ValueError):
    """The script cannot be read; the message says what is wrong and quotes it."""


@dataclass(frozen=True, slots=True)
class Callee:
    """``rings`` is "" (nothing but 100 Trying), "180" or "183".

    After ``ring`` seconds (None: never) the party answers, or refuses with ``refuses`` when that
    is a hangup cause, with the SIP ``status`` if that is not 0. ``talk`` seconds after its answer
    (None: never) it hangs up.
    """

    rings: str = ""
    ring: float | None = 0.0
    refuses: str = ""
    talk: float | None = None
    status: int = 0
    dead: bool = False
    press: tuple[tuple[float, str], ...] = ()
    says: tuple[tuple[float, float], ...] = ()  # from when on, for how long
    beeps: tuple[tuple[float, float], ...] = ()
    refer: tuple[tuple[float, str], ...] = ()


def parse_script(text: str) -> Callee:
    script, *options = (part.strip() for part in text.split(";"))
    name, *arguments = (part.strip() for part in script.split(":"))
    if name not in SCRIPTS:
        known = ", ".join(sorted(SCRIPTS))
        raise ScriptError(f"{text!r}: {name!r} is no script; known are {known}")
    try:
        callee = SCRIPTS[name](arguments)
        for option in options:
            callee = _with(callee, option)
    except ValueError as error:
        raise ScriptError(f"{text!r}: {error}") from None
    return callee


def _answer(arguments: list[str]) -> Callee:
    ring, talk = _ring_and_talk(arguments)
    return Callee(rings="180", ring=ring, talk=talk)


def _early(arguments: list[str]) -> Callee:
    ring, talk = _ring_and_talk(arguments)
    return Callee(rings="183", ring=ring, talk=talk)


def _ring_and_talk(arguments: list[str]) -> tuple[float, float | None]:
    if not 1 <= len(arguments) <= 2:
        raise ValueError("write the seconds of ringing and, if it shall hang up, of talking")
    return _seconds(arguments[0]), _seconds(arguments[1]) if len(arguments) == 2 else None


def _fail(arguments: list[str]) -> Callee:
    if not 1 <= len(arguments) <= 2:
        raise ValueError("write a hangup cause and, if it shall ring, the seconds of ringing")
    cause = causes.named(arguments[0], otherwise="")
    if not cause:
        raise ValueError(f"{arguments[0]!r} is no hangup cause")
    if len(arguments) == 1:
        return Callee(refuses=cause)
    return Callee(rings="180", ring=_seconds(arguments[1]), refuses=cause)


def _refuse(arguments: list[str]) -> Callee:
    status = arguments[0] if 1 <= len(arguments) <= 2 else ""
    if not (status.isdigit() and 400 <= int(status) < 700):
        raise ValueError("write a SIP status from 400 and, if it shall ring, the seconds of it")
    refusing = _fail([causes.of_status(int(status)), *arguments[1:]])
    return replace(refusing, status=int(status))


def _fixed(callee: Callee) -> Callable[[list[str]], Callee]:
    def script(arguments: list[str]) -> Callee:
        if arguments:
            raise ValueError(f"nothing may follow, not {arguments[0]!r}")
        return callee

    return script


def _with(callee: Callee, option: str) -> Callee:
    name, _, value = (part.strip() for part in option.partition("="))
    at, _, what = (part.strip() for part in value.partition(":"))
    match name:
        case "press" if what:
            return replace(callee, press=(*callee.press, (_seconds(at), _digits(what.upper()))))
        case "says" if what:
            return replace(callee, says=(*callee.says, (_seconds(at), _seconds(what))))
        case "beep" if what:
            return replace(callee, beeps=(*callee.beeps, (_seconds(at), _seconds(what))))
        case "refer" if what:
            return replace(callee, refer=(*callee.refer, (_seconds(at), what)))
    raise ValueError(
        f"{option!r} is no option; write press=SECONDS:DIGITS, says=SECONDS:SECONDS, beep=... or "
        "refer=SECONDS:NUMBER"
    )


def _digits(text: str) -> str:
    if not set(text) <= DIGITS:
        raise ValueError(f"{text!r}: a telephone has the keys 0 to 9, *, # and A to D")
    return text


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number of seconds") from None
    if not 0 <= value < float("inf"):
        raise ValueError(f"{text!r}: seconds are 0 or more")
    return value


SCRIPTS: dict[str, Callable[[list[str]], Callee]] = {
    "answer": _answer,
    "early": _early,
    "fail": _fail,
    "refuse": _refuse,
    "busy": _fixed(Callee(refuses="USER_BUSY")),
    "reject": _fixed(Callee(refuses="CALL_REJECTED")),
    "unallocated": _fixed(Callee(refuses="UNALLOCATED_NUMBER")),
    "ring": _fixed(Callee(rings="180", ring=None)),
    "silent": _fixed(Callee(ring=None)),
    "dead": _fixed(Callee(refuses="NORMAL_TEMPORARY_FAILURE", dead=True)),
}
