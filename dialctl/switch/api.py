"""API commands: ``api NAME ARGUMENTS`` on a socket. Each gives the text of its answer.

Source: mod_commands.c. What it leaves out gets the switch's own answer to an unknown name.
"""

import re
import shlex
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from dialctl.switch import causes, conference, recording, refer, sip
from dialctl.switch.dialstring import separate
from dialctl.switch.events import Event
from dialctl.switch.expand import value

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel
    from dialctl.switch.double import Switch

Api = Callable[["Switch", str], str]

_NO_CHANNEL = "-ERR No such channel!\n"
_EXPANDED = re.compile(r"\$[$\\]*\{")  # switch_utils.h, switch_string_var_check_const
_NO_NAME = "-ERR No variable specified\n"


def run(switch: "Switch", name: str, argument: str) -> str:
    if name not in APIS:
        return f"-ERR {name} Command not found!\n"
    return APIS[name](switch, argument)


def _kill(switch: "Switch", argument: str) -> str:
    name, _, cause = argument.partition(" ")
    if not name:
        return "-USAGE: <uuid> [cause]\n"
    channel = _find(switch, name)
    if not channel:
        return _NO_CHANNEL
    kill(channel, causes.named(cause.strip()))
    return "+OK\n"


def kill(channel: "Channel", cause: str) -> None:
    """Hang up from outside. What is bridged reports after its partner has noticed. Seen."""
    bridged = channel.bridged
    channel.hang_up(cause)
    channel.finish(soon=bridged)


def _exists(switch: "Switch", argument: str) -> str:
    return "true" if _find(switch, argument.strip()) else "false"


def _getvar(switch: "Switch", argument: str) -> str:
    words = argument.split(" ")
    if len(words) < 2 or not words[1]:
        return "-USAGE: <uuid> <var>\n"
    channel = _find(switch, words[0])
    return (value(channel, words[1]) or "_undef_") if channel else _NO_CHANNEL


def _setvar(switch: "Switch", argument: str) -> str:
    words = argument.split(" ", 2)
    if len(words) < 2:
        return "-USAGE: <uuid> <var> [value]\n"
    channel = _find(switch, words[0])
    if not channel:
        return _NO_CHANNEL
    if not words[1]:
        return _NO_NAME
    channel.variables.set(words[1], words[2] if len(words) > 2 else "")
    return "+OK\n"


def _setvar_multi(switch: "Switch", argument: str) -> str:
    usage = "-USAGE: <uuid> <var>=<value>;<var>=<value>...\n"
    name, blank, rest = argument.partition(" ")
    if not name or not blank:
        return "" if name else usage
    channel = _find(switch, name)
    if not channel:
        return _NO_CHANNEL + usage
    answer, done = "", False
    for pair in separate(rest, ";"):
        variable, _, text = pair.partition("=")
        if variable:
            if not _EXPANDED.search(text):  # else it is left as it was, and the answer the same
                channel.variables.set(variable, text)
            done = True
        else:
            answer += _NO_NAME
    return answer + ("+OK\n" if done else "")


def _dump(switch: "Switch", argument: str) -> str:
    name, _, style = argument.partition(" ")
    if not name:
        return "-USAGE: <uuid> [format]\n"
    channel = _find(switch, name)
    if not channel:
        return _NO_CHANNEL
    event = Event("CHANNEL_DATA", channel)
    switch.stamp(event)
    return event.bare if style.strip().lower() == "plain" else event.text


def _ring_ready(switch: "Switch", argument: str) -> str:
    channel = _find(switch, argument.strip())
    if not channel:
        return "-ERROR\n"
    sip.ring(channel)
    return "+OK\n"


def _break(switch: "Switch", argument: str) -> str:
    name, _, which = argument.partition(" ")
    if not name:
        return "-USAGE: <uuid> [all]\n"
    channel = _find(switch, name)
    if not channel:
        return _NO_CHANNEL
    both = [channel, channel.partner] if "both" in which else [channel]
    for one in filter(None, both):
        one.thread.interrupt("all" if "all" in which else "one")
    return "+OK\n"


def _transfer(switch: "Switch", argument: str) -> str:
    words = argument.split()
    if len(words) < 2:
        return "-USAGE: <uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]\n"
    channel = _find(switch, words[0])
    if not channel:
        return _NO_CHANNEL
    refer.move(channel, words[1])
    return "+OK\n"


def _sched_hangup(switch: "Switch", argument: str) -> str:
    words = argument.split()
    if not words:
        return "-USAGE: [+]<time> <uuid> [<cause>]\n"
    channel = _find(switch, words[1]) if len(words) > 1 else None
    if not channel:
        return _NO_CHANNEL
    schedule_hangup(channel, words[0], causes.named(words[2]) if len(words) > 2 else "")
    return "+OK\n"


def schedule_hangup(channel: "Channel", when: str, cause: str) -> None:
    """``+5`` or seconds since 1970. The scheduler counts whole clock seconds: up to 1 s early."""
    switch, cause = channel.switch, cause or "ALLOTTED_TIMEOUT"
    digits = when.lstrip("+")
    seconds = int(digits) if digits.isdigit() else 0
    if not when.startswith("+") and seconds:
        seconds = max(0, seconds - int(switch.clock.wall()))
    if not seconds:
        kill(channel, cause)
        return
    channel.later(switch.until_second(seconds), lambda: kill(channel, cause))


_RECORD_USAGE = "-USAGE: <uuid> [start|stop|mask|unmask] <path> [<limit>] [<recording_vars>]\n"


def _record(switch: "Switch", argument: str) -> str:
    words = shlex.split(argument)
    if len(words) < 3 or words[1] not in ("start", "stop", "unmask"):
        return _RECORD_USAGE
    channel = _find(switch, words[0])
    if not channel:
        return "-ERR Cannot locate session!\n"
    if words[1] == "unmask":
        known = words[2] in channel.recordings
        return "+OK Success\n" if known else "-ERR Cannot unmask recording session!\n"
    if words[1] == "stop":
        stopped = recording.stop(channel, words[2])
        return "+OK Success\n" if stopped else "-ERR Cannot stop record session!\n"
    limit = int(words[3]) if words[3:] and words[3].isdigit() else 0
    variables = recording.pairs("".join(words[4:5]).strip("{}"))
    started = recording.start(channel, words[2], limit, variables)
    return "+OK Success\n" if started else "-ERR Cannot record session!\n"


def _status(switch: "Switch", argument: str) -> str:
    seconds = int(switch.clock.now())
    return (
        f"UP 0 years, 0 days, {seconds // 3600} hours, {seconds // 60 % 60} minutes, "
        f"{seconds % 60} seconds, 0 milliseconds, 0 microseconds\n"
        "FreeSWITCH (Version 1.10.12-release 64bit) is ready\n"
        f"{switch.calls_placed} session(s) since startup\n"
        f"{len(switch.channels)} session(s) - peak {switch.peak}, last 5min {switch.peak} \n"
        "0 session(s) per Sec out of max 2000, peak 0, last 5min 0 \n"
        "20000 session(s) max\nmin idle cpu 0.00/100.00\nCurrent Stack Size/Max 240K/8192K\n"
    )


def _find(switch: "Switch", name: str) -> "Channel | None":
    """A channel that is up: the switch does not find those that have hung up."""
    channel = switch.channels.get(name)
    return channel if channel and channel.up else None


APIS: dict[str, Api] = {
    "conference": conference.api,
    "create_uuid": lambda switch, argument: str(uuid.uuid4()),
    "echo": lambda switch, argument: argument,
    "global_getvar": lambda switch, argument: switch.globals.get(argument.strip(), ""),
    "hash": lambda switch, argument: switch.hash.api(argument),
    "hash_dump": lambda switch, argument: switch.hash.dump(argument),
    "hostname": lambda switch, argument: switch.hostname,
    "module_exists": lambda switch, argument: str(argument.strip() in switch.modules).lower(),
    "sched_api": lambda switch, argument: switch.scheduler.add(argument),
    "sched_del": lambda switch, argument: switch.scheduler.delete(argument),
    "sched_hangup": _sched_hangup,
    "status": _status,
    "uuid_break": _break,
    "uuid_dump": _dump,
    "uuid_exists": _exists,
    "uuid_getvar": _getvar,
    "uuid_kill": _kill,
    "uuid_record": _record,
    "uuid_ring_ready": _ring_ready,
    "uuid_setvar": _setvar,
    "uuid_setvar_multi": _setvar_multi,
    "uuid_transfer": _transfer,
    "version": lambda switch, argument: "FreeSWITCH Version 1.10.12-release (64bit)\n",
}
