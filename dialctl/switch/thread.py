"""A channel's own thread: the queue of its commands and the applications that it runs.

The queue is looked at once a media tick, and all that wait then run one after the other. What an
application waits for, it waits for here, so that a command runs *inside* it, as in the switch: a
``playback`` sent during a ``playback`` holds it up, a ``set`` during a ``bridge`` runs at once, and
``event-lock: true`` keeps the rest waiting until its application is done. **Seen**, all of it.

Sources: switch_ivr.c (switch_ivr_park, switch_ivr_parse_event, switch_ivr_parse_all_events),
switch_core_session.c (switch_core_session_exec). Here a thread is a greenlet, and it sleeps until
something happens; nothing polls.
"""

import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gevent
from gevent.event import Event

from dialctl.switch import sip
from dialctl.switch.expand import expand

if TYPE_CHECKING:
    from dialctl.switch.channel import Channel

TICK = 0.02  # seconds of audio in a packet: PCMU, ptime 20
_AGAIN_AFTER = 0.5  # an application that took less is not run again, whatever "loops" says


@dataclass(frozen=True, slots=True)
class Command:
    """A ``sendmsg``: run ``app``, or hang up with ``cause`` when that is given."""

    app: str = ""
    argument: str = ""
    event_uuid: str = ""
    lock: bool = False
    loops: int = 1
    cause: str = ""


def never() -> bool:
    return False


class Thread:
    def __init__(self, channel: "Channel") -> None:
        self.channel = channel
        self.running = False
        self.left = False  # its socket is gone and said: drop what you are doing
        self._commands: deque[Command] = deque()
        self._works: deque[Callable[[], None]] = deque()
        self._woken = Event()
        self._locks = 0
        self._depth = 0
        self._broken = ""  # "one": the innermost application ends; "all": every one
        self.held_up = 0.0  # seconds that commands took during the wait that ended last
        self._born = channel.switch.clock.now()

    @property
    def ready(self) -> bool:
        """May it go on with what it is doing? (switch_channel_ready)"""
        return self.channel.up and not self.left

    def start(self, work: Callable[[], None]) -> None:
        """Do ``work`` after what the thread does now; then a hung up channel is reported."""
        self._works.append(work)
        if not self.running:
            self.running = True
            gevent.spawn(self._live)

    def _live(self) -> None:
        try:
            while self._works:
                self._works.popleft()()
        finally:
            self.running = False
            if not self.channel.up:
                self.channel.report()

    def post(self, command: Command) -> None:
        """Queue a command. A leg without a thread of its own gets one for the while."""
        self._commands.append(command)
        self._woken.set()
        if not self.running:
            self.start(self._serve)

    def _serve(self) -> None:
        self.to_next_tick()
        self.run_waiting()

    def wake(self) -> None:
        self._woken.set()

    def interrupt(self, which: str = "one") -> None:
        """uuid_break: "one" ends the innermost application, "all" every one and the queue."""
        if which == "all":
            self._commands.clear()
        if self._depth:
            self._broken = which
        self._woken.set()

    def wait(
        self,
        done: Callable[[], bool] = never,
        seconds: float | None = None,
        *,
        pausing: bool = False,
        breakable: bool = True,
        at_once: bool = False,
    ) -> bool:
        """Until ``done()``, for so many seconds, until a break or the hangup. True when done.

        ``pausing``: the commands that run meanwhile take time of their own (a sound stops for
        them). ``at_once``: notice ``done()`` at once, not at the next tick.
        """
        clock = self.channel.switch.clock
        deadline = None if seconds is None else clock.now() + seconds
        held_up = 0.0
        self._depth += breakable
        try:
            while self.ready:
                spent = self.run_waiting()
                held_up += spent
                if deadline is not None and pausing:
                    deadline += spent
                if done():
                    return True
                left = None if deadline is None else deadline - clock.now()
                late = left is not None and left <= 0
                if late or not self.ready or (breakable and self._interrupted()):
                    return False
                self._sleep(left, done if at_once else never)
            return False
        finally:
            self._depth -= breakable
            self.held_up = held_up

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While no command runs."""
        self._locks += 1
        try:
            yield
        finally:
            self._locks -= 1

    def run_waiting(self) -> float:
        """Run what is in the queue; how many seconds that took."""
        clock = self.channel.switch.clock
        start = clock.now()
        while self._commands and not self._locks and self.ready:
            self._run(self._commands.popleft())
        return clock.now() - start

    def to_next_tick(self, most: float | None = None) -> None:
        clock = self.channel.switch.clock
        left = TICK - (clock.now() - self._born) % TICK
        clock.sleep(left if most is None else min(left, most))

    def _sleep(self, seconds: float | None, done: Callable[[], bool]) -> None:
        self._woken.clear()
        clock = self.channel.switch.clock
        if self._woken.wait(None if seconds is None else clock.real(seconds)) and not done():
            self.to_next_tick(seconds)

    def _interrupted(self) -> bool:
        broken = self._broken
        if broken == "one" or self._depth == 1:
            self._broken = ""
        return bool(broken)

    def _run(self, command: Command) -> None:
        if command.cause:
            self.channel.hang_up(command.cause)
        elif command.lock:
            with self.locked():
                self._loop(command)
        elif command.app:
            self._loop(command)

    def _loop(self, command: Command) -> None:
        variables, clock = self.channel.variables, self.channel.switch.clock
        turn = 0
        while self.ready and (turn < command.loops or command.loops < 0):
            turn += 1
            variables.set("app_uuid", command.event_uuid)
            variables.set("current_loop", str(turn))
            variables.set("total_loops", str(command.loops))
            start = clock.now()
            self.execute(command.app, command.argument)
            if clock.now() - start < _AGAIN_AFTER:
                break
        variables.set("current_loop", "")
        variables.set("total_loops", "")

    def execute(self, app: str, argument: str) -> None:
        """Run one application and tell of it. One that nobody knows is over at once.

        ``app_uuid`` has the number that the controller gave it, until it begins.
        """
        channel, variables = self.channel, self.channel.variables
        run = channel.switch.applications.get(app)
        if app in channel.switch.audible:
            sip.pre_answer(channel)
        event_uuid = variables.get("app_uuid") or str(uuid.uuid4())
        variables.set("app_uuid", "")
        expanded = expand(channel, argument)
        channel.last_app = (app, expanded)
        variables.set("current_application", app)
        variables.set("current_application_data", expanded)
        variables.set("current_application_response", "")
        data = (("Application-Data", expanded),) if expanded else ()
        name, number = (("Application", app), *data), (("Application-UUID", event_uuid),)
        channel.publish("CHANNEL_EXECUTE", after=(*name, *number))
        variables.set("current_application", app)
        if run:
            run(self, expanded)
        response = variables.get("current_application_response") or "_none_"
        after = (*name, ("Application-Response", response), *number)
        channel.publish("CHANNEL_EXECUTE_COMPLETE", after=after)

    def run_on(self, variable: str) -> None:
        """The application in a variable such as execute_on_answer: ``name argument``."""
        app, _, argument = self.channel.variables.get(variable).partition(" ")
        if app:
            self.execute(app, argument)
