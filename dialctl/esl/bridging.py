"""The commands that ring a round: the A-leg's variables, then ``bridge``. No socket."""

import uuid

from dialctl.dial.model import Round
from dialctl.esl import commands, records
from dialctl.esl.dialstring import (
    NO_MUSIC,
    Music,
    bridge_variables,
    caller_name_variable,
    dial_string,
    music_variables,
)
from dialctl.model import ALeg
from dialctl.plan import Dial


def ring(
    dial: Dial,
    round: Round,
    a_leg: ALeg,
    patience: float,
    music: Music | None,
    bridge_uuid: str,
) -> tuple[bytes, ...]:
    """To be written at once, so that they run in one media tick.

    ``patience``: seconds that callees may be held back before they are connected, 0: they are not.
    The end of ``bridge`` comes back with ``bridge_uuid``.
    """
    hook = records.leg_hook(a_leg.uuid)
    string = dial_string(
        round, dial.ring_timeout, dial.time_limit, patience, a_leg.context, hook, music
    )
    variables = [
        ("multiset", bridge_variables(dial)),
        ("set", caller_name_variable(dial.caller_name or "")),
        *(("set", variable) for variable in (music_variables(music) if music else ())),
    ]
    return (
        *(commands.execute(app, argument, str(uuid.uuid4())) for app, argument in variables),
        commands.execute("bridge", string, bridge_uuid, deferred=hook),
    )


def no_music() -> bytes:
    """Of a Dial that is over, so that what follows has none of it."""
    return commands.execute("multiset", NO_MUSIC, str(uuid.uuid4()))
