"""The far end of a B-leg: it does what its script says, in its own time.

It speaks SIP to the leg (sip.py); a message takes a little time on the way.
"""

from functools import partial

from dialctl.switch import refer, sip
from dialctl.switch.channel import Channel

_KEY = 0.27  # from one digit to the next: 250 ms of tone and a gap, as recorded


def dial(leg: Channel) -> None:
    """The INVITE leaves; everything after that is up to the callee."""
    leg.later(sip.TRIP, partial(_ring, leg))


def press(channel: Channel, digits: str) -> None:
    """Press keys one after the other, as a finger does."""
    for index, digit in enumerate(digits):
        channel.later(index * _KEY, partial(channel.press, digit))


def _ring(leg: Channel) -> None:
    script = leg.script
    if not leg.up:
        return
    if script.rings == "180":
        sip.rings(leg)
    elif script.rings == "183":
        sip.early_media(leg)
    if script.ring is not None:
        leg.later(script.ring, partial(_decide, leg))


def _decide(leg: Channel) -> None:
    script = leg.script
    if not leg.up:
        return
    if script.refuses:
        sip.refuses(leg, script.refuses, status=script.status, dead=script.dead)
        leg.finish()
        return
    sip.answers(leg)
    for seconds, digits in script.press:
        leg.later(seconds, partial(press, leg, digits))
    for seconds, number in script.refer:
        leg.later(seconds, partial(refer.refer, leg, number))
    if script.talk is not None:
        leg.later(script.talk, partial(_hang_up, leg))


def _hang_up(leg: Channel) -> None:
    if leg.up:
        sip.bye(leg, "NORMAL_CLEARING")
        leg.finish()
