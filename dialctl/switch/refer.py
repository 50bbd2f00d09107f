"""A callee's REFER: the caller is to be transferred, blindly.

    202 at once -> the A-leg leaves its bridge and enters the dialplan anew, at the number
        without confirm_blind_transfer on the callee's leg: NOTIFY 200, and that leg is over
        with it: that leg is parked until the A-leg runs blind_transfer_ack
            true    NOTIFY 200; whoever wants it hangs it up
            false   NOTIFY with the A-leg's sip_invite_failure_status, 403 if it has none; the
                    two talk on, and then the A-leg goes where transfer_after_bridge says

Sources: sofia_handle_sip_i_refer() in sofia.c, SWITCH_MESSAGE_INDICATE_BLIND_TRANSFER_RESPONSE in
mod_sofia.c, switch_ivr_blind_transfer_ack() in switch_ivr.c. **Seen**, all of it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialctl.switch.variables import is_true

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel
    from dialctl.switch.thread import Thread


@dataclass(slots=True)
class Referral:
    """Of one channel."""

    parked: bool = False  # a callee's leg whose REFER waits for its answer
    destination: str = ""  # where the A-leg enters the dialplan next
    talks_on: "Channel | None" = None  # with whom, for the transfer was refused


def refer(leg: "Channel", number: str) -> None:
    """The party on a B-leg asks for it."""
    a_leg = leg.partner
    if not (a_leg and leg.up and leg.bridged):
        return
    user = leg.profile.destination
    a_leg.variables.set("sip_h_Referred-By", f"<sip:{user}@127.0.0.1:5080>")
    a_leg.variables.set("sip_refer_to", f"<sip:{number}@127.0.0.1:5060>")
    leg.variables.set("endpoint_disposition", "BLIND_TRANSFER")
    if leg.variables.true("confirm_blind_transfer"):
        leg.referral.parked = True
        a_leg.variables.set("blind_transfer_uuid", leg.uuid)
        leg.variables.set("blind_transfer_uuid", a_leg.uuid)
    else:
        leg.tell("notified", "200")
    move(a_leg, number)


def blind_transfer_ack(thread: "Thread", argument: str) -> None:
    a_leg = thread.channel
    leg = a_leg.switch.channels.get(a_leg.variables.get("blind_transfer_uuid"))
    if not (leg and leg.up and leg.referral.parked):
        return
    leg.referral.parked = False
    if is_true(argument):
        leg.tell("notified", "200")
        return
    leg.tell("notified", a_leg.variables.get("sip_invite_failure_status") or "403")
    a_leg.referral.talks_on = leg
    move(a_leg, "")


def move(a_leg: "Channel", destination: str) -> None:
    """What it runs ends, and it enters the dialplan anew."""
    a_leg.referral.destination = destination
    a_leg.thread.left = True
    a_leg.thread.wake()
