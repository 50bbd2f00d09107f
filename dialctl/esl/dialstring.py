"""FreeSWITCH dial strings, and the one place that builds them. No socket.

    one target           {vars}[leg]first|[leg]second     the next endpoint after a network failure
    several, one each    {vars}[leg]a,[leg]b              they ring together
    several, some more   <vars>{fail over}[leg]a1|[leg]a2:_:[leg]b1    each in a thread of its own
    and spoken music     <vars>:_:{fail over}[leg]a,[leg]b   all in one, beside the one that speaks

Nothing that a document, a caller or a callee wrote gets in here but as a typed value: digits or
a SIP user and host in an endpoint of routes.yaml, UUIDs of our own, numbers of seconds. Text such
as a caller's name travels in channel variables instead, where nothing is parsed
(``caller_variables``). Source: switch_ivr_originate.c, switch_event_create_brackets().
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialctl.dial.causes import NETWORK_FAILURES
from dialctl.dial.model import Attempt, Leg, Round
from dialctl.esl import commands
from dialctl.esl.commands import BACKSTOP_SECONDS, literal
from dialctl.plan import Dial

# Names the attempt on channels whose UUIDs FreeSWITCH chooses itself.
LEG_VARIABLE = "dialctl_leg"

# A callee who is asked to confirm: the attempt that asks, where to, and what came of it.
CONFIRM_EXTENSION = "dialctl-confirm"
CONFIRM_VARIABLE = "dialctl_confirm"
OWNER_VARIABLE = "dialctl_owner"  # the controller that has the call, or had it last
CONFIRMED_VARIABLE = "dialctl_confirmed"
MACHINE_VARIABLE = "dialctl_machine"
CONTEXT_VARIABLE = "dialctl_context"

PLACED_EXTENSION = "dialctl-placed"  # where a call that was asked for is brought when answered

# What an answered caller hears while somebody rings: milliseconds on and off, two frequencies. No
# 180 reaches him, and without it he hears nothing (switch_ivr_originate.c).
RING_TONE = "%(2000,4000,440,480)"

# Variables that FreeSWITCH's parser leaves alone, whatever bracket they stand in.
_SAFE_VALUE = re.compile(r"[A-Za-z0-9_.:!+ -]*")
# A leg's variables stand in a list of its own, parted by semicolons (``^^;``): a comma is text.
# Brackets, quotes, backslashes and dollar signs are no text anywhere (seen).
_SAFE_LEG_VALUE = re.compile(r"(?!.*:_:)[^;\[\]{}<>'\"\\$|^\x00-\x1f\x7f]*")
_NOT_IN_A_LEG = str.maketrans({char: " " for char in ';[]{}<>"\\$|^:%'} | {"'": "\u2019"})
_SAFE_ENDPOINT = re.compile(r"[A-Za-z0-9_.:;=@/%~+*#?&()!-]+")

_NOT_IN_A_NAME = str.maketrans('":%\\', "    ")

# A sound that music is made of: a path or a stream. FreeSWITCH parts them at ``!``, outside quotes.
_SAFE_SOUND = re.compile(r"[A-Za-z0-9_.:;,=*%()+/ -]+")
_NOT_SPOKEN = str.maketrans({"!": ".", "'": "\u2019", "\\": " ", "{": " ", "}": " "})
# A ringback that ends and cannot be rewound ends the Dial with NO_ANSWER (seen), and a missing file
# is such a one; silence can always be opened, and a list of sounds be rewound.
_ALWAYS_THERE = "silence_stream://250"

# Stop the failover of a leg at anything that is no network failure: the callee has spoken.
# A substring search in this list, negated: any separator does, a comma would need quotes.
_FAIL_OVER = {"fail_on_single_reject": "!" + ":".join(NETWORK_FAILURES)}


@dataclass(frozen=True, slots=True)
class Said:
    """A text among sounds."""

    text: str


@dataclass(frozen=True, slots=True)
class Music:
    """What the caller hears while legs ring instead of their ringing; made by ``music``."""

    ringback: str  # the channel variable
    engine: str = ""  # '' when nothing is spoken
    voice: str = ""


def music(sounds: Sequence[str | Said], engine: str = "", voice: str = "") -> Music:
    """Paths and streams of the switch's, and texts, to be heard over and over.

    Raises ValueError for what FreeSWITCH would take for more than one.
    """
    parts = []
    for sound in sounds:
        if isinstance(sound, Said):
            parts.append(f"say:{literal(sound.text).translate(_NOT_SPOKEN).strip()}")
        elif _SAFE_SOUND.fullmatch(sound):
            parts.append(sound)
        else:
            raise ValueError(f"not safe in a list of sounds: {sound!r}")
    if not any(isinstance(sound, Said) for sound in sounds):
        return Music(f"file_string://{'!'.join([*parts, _ALWAYS_THERE])}")
    if not (_SAFE_VALUE.fullmatch(engine) and _SAFE_VALUE.fullmatch(voice)):
        raise ValueError(f"not safe in a variable: {engine!r}, {voice!r}")
    return Music("!".join([_ALWAYS_THERE, *parts]), engine, voice)


SILENCE = music(["silence_stream://-1"])


def dial_string(
    round: Round,
    ring_timeout: float,
    time_limit: float,
    context: str = "",
    hook: str = "",
    music: Music | None = None,
    *,
    asks_transfers: bool = False,
    owner: str = "",
) -> str:
    """The argument of ``bridge`` that rings the round's legs together.

    Times are seconds. ``hook`` is records.leg_hook of the call. A leg that has patience is asked to
    confirm when it has answered, by the extension ``dialctl-confirm`` in ``context``
    (freeswitch/dialctl.xml), and names this ``owner`` there. With ``asks_transfers`` a callee's
    REFER waits to be confirmed.
    Raises ValueError for an endpoint that could end or widen the string.
    """
    # FreeSWITCH's timer for all runs on while a callee who has answered is asked.
    patience = max(leg.patience for leg in round.legs)
    ring = {"originate_timeout": str(math.ceil(ring_timeout + patience) + BACKSTOP_SECONDS)}
    if asks_transfers:
        ring["confirm_blind_transfer"] = "true"
    alone = len(round.legs) == 1
    legs = [_leg(leg, ring_timeout, time_limit, context, owner) for leg in round.legs]
    # Early media of one leg in a fork would end the race before anybody answered (seen); of a
    # leg that rings alone the caller hears it, unless he hears music.
    shared = ring if alone and not music else {**ring, "ignore_early_media": "true"}
    if round.enterprise:
        return _variables("<>", shared, hook) + ":_:".join(
            _variables("{}", _FAIL_OVER) + x for x in legs
        )
    fail_over = _FAIL_OVER if len(round.legs[0].attempts) > 1 else {}
    if music and music.engine:
        # Only beside an enterprise originate does FreeSWITCH speak to the caller (seen). A branch
        # without legs makes it one; it comes first, for the last one's cause is what is told.
        own = _variables("{}", fail_over) if fail_over else ""
        return _variables("<>", shared, hook) + ":_:" + own + ",".join(legs)
    return _variables("{}", {**shared, **fail_over}, hook) + ",".join(legs)


def leg_filter(attempt: Attempt) -> bytes:
    """The command that lets the events of an attempt's channels through."""
    if attempt.expands:
        return commands.filter_variable(LEG_VARIABLE, attempt.uuid)
    return commands.filter_uuid(attempt.uuid)


def _leg(leg: Leg, ring_timeout: float, time_limit: float, context: str, owner: str) -> str:
    hangup_at = math.ceil(time_limit) + BACKSTOP_SECONDS
    parts = []
    for attempt in leg.attempts:
        if not _SAFE_ENDPOINT.fullmatch(attempt.endpoint) or ":_:" in attempt.endpoint:
            raise ValueError(f"not a FreeSWITCH endpoint: {attempt.endpoint!r}")
        mark = LEG_VARIABLE if attempt.expands else "origination_uuid"
        variables = {
            mark: attempt.uuid,
            "leg_timeout": str(math.ceil(ring_timeout) + BACKSTOP_SECONDS),
            "execute_on_answer": f"sched_hangup +{hangup_at} ALLOTTED_TIMEOUT",
            **dict(attempt.variables),
            **(_confirm_variables(attempt.uuid, context, owner) if leg.patience else {}),
        }
        parts.append(_leg_variables(variables, attempt.raw_variables) + attempt.endpoint)
    return "|".join(parts)


def _confirm_variables(attempt_uuid: str, context: str, owner: str) -> dict[str, str]:
    return {
        "group_confirm_key": "exec",
        "group_confirm_file": f"execute_extension {CONFIRM_EXTENSION} XML {context}",
        "group_confirm_timeout": "0",  # from the answer on this leg's own timer stands still
        CONFIRM_VARIABLE: attempt_uuid,
        CONTEXT_VARIABLE: context,
        **({OWNER_VARIABLE: owner} if owner else {}),
    }


def _variables(brackets: str, variables: Mapping[str, str], hook: str = "") -> str:
    if hook:
        # A leg takes no variable whose value holds another one, unless this is set (seen).
        variables = {**variables, "origination_nested_vars": "true", "api_reporting_hook": hook}
    inside = ",".join(f"{name}={value}" for name, value in variables.items())
    return f"{brackets[0]}{inside}{brackets[1]}"


def _leg_variables(variables: Mapping[str, str], raw: str) -> str:
    for name, value in variables.items():
        if not _SAFE_LEG_VALUE.fullmatch(name + value) or "=" in name:
            raise ValueError(f"not safe in a dial string: {name}")
    inside = [f"{name}={value}" for name, value in variables.items()]
    return f"[^^;{';'.join([*inside, raw] if raw else inside)}]"


def leg_text(text: str) -> str:
    """A name as a leg's variable can hold it: what FreeSWITCH would parse becomes a blank."""
    return literal(text).translate(_NOT_IN_A_LEG).strip()


def bridge_variables(dial: Dial, *, tone: bool = True) -> str:
    """The argument of ``multiset`` for the A-leg before its ``bridge``.

    ``tone``: if it is answered it hears one while legs ring, and not what its dialplan has.
    The A-leg outlives its bridge and a bridge that fails; what an earlier Dial of the same call
    set is set anew each time.
    """
    variables = {
        "continue_on_fail": "true",
        "hangup_after_bridge": "false",
        # With it a socket that drops resets the channel and cuts the bridge (mod_event_socket.c,
        # listener_run(); seen). Without it they talk on, and the dialplan goes on afterwards.
        "socket_resume": "false",
        # Empty until this bridge has ended: the next controller would take an earlier one's for it.
        "originate_disposition": "",
        # An unanswered caller is refused as we say, not with the last leg's SIP status (seen).
        "sip_ignore_remote_cause": "true",
        "bridge_terminate_key": "*" if dial.hangup_on_star else "",
        "effective_caller_id_number": dial.caller_id or "",
        **({"transfer_ringback": RING_TONE} if tone else {}),
    }
    return "^^;" + ";".join(f"{name}={value}" for name, value in variables.items())


def music_variables(music: Music) -> tuple[str, ...]:
    """The arguments of ``set`` that let the caller hear it from the next ``bridge`` on.

    At once, not only when somebody rings. ``transfer_ringback``, where a dialplan has set it, goes
    before ``ringback`` for a caller who has been answered.
    """
    variables = {
        "ringback": music.ringback,
        "transfer_ringback": music.ringback,
        "instant_ringback": "true",
    }
    if music.engine:
        variables |= {
            "playback_delimiter": "!",
            "playback_sleep_val": "0",
            "tts_engine": music.engine,
            "tts_voice": music.voice,
        }
    return tuple(f"{name}={value}" for name, value in variables.items())


# The argument of ``multiset`` that lets later bridges and sounds have none of it.
NO_MUSIC = "^^;ringback=;transfer_ringback=;instant_ringback=;playback_delimiter="


def caller_name_variable(name: str) -> str:
    """The argument of ``set`` that names the caller to the legs; '' takes an earlier one back.

    Quotes, commas and brackets arrive as they are, for nothing parses them here. What mod_sofia
    itself mangles on the way into the From header (seen) becomes a blank.
    """
    return f"effective_caller_id_name={literal(name).translate(_NOT_IN_A_NAME)}"


def originate(
    attempt: Attempt,
    kept: Mapping[str, str],
    hook: str,
    context: str,
    ring_timeout: float,
    time_limit: float,
) -> str:
    """The API command that rings one endpoint, and once it answers brings it to a controller, by
    the extension ``dialctl-placed`` in ``context`` (freeswitch/dialctl.xml).

    ``kept`` are variables of ours, words that nothing parses; ``hook`` is records.call_hook of
    ``${uuid}``. Early media is no answer. Raises ValueError as ``dial_string``, and for a
    context with more than letters.
    """
    if not _SAFE_ENDPOINT.fullmatch(attempt.endpoint) or ":_:" in attempt.endpoint:
        raise ValueError(f"not a FreeSWITCH endpoint: {attempt.endpoint!r}")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", context):
        raise ValueError(f"not the name of a context: {context!r}")
    seconds = math.ceil(ring_timeout) + BACKSTOP_SECONDS
    hangup_at = math.ceil(time_limit) + BACKSTOP_SECONDS
    shared = {"originate_timeout": str(seconds), "ignore_early_media": "true"}
    mark = LEG_VARIABLE if attempt.expands else "origination_uuid"
    own = {
        mark: attempt.uuid,
        "execute_on_answer": f"sched_hangup +{hangup_at} ALLOTTED_TIMEOUT",
        "socket_resume": "false",
        **dict(attempt.variables),
        **kept,
    }
    ringing = _variables("{}", shared, hook) + _leg_variables(own, "") + attempt.endpoint
    return f"originate '{ringing}' {PLACED_EXTENSION} XML {context}"
