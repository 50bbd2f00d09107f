"""What the caller hears while a Dial rings: the document of ``dialMusic``, and its sounds.

FreeSWITCH takes what is heard from a variable when it begins to ring, and can be told of nothing
else afterwards. So the document is fetched first, but not for longer than MUSIC_SECONDS: the
caller hears nothing meanwhile. What comes too late, or cannot be had, changes nothing but what is
heard: the callee's own ringing, as without music.
"""

import contextlib
from collections.abc import Iterator

from dialctl.call import Call
from dialctl.errors import CallGone, DialctlError, DocumentError, TimeUp
from dialctl.esl import commands, dialstring, events
from dialctl.esl.dialstring import Music, Said
from dialctl.esl.sounds import as_text, voice
from dialctl.plan import Dial, Hook, Plan, Play, Ringing, Speak, Step, Wait

MUSIC_SECONDS = 3.0
MOST_SOUNDS = 100  # FreeSWITCH takes 128 in a list (mod_dptools.c, switch_ivr_play_say.c)


@contextlib.contextmanager
def at_hand(call: Call, dial: Dial, *, rung: bool) -> Iterator[Music | None]:
    """What the caller shall hear meanwhile, None for the callee's own ringing. Raises CallGone.

    The files that it is made of stay where they are as long as this lasts. ``rung``: an earlier
    controller has let somebody be rung, and what the caller hears stands in his channel; events
    of legs may come at any moment, and nothing else may be waited for.
    """
    match dial.music:
        case Ringing.REAL:
            yield None
        case Ringing.SILENCE:
            yield dialstring.SILENCE
        case _ if rung:
            yield events.ringback(call.channel.data) if call.channel.end is None else None
        case source:
            with contextlib.ExitStack() as held:
                yield _fetched(call, dial, source, held)


def _fetched(
    call: Call, dial: Dial, source: Hook | Play, held: contextlib.ExitStack
) -> Music | None:
    call.channel.deadline = call.clock.now() + MUSIC_SECONDS
    try:
        if isinstance(source, Hook):
            return _music(call, call.customer.sound(source, call.channel), held)
        return _music(call, Plan((source,)), held)
    except TimeUp:
        why = f"it did not come within {MUSIC_SECONDS:g} s"
    except CallGone:
        raise
    except (DialctlError, ValueError) as error:
        why = str(error)
    finally:
        call.channel.deadline = None
    call.log.warning(
        "line %d: <%s>: dialMusic: %s; the callee's own ringing is heard",
        dial.line,
        dial.element,
        why,
    )
    return None


def _music(call: Call, plan: Plan, held: contextlib.ExitStack) -> Music:
    sounds: list[str | Said] = []
    steps = tuple(map(as_text, plan.steps))
    for step in steps:
        sound = _sound(call, step, held)
        endless = isinstance(step, Play | Speak) and step.loop == 0
        sounds += [sound] * (step.loop or 1 if isinstance(step, Play | Speak) else 1)
        if endless:
            break  # what stands behind it is never heard
    if not sounds:
        raise DocumentError("there is nothing to hear")
    if len(sounds) > MOST_SOUNDS:
        call.log.warning("dialMusic: %d sounds are cut to %d", len(sounds), MOST_SOUNDS)
    _require_mp3(call, sounds)
    speech = call.settings.speech
    spoken = [step for step in steps if isinstance(step, Speak)]
    said_by = voice(spoken[0], speech) if spoken else speech.voice
    return dialstring.music(sounds[:MOST_SOUNDS], speech.engine, said_by)


def _sound(call: Call, step: Step, held: contextlib.ExitStack) -> str | Said:
    match step:
        case Play(source=source):
            return held.enter_context(call.sounds.at_hand(call.channel, source))
        case Speak(text=text):
            return Said(text)
        case Wait(seconds=seconds):
            return f"silence_stream://{round(seconds * 1000)}"
    raise DocumentError(f"<{step.element}> is nothing to hear", line=step.line)


def _require_mp3(call: Call, sounds: list[str | Said]) -> None:
    """FreeSWITCH would play silence in place of an mp3 that it cannot play."""
    if any(isinstance(sound, str) and sound.endswith(".mp3") for sound in sounds) and (
        call.channel.ask(commands.api("module_exists mod_shout")).strip() == "false"
    ):
        raise DocumentError("the switch plays mp3 only with mod_shout")
