"""``originate``: the switch calls somebody itself, and what is answered enters the dialplan.

    originate 'DIAL STRING' EXTENSION [DIALPLAN] [CONTEXT]

Nobody is the originator, so its legs are as those of a branch that rings by itself
(enterprise.py). Source: originate_function() in mod_commands.c. **Seen.**
"""

from typing import TYPE_CHECKING

from dialctl.switch import aleg, dialstring
from dialctl.switch.dialstring import DialStringError
from dialctl.switch.enterprise import BranchThread
from dialctl.switch.originate import Outcome

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel
    from dialctl.switch.double import Switch

USAGE = "-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>]\n"


def originate(switch: "Switch", argument: str) -> str:
    """Returns when somebody has answered, or nobody will."""
    words = dialstring.separate(argument, " ")
    if len(words) < 2:
        return USAGE
    outcome = _ring(switch, words[0])
    if outcome.leg is None:
        return f"-ERR {outcome.cause}\n"
    _enter(outcome.leg, words[1])
    return f"+OK {outcome.leg.uuid}\n"


def _ring(switch: "Switch", url: str) -> Outcome:
    try:
        branch = dialstring.parse(url).branches[0]
    except DialStringError:
        return Outcome(None, "ORIGINATOR_CANCEL")
    nobody = aleg.new_channel(switch, aleg.Caller("0000000000", "", ""))
    del switch.channels[nobody.uuid]
    return BranchThread(nobody.thread, branch, ()).result()


def _enter(leg: "Channel", extension: str) -> None:
    """The dialplan's extension, which brings it to a controller."""
    leg.variables.set("originating_leg_uuid", "")
    leg.state = "CS_EXECUTE"
    leg.profile.destination = extension
    leg.thread.start(lambda: aleg.dialplan(leg))
