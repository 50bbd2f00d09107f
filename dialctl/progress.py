"""How far a call has come: what the next controller needs to carry it on. Pure.

It lives in the A-leg's channel variables (esl.records), written together with the commands of each
step, so that it is there whatever becomes of the controller. Text of one word that nothing in
FreeSWITCH parses: JSON, compressed, in the URL-safe alphabet of base64 (RFC 4648, 5).
"""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from dialctl.conference.model import Inside, Stay
from dialctl.model import ALeg, Ending, EndReason, Transfer
from dialctl.plan import Carried, Hook, NextDocument, Recorded, Stage

VERSION = 1
MAX_BYTES = 4 << 20  # unpacked: more was not packed here


@dataclass(frozen=True, slots=True)
class Taping:
    """A recording that is not over. ``started``: seconds since 1970, 0 while it waits for a Dial to
    connect somebody; ``seconds``: its longest.
    """

    uuid: str
    path: str
    url: str
    where: str  # the step's line and element, for the log
    started: float = 0.0
    seconds: float = 0.0
    stereo: bool = False
    background: bool = False  # no step waits for it
    callback: Hook | None = None  # told when its file is complete


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything counts from what this call has done so far, on whatever controllers.

    ``step`` is the one of the document that has been begun, from 0; what is known of it is
    forgotten with the next (``step_begun``). Times are the switch's. ``request``: the document
    that is being asked for instead. ``ending``: the call is being hung up, and why.
    """

    app: str
    again: str = ""  # a word of its own, if the call has been begun anew: it is in every key
    documents: int = 0  # asked for so far
    step: int = 0
    began: float = 0.0  # the step, seconds since 1970
    dials: int = 0  # before this step
    conferences: int = 0  # the same
    rounds: tuple[str, ...] = ()  # of the step's Dial: the causes that the rounds ended with,
    ringing: bool = False  # and whether a further one has been begun
    inside: Inside | None = None  # how far the step's Conference has come; None: not begun
    endpoints: tuple[tuple[str, ...], ...] = ()  # that reach its targets; routes.yaml may change
    matches: int = 0  # of the key sequences that it wants to hear of, for their keys
    heard: int = 0  # of the step: how often what is to be repeated has been begun
    told: int = 0  # requests made whose answers nobody waits for, for their keys
    refusal: str = ""  # cause of the last Dial, if nobody was connected
    hangup_at: float = 0.0  # asked for by a step, seconds since 1970
    hangup_cause: str = ""
    tapings: tuple[Taping, ...] = ()
    transfer: Transfer | None = None  # that has been accepted, the last one
    request: NextDocument | None = None
    ending: Ending | None = None
    cause: str = ""  # that the call is being hung up with


def step_begun(progress: Progress, step: int, began: float, **known: Any) -> Progress:
    return replace(
        progress,
        step=step,
        began=began,
        request=None,
        rounds=(),
        ringing=False,
        inside=None,
        endpoints=(),
        matches=0,
        heard=0,
        **known,
    )


_JSON = json.JSONEncoder(separators=(",", ":"))
_DEFAULTS = [(field.name, field.default) for field in fields(Progress)]


def pack(progress: Progress) -> str:
    """What is as it is by itself is left out: every event of the call repeats the variable."""
    said: dict[str, Any] = {"v": VERSION}
    for name, default in _DEFAULTS:
        value = getattr(progress, name)
        if value == default:
            continue
        if name == "request":
            value = {**_plain(value), "hook": _plain(value.hook), "stage": value.stage.value}
        elif name == "ending":
            value = {**asdict(value), "reason": value.reason.name}
        elif name in ("inside", "transfer"):
            value = asdict(value)
        elif name == "tapings":
            value = [asdict(one) for one in value]
        said[name] = value
    return _packed_json(said)


def unpack(text: str) -> Progress:
    """Raises ValueError for what no dialctl of this version wrote."""
    try:
        said = _unpacked_json(text)
        if said.pop("v") != VERSION:
            raise ValueError("written by another version of dialctl")
        if "request" in said:
            said["request"] = _request(**said["request"])
        if "ending" in said:
            reason = EndReason[said["ending"].pop("reason")]
            said["ending"] = Ending(reason, **said["ending"])
        if "transfer" in said:
            said["transfer"] = Transfer(**said["transfer"])
        if "inside" in said:
            said["inside"] = _inside(**said["inside"])
        said["rounds"] = tuple(said.get("rounds", ()))
        said["tapings"] = tuple(_taping(**one) for one in said.get("tapings", ()))
        said["endpoints"] = tuple(map(tuple, said.get("endpoints", ())))
        return Progress(**said)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no progress of a call: {error!r}") from error


def pack_caller(a_leg: ALeg) -> str:
    return _packed_json({**_plain(a_leg), "owner": "", "progress": "", "document": ""})


def unpack_caller(text: str, progress: str, document: str) -> ALeg:
    """Raises ValueError for what ``pack_caller`` did not write."""
    try:
        said = _unpacked_json(text)
        said["headers"] = tuple((name, value) for name, value in said["headers"])
        return ALeg(**{**said, "progress": progress, "document": document})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no caller: {error!r}") from error


def pack_document(carried: Carried) -> str:
    head = f"{carried.stage.value}\n{carried.url}\n"
    return packed(head.encode() + carried.body)


def unpack_document(text: str) -> Carried:
    """Raises ValueError for what ``pack_document`` did not write."""
    stage, url, body = (*unpacked(text).split(b"\n", 2), b"", b"")[:3]
    return Carried(Stage(stage.decode()), url.decode(), body)


def _request(
    hook: dict[str, str], stage: str, fields: list[list[Any]], name: str, optional: bool
) -> NextDocument:
    pairs = tuple((key, value) for key, value in fields)
    return NextDocument(Hook(**hook), Stage(stage), pairs, name, optional)


def _inside(stay: dict[str, Any] | None, recording: dict[str, Any] | None, **said: Any) -> Inside:
    return Inside(
        stay=Stay(**stay) if stay else None,
        recording=Recorded(**recording) if recording else None,
        **said,
    )


def _taping(callback: dict[str, str] | None, **said: Any) -> Taping:
    return Taping(**said, callback=Hook(**callback) if callback else None)


def _plain(value: Any) -> dict[str, Any]:
    """As asdict(), which copies all that is in it one by one."""
    return {name: getattr(value, name) for name in value.__slots__}


def _packed_json(said: Mapping[str, Any]) -> str:
    return packed(_JSON.encode(said).encode())


def _unpacked_json(text: str) -> dict[str, Any]:
    said = json.loads(unpacked(text))
    if not isinstance(said, dict):
        raise ValueError("no JSON object")
    return said


def packed(data: bytes) -> str:
    # A window no larger than needed: zlib clears all it has, 256 kB if not told otherwise.
    bits, memory = (10, 1) if len(data) <= 1024 else (15, 8)
    compress = zlib.compressobj(6, zlib.DEFLATED, bits, memory)
    packed = compress.compress(data) + compress.flush()
    return base64.urlsafe_b64encode(packed).decode("ascii")


def unpacked(text: str) -> bytes:
    try:
        packed = base64.b64decode(text, altchars=b"-_", validate=True)
        decompress = zlib.decompressobj()
        data = decompress.decompress(packed, MAX_BYTES)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise ValueError(f"not packed by dialctl: {error}") from error
    if not decompress.eof:
        raise ValueError("not packed by dialctl: it does not end")
    return data
