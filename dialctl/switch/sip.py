"""What SIP messages do to a channel: the variables they leave on it and on its partner.

Sources: sofia.c (sofia_handle_sip_r_invite, sofia_handle_sip_i_bye, nua_i_cancel in
our_sofia_event_callback, nua_callstate_terminated), mod_sofia.c (sofia_on_hangup). The order in
which variables are set is the order of an event's headers, so it follows the recordings.
"""

from functools import partial
from typing import TYPE_CHECKING

from dialctl.switch import causes
from dialctl.switch.variables import templates

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel

TRIP = 0.003  # seconds until an answer is there, as on a loopback interface
_OTHERS_ANSWERED = ("LOSE_RACE", "PICKED_OFF")
_USER_AGENT = "FreeSWITCH-mod_sofia/1.10.12-release~64bit"


class Dialog:
    """A channel's SIP dialog. ``status`` is what an unanswered caller was told at the end."""

    __slots__ = ("ack_due", "responded", "status", "terminated", "told_status")

    def __init__(self) -> None:
        self.responded = False  # the callee has sent something above 100
        self.terminated = False  # the far end ended it
        self.ack_due = False  # our 200 has left, its ACK is under way
        self.status = 0
        self.told_status = 0  # that the caller is to be refused with, whatever the cause

    def end(self, channel: "Channel") -> None:
        """Tell the far end that we have hung up, unless it told us."""
        variables = channel.variables
        if self.terminated:
            return
        if channel.cause in _OTHERS_ANSWERED:
            variables.set("call_completed_elsewhere", "true")
        if channel.answered:
            variables.set("sip_hangup_disposition", "send_bye")
        elif channel.inbound:
            self.status = self.told_status or _refusal(channel)
            variables.set("sip_hangup_disposition", "send_refuse")
        else:
            variables.set("sip_hangup_disposition", "send_cancel")
            variables.set("sip_invite_failure_status", "487")
            variables.set("sip_invite_failure_phrase", "CANCEL")


def _refusal(a_leg: "Channel") -> int:
    """The other leg's SIP status goes before the hangup cause (sofia_on_hangup)."""
    proto = a_leg.variables.get("last_bridge_proto_specific_hangup_cause")
    ignored = a_leg.variables.true("sip_ignore_remote_cause")
    if proto.startswith("sip:") and not ignored and proto[4:].isdigit():
        return int(proto[4:])
    return causes.sip_status(a_leg.cause)


# -- the A-leg ------------------------------------------------------------------------------------


def invited(a_leg: "Channel") -> None:
    """The caller's INVITE has come in."""
    _fill(a_leg, "invite")
    if not a_leg.named:
        a_leg.variables.set("sip_from_display", "")
    _fill(a_leg, "dialplan")


def ring(a_leg: "Channel") -> None:
    """180 Ringing to the caller."""
    if a_leg.inbound and not (a_leg.ringing or a_leg.early or a_leg.answered) and a_leg.up:
        a_leg.variables.set("sip_to_tag", a_leg.fields["to_tag"])
        a_leg.mark_ringing()


def pre_answer(a_leg: "Channel") -> None:
    """183 Session Progress to the caller; a callee is told nothing of the kind."""
    if a_leg.inbound and not (a_leg.early or a_leg.answered) and a_leg.up:
        _fill(a_leg, "media")
        a_leg.has_media = True
        a_leg.mark_early_media()


def answer(a_leg: "Channel") -> None:
    """200 OK to the caller."""
    if a_leg.inbound and not a_leg.answered and a_leg.up:
        _fill(a_leg, "media again" if a_leg.has_media else "media")
        a_leg.mark_answered()
        a_leg.sip.ack_due = True
        a_leg.later(TRIP, partial(acknowledge, a_leg))


def respond(a_leg: "Channel", status: int) -> None:
    """A final answer of 400 or more; an answered channel is hung up (mod_sofia.c, respond)."""
    if status > 399:
        a_leg.sip.told_status = status
        a_leg.hang_up(causes.of_status(status))


def acknowledge(a_leg: "Channel") -> None:
    """The caller's ACK to our 200 is in."""
    if a_leg.sip.ack_due and a_leg.up:
        a_leg.sip.ack_due = False
        _fill(a_leg, "ack")
        if not a_leg.named:
            a_leg.variables.set("sip_from_display", "")


def cancelled(a_leg: "Channel", cause: str) -> None:
    """The caller gave up before an answer: CANCEL, with ``cause`` in its Reason header."""
    variables = a_leg.variables
    variables.set("sip_hangup_disposition", "recv_cancel")
    variables.set("sip_invite_failure_status", "487")
    variables.set("sip_invite_failure_phrase", "CANCEL")
    _reason(a_leg, cause)
    a_leg.sip.terminated, a_leg.sip.status = True, 487
    _term(a_leg, 487, causes.NUMBERS["ORIGINATOR_CANCEL"])
    a_leg.hang_up("ORIGINATOR_CANCEL")


# -- a B-leg --------------------------------------------------------------------------------------


def rings(leg: "Channel") -> None:
    """180 Ringing from the callee."""
    _respond(leg)
    leg.mark_ringing()


def early_media(leg: "Channel") -> None:
    """183 Session Progress from the callee."""
    _respond(leg, "codecs offered")
    _fill(leg, "sdp")
    if partner := leg.partner:
        _fill(partner, "callee early media", "a_leg")
    leg.mark_early_media()
    for section in ("codecs offered", "flows", "own flow", "media"):
        _fill(leg, section)
    leg.has_media = True
    leg.variables.set("endpoint_disposition", "EARLY MEDIA")


def answers(leg: "Channel") -> None:
    """200 OK from the callee."""
    if leg.early:
        _respond(leg, "codecs offered")
        _fill(leg, "sdp")
    else:
        for section in ("sdp", "codecs offered", "flows", "media"):
            _fill(leg, section)
        if partner := leg.partner:
            _fill(partner, "callee answered", "a_leg")
    _failure(leg, "", "")
    leg.mark_answered()


def refuses(leg: "Channel", cause: str, *, status: int = 0, dead: bool = False) -> None:
    """A final answer of 400 or more (0: the cause's own), or no way to that address (``dead``)."""
    status = status or causes.sip_status(cause)
    variables = leg.variables
    if not leg.sip.responded:
        variables.set("sip_call_id", leg.fields["call_id"])
    _fill(leg, "no reply" if dead else "reply")
    variables.set("sip_hangup_disposition", "recv_refuse")
    variables.set("sip_invite_failure_status", str(status))
    variables.set("sip_invite_failure_phrase", causes.phrase(status))
    _failure(leg, str(status), causes.phrase(status))
    leg.sip.terminated = True
    _term(leg, status, causes.NUMBERS[cause])
    leg.hang_up(cause)


# -- either ---------------------------------------------------------------------------------------


def bye(channel: "Channel", cause: str) -> None:
    """The far end of an answered channel hangs up."""
    _reason(channel, cause)
    channel.sip.terminated = True
    _term(channel, 200, causes.q850(cause))
    channel.hang_up(cause)
    channel.variables.set("sip_user_agent", _USER_AGENT)
    channel.variables.set("sip_hangup_disposition", "recv_bye")


def _respond(leg: "Channel", then: str = "") -> None:
    leg.sip.responded = True
    _fill(leg, "reply")
    if then:
        _fill(leg, then)
    _fill(leg, "response")
    if not leg.profile.caller_name:
        leg.variables.set("sip_from_display", "")
    _failure(leg, "", "")
    leg.profile.callee_name = leg.profile.callee_number


def _failure(leg: "Channel", status: str, phrase: str) -> None:
    """A refusal stands on the partner too, until another leg of its sends something better."""
    leg.set_on_partner("sip_invite_failure_status", status)
    leg.set_on_partner("sip_invite_failure_phrase", phrase)


def _reason(channel: "Channel", cause: str) -> None:
    channel.variables.set("sip_reason", causes.reason(cause))
    channel.set_on_partner("sip_reason", causes.reason(cause))


def _term(channel: "Channel", status: int, number: int) -> None:
    channel.variables.set("sip_term_status", str(status))
    channel.variables.set("proto_specific_hangup_cause", f"sip:{status}")
    channel.set_on_partner("sip_hangup_phrase", causes.phrase(status))
    channel.variables.set("sip_term_cause", str(number))


def _fill(channel: "Channel", section: str, name: str = "") -> None:
    """``name``: a party that the switch has called itself may have legs of its own."""
    name = name or ("a_leg" if channel.inbound else "b_leg")
    channel.variables.fill(templates(name)[section], channel.fields)


def dialog_fields(session: int) -> dict[str, str]:
    """What a dialog's templates need and nobody reads: ports, tags, a call's id."""
    number = f"{session:06d}"
    return {
        "media_port": str(20000 + 2 * session % 40000),
        "remote_port": str(20001 + 2 * session % 40000),
        "callee_port": str(20001 + 2 * (session + 1) % 40000),
        "ssrc": str(1_000_000 + session),
        "from_tag": f"from{number}",
        "to_tag": f"to{number}",
        "call_id": f"call{number}@127.0.0.1".replace("@", "%40"),
    }
