"""Forking: in what order the legs of a Dial ring.

A strategy turns legs into rounds and nothing else. Simultaneous is one round of many;
sequential is many rounds of one.
"""

from dialctl.dial.model import Leg, Round


def rounds(legs: tuple[Leg, ...], *, sequential: bool) -> tuple[Round, ...]:
    if sequential:
        return tuple(Round((leg,)) for leg in legs)
    return (Round(legs),)
