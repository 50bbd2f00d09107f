"""The A-leg: a caller, and the dialplan extension that takes its call to the controllers.

    socket ... -> sleep 500 -> transfer to itself -> socket ...

What the channel is running goes on when its controller is gone; when that is over, the extension
goes on, and half a second later the next controller has the call. **Seen** with an extension that
does not set ``socket_resume``; with ``socket_resume=true`` the switch breaks off what is running
as soon as the socket is gone, and the double does the same. Each entry takes one off
``max_forwards``.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from gevent.event import Event

from dialctl.switch import bridge, party, sip
from dialctl.switch.callee import Callee
from dialctl.switch.channel import Channel
from dialctl.switch.profile import Profile, Times
from dialctl.switch.refer import Referral
from dialctl.switch.variables import encode

if TYPE_CHECKING:
    from dialctl.switch.double import Switch

_PAUSE = "500"  # milliseconds, as in the extension
_REFUSED = "NORMAL_TEMPORARY_FAILURE"
_HEARD = {"ringing": "180 ringing", "early media": "183 early media", "answered": "200 answered"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls whom. ``press`` has (seconds after the answer, digits), ``says`` how long."""

    number: str
    name: str
    destination: str
    hangup_after: float | None = None
    press: Sequence[tuple[float, str]] = ()
    says: Sequence[tuple[float, float]] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


class ALeg:
    """A caller's side of a call: what he can do, and what he notices."""

    def __init__(self, switch: "Switch", caller: Caller) -> None:
        self._switch = switch
        self._caller = caller
        self._over = Event()
        self.heard: list[tuple[float, str]] = []
        self.answered_at: float | None = None
        self._channel = new_channel(switch, caller)
        self._channel.script = Callee(says=tuple(caller.says))
        self.uuid = self._channel.uuid
        switch.callers[self.uuid] = self
        if caller.hangup_after is not None:
            self._channel.later(caller.hangup_after, self.hangup)
        self._channel.thread.start(partial(dialplan, self._channel))

    # -- what he can do -----------------------------------------------------------------------

    def hangup(self, cause: str = "") -> None:
        """Cancel, or hang up once answered. Nothing happens when the call is over.

        ``cause`` goes into the Reason header. A cancelled call has ORIGINATOR_CANCEL all the same.
        """
        if not self._channel.up:
            return
        cause = cause or "NORMAL_CLEARING"
        if self._channel.answered:
            sip.bye(self._channel, cause)
        else:
            sip.cancelled(self._channel, cause)

    def press(self, digits: str) -> None:
        party.press(self._channel, digits)

    def wait(self, timeout: float) -> bool:
        """Until the call is over, at most ``timeout`` seconds of call time; is it over?"""
        return self._over.wait(self._switch.clock.real(timeout))

    # -- what he notices ----------------------------------------------------------------------

    @property
    def hangup_cause(self) -> str:
        """The cause of the call's end, "" while it lasts."""
        return self._channel.cause

    @property
    def sip_status(self) -> int:
        """What an unanswered caller was told at the end; 200 once answered, 0 before the end."""
        return 200 if self._channel.answered else self._channel.sip.status

    def notice(self, what: str, detail: str = "") -> None:
        """Something has happened on his channel."""
        now = self._switch.clock.now()
        if what == "ringback":
            self.heard.append((now, f"ringback {detail}"))
        if what in _HEARD:
            self.heard.append((now, _HEARD[what]))
        if what == "answered":
            self.answered_at = now
            for seconds, digits in self._caller.press:
                self._channel.later(seconds, partial(self.press, digits))

    def ended(self) -> None:
        self._over.set()


def dialplan(channel: Channel) -> None:
    """The extension, entered again and again until the call is over."""
    hosts = "|".join(f"{host}:{port}" for host, port in channel.switch.controllers)
    while channel.up:
        channel.thread.execute("socket", f"{hosts} async full")
        if channel.referral.talks_on:
            _talk_on(channel, channel.referral.talks_on)
        destination, channel.referral = channel.referral.destination, Referral()
        if channel.up and not destination:
            channel.thread.execute("sleep", _PAUSE)
        if channel.up:
            _transfer(channel, destination or channel.profile.destination)


def _talk_on(channel: Channel, leg: Channel) -> None:
    """The callee's leg has taken this one back (``intercept``)."""
    channel.referral = Referral()
    bridge.talk(channel.thread, leg)
    channel.thread.left = False
    if channel.referral.destination or not channel.up:
        return
    after, _, _ = channel.variables.get("transfer_after_bridge").partition(":")
    channel.referral.destination = after
    if not after:
        channel.hang_up("NORMAL_CLEARING")


def new_channel(switch: "Switch", caller: Caller) -> Channel:
    name = str(uuid.uuid4())
    shown = caller.name or caller.number
    profile = Profile(
        direction="inbound",
        uuid=name,
        channel_name=f"sofia/internal/{caller.number}@127.0.0.1",
        username=caller.number,
        caller_name=shown,
        caller_number=caller.number,
        destination=caller.destination,
    )
    channel = Channel(switch, profile, inbound=True)
    session = switch.next_session()
    fields = {
        "uuid": name,
        "session": str(session),
        "number": caller.number,
        "name": caller.name,
        "display": f'"{caller.name}" ' if caller.name else "",
        "destination": caller.destination,
        "created": str(profile.times.created),
    }
    encoded = {key: encode(text) for key, text in fields.items()}
    channel.fields = encoded | sip.dialog_fields(session)
    channel.named = bool(caller.name)
    sip.invited(channel)
    for key, text in caller.variables.items():
        channel.variables.set(key, text)
    return channel


def _transfer(channel: Channel, destination: str) -> None:
    """The extension enters itself again: a new profile, one forward less."""
    variables, profile = channel.variables, channel.profile
    forwards = variables.get("max_forwards")
    left = int(forwards) - 1 if forwards.isdigit() else 0
    if left <= 0:
        channel.hang_up(_REFUSED)
        return
    now = channel.switch.microseconds()
    source = (
        f"{now // 1_000_000}:{uuid.uuid4()}:bl_xfer:{profile.destination}/{profile.context}/XML"
    )
    variables.set("max_forwards", str(left))
    variables.push("transfer_history", source)
    variables.set("transfer_source", source)
    variables.set("signal_bond", "")
    variables.set("call_uuid", channel.uuid)
    times: Times = replace(profile.times, profile_created=now, bridged=0)
    channel.profile = replace(
        profile,
        transfer_source=source,
        destination=destination,
        rdnis=profile.destination,
        index=str(int(profile.index) + 1),
        times=times,
    )
    channel.other = ""
