"""``user/NAME@DOMAIN`` alone in a dial string: the switch originates twice.

The user endpoint looks up the user's own dial string and rings it with an originate of its own;
when that has been answered, the outer one takes the leg for its own and writes everything once
more. With other legs beside it the inner one does not wait, and nothing is written twice.
Source: user_outgoing_channel() in mod_dptools.c. **Seen** in the events' headers.
"""

from dialctl.switch import sip
from dialctl.switch.channel import Channel
from dialctl.switch.dialstring import Branch
from dialctl.switch.legs import Origin, announce
from dialctl.switch.partners import bond
from dialctl.switch.variables import templates


def take_again(origin: Origin, branch: Branch, leg: Channel) -> None:
    """The outer originate's part, after the inner one has won."""
    endpoints = [endpoint for round_ in branch.rounds for endpoint in round_]
    if len(endpoints) != 1 or endpoints[0].kind != "user":
        return
    a_leg = origin.a_leg
    sip.acknowledge(a_leg)
    leg.variables.fill(templates("b_leg")["originator again"], leg.fields)
    for name, text in endpoints[0].variables + origin.common:
        leg.variables.set(name, text)
    leg.variables.set("originate_early_media", "true" if origin.early_ok else "false")
    announce(origin, leg, "user")
    a_leg.variables.set("originate_disposition", "SUCCESS")
    a_leg.variables.set("DIALSTATUS", "SUCCESS")
    a_leg.variables.push("originate_causes", f"{leg.uuid};NONE")
    bond(a_leg, leg)
