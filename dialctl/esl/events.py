"""What FreeSWITCH's events mean: header lines into the words of dialctl.model and dial.model."""

from dialctl.dial.causes import CANCELLED, LOST_RACE
from dialctl.dial.model import (
    Event,
    KeyPressed,
    LegAnswered,
    LegBridged,
    LegCreated,
    LegEnded,
    LegRinging,
)
from dialctl.esl.dialstring import CONFIRM_VARIABLE, CONFIRMED_VARIABLE, LEG_VARIABLE
from dialctl.esl.frames import Headers
from dialctl.model import ALeg, ChannelEnd, Side

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

# sip_hangup_disposition: who sent the request or answer that ended the channel (mod_sofia.c).
_SIDE = {
    "recv_bye": Side.THEM,
    "recv_cancel": Side.THEM,
    "recv_refuse": Side.THEM,
    "send_bye": Side.US,
    "send_cancel": Side.US,
    "send_refuse": Side.US,
}
_X_PH = "variable_sip_h_X-PH-"


def leg_event(event: Headers) -> Event | None:
    """What a B-leg's event says; None for one that says nothing new."""
    uuid = event.get("Unique-ID")
    match event.get("Event-Name"):
        case "CHANNEL_CREATE":
            return LegCreated(uuid, event.variable(LEG_VARIABLE))
        case "CHANNEL_PROGRESS" | "CHANNEL_PROGRESS_MEDIA":
            return LegRinging(uuid)
        case "CHANNEL_ANSWER":
            return LegAnswered(uuid)
        case "CHANNEL_HANGUP_COMPLETE":
            return LegEnded(uuid, channel_end(event))
    return None


def key_pressed(event: Headers) -> KeyPressed:
    """What a DTMF event says."""
    return KeyPressed(event.get("Unique-ID"), event.get("DTMF-Digit"))


def bridged_leg(event: Headers) -> LegBridged:
    """The leg that an A-leg's CHANNEL_BRIDGE joined it to."""
    return LegBridged(event.get("Bridge-B-Unique-ID") or event.get("Other-Leg-Unique-ID"))


def channel_end(event: Headers) -> ChannelEnd:
    """How a channel ended, from its CHANNEL_HANGUP_COMPLETE."""
    cause = event.get("Hangup-Cause", "NORMAL_UNSPECIFIED")
    asked = event.variable(CONFIRM_VARIABLE) and event.number("Caller-Channel-Answered-Time")
    confirmed = event.variable(CONFIRMED_VARIABLE) == "true"
    return ChannelEnd(
        cause=cause,
        side=_SIDE.get(event.variable("sip_hangup_disposition"), Side.UNKNOWN),
        sip_status=event.number("variable_sip_term_status")
        or event.number("variable_sip_invite_failure_status"),
        created=_seconds(event, "Caller-Channel-Created-Time"),
        answered=_seconds(event, "Caller-Channel-Answered-Time"),
        ended=_seconds(event, "Caller-Channel-Hangup-Time"),
        billsec=event.number("variable_billsec"),
        billmsec=event.number("variable_billmsec"),
        # Another one may have confirmed first, or the caller may have left meanwhile.
        unconfirmed=bool(asked) and not confirmed and cause not in (LOST_RACE, CANCELLED),
    )


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
        verstat=data.variable("sip_verstat"),
        created=_seconds(data, "Caller-Channel-Created-Time"),
        variables=tuple(
            (name.removeprefix("variable_sip_h_"), data.get(name)) for name in data.names(_X_PH)
        ),
        app=data.variable("dialctl_app"),
        context=data.get("Caller-Context"),
        confirms=data.variable(CONFIRM_VARIABLE),
        answered=data.get("Answer-State") == "answered",
    )


def _seconds(event: Headers, name: str) -> float:
    """FreeSWITCH's clock counts microseconds since 1970; 0 means never."""
    return event.number(name) / 1_000_000
