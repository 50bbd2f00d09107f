"""The switch: its channels, who hears which event, and the calls that are placed on it."""

import math
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence

from dialctl.clock import Clock
from dialctl.switch import api
from dialctl.switch.aleg import ALeg, Caller
from dialctl.switch.applications import APPLICATIONS, AUDIBLE
from dialctl.switch.callee import Callee, parse_script
from dialctl.switch.channel import Channel
from dialctl.switch.events import Event, Stamp
from dialctl.switch.filters import Audience
from dialctl.switch.hash import Hash
from dialctl.switch.inbound import EventSocket
from dialctl.switch.listener import Listener
from dialctl.switch.placing import originate
from dialctl.switch.rooms import Numbers, Room
from dialctl.switch.scheduler import Scheduler

Observer = Callable[[float, str, str, str], None]
Extension = Sequence[tuple[str, str]]
MODULES = ("mod_avmd", "mod_flite", "mod_say_en", "mod_shout", "mod_sndfile")


class Switch:
    """A FreeSWITCH double.

    ``controllers`` are tried in order for each call, as FreeSWITCH's host list is. ``callees`` maps
    what is dialled to a script (callee.py): the number, ``user@host:port`` or the part before the
    ``@``; ``gateway/number`` goes before the number alone. ``default`` is everybody else's script.
    ``gateways`` and ``users`` are the names that exist; None: all. ``users`` may tell where each
    is registered: ``{"alice@example.com": "1001@127.0.0.1:5070"}``. ``extensions`` is for
    ``execute_extension``: a name and its (application, argument) pairs. ``modules`` are those
    that are loaded, of the ones that can be missed. With a ``password`` it has an event socket of
    its own (``event_socket.address``), on ``port`` or any.
    ``observer(t, who, what, detail)`` hears of everything: ``t`` is the clock's, ``who`` "A" or a
    leg's UUID, ``what`` in the past tense. It must not block.
    """

    hostname = "switch"
    applications = APPLICATIONS
    audible = AUDIBLE

    def __init__(
        self,
        controllers: Sequence[tuple[str, int]],
        callees: Mapping[str, str] | None = None,
        *,
        default: str = "answer:1",
        gateways: Collection[str] | None = None,
        users: Collection[str] | Mapping[str, str] | None = None,
        extensions: Mapping[str, Extension] | None = None,
        modules: Collection[str] = MODULES,
        password: str = "",
        port: int = 0,
        clock: Clock | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.controllers = tuple(controllers)
        self.gateways = gateways
        self.users = users
        self.extensions = extensions or {}
        self.modules: Collection[str] = modules
        self.clock = clock or Clock()
        self.channels: dict[str, Channel] = {}
        self.callers: dict[str, ALeg] = {}
        self.audience = Audience()
        self.hash: Hash = Hash()
        self.scheduler: Scheduler = Scheduler(self)
        self.listeners: set[Listener] = set()
        self.rooms: dict[str, Room] = {}
        self.numbers = Numbers()  # of members
        self.calls_placed = self.peak = 0
        self._scripts = {name: parse_script(text) for name, text in (callees or {}).items()}
        self._default = parse_script(default)
        self._observer = observer
        self.core_uuid: str = str(uuid.uuid4())  # of this start
        self.globals: dict[str, str] = {"core_uuid": self.core_uuid, "temp_dir": "/tmp"}
        self._events = self._sessions = 0
        self.event_socket = EventSocket(self, port, password)
        if password:
            self.event_socket.start()

    def place_call(
        self,
        caller: str = "15551230000",
        destination: str = "15550001111",
        caller_name: str = "Caller",
        hangup_after: float | None = None,
        press: Sequence[tuple[float, str]] = (),
        says: Sequence[tuple[float, float]] = (),
        variables: Mapping[str, str] | None = None,
    ) -> ALeg:
        """A caller calls. ``hangup_after`` counts from now, ``press`` and ``says`` (when, for how
        long) from the answer; seconds."""
        self.calls_placed += 1
        who = Caller(caller, caller_name, destination, hangup_after, press, says, variables or {})
        return ALeg(self, who)

    def stop(self) -> None:
        """Hang up every call and close every socket, those that linger too."""
        for caller in tuple(self.callers.values()):
            caller.hangup()
        self.shut_down()
        for listener in tuple(self.listeners):
            listener.close()

    def shut_down(self) -> None:
        """As on SIGTERM: the switch takes no connection and ends every call; whoever lingers
        hears of it. **Seen.**"""
        self.event_socket.stop()
        self.scheduler.stop()
        for channel in tuple(self.channels.values()):
            api.kill(channel, "SYSTEM_SHUTDOWN")

    def crash(self) -> None:
        """As on SIGKILL: nobody hears another word, and what it kept is gone."""
        for listener in tuple(self.listeners):
            listener.cut()
        self.shut_down()
        self.hash = Hash()

    # -- for the channels ---------------------------------------------------------------------

    def script(self, dialled: str, gateway: str = "") -> Callee:
        """What the party does that is reached under this number or address."""
        for name in (f"{gateway}/{dialled}", dialled, dialled.partition("@")[0]):
            if name in self._scripts:
                return self._scripts[name]
        return self._default

    def registered(self, user: str) -> str:
        """Where ``user`` (NAME@DOMAIN) can be reached, "" when there is no such user."""
        if isinstance(self.users, Mapping):
            return self.users.get(user, "")
        return user if self.users is None or user in self.users else ""

    def api(self, name: str, argument: str) -> str:
        if name == "originate":
            return originate(self, argument)
        return api.run(self, name, argument)

    def publish(self, event: Event) -> None:
        self.stamp(event)
        self.audience.tell(event)

    def stamp(self, event: Event) -> None:
        self._events += 1
        event.stamp = Stamp(self._events, self.microseconds(), self.core_uuid, self.hostname)

    def tell(self, channel: Channel, what: str, detail: str = "") -> None:
        if caller := self.callers.get(channel.uuid):
            caller.notice(what, detail)
        if self._observer:
            who = "A" if channel.inbound else channel.uuid
            self._observer(self.clock.now(), who, what, detail)

    def enter(self, channel: Channel) -> None:
        self.channels[channel.uuid] = channel
        self.peak = max(self.peak, len(self.channels))

    def leave(self, channel: Channel) -> None:
        """A channel has been reported: nobody finds it any more."""
        self.channels.pop(channel.uuid, None)
        if caller := self.callers.pop(channel.uuid, None):
            caller.ended()

    def next_session(self) -> int:
        self._sessions += 1
        return self._sessions

    def microseconds(self) -> int:
        """Now, since 1970."""
        return int(self.clock.wall() * 1_000_000)

    def until_second(self, count: int) -> float:
        """How long it is until the clock's seconds have gone on by ``count`` (its timers' way)."""
        wall = self.clock.wall()
        return math.floor(wall) + count - wall
