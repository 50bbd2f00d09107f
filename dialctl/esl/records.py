"""What FreeSWITCH itself keeps of a call, so that any controller can tell how it went. No socket.

When a channel ends FreeSWITCH runs its ``api_reporting_hook`` (switch_core_state_machine.c), which
puts the channel's record into mod_hash, whoever controls the call then, and if nobody does:

    realm            key              value
    dialctl          the A-leg        ``live OWNER`` while it is up; then its record and variables
    the A-leg        a leg            the leg's record

The controller that has told the end of a call forgets all of it. What is left was told by nobody.
"""

import re
from collections.abc import Callable, Mapping

from dialctl.dial.causes import CANCELLED, LOST_RACE
from dialctl.errors import SwitchError
from dialctl.esl import commands
from dialctl.esl.dialstring import (
    CONFIRM_VARIABLE,
    CONFIRMED_VARIABLE,
    LEG_VARIABLE,
    MACHINE_VARIABLE,
    OWNER_VARIABLE,
)
from dialctl.model import ChannelEnd, Record, Side

REALM = "dialctl"
LIVE = "live "
PROGRESS_VARIABLE = "dialctl_progress"  # progress.pack: how far the call has come
DOCUMENT_VARIABLE = "dialctl_document"  # progress.pack_document: the document it carries out
CALLER_VARIABLE = "dialctl_caller"  # progress.pack_caller: whose call it is
PLACED_VARIABLE = "dialctl_placed"  # placement.pack: who asked for the call, and what for
_KEPT = (PROGRESS_VARIABLE, DOCUMENT_VARIABLE, CALLER_VARIABLE)

# sip_hangup_disposition: who sent the request or answer that ended the channel (mod_sofia.c).
_SIDES = {
    "recv_bye": Side.THEM,
    "recv_cancel": Side.THEM,
    "recv_refuse": Side.THEM,
    "send_bye": Side.US,
    "send_cancel": Side.US,
    "send_refuse": Side.US,
}
# Names of variables (switch_channel_set_timestamps): *_uepoch are microseconds since 1970.
_FIELDS = (
    "hangup_cause",
    "sip_hangup_disposition",
    "sip_term_status",
    "sip_invite_failure_status",
    "start_uepoch",
    "progress_uepoch",
    "progress_media_uepoch",
    "answer_uepoch",
    "bridge_uepoch",
    "end_uepoch",
    "billsec",
    "billmsec",
    CONFIRM_VARIABLE,
    CONFIRMED_VARIABLE,
    MACHINE_VARIABLE,
    LEG_VARIABLE,
    OWNER_VARIABLE,
)
# Of a leg besides: FreeSWITCH has made it. A caller's own could hold what parts the fields.
_LEG_FIELDS = (*_FIELDS, "sip_call_id")
_UUID = re.compile(r"[A-Za-z0-9_.@-]{1,128}")
_PLAIN = re.compile(r"[A-Za-z0-9_.#=-]*")
_RECORD = ":".join(f"${{{name}}}" for name in _FIELDS)
_LEG_RECORD = ":".join(f"${{{name}}}" for name in _LEG_FIELDS)


def can_keep(call_uuid: str) -> bool:
    """Whether a UUID can stand in a hook: with inbound-use-callid-as-uuid a caller chooses it."""
    return bool(_UUID.fullmatch(call_uuid))


def leg_hook(call_uuid: str) -> str:
    """The hook of a call's legs; ``${..}`` is for the leg to expand, when it has ended.

    '' for a call of which nothing can be kept.
    """
    if not can_keep(call_uuid):
        return ""
    return f"hash insert/{call_uuid}/${{uuid}}/{_LEG_RECORD}"


def call_hook(call_uuid: str) -> str:
    """The hook of the call's own channel: its record, and what is kept with it."""
    kept = "/".join(f"${{{name}}}" for name in _KEPT)
    return f"hash insert/{REALM}/{call_uuid}/{_RECORD}/{kept}"


def watch(call_uuid: str, before: str, owner: str) -> tuple[bytes, ...]:
    """Keep the A-leg's end, and say who has the call and who had it ``before``, '' for nobody.

    uuid_setvar expands nothing, and takes what would be expanded, as uuid_setvar_multi does not
    (seen). If it ends meanwhile its record stays as it is.
    """
    place = f"{REALM}/{call_uuid}"
    return (
        commands.api(f"uuid_setvar {call_uuid} api_reporting_hook {call_hook(call_uuid)}"),
        *([commands.api(f"hash delete_ifmatch/{place}/{LIVE}{before}")] if before else []),
        commands.api(f"hash insert_ifempty/{place}/{LIVE}{owner}"),
    )


def notes(call_uuid: str, variables: Mapping[str, Callable[[], str]]) -> tuple[bytes, ...]:
    """Set variables of a channel at once, without waiting for its media tick.

    Raises ValueError for a value with what parts them, quotes, escapes or would be expanded
    (mod_commands.c, uuid_setvar_multi_function).
    """
    pairs = [(name, value()) for name, value in variables.items()]
    for name, value in pairs:
        if not _PLAIN.fullmatch(value):
            raise ValueError(f"a value of {name} that cannot be told from others: {value[:80]!r}")
    said = ";".join(f"{name}={value}" for name, value in pairs)
    return (commands.api(f"uuid_setvar_multi {call_uuid} {said}"),) if pairs else ()


def forget(call_uuid: str, legs: frozenset[str]) -> tuple[bytes, ...]:
    """The call has been told to its end: drop all that is kept of it."""
    return (
        *(commands.api(f"hash delete/{call_uuid}/{leg}") for leg in sorted(legs)),
        commands.api(f"hash delete/{REALM}/{call_uuid}"),
    )


def dump(realm: str) -> bytes:
    """Ask for all entries of a realm: ``entries`` reads the answer."""
    return commands.api(f"hash_dump db {realm}")


def entries(answer: str, realm: str) -> dict[str, str]:
    """Key and value of each line ``D/REALM_KEY/VALUE`` (mod_hash.c, hash_dump).

    Raises SwitchError when the switch has no such command.
    """
    if answer.startswith("-ERR") and "not found" in answer.lower():
        raise SwitchError("it has no mod_hash, which must be loaded: see freeswitch/INSTALL.md")
    found = {}
    for line in answer.splitlines():
        kind, _, rest = line.partition("/")
        name, _, value = rest.partition("/")
        if kind == "D" and name.startswith(f"{realm}_"):
            found[name.removeprefix(f"{realm}_")] = value
    return found


def kept(value: str) -> tuple[str, str, str]:
    """Progress, document and caller, behind an A-leg's record."""
    texts = value.split("/")[1:]
    return tuple(texts) if len(texts) == len(_KEPT) else ("", "", "")  # type: ignore[return-value]


def record(uuid: str, value: str) -> Record | None:
    """A record as the hook wrote it; None for what is none."""
    texts = value.partition("/")[0].split(":")
    if len(texts) not in (len(_FIELDS), len(_LEG_FIELDS)):
        return None
    fields = {"sip_call_id": "", **dict(zip(_LEG_FIELDS, texts, strict=False))}
    rang = [_seconds(fields[f"{name}_uepoch"]) for name in ("progress", "progress_media")]
    created, answered = _seconds(fields["start_uepoch"]), _seconds(fields["answer_uepoch"])
    end = channel_end(
        fields["hangup_cause"],
        fields["sip_hangup_disposition"],
        sip_status=_number(fields["sip_term_status"])
        or _number(fields["sip_invite_failure_status"]),
        times=(
            created,
            answered,
            _seconds(fields["bridge_uepoch"]),
            _seconds(fields["end_uepoch"]),
        ),
        billed=(_number(fields["billsec"]), _number(fields["billmsec"])),
        asked=bool(fields[CONFIRM_VARIABLE]),
        confirmed=fields[CONFIRMED_VARIABLE] == "true",
        machine=fields[MACHINE_VARIABLE] == "true",
        sip_call_id=fields["sip_call_id"],
    )
    return Record(
        uuid=uuid,
        attempt=fields[LEG_VARIABLE],
        created=created,
        rang=min(filter(None, rang), default=0.0),
        answered=answered,
        bridged=_seconds(fields["bridge_uepoch"]),
        end=end,
        owner=fields[OWNER_VARIABLE],
    )


def channel_end(
    cause: str,
    disposition: str,
    *,
    sip_status: int,
    times: tuple[float, float, float, float],
    billed: tuple[int, int],
    asked: bool,
    confirmed: bool,
    machine: bool,
    sip_call_id: str,
    headers: tuple[tuple[str, str], ...] = (),
) -> ChannelEnd:
    """How a channel ended. ``times``: created, answered, bridged, ended; ``asked``: held back."""
    created, answered, bridged, ended = times
    billsec, billmsec = billed
    # Another one may have been let through first, or the caller may have left meanwhile.
    unconfirmed = bool(asked and answered) and not confirmed and cause not in (LOST_RACE, CANCELLED)
    return ChannelEnd(
        cause=cause or "NORMAL_UNSPECIFIED",
        side=_SIDES.get(disposition, Side.UNKNOWN),
        sip_status=sip_status,
        created=created,
        answered=answered,
        bridged=bridged,
        ended=ended,
        billsec=billsec,
        billmsec=billmsec,
        unconfirmed=unconfirmed,
        machine=unconfirmed and machine,
        sip_call_id=sip_call_id,
        headers=headers,
    )


def _seconds(text: str) -> float:
    return _number(text) / 1_000_000


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
