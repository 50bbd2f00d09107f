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

# Where the A-leg enters its dialplan once they have talked on (freeswitch/dialctl.xml).
REFERRED_EXTENSION = "dialctl-referred"
# A REFER that is dealt with: the next one that stands there is another.
_FORGOTTEN = "sip_refer_to="


def ring(
    dial: Dial,
    round: Round,
    a_leg: ALeg,
    music: Music | None,
    bridge_uuid: str,
    *,
    answer: bool,
    tone: bool,
    owner: str = "",
) -> tuple[bytes, ...]:
    """To be written at once, so that they run in one media tick.

    The end of ``bridge`` comes back with ``bridge_uuid``. ``answer`` the A-leg first; ``tone`` as
    bridge_variables has it, ``owner`` as dial_string.
    """
    hook = records.leg_hook(a_leg.uuid)
    string = dial_string(
        round,
        dial.ring_timeout,
        dial.time_limit,
        a_leg.context,
        hook,
        music,
        asks_transfers=dial.refer is not None,
        owner=owner,
    )
    variables, name = (
        bridge_variables(dial, tone=tone),
        caller_name_variable(dial.caller_name or ""),
    )
    before = [
        *([("answer", "")] if answer else []),
        # A name may hold what parts variables; none is one of them, a command and an event less.
        *(
            [("multiset", variables), ("set", name)]
            if dial.caller_name
            else [("multiset", f"{variables};{name}")]
        ),
        *(("set", variable) for variable in (music_variables(music) if music else ())),
    ]
    return (
        *(commands.execute(app, argument, str(uuid.uuid4())) for app, argument in before),
        commands.execute("bridge", string, bridge_uuid, deferred=hook),
    )


def no_music() -> bytes:
    """Of a Dial that is over, so that what follows has none of it."""
    return commands.execute("multiset", NO_MUSIC, str(uuid.uuid4()))


def accept_transfer(application_uuid: str) -> tuple[bytes, ...]:
    """Tell the callee who sent a REFER that it has been carried out."""
    return (
        commands.execute("set", _FORGOTTEN, str(uuid.uuid4())),
        commands.execute("blind_transfer_ack", "true", application_uuid),
    )


def refuse_transfer(status: int, context: str, application_uuid: str) -> tuple[bytes, ...]:
    """Tell the callee of a SIP status; the two talk on, and then the A-leg comes back to us."""
    back = f"transfer_after_bridge={REFERRED_EXTENSION}:XML:{context}"
    said = f"^^;sip_invite_failure_status={status};{back};{_FORGOTTEN}"
    return (
        commands.execute("multiset", said, str(uuid.uuid4())),
        commands.execute("blind_transfer_ack", "false", application_uuid),
    )


def bring_back(a_leg: ALeg) -> bytes:
    """The command for an A-leg that has not come back by itself."""
    where = f"{REFERRED_EXTENSION} XML {a_leg.context}"
    return commands.bgapi(f"uuid_transfer {a_leg.uuid} {where}")
