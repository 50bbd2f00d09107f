"""Variables that hold for every leg of an originate, from wherever they come.

Sources: switch_ivr_originate() in switch_ivr_originate.c, switch_channel_process_export() in
switch_channel.c.
"""

from dialctl.switch.channel import Channel
from dialctl.switch.dialstring import Branch, Variables, value
from dialctl.switch.variables import is_true

# Variables of the A-leg that count as if they stood in {...}.
_INHERITED = (
    "group_confirm_key",
    "group_confirm_file",
    "group_confirm_read_timeout",
    "group_confirm_cancel_timeout",
    "group_confirm_timeout",
    "forked_dial",
    "fail_on_single_reject",
    "hangup_on_single_reject",
    "ignore_early_media",
    "ignore_ring_ready",
    "ring_ready",
    "instant_ringback",
)


def common_variables(a_leg: Channel, branch: Branch) -> Variables:
    """What holds for every leg: exported, from {...}, and of the A-leg's own."""
    given = exported(a_leg) + branch.variables
    names = {name.lower() for name, _ in given}
    own = tuple(
        (name, text)
        for name, text in a_leg.variables.items()
        if name.lower() in _INHERITED and name.lower() not in names
    )
    return given + own


def exported(a_leg: Channel) -> Variables:
    names = a_leg.variables.get("export_vars")
    if not names:
        return ()
    values = []
    for name in names.split(","):
        values.append((name.removeprefix("nolocal:"), a_leg.variables.get(name)))
    return (("export_vars", names), *values)


def ringback(a_leg: Channel) -> str:
    """What the caller hears while legs ring, "" for their own ringing."""
    transferred = a_leg.variables.get("transfer_ringback") if a_leg.answered else ""
    return transferred or a_leg.variables.get("ringback")


def hears_early_media(variables: Variables) -> bool:
    ignored = value(variables, "ignore_early_media")
    return not is_true(ignored) and ignored not in ("consume", "ring_ready")
