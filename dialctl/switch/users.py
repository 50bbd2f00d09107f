"""``user/NAME@DOMAIN`` in a dial string: the switch originates twice.

The user endpoint looks up the user's own dial string and rings it with an originate of its own;
then the outer one takes that leg for its own and writes everything once more. Alone in its dial
string the inner originate waits for the answer; with other legs beside it or after it, it hands
over a leg that has not been rung yet.
Source: user_outgoing_channel() in mod_dptools.c. **Seen** in the events' headers.
"""

from dialctl.switch import sip
from dialctl.switch.channel import Channel
from dialctl.switch.dialstring import Endpoint
from dialctl.switch.legs import Origin, announce, install, know_originator
from dialctl.switch.partners import bond
from dialctl.switch.variables import templates


def take_over(origin: Origin, endpoint: Endpoint, leg: Channel) -> None:
    """The outer originate's part, when the inner one has a leg for it."""
    a_leg = origin.a_leg
    if not origin.branch:
        bond(a_leg, leg)
        sip.acknowledge(a_leg)
        know_originator(leg, a_leg)
        leg.variables.fill(templates("b_leg")["originator again"], leg.fields)
        if not leg.answered:
            a_leg.variables.set("originate_signal_bond", leg.uuid)
            leg.variables.fill(templates("b_leg")["originator's call"], leg.fields)
    install(origin, leg, endpoint.variables + origin.common)
    leg.variables.set("originate_early_media", "true" if origin.early_ok else "false")
    announce(origin, leg, "user")


def won(a_leg: Channel, leg: Channel) -> None:
    """The outer originate's result."""
    a_leg.variables.set("originate_disposition", "SUCCESS")
    a_leg.variables.set("DIALSTATUS", "SUCCESS")
    a_leg.variables.push("originate_causes", f"{leg.uuid};NONE")
