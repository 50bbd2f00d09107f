"""Applications: what ``execute`` runs on a channel. Each takes the thread and its argument.

Sources: mod_dptools.c, switch_ivr_play_say.c. An application that is not here is over at once; the
switch itself hangs up with DESTINATION_OUT_OF_ORDER on a name that it does not know.
"""

from collections.abc import Callable

from dialctl.switch import api, causes, hearing, media, recording, refer, sip
from dialctl.switch.bridge import bridge
from dialctl.switch.conference import conference
from dialctl.switch.dialstring import separate
from dialctl.switch.digits import play_and_get_digits
from dialctl.switch.expand import expand
from dialctl.switch.outbound import socket_application
from dialctl.switch.sounds import play, terminators
from dialctl.switch.thread import Thread

Application = Callable[[Thread, str], None]


def _playback(thread: Thread, argument: str) -> None:
    variables = thread.channel.variables
    variables.set("playback_terminator_used", "")
    if argument and not media.found(argument, thread.channel.switch.modules):
        variables.set("current_application_response", "FILE NOT FOUND")
        return
    digit = play(thread, argument, terminators(thread))
    variables.set("playback_terminator_used", digit)
    variables.set("current_application_response", "FILE PLAYED" if argument else "PLAYBACK ERROR")


def _endless_playback(thread: Thread, argument: str) -> None:
    play(thread, "local_stream://" + argument, terminators(thread))


def _speak(thread: Thread, argument: str) -> None:
    """``engine|voice|text``, or the text alone when variables name the rest."""
    text = argument.rpartition("|")[2]
    thread.channel.tell("hears", text)
    thread.wait(seconds=media.speech(text), pausing=True)


def _say(thread: Thread, argument: str) -> None:
    """``language type method text``; as long as a text, and over at once in other languages."""
    words = argument.split(" ", 3)
    if len(words) == 4 and words[0] == "en":
        thread.channel.tell("hears", words[3])
        thread.wait(seconds=media.speech(words[3]), pausing=True)


def _set(thread: Thread, argument: str) -> None:
    name, _, text = argument.partition("=")
    if name:
        thread.channel.variables.set(name, expand(thread.channel, text))


def _multiset(thread: Thread, argument: str) -> None:
    for pair in separate(argument, " "):
        _set(thread, pair)


def _unset(thread: Thread, argument: str) -> None:
    thread.channel.variables.set(argument.strip(), "")


def _export(thread: Thread, argument: str) -> None:
    """``name=value``: the legs that this channel rings get the variable too.

    With ``nolocal:`` before the name only they have it under its name.
    """
    name, _, text = argument.partition("=")
    variables = thread.channel.variables
    names = [*filter(None, variables.get("export_vars").split(",")), name]
    variables.set(name, text)
    variables.set("export_vars", ",".join(dict.fromkeys(names)))


def _sleep(thread: Thread, argument: str) -> None:
    seconds = int(argument) / 1000 if argument.strip().isdigit() else 0.0
    if thread.channel.has_media:
        thread.wait(seconds=seconds)
    else:
        # Without media the switch does not look at the queue meanwhile (switch_ivr_sleep).
        with thread.locked():
            thread.wait(seconds=seconds)


def _respond(thread: Thread, argument: str) -> None:
    """``status [phrase]``; without one 488."""
    status = argument.partition(" ")[0]
    sip.respond(thread.channel, int(status) if status.isdigit() else 488)


def _park(thread: Thread, argument: str) -> None:
    """A channel under a controller's hand is parked already. **Seen**: over at once."""


def _hangup(thread: Thread, argument: str) -> None:
    thread.channel.hang_up(causes.named(argument.strip()))


def _sched_hangup(thread: Thread, argument: str) -> None:
    words = argument.split()
    if words:
        cause = causes.named(words[1]) if len(words) > 1 else ""
        api.schedule_hangup(thread.channel, words[0], cause)


def _break(thread: Thread, argument: str) -> None:
    thread.interrupt("all" if "all" in argument else "one")


def _execute_extension(thread: Thread, argument: str) -> None:
    """The actions of a dialplan extension that the Switch was given; of an unknown one none."""
    name = argument.split()[0] if argument.split() else ""
    for app, data in thread.channel.switch.extensions.get(name, ()):
        if not thread.channel.up:
            return
        thread.execute(app, data)


# Those that have the caller's audio up (183) before they begin: no SAF_SUPPORT_NOMEDIA.
AUDIBLE = frozenset(
    {
        "avmd_start",
        "endless_playback",
        "play_and_get_digits",
        "playback",
        "record_session",
        "speak",
    }
)

APPLICATIONS: dict[str, Application] = {
    "answer": lambda thread, argument: sip.answer(thread.channel),
    "avmd_start": hearing.avmd_start,
    "avmd_stop": hearing.avmd_stop,
    "blind_transfer_ack": refer.blind_transfer_ack,
    "break": _break,
    "bridge": bridge,
    "conference": conference,
    "endless_playback": _endless_playback,
    "execute_extension": _execute_extension,
    "export": _export,
    "hangup": _hangup,
    "multiset": _multiset,
    "park": _park,
    "play_and_get_digits": play_and_get_digits,
    "playback": _playback,
    "pre_answer": lambda thread, argument: sip.pre_answer(thread.channel),
    "record_session": recording.record_session,
    "respond": _respond,
    "ring_ready": lambda thread, argument: sip.ring(thread.channel),
    "sched_hangup": _sched_hangup,
    "say": _say,
    "set": _set,
    "sleep": _sleep,
    "socket": socket_application,
    "speak": _speak,
    "stop_record_session": recording.stop_record_session,
    "unset": _unset,
}
