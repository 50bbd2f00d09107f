"""group_confirm: a callee who has answered is asked before it wins.

With the key ``exec`` an application runs on the leg, and the leg has confirmed if it is still up
when that is over; any other key must be pressed. Meanwhile the other legs ring on.
Source: switch_ivr_originate.c, collect_thread_run() and check_channel_status().
"""

from dataclasses import dataclass

from dialctl.switch.channel import Channel
from dialctl.switch.dialstring import Variables, value
from dialctl.switch.digits import Reading, read
from dialctl.switch.variables import is_true

_READ_TIMEOUT = 5.0  # seconds, when group_confirm_read_timeout does not say
_FORGOTTEN = (
    "group_confirm_key",
    "group_confirm_file",
    "group_confirm_error_file",
    "group_confirm_cancel_timeout",
    "group_confirm_read_timeout",
)


@dataclass(slots=True)
class Step:
    leg: Channel
    key: str
    file: str
    read_timeout: float
    endless: bool  # the leg's own timeout does not count any more
    won: bool = False

    def start(self) -> None:
        self.leg.thread.start(self._ask)

    def _ask(self) -> None:
        if self.key.lower() == "exec":
            app, _, argument = self.file.partition(" ")
            self.leg.thread.execute(app, argument)
        else:
            self._wait_for_key()
        if self.leg.up:
            self.won = True
            self.leg.variables.set("group_dial_status", "winner")
            for watcher in tuple(self.leg.watchers):
                watcher()

    def _wait_for_key(self) -> None:
        length = len(self.key)
        sound = "" if self.file == "undef" else self.file
        reading = Reading(length, length, sound or "silence", self.read_timeout)
        while self.leg.up and read(self.leg.thread, reading)[0] != self.key:
            pass


def step(leg: Channel, common: Variables) -> Step | None:
    """The step that this leg has to take, None when an answer is enough."""
    variables = leg.variables
    key = variables.get("group_confirm_key")
    if not key:
        return None
    read_timeout = value(common, "group_confirm_read_timeout")
    return Step(
        leg=leg,
        key=key,
        file=variables.get("group_confirm_file"),
        read_timeout=int(read_timeout) / 1000 if read_timeout.isdigit() else _READ_TIMEOUT,
        endless=variables.get("group_confirm_timeout") == "0"
        or is_true(value(common, "group_confirm_cancel_timeout")),
    )


def forget(leg: Channel) -> None:
    """The winner's variables about it go."""
    for name in _FORGOTTEN:
        leg.variables.set(name, "")
