"""Play: let the caller hear a sound. Answers the A-leg."""

from dialctl.call import Call
from dialctl.errors import FetchError
from dialctl.http.retry import shown
from dialctl.plan import Next, Play, Step
from dialctl.verbs import times

STEP = Play


def run(call: Call, step: Play) -> Next:
    let_hear(call, step, step.source, step.loop)
    return None


def resume(call: Call, step: Play) -> Next:
    """What has not been heard yet of ``loop`` times."""
    let_hear(call, step, step.source, step.loop, max(1, call.course.progress.heard))
    return None


def let_hear(call: Call, step: Step, source: str, loop: int = 1, heard: int = 0) -> None:
    """Let ``source`` be heard ``loop`` times (0: until the call ends), of which it has been
    ``heard`` so often already. Raises CallGone, KeyHeard.

    What cannot be had, or not be played, is left out, with a warning that says why.
    """
    if heard >= loop > 0:
        return
    try:
        with call.sounds.at_hand(call.channel, source) as sound:
            for _ in times(call, loop, heard):
                response = call.channel.let_hear("playback", sound)
                if response != "FILE PLAYED":
                    # It will not sound better the next time.
                    why = f"the switch says {response}{_advice(source, sound)}"
                    raise FetchError(f"{shown(source)}: {why}")
    except FetchError as error:
        call.log.warning("line %d: <%s>: %s; it is left out", step.line, step.element, error)


def _advice(source: str, sound: str) -> str:
    read = "" if sound == source else f" of {sound}, which its user must be able to read"
    return f"{read}; mp3 needs mod_shout" if sound.endswith(".mp3") else read
