"""An A-leg and the leg that won: each keeps what it has to know of the other.

Sources: switch_ivr_originate() in switch_ivr_originate.c, switch_channel_pass_callee_id() in
switch_channel.c.
"""

from dialctl.switch.channel import Channel


def pass_callee(leg: Channel, a_leg: Channel) -> None:
    """The caller's telephone learns who it is that rings or has answered."""
    a_leg.profile.callee_name = leg.profile.callee_name
    a_leg.profile.callee_number = leg.profile.callee_number


def bond(a_leg: Channel, leg: Channel) -> None:
    """The winner is the A-leg's partner."""
    a_leg.variables.set("signal_bond", leg.uuid)
    a_leg.variables.set("originate_signal_bond", "")
    remember(a_leg, leg)


def remember(a_leg: Channel, leg: Channel) -> None:
    """From now on the A-leg's events tell of that leg too."""
    snapshot = leg.profile.snapshot("inbound")
    a_leg.other = "Other-Type: originatee\n" + snapshot.block("Other-Leg")
