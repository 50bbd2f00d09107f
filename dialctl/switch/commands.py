"""The commands of the event socket and their replies.

Source: mod_event_socket.c, parse_command(). A command is known by how its line begins, in the
order of the table below; whatever is no command gets ``-ERR command not found``.
"""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import gevent

from dialctl.switch import causes
from dialctl.switch.events import KNOWN, NAMES, Event
from dialctl.switch.thread import Command
from dialctl.switch.variables import is_true
from dialctl.switch.wire import Request

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel
    from dialctl.switch.listener import Listener

Answer = Callable[["Listener", Request, str], str]

_NO_SESSION = "-ERR not controlling a session"


def obey(listener: "Listener", request: Request) -> str:
    """Do what a request says; the reply as it goes over the wire, "" for none."""
    first = not listener.connected
    listener.connected = True
    if not request.line:
        listener.leaving = True
        return reply("-ERR command parse error.")
    text = _do(listener, request)
    if text.startswith("Content-Type") or text.startswith("Event-Name"):
        return text
    # The switch takes the first packet for the connect, and answers nothing else with a reply.
    return "" if first else reply(text or "-ERR command not found")


def _do(listener: "Listener", request: Request) -> str:
    line = request.line.lower()
    for beginning, answer, whose in _COMMANDS:
        if line.startswith(beginning) and _may(listener, whose):
            return answer(listener, request, request.line[len(beginning) :])
    return ""


def _may(listener: "Listener", whose: str) -> bool:
    if not listener.authorized:
        return whose in (_ANYBODY, _STRANGER)
    if whose == _CHANNEL:
        return listener.channel is not None
    return whose in (_ANYBODY, _KNOWN_ONE) or (whose == _FULL and listener.full)


def reply(text: str) -> str:
    return f"Content-Type: command/reply\nReply-Text: {text}\n\n"


def lingering(listener: "Listener", channel: "Channel") -> str:
    return (
        "Content-Type: text/disconnect-notice\n"
        f"Controlled-Session-UUID: {channel.uuid}\nContent-Disposition: linger\n"
        f"Channel-Name: {channel.name}\nLinger-Time: {listener.linger}\n"
        "Content-Length: 0\n\n"
    )


def goodbye(listener: "Listener", text: str) -> str:
    whose = (
        f"Controlled-Session-UUID: {listener.channel.uuid}\nContent-Disposition: disconnect\n"
        if listener.channel
        else ""
    )
    return f"Content-Type: text/disconnect-notice\n{whose}Content-Length: {len(text)}\n\n{text}"


def _auth(listener: "Listener", request: Request, rest: str) -> str:
    listener.authorized = listener.switch.event_socket.password == rest
    listener.leaving = not listener.authorized
    return "+OK accepted" if listener.authorized else "-ERR invalid"


def _exit(listener: "Listener", request: Request, rest: str) -> str:
    listener.leaving = True
    return "+OK bye"


def _filter(listener: "Listener", request: Request, rest: str) -> str:
    header, _, value = rest.lstrip(" ").partition(" ")
    if not value:
        return "-ERR invalid syntax"
    if header.lower() == "delete":
        header, _, value = value.partition(" ")
        if header.lower() == "all":
            listener.filters.clear()
        else:
            listener.filters.delete(header, value)
        listener.reseat()
        return f"+OK filter deleted. [{header}][{value}]"
    if header.lower() == "add":
        header, _, value = value.partition(" ")
    listener.filters.add(header, value)
    listener.reseat()
    return f"+OK filter added. [{header}]=[{value}]"


def _resume(listener: "Listener", request: Request, rest: str) -> str:
    listener.resumes = True
    _channel(listener).variables.set("socket_resume", "true")
    return "+OK"


def _connect(listener: "Listener", request: Request, rest: str) -> str:
    channel = _channel(listener)
    event = Event("CHANNEL_DATA", channel)
    listener.switch.stamp(event)
    event.intro = channel.profile.block("Channel")
    event.after = (
        ("Content-Type", "command/reply"),
        ("Reply-Text", "+OK\n"),
        ("Socket-Mode", "async"),
        ("Control", "full" if listener.full else "single-channel"),
    )
    return event.text


def _getvar(listener: "Listener", request: Request, rest: str) -> str:
    return _channel(listener).variables.get(rest.partition(" ")[2])


def _channel(listener: "Listener") -> "Channel":
    assert listener.channel is not None  # the commands that want it are marked _CHANNEL
    return listener.channel


def _my_events(listener: "Listener", request: Request, rest: str) -> str:
    if listener.my_events:
        return "-ERR aready enabled."
    listener.my_events = True
    listener.listen(listener.events | set(NAMES) - {"BACKGROUND_JOB"})
    return "+OK Events Enabled"


def _divert(listener: "Listener", request: Request, rest: str) -> str:
    if listener.channel is None:
        return f"{_NO_SESSION}."
    value = rest.strip()
    if not value:
        return "-ERR missing value."
    return "+OK events diverted" if value.lower() == "on" else "+OK events not diverted"


def _sendmsg(listener: "Listener", request: Request, rest: str) -> str:
    wanted, own = rest.strip(" ") or request.get("session-id"), listener.channel
    channel = own if own and wanted in ("", own.uuid) else listener.switch.channels.get(wanted)
    if channel is None:
        return f"-ERR invalid session id [{wanted}]"
    if not channel.reported:
        channel.thread.post(_command(request))
    return "+OK"


def _command(request: Request) -> Command:
    """Text that makes no sense as a command is queued like one and does nothing."""
    if request.get("call-command") == "hangup":
        return Command(cause=causes.named(request.get("hangup-cause")))
    if request.get("call-command") != "execute":
        return Command()
    argument = request.get("execute-app-arg")
    if not argument and request.get("content-type").lower() == "text/plain":
        argument = request.body
    loops = request.get("loops")
    return Command(
        app=request.get("execute-app-name"),
        argument=argument,
        event_uuid=request.get("event-uuid"),
        lock=is_true(request.get("event-lock")),
        loops=int(loops) if loops.lstrip("-").isdigit() else 1,
    )


def _api(listener: "Listener", request: Request, rest: str) -> str:
    name, _, argument = rest.partition(" ")
    answer = listener.switch.api(name, argument) or "-ERR no reply\n"
    length = len(answer.encode(errors="surrogateescape"))
    return f"Content-Type: api/response\nContent-Length: {length}\n\n{answer}"


def _bgapi(listener: "Listener", request: Request, rest: str) -> str:
    job = request.get("job-uuid") or str(uuid.uuid4())
    gevent.spawn(_background, listener, job, rest)
    return f"Content-Type: command/reply\nReply-Text: +OK Job-UUID: {job}\nJob-UUID: {job}\n\n"


def _background(listener: "Listener", job: str, line: str) -> None:
    name, _, argument = line.partition(" ")
    answer = listener.switch.api(name, argument)
    owned = (("Job-Owner-UUID", listener.channel.uuid),) if listener.channel else ()
    owner = (("Job-UUID", job), *owned, ("Job-Command", name))
    rest = (("Job-Command-Arg", argument),) if argument else ()
    listener.switch.publish(Event("BACKGROUND_JOB", None, before=(*owner, *rest), body=answer))


def _linger(listener: "Listener", request: Request, rest: str) -> str:
    if listener.channel is None:
        return _NO_SESSION
    if not rest.startswith(" ") or not rest[1:]:
        listener.linger = -1
        return "+OK will linger"
    seconds = rest.split()[0] if rest.split() else ""
    listener.linger = int(seconds) if seconds.isdigit() else 0
    return f"+OK will linger {listener.linger} seconds"


def _nolinger(listener: "Listener", request: Request, rest: str) -> str:
    if listener.channel is None:
        return _NO_SESSION
    listener.linger = None
    return "+OK will not linger"


def _event(listener: "Listener", request: Request, rest: str) -> str:
    words = rest.split()
    if words and words[0].lower() in ("plain", "json"):
        listener.format = words.pop(0).lower()
    names = _names(words)
    if not names:
        return "-ERR no keywords supplied"
    listener.listen(listener.events | names)
    return f"+OK event listener enabled {listener.format}"


def _nixevent(listener: "Listener", request: Request, rest: str) -> str:
    names = _names(rest.split())
    if not names:
        return "-ERR no keywords supplied"
    listener.listen(listener.events - names)
    return "+OK events nixed"


def _noevents(listener: "Listener", request: Request, rest: str) -> str:
    if not listener.events:
        return "-ERR not listening for events"
    listener.listen(set())
    return "+OK no longer listening for events"


def _names(words: list[str]) -> set[str]:
    """What stands behind CUSTOM are subclasses, as they are written."""
    upper = [word.upper() for word in words]
    subclasses = words[upper.index("CUSTOM") + 1 :] if "CUSTOM" in upper else []
    names = set(upper[: len(words) - len(subclasses)])
    return (set(KNOWN) if "ALL" in names else names & KNOWN) | set(subclasses)


def _fixed(text: str) -> Answer:
    return lambda listener, request, rest: text


# Whose a command is: of everybody, of who has not said the password yet, of who has or needs none,
# of a channel's socket, of a channel's with "full" and the switch's own.
_ANYBODY, _STRANGER, _KNOWN_ONE, _CHANNEL, _FULL = "anybody", "stranger", "known", "channel", "full"

# How the line begins, what answers it, and whose it is.
_COMMANDS: tuple[tuple[str, Answer, str], ...] = (
    ("exit", _exit, _ANYBODY),
    ("...", _exit, _ANYBODY),
    ("auth ", _auth, _STRANGER),
    ("filter ", _filter, _KNOWN_ONE),
    ("resume", _resume, _CHANNEL),
    ("connect", _connect, _CHANNEL),
    ("getvar", _getvar, _CHANNEL),
    ("myevents", _my_events, _CHANNEL),
    ("divert_events", _divert, _KNOWN_ONE),
    ("sendmsg", _sendmsg, _KNOWN_ONE),
    ("api ", _api, _FULL),
    ("bgapi ", _bgapi, _FULL),
    ("log", _fixed("-ERR invalid log level"), _FULL),
    ("linger", _linger, _FULL),
    ("nolinger", _nolinger, _FULL),
    ("nolog", _fixed("-ERR not loging"), _FULL),
    ("event", _event, _FULL),
    ("nixevent", _nixevent, _FULL),
    ("noevents", _noevents, _FULL),
)
