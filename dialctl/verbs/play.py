"""Play: let the caller hear a sound. Answers the A-leg."""

import itertools

from dialctl.call import Call
from dialctl.errors import FetchError
from dialctl.http.retry import shown
from dialctl.plan import Next, Play, Step

STEP = Play


def run(call: Call, step: Play) -> Next:
    let_hear(call, step, step.source, step.loop)
    return None


def let_hear(call: Call, step: Step, source: str, loop: int = 1) -> None:
    """Let ``source`` be heard ``loop`` times (0: until the call ends). Raises CallGone, KeyHeard.

    What cannot be had, or not be played, is left out, with a warning that says why.
    """
    try:
        with call.sounds.at_hand(call.channel, source) as sound:
            for _ in range(loop) if loop else itertools.count():
                response = call.channel.let_hear("playback", sound)
                if response != "FILE PLAYED":
                    # It will not sound better the next time.
                    raise FetchError(f"{shown(source)}: the switch says {response}{_advice(sound)}")
    except FetchError as error:
        call.log.warning("line %d: <%s>: %s; it is left out", step.line, step.element, error)


def _advice(sound: str) -> str:
    return " (it plays mp3 only with mod_shout)" if sound.endswith(".mp3") else ""
