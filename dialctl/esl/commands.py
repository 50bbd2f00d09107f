"""Commands of the event socket as bytes, each built in one place. No socket.

Source: mod_event_socket.c, parse_command(). Every piece of text that goes into a command passes
``_line``: a line break would begin a header or a command of somebody else's.
"""

import math
import re
from collections.abc import Mapping

from dialctl.dial.causes import BY_STATUS

CONNECT = b"connect\n\n"
EXIT = b"exit\n\n"
NO_EVENTS = b"noevents\n\n"


def auth(password: str) -> bytes:
    return f"auth {_line(password)}\n\n".encode()


def linger(seconds: int) -> bytes:
    """Keep the socket this long after the A-leg's end, so that late events still arrive."""
    return b"linger %d\n\n" % seconds


def events(names: tuple[str, ...]) -> bytes:
    return f"event plain {_line(' '.join(names))}\n\n".encode()


def no_events(names: tuple[str, ...]) -> bytes:
    return f"nixevent {_line(' '.join(names))}\n\n".encode()


def filter_uuid(uuid: str) -> bytes:
    """Let the events of this channel through, also before there is such a channel."""
    return f"filter Unique-ID {_line(uuid)}\n\n".encode()


def filter_variable(name: str, value: str) -> bytes:
    """Let the events of every channel through that has this variable."""
    return f"filter variable_{_line(name)} {_line(value)}\n\n".encode()


def filter_header(header: str, value: str) -> bytes:
    """Let events through that have this header; with ``-`` before its value: keep them away."""
    return f"filter {_line(header)} {_line(value)}\n\n".encode()


def unfilter_header(header: str, value: str) -> bytes:
    return f"filter delete {_line(header)} {_line(value)}\n\n".encode()


def execute(app: str, arg: str, event_uuid: str, deferred: str = "", *, channel: str = "") -> bytes:
    """Run an application on the A-leg; its end comes back with ``Application-UUID: event_uuid``.

    Raises ValueError for an argument that FreeSWITCH would expand: ``${system(..)}`` runs programs.
    ``deferred`` is a part of it that is no text of anybody's and holds variables to be expanded
    later on, elsewhere: it is written so that they survive the expansion here. ``channel`` names
    another channel than the A-leg's by its UUID; it must be up.
    """
    if deferred:
        arg = arg.replace(deferred, deferred.replace("${", "\\${"))
    if "${" in arg.replace(deferred.replace("${", "\\${"), ""):
        raise ValueError(f"an argument that would be expanded: {arg[:80]!r}")
    to = f"sendmsg {_line(channel)}".strip()
    lines = [to, "call-command: execute", f"execute-app-name: {_line(app)}"]
    if arg:
        lines.append(f"execute-app-arg: {_line(arg)}")
    lines.append(f"Event-UUID: {_line(event_uuid)}")
    return ("\n".join(lines) + "\n\n").encode()


def hangup(cause: str) -> bytes:
    """``sip:STATUS`` in place of a cause refuses a caller who is not answered with that status."""
    if cause.startswith(BY_STATUS):
        return execute("respond", cause.removeprefix(BY_STATUS), "refusal")
    return f"sendmsg\ncall-command: hangup\nhangup-cause: {_line(cause)}\n\n".encode()


# FreeSWITCH's own timers are whole seconds and miss by up to one (seen); ours come first, theirs
# are there for the case that we are gone.
BACKSTOP_SECONDS = 5


def backstop(uuid: str, seconds: float, cause: str) -> tuple[bytes, ...]:
    """Let the switch hang a channel up if we do not; a later one takes an earlier one's place.

    In a group of our own: an operator's ``sched_hangup`` on the channel is none of our business.
    """
    group, later = f"dialctl-{uuid}", math.ceil(seconds) + BACKSTOP_SECONDS
    return api(f"sched_del {group}"), api(f"sched_api +{later} {group} uuid_kill {uuid} {cause}")


def api(command: str) -> bytes:
    """An API command before whatever is written next; only for one that does not wait itself."""
    return f"api {_line(command)}\n\n".encode()


def dump(uuid: str) -> bytes:
    """All that is known of a channel, as an event's header lines; an error if it is not up."""
    return api(f"uuid_dump {uuid}")


def core_uuid() -> bytes:
    """What names this start of the switch: another one is another switch, and knows no old call."""
    return api("global_getvar core_uuid")


def bgapi(command: str, job: str = "") -> bytes:
    """An API command in a thread of its own, so that this socket does not wait for it.

    Its answer comes as a BACKGROUND_JOB with this ``job`` as its Job-UUID.
    """
    named = f"\nJob-UUID: {_line(job)}" if job else ""
    return f"bgapi {_line(command)}{named}\n\n".encode()


def start_recording(uuid: str, path: str, seconds: int, variables: Mapping[str, str]) -> bytes:
    """Record a channel from now on, for so many seconds of the switch's clock at most.

    ``variables`` are those of this recording alone, e.g. RECORD_STEREO (switch_ivr_async.c,
    switch_ivr_record_session_event). Raises ValueError for a path that cannot be quoted.
    """
    own = ",".join(f"{name}={value}" for name, value in variables.items())
    return api(f"uuid_record {uuid} start {_quoted(path)} {seconds} {{{own}}}")


def stop_recording(uuid: str, path: str) -> bytes:
    return bgapi(f"uuid_record {uuid} stop {_quoted(path)}")


def is_recording(uuid: str, path: str) -> bytes:
    """Answered with +OK while it does; nothing of it is masked, so nothing is changed."""
    return api(f"uuid_record {uuid} unmask {_quoted(path)}")


def module_exists(name: str) -> bytes:
    """Answered with ``true`` or ``false``."""
    return api(f"module_exists {name}")


def literal(text: str) -> str:
    """Text for an application's argument that must reach it as it is.

    FreeSWITCH expands ``${..}`` and ``$${..}`` in every argument (switch_core_session.c,
    switch_channel_expand_variables): a dollar sign before a brace is taken away. Line breaks and
    other control characters become blanks.
    """
    printable = "".join(char if char.isprintable() else " " for char in text)
    while "${" in printable:
        printable = printable.replace("${", "{")
    return printable


def _quoted(path: str) -> str:
    """A path as one word (switch_utils.c, switch_separate_string): it may hold blanks."""
    if re.search(r"['\\\x00-\x1f]", path):
        raise ValueError(f"a path with quotes, backslashes or control characters: {path!r}")
    return f"'{path}'"


def _line(text: str) -> str:
    if "\n" in text or "\r" in text or "\0" in text:
        raise ValueError(f"line break in an event socket command: {text!r}")
    return text
