"""Daemon, switch and application in one process, in virtual time, disturbed."""

import gc
from dataclasses import replace

from dialctl.call import Call
from dialctl.channel import Channel
from dialctl.clock import Clock
from dialctl.esl.session import Session
from dialctl.server import Server
from dialctl.settings import App, FreeSwitch
from dialctl.switch import Switch

from flows.conftest import SETTINGS
from support import fault
from support.ports import free_port
from support.webapp import WebApp

HALF = "Content-Length: 9000\nContent-Type: text/event-plain\n\nEvent-Name: CHANNEL_EXE"


class Stepped(Clock):
    """A clock of which somebody sets the time."""

    def step(self, seconds):
        self._wall_start += seconds


class Stage:
    """``followed``: the daemon may use the switch's own event socket."""

    def __init__(self, state_dir, callees, followed):
        self.callees = callees
        self.followed = followed
        self.web = WebApp().start()
        self.clock = Stepped()  # the daemon's
        self.port, self.event_port = free_port(), free_port()
        password = FreeSwitch(f"127.0.0.1:{self.event_port}", "ClueCon")
        urls = {"answer_url": self.web.url("/answer"), "hangup_url": self.web.url("/hangup")}
        settings = replace(
            SETTINGS,
            listen=f"127.0.0.1:{self.port}",
            state_dir=str(state_dir),
            freeswitch=password if followed else FreeSwitch(),
            apps=(App("main", **urls),),
        )
        self.server = Server(settings, self.clock)
        self.switch_clock = Clock()
        self.switch = self.new_switch()
        self.server.start()

    def new_switch(self):
        return Switch(
            [("127.0.0.1", self.port)],
            self.callees,
            gateways={"a", "b"},
            password="ClueCon",
            port=self.event_port,
            clock=self.switch_clock,
        )

    def call(self, document, **documents):
        answers = {"action": "", **documents, "answer": document}
        self.web.script(
            {
                f"/{path}": f"<Response>{a}</Response>" if isinstance(a, str) else a
                for path, a in answers.items()
            }
        )
        return self.switch.place_call(destination="15550009999")

    def asked(self, event, count=1):
        """Wait until the application has been told of that."""
        found = self.web.wait_for(
            lambda got: sum(r.params.get("Event") == event for r in got) >= count
        )
        assert found, f"{event} was not told"

    def heard(self, a_leg, wait=60.0):
        over = self.web.wait_for(fault.is_over(a_leg.uuid), wait)
        told = fault.heard(self.web.requests, a_leg.uuid)
        assert over, told
        return told

    def nothing_is_left(self):
        """Of calls, their sockets and what the switch has kept of them."""
        kinds = (Call, Channel, Session)
        until = self.clock.now() + 20
        while True:
            gc.collect()
            left = sum(isinstance(thing, kinds) for thing in gc.get_objects())
            kept = self.switch.hash.dump("db")
            if not (left or kept or self.switch.listeners):
                return
            assert self.clock.now() < until, f"{left} objects; {kept} {self.switch.listeners}"
            self.clock.sleep(0.2)

    def crash(self):
        """SIGKILL to the switch, and a second later it is there again."""
        self.switch.crash()
        self.clock.sleep(1)
        self.switch = self.new_switch()

    def break_off(self, rest=HALF):
        """All event sockets end, after this."""
        for listener in tuple(self.switch.listeners):
            listener.answer(rest)
            if rest is HALF:
                listener.cut()

    def stop(self):
        self.switch.stop()
        self.server.stop()
        self.web.stop()
