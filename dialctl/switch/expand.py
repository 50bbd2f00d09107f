"""``${name}`` in an application's argument becomes the channel's value.

Source: switch_channel.c, switch_channel_expand_variables_check(). An argument is expanded before
its application sees it, and ``set`` expands once more. A variable that is not set is nothing.
API calls, ``${name(argument)}``, are not made here: they are nothing too.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel

_PROFILE = {
    "caller_id_name": "caller_name",
    "caller_id_number": "caller_number",
    "callee_id_name": "callee_name",
    "callee_id_number": "callee_number",
    "destination_number": "destination",
    "username": "username",
    "context": "context",
    "uuid": "uuid",
    "chan_name": "channel_name",
    "ani": "username",
}


# As switch_utils.h decides it: string_var_check_const, string_has_escaped_data.
_NEEDED = re.compile(r"\$\{|\\[\\nst']")
_VARIABLE = re.compile(r"\$[$\\]*\{")
_ITEM = re.compile(r"(?P<escaped>\\\$\$?|\\'|\\\\)|\$?\$\{(?P<name>[^}]*)\}")
_ESCAPES = {"\\$": "$", "\\$$": "$", "\\'": "", "\\\\": "\\"}


def holds_variable(text: str) -> bool:
    """switch_string_var_check_const() in switch_utils.h: ``${``, also ``$\\{``."""
    return bool(_VARIABLE.search(text))


def value(channel: "Channel", name: str) -> str:
    """A variable, or what the caller profile has under that name (switch_channel_get_variable)."""
    found = channel.variables.get(name)
    if not found and name in _PROFILE:
        found = str(getattr(channel.profile, _PROFILE[name]))
    return found


def expand(channel: "Channel", text: str, depth: int = 0) -> str:
    """A value that holds ``${name}`` itself is expanded too, to a depth of 10."""
    if not _NEEDED.search(text) or depth > 10:
        return text

    def one(match: re.Match[str]) -> str:
        escaped, name = match["escaped"], match["name"]
        if name is None:
            return _ESCAPES[escaped]
        return expand(channel, value(channel, name), depth + 1)

    return _ITEM.sub(one, text)


def expand_ended(channel: "Channel", text: str) -> str:
    """As a hook of a channel that has ended is expanded: values are not expanded themselves.

    Source: switch_event.c, switch_event_expand_headers_check().
    """
    found = channel.variables.get
    return _ITEM.sub(
        lambda m: _ESCAPES[m["escaped"]] if m["name"] is None else found(m["name"]), text
    )
