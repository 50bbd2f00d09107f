"""What FreeSWITCH's events mean: header lines into the words of dialctl.model and dial.model."""

import re

from dialctl.dial.heard import Heard
from dialctl.dial.model import (
    CallerGone,
    Event,
    KeyPressed,
    LegAnswered,
    LegBridged,
    LegCreated,
    LegEnded,
    LegRinging,
    RoundEnded,
)
from dialctl.esl import hearing, records
from dialctl.esl.dialstring import (
    CONFIRM_VARIABLE,
    CONFIRMED_VARIABLE,
    LEG_VARIABLE,
    MACHINE_VARIABLE,
    OWNER_VARIABLE,
    Music,
)
from dialctl.esl.frames import Headers
from dialctl.model import ALeg, ChannelEnd, Record, Transfer

# What a call listens to. Every further name costs both sides for every call.
NAMES = (
    "CHANNEL_CREATE",
    "CHANNEL_PROGRESS",
    "CHANNEL_PROGRESS_MEDIA",
    "CHANNEL_ANSWER",
    "CHANNEL_BRIDGE",
    "CHANNEL_HANGUP_COMPLETE",
    "CHANNEL_EXECUTE_COMPLETE",
)

# The keys that are pressed; asked for only while somebody wants to know.
KEYS = ("DTMF",)

# A channel has come to a controller; asked for where it may be taken elsewhere meanwhile.
ARRIVALS = ("CHANNEL_PARK",)

# A recording has begun, or is over and its file closed; asked for once something is recorded.
RECORDINGS = ("RECORD_START", "RECORD_STOP")

# Variables that hold headers of a channel's INVITE, of its last response and of its BYE
# (mod_sofia.h): the header's name follows.
_INVITE_HEADERS = ("sip_h_",)
_END_HEADERS = ("sip_rh_", "sip_bye_h_")

# What is asked later on of a channel as it was on ``connect``; all of it are 9 kB a call.
ASKED_LATER = (
    "Core-UUID",
    "variable_originated_legs",
    "variable_originate_disposition",
    "variable_originate_failed_cause",
    "variable_ringback",
    "variable_playback_delimiter",
    "variable_tts_engine",
    "variable_tts_voice",
    "variable_transfer_ringback",
    "variable_blind_transfer_uuid",
)

# Our own, and those that FreeSWITCH makes.
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def leg_event(event: Headers) -> Event | None:
    """What a B-leg's event says; None for one that says nothing new."""
    uuid = event.get("Unique-ID")
    match event.get("Event-Name"):
        case "CHANNEL_CREATE":
            return leg_made(event)
        case "CHANNEL_PROGRESS" | "CHANNEL_PROGRESS_MEDIA" as name:
            return LegRinging(uuid, early=name == "CHANNEL_PROGRESS_MEDIA")
        case "CHANNEL_ANSWER":
            return LegAnswered(uuid, happened(event))
        case "CHANNEL_HANGUP_COMPLETE":
            return LegEnded(uuid, channel_end(event))
    return None


def leg_made(event: Headers) -> LegCreated:
    """The channel that an event is about."""
    created = _seconds(event, "Caller-Channel-Created-Time")
    return LegCreated(event.get("Unique-ID"), event.variable(LEG_VARIABLE), created)


def originated_legs(data: Headers) -> tuple[str, ...]:
    """The channels that the A-leg's dial strings have made so far, those of users too (seen).

    An array of ``UUID;name;number`` (switch_ivr_originate.c); the name is the other side's text,
    which may hold ``|:`` and begin an entry of its own: one that has no UUID of FreeSWITCH's form
    is none.
    """
    entries = data.variable("originated_legs").removeprefix("ARRAY::").split("|:")
    uuids = dict.fromkeys(entry.partition(";")[0] for entry in entries)
    return tuple(uuid for uuid in uuids if _UUID.fullmatch(uuid))


def key_pressed(event: Headers) -> KeyPressed:
    """What a DTMF event says."""
    return KeyPressed(event.get("Unique-ID"), event.get("DTMF-Digit"))


def recording_file(event: Headers) -> str:
    """The path of the file that a RECORD_START or RECORD_STOP tells of."""
    return event.get("Record-File-Path")


def recorded_ms(event: Headers) -> int:
    """The length of the file that a RECORD_STOP tells of; 0 when there is none.

    The switch removes a file to which it never wrote (switch_ivr_async.c, record_callback).
    """
    empty = event.get("Record-Completion-Cause") == "empty-file"
    return 0 if empty else event.number("variable_record_ms")


def happened(event: Headers) -> float:
    """When the switch fired it: seconds since 1970 on its clock."""
    return _seconds(event, "Event-Date-Timestamp")


def bridged_leg(event: Headers) -> LegBridged:
    """The leg that an A-leg's CHANNEL_BRIDGE joined it to."""
    return LegBridged(event.get("Bridge-B-Unique-ID") or event.get("Other-Leg-Unique-ID"))


def of_dial(
    event: Headers, a_leg: str, bridge: str, *, begun: bool
) -> tuple[Event | KeyPressed | Heard, ...]:
    """What an event means to a Dial of the A-leg whose bridge has this Event-UUID.

    ``begun``: by an earlier controller.
    """
    name = event.get("Event-Name")
    if name == "DTMF":
        return (key_pressed(event),)
    if event.get("Unique-ID") != a_leg:
        said = leg_event(event)
        if said is None:
            heard = hearing.heard(event)
            return (heard,) if heard else ()
        # A user's telephones have UUIDs of the switch's own, made when nobody listened.
        return (leg_made(event), said) if begun else (said,)
    if name == "CHANNEL_BRIDGE":
        return (bridged_leg(event),)
    if name == "CHANNEL_HANGUP_COMPLETE":
        return (CallerGone(),)
    if event.get("Application-UUID") == bridge:
        # The bridge of a caller who has just hung up ends before the caller's own event.
        if event.get("Answer-State") == "hangup":
            return (CallerGone(),)
        return (RoundEnded(round_cause(event)),)
    return ()


def transfer(event: Headers, a_leg: str) -> Transfer | None:
    """The callee's REFER that has taken the A-leg out of its bridge and is to be confirmed.

    (sofia.c, sofia_handle_sip_i_refer(); both variables stay.)
    """
    refer_to = event.variable("sip_refer_to")
    bridge = event.get("Event-Name") == "CHANNEL_EXECUTE_COMPLETE" and (
        event.get("Application") == "bridge"
    )
    if not refer_to or not referrer(event) or event.get("Unique-ID") != a_leg:
        return None
    # The bridge is another one once they have talked on: its end tells nothing of the A-leg.
    if not (bridge or arrived(event, a_leg)):
        return None
    return Transfer(refer_to, event.variable("sip_h_Referred-By"))


def arrived(event: Headers, a_leg: str) -> bool:
    """Whether the A-leg has come to a controller."""
    return event.get("Event-Name") in ARRIVALS and event.get("Unique-ID") == a_leg


def referrer(data: Headers) -> str:
    """The callee whose REFER the A-leg is to confirm, '' if there has been none."""
    return data.variable("blind_transfer_uuid")


def round_cause(event: Headers) -> str:
    """How the A-leg's last bridge ended, from any event of its; '' if it has not yet."""
    cause = event.variable("originate_disposition")
    if cause == "failure":  # all that an enterprise originate says there
        cause = event.variable("originate_failed_cause", cause)
    return cause


def ringback(data: Headers) -> Music | None:
    """What the A-leg hears while legs ring, as an earlier controller has put it there."""
    if not data.variable("ringback"):
        return None
    spoken = data.variable("playback_delimiter") != ""
    engine, voice = data.variable("tts_engine"), data.variable("tts_voice")
    return Music(data.variable("ringback"), *((engine, voice) if spoken else ()))


def channel_end(event: Headers) -> ChannelEnd:
    """How a channel ended, from its CHANNEL_HANGUP_COMPLETE."""
    return records.channel_end(
        event.get("Hangup-Cause"),
        event.variable("sip_hangup_disposition"),
        sip_status=event.number("variable_sip_term_status")
        or event.number("variable_sip_invite_failure_status"),
        times=(
            _seconds(event, "Caller-Channel-Created-Time"),
            _seconds(event, "Caller-Channel-Answered-Time"),
            _seconds(event, "Caller-Channel-Bridged-Time"),
            _seconds(event, "Caller-Channel-Hangup-Time"),
        ),
        billed=(event.number("variable_billsec"), event.number("variable_billmsec")),
        asked=bool(event.variable(CONFIRM_VARIABLE)),
        confirmed=event.variable(CONFIRMED_VARIABLE) == "true",
        machine=event.variable(MACHINE_VARIABLE) == "true",
        sip_call_id=event.variable("sip_call_id"),
        headers=_custom_headers(event, _END_HEADERS),
    )


def life(dump: Headers) -> Record:
    """A channel that is up, from the answer to ``uuid_dump``."""
    rang = [
        _seconds(dump, f"Caller-Channel-{name}-Time") for name in ("Progress", "Progress-Media")
    ]
    return Record(
        uuid=dump.get("Unique-ID"),
        attempt=dump.variable(LEG_VARIABLE),
        created=_seconds(dump, "Caller-Channel-Created-Time"),
        rang=min(filter(None, rang), default=0.0),
        answered=_seconds(dump, "Caller-Channel-Answered-Time"),
        bridged=_seconds(dump, "Caller-Channel-Bridged-Time"),
    )


def dialog(data: Headers) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A callee's SIP Call-ID and the X-* headers of its answer, from the reply to ``connect``."""
    return data.variable("sip_call_id"), _custom_headers(data, _END_HEADERS)


def a_leg(data: Headers) -> ALeg:
    """The channel that reached us, from the reply to ``connect``."""
    sip_from = data.variable("sip_from_uri")
    return ALeg(
        uuid=data.get("Unique-ID"),
        caller=data.get("Caller-Caller-ID-Number"),
        called=data.get("Caller-Destination-Number"),
        caller_name=data.get("Caller-Caller-ID-Name"),
        sip_from=sip_from,
        sip_to=data.variable("sip_to_uri"),
        forwarded_from=data.variable("sip_h_Diversion"),
        to_header=data.variable("sip_full_to"),
        # The detailed one names the attestation also where the short one says "No" (mod_sofia.c,
        # sofia_stir_shaken_vs: only A counts as passed there).
        verstat=data.variable("sip_verstat_detailed") or data.variable("sip_verstat"),
        attestation=data.variable("sip_h_P-Attestation-Indicator"),
        created=_seconds(data, "Caller-Channel-Created-Time"),
        headers=_custom_headers(data, _INVITE_HEADERS),
        app=data.variable("dialctl_app"),
        context=data.get("Caller-Context"),
        confirms=data.variable(CONFIRM_VARIABLE),
        answered=_seconds(data, "Caller-Channel-Answered-Time"),
        outbound=data.get("Call-Direction") == "outbound",
        owner=data.variable(OWNER_VARIABLE),
        progress=data.variable(records.PROGRESS_VARIABLE),
        document=data.variable(records.DOCUMENT_VARIABLE),
        sip_call_id=data.variable("sip_call_id"),
        placed=data.variable(records.PLACED_VARIABLE),
    )


def _custom_headers(event: Headers, kinds: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The X-* headers, each once: of several kinds the last one that has it counts."""
    found = {}
    for kind in kinds:
        for variable in event.names(f"variable_{kind}"):
            name = variable.removeprefix(f"variable_{kind}")
            if name[:2].lower() == "x-":
                found[name] = event.get(variable)
    return tuple(found.items())


def _seconds(event: Headers, name: str) -> float:
    """FreeSWITCH's clock counts microseconds since 1970; 0 means never."""
    return event.number(name) / 1_000_000
