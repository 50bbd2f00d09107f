"""The real daemon as a process of its own, to be killed, on the built-in switch, in real time."""

import gevent
from dialctl.clock import Clock
from dialctl.switch import Switch, party, sip
from dialctl.switch.rehearsal import extensions
from gevent.lock import BoundedSemaphore

from support import fault
from support.daemon import Daemon
from support.forker import Forker
from support.ports import free_port
from support.webapp import WebApp

TOKEN = "token77"
PATIENCE = 60.0  # seconds that a call and its reports may take on a busy machine


class Yard:
    """``followed``: the daemon may use the switch's own event socket.

    ``on(who, what, deed)``: at the first time that ``who`` ("A", or "leg" for any) does ``what``,
    in the words of the switch's observer, ``deed`` is called, which must not block.
    """

    def __init__(self, folder, callees, forker, *, followed=False, **settings):
        self.folder = folder
        self.followed = followed
        self.web = WebApp().start()
        self.port = free_port()
        self.callees = callees
        self._deeds = {}
        self.happened = []  # to legs: (when, its UUID, what)
        self.switch = self.new_switch()
        self.settings = {
            "listen": f"127.0.0.1:{self.port}",
            "stop_grace": 3,
            "http": {"connect_timeout": 1, "read_timeout": 5, "total_timeout": 9, "retries": 1},
            "log": {"level": "debug"},
            "web": {"listen": ""},
            **settings,
        }
        if followed:
            host, port = self.switch.event_socket.address
            self.settings["freeswitch"] = {"event_socket": f"{host}:{port}", "password": "ClueCon"}
        self.app = {
            "name": "main",
            "answer_url": self.web.url("/answer"),
            "hangup_url": self.web.url("/hangup"),
            "auth_token": TOKEN,
        }
        self.routes = {
            "numbers": [{"prefix": "", "endpoints": ["sofia/gateway/a/{number}"]}],
            "users": [{"domain": "*", "endpoints": ["user/{user}@{domain}"]}],
        }
        self.daemon = Daemon(folder, self.settings, [self.app], self.routes, forker)
        self.killer = fault.Killer(self.daemon)

    def new_switch(self, port=0):
        """Another one, which knows no call; on the same ``port`` for its own event socket."""
        controller = f"127.0.0.1:{self.port}"
        return Switch(
            [("127.0.0.1", self.port)],
            self.callees,
            gateways={"a", "b"},
            # Two telephones: one that rings, one that answers.
            users={"twin@example.com": "1001@127.0.0.1:5080"},
            extensions=extensions(controller),
            password="ClueCon",
            port=port,
            clock=Clock(),
            observer=self._saw,
        )

    def on(self, who, what, deed):
        self._deeds[who, what] = deed

    def _saw(self, seconds, who, what, _detail):
        if who != "A":
            self.happened.append((seconds, who, what))
        deed = self._deeds.pop(("A" if who == "A" else "leg", what), None)
        if deed:
            deed()

    def times(self, what):
        """When legs did that, by the leg."""
        return {leg: seconds for seconds, leg, done in self.happened if done == what}

    def script(self, **documents):
        """What each path answers; a text is put into <Response>. The action has nothing to add."""
        answers = {"action": "", **documents}
        self.web.script({f"/{path}": _document(answer) for path, answer in answers.items()})

    def place(self, **more):
        return self.switch.place_call(destination="15550009999", **more)

    def hear(self, a_leg):
        """What the application has heard of a call that has ended, each thing once."""
        assert a_leg.wait(PATIENCE), f"the call is still up:\n{self.log()}"
        over = self.web.wait_for(fault.is_over(a_leg.uuid), PATIENCE)
        lines = fault.heard(self.web.requests, a_leg.uuid)
        assert over, f"{lines}\n{self.log()}"
        return lines

    def answer(self, number, press="", talk=1.5):
        """Let a callee who rings answer now, press keys half a second later, hang up at the end."""
        (leg,) = [one for one in self.switch.channels.values() if one.profile.destination == number]
        sip.answers(leg)
        leg.later(0.5, lambda: party.press(leg, press))
        leg.later(talk, lambda: (sip.bye(leg, "NORMAL_CLEARING"), leg.finish()))

    def nothing_is_left(self):
        """Of all calls: no channel, nothing kept at the switch, no connection, no traceback."""
        self.eventually(lambda: not self.switch.channels, "channels are up")
        self.eventually(lambda: not self.switch.hash.dump("db"), "the switch still keeps something")
        self.eventually(lambda: not self.switch.listeners, "event sockets are open")
        assert "Traceback" not in self.log(), self.log()

    def eventually(self, true, otherwise, seconds=60.0):
        until = self.switch.clock.now() + seconds
        while not true():
            assert self.switch.clock.now() < until, f"{otherwise}:\n{self.log()}"
            gevent.sleep(0.02)

    @staticmethod
    def later(seconds, deed, *arguments):
        gevent.spawn_later(seconds, deed, *arguments)

    def log(self):
        return "\n".join(self.daemon.lines)

    def stop(self):
        self.killer.stop()
        self.daemon.kill()
        self.switch.stop()
        self.web.stop()


def _document(answer):
    if isinstance(answer, str) and not answer.startswith(("<Response", "<?")):
        return f"<Response>{answer}</Response>"
    return answer


class Runs:
    """Scenarios that run beside each other, a few at a time: most of their time they wait.

    ``jobs``: what a test asks for by name, a scenario that takes a yard, and how to make the yard.
    """

    def __init__(self, jobs, wanted, folders, at_once=8):
        self._jobs = jobs
        self._forker = Forker()
        self._folders = folders
        self._turns = BoundedSemaphore(at_once)
        self._running = {name: gevent.spawn(self._run, name) for name in jobs if name in wanted}

    def _run(self, name):
        scenario, callees, settings = self._jobs[name]
        with self._turns:
            yard = Yard(self._folders.mktemp("yard"), callees, self._forker, **settings)
            try:
                yard.daemon.start()
                told = scenario(yard)
                yard.nothing_is_left()
            finally:
                yard.stop()
            return told

    def result(self, name):
        """What the scenario has returned; raises what it has raised."""
        return self._running[name].get(timeout=300)

    def stop(self):
        gevent.killall(list(self._running.values()))
        self._forker.stop()


def jobs_of(items):
    """The names that the tests to be run ask for, as their parameter ``job``."""
    return {item.callspec.params.get("job") for item in items if hasattr(item, "callspec")}
