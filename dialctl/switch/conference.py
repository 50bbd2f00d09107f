"""The application ``conference`` and the API command of the same name.

Sources: mod_conference.c (conference_function), conference_api.c.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from dialctl.switch.dialstring import separate
from dialctl.switch.rooms import Member, Recording, Room
from dialctl.switch.thread import Thread

if TYPE_CHECKING:
    from dialctl.switch.double import Switch


def conference(thread: Thread, argument: str) -> None:
    """``name[@profile][+flags{one|another}]``"""
    channel, switch = thread.channel, thread.channel.switch
    place, _, rest = argument.partition("+flags{")
    name = place.strip(" ").partition("+")[0].rpartition("@")[0] or place
    flags = frozenset(rest.partition("}")[0].replace(",", "|").split("|")) - {""}
    if not name:
        return
    most = channel.variables.get("conference_max_members")
    room = switch.rooms.get(name) or Room(
        switch, name, flags, int(most) if most.isdigit() and most != "1" else 0
    )
    channel.variables.set("conference_name", room.name)
    channel.variables.set("app_session_uuid", room.uuid)
    if room.most and len(room) >= room.most:
        return
    member = Member(_number(thread), channel, flags)
    channel.reads("L16")
    room.enter(member)

    def left() -> bool:
        channel.unread.clear()  # the conference takes every digit off
        return not member.running

    thread.wait(left, breakable=False)
    room.leave(member)
    channel.reads("PCMU")


def _number(thread: Thread) -> int:
    """A channel keeps its number for as long as it lives."""
    channel = thread.channel
    known = channel.variables.get("conference_member_id")
    number = int(known) if known.isdigit() else channel.switch.numbers.next()
    channel.variables.set("conference_member_id", str(number))
    return number


def api(switch: "Switch", argument: str) -> str:
    """``NAME COMMAND ARGUMENTS``"""
    words = separate(argument, " ")
    if not argument.strip(" "):
        return "".join(f"<conf name> {command}\n" for command in _COMMANDS)
    room = switch.rooms.get(words[0])
    if room is None:
        return f"-ERR Conference {words[0]} not found\n"
    if len(words) < 2:
        return "Conference command, not specified.\nTry 'help'\n"
    command = _COMMANDS.get(words[1].lower())
    if command is None:
        return f"-ERR Conference command '{words[1]}' not found.\n"
    return command(room, words[2:] + [""] * 3)


def _get(room: Room, words: list[str]) -> str:
    waits = "true" if room.waits else ""
    return {"count": str(len(room)), "wait_mod": waits, "uuid": room.uuid}.get(words[0], "")


def _dismissal(action: str) -> Callable[[Room, list[str]], str]:
    def dismiss(room: Room, words: list[str]) -> str:
        chosen = [m for m in room.members if words[0] in ("all", str(m.number))]
        room.dismiss(chosen, f"{action}-member")
        if not chosen and words[0] != "all":
            return f"-ERR Non-Existant ID {words[0]}\n"
        return "".join(f"+OK {action} {member.number}\n" for member in chosen)

    return dismiss


def _play(room: Room, words: list[str]) -> str:
    room.play(words[0])
    return f"+OK (play) Playing file {words[0]}\n"


def _say(room: Room, words: list[str]) -> str:
    text = " ".join(filter(None, words))
    room.tell("speak-text", ("Text", text))
    return "+OK (say) OK\n"


def _record(room: Room, words: list[str]) -> str:
    room.record(words[0])
    return f"+OK Record file {words[0]}\n"


def _recording(room: Room, words: list[str]) -> str:
    how, path = words[0], words[1]
    chosen: list[Recording] = [r for r in room.recordings if path in ("all", r.path)]
    for recording in chosen:
        if how == "stop":
            room.stop_recording(recording)
        else:
            room.turn(recording, how)
    unknown = "" if chosen else f"-ERR non-existant recording '{path}'\n"
    return f"+OK {how.capitalize()} recording file {path}\n{unknown}"


_COMMANDS: dict[str, Callable[[Room, list[str]], str]] = {
    "get": _get,
    "hup": _dismissal("hup"),
    "kick": _dismissal("kick"),
    "play": _play,
    "record": _record,
    "recording": _recording,
    "say": _say,
}
