"""How a leg's end counts, in no vendor's words. FreeSWITCH's hangup causes are the keys.

Sources: switch_types.h (switch_call_cause_t); mod_sofia's sofia_glue.c folds SIP statuses into
causes, so a status that means something else than its cause is told apart here.
"""

from dialctl.dial.model import Outcome, ReportEnded
from dialctl.model import ChannelEnd

# The network failed, not the callee: the next endpoint of the same target may be tried.
# Never a callee's decision: a busy or declining callee is not rung again through another carrier.
NETWORK_FAILURES = (
    "NORMAL_TEMPORARY_FAILURE",
    "NETWORK_OUT_OF_ORDER",
    "GATEWAY_DOWN",
    "INVALID_GATEWAY",
    "INVALID_PROFILE",
    "RECOVERY_ON_TIMER_EXPIRE",
    "NORMAL_CIRCUIT_CONGESTION",
    "SWITCH_CONGESTION",
)

# What we tell FreeSWITCH when we end a leg ourselves.
RING_TIMEOUT = "NO_ANSWER"
TIME_LIMIT = "ALLOTTED_TIMEOUT"
CANCELLED = "ORIGINATOR_CANCEL"
BY_REQUEST = "MANAGER_REQUEST"  # the control API asked for it
LOST_RACE = "LOSE_RACE"
NO_ROUTE = "NO_ROUTE_DESTINATION"
SWITCH_GONE = "SYSTEM_SHUTDOWN"  # FreeSWITCH's own word, which it has no time to say if it crashes

# In place of a cause, before the SIP status that an unanswered caller is refused with.
BY_STATUS = "sip:"

_STATUS = {
    "USER_BUSY": "busy",
    "BUSY_EVERYWHERE": "busy",
    "CALL_REJECTED": "busy",
    "DECLINE": "busy",
    "NO_ANSWER": "no-answer",
    "NO_USER_RESPONSE": "no-answer",
    "ALLOTTED_TIMEOUT": "no-answer",  # on a leg that was never answered: FreeSWITCH's ring timer
    "RECOVERY_ON_TIMER_EXPIRE": "timeout",
    "PROGRESS_TIMEOUT": "timeout",
    "ORIGINATOR_CANCEL": "cancel",
    BY_REQUEST: "cancel",
    # group_confirm's end of a leg that answered and did not confirm, and a callee who hung up then
    "NORMAL_CLEARING": "no-answer",
}

# SIP statuses that sofia folds into CALL_REJECTED although nobody declined.
_REJECTED_BY_NETWORK = frozenset({401, 402, 403, 407, 608})

# When several legs failed: the first of these that any of them has.
PRECEDENCE = ("cancel", "busy", "no-answer", "timeout", "failed")


def status(end: ChannelEnd) -> str:
    """The status of a leg that was never connected: one of PRECEDENCE."""
    if end.unconfirmed:
        return "no-answer"
    if end.cause == "CALL_REJECTED" and end.sip_status in _REJECTED_BY_NETWORK:
        return "failed"
    return _STATUS.get(end.cause, "failed")


def decisive(outcome: Outcome) -> ReportEnded | None:
    """The leg that an outcome is about: who was connected, else the first that ended as it says.

    None if nobody was rung.
    """
    for leg in outcome.legs:
        if outcome.b_leg_uuid:
            if leg.uuid == outcome.b_leg_uuid:
                return leg
        elif leg.end.cause == outcome.cause and outcome.status in ("cancel", status(leg.end)):
            return leg
    return outcome.legs[-1] if outcome.legs else None


def cut_off(created: float, answered: float, at: float) -> ChannelEnd:
    """The end of a channel that FreeSWITCH took with it; seconds since 1970, 0 for never."""
    talked = at - answered if answered else 0.0
    return ChannelEnd(
        SWITCH_GONE,
        created=created,
        answered=answered,
        ended=at,
        billsec=int(talked),
        billmsec=int(talked * 1000),
    )


def unmade_cause(endpoint: str) -> str:
    """Why an endpoint gave no channel at all, when FreeSWITCH did not say.

    Only a gateway or profile that does not exist, or a user who is unknown or not registered,
    ends so; in a fork ``originate_disposition`` speaks of another leg.
    """
    if endpoint.startswith("user/"):
        return "SUBSCRIBER_ABSENT"
    if endpoint.startswith("sofia/gateway/"):
        return "INVALID_GATEWAY"
    return "DESTINATION_OUT_OF_ORDER"
