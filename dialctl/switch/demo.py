"""``dialctl demo``: calls through the real daemon, on the built-in switch, drawn as ladders.

The daemon, its HTTP and its event socket are the ones that run beside a FreeSWITCH; only the
switch and the web application are ours. Everything stays on the loopback interface.
"""

import logging
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from gevent import socket
from gevent.pywsgi import WSGIServer

from dialctl.clock import Clock
from dialctl.conf.rules import address
from dialctl.server import Server
from dialctl.settings import App, NumberRoute, Routes, Settings, Web
from dialctl.switch import Switch
from dialctl.switch.ladder import Ladder

CALLER = "caller"
APPLICATION = "web application"
PATIENCE = 60.0  # seconds of call time until a demo call must be over
# What of a request's parameters is drawn beside its Event.
TELLING = ("DialBLegTo", "DialStatus", "DialBLegHangupCauseName", "HangupCauseName")
WORDS = {"created": "invited", "bridged": "talks"}  # the observer's, in a caller's ears


@dataclass(frozen=True)
class Scene:
    """One call of the demo: what the application answers, and what its callees do."""

    title: str
    called: str
    document: str
    callees: dict[str, str]


DIAL = '<Dial callbackUrl="/callback" action="/action" redirect="false"{more}>{targets}</Dial>'


def _number(digits: str) -> str:
    return f"<Number>{digits}</Number>"


SCENES = (
    Scene(
        "Answered: the callee picks up after two seconds and hangs up after four",
        "15550000001",
        DIAL.format(more="", targets=_number("15551000001")),
        {"15551000001": "answer:2:4"},
    ),
    Scene(
        "The first is busy, then two ring at once and the second answers",
        "15550000002",
        DIAL.format(more="", targets=_number("15551000002"))
        + DIAL.format(more="", targets=_number("15551000003") + _number("15551000004")),
        {"15551000002": "busy", "15551000003": "ring", "15551000004": "answer:3:2"},
    ),
    Scene(
        "Nobody: it rings for the five seconds that the document allows",
        "15550000003",
        DIAL.format(more=' timeout="5"', targets=_number("15551000005")),
        {"15551000005": "ring"},
    ),
)


class Application:
    """The customer's side: answers with the scene's document, tells what it is asked."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self.document = ""
        self._told = told
        listener = socket.socket()
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.server = WSGIServer(listener, self._answer, log=None)

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        form = dict(parse_qsl(environ["wsgi.input"].read().decode(), keep_blank_values=True))
        path = environ["PATH_INFO"]
        details = ", ".join(form[name] for name in TELLING if form.get(name))
        self._told(f"{environ['REQUEST_METHOD']} {path:<10}{form.get('Event', '')} {details}")
        body = f"<Response>{self.document}</Response>" if path == "/answer" else ""
        start("200 OK", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body.encode()]


class Demo:
    """The daemon, the switch and the application, connected."""

    def __init__(self, speed: float, show: Callable[[str], None]) -> None:
        self._clock = Clock(speed)
        self._show = show
        self._ladder = Ladder([CALLER, APPLICATION])
        self._began = 0.0
        self._legs: dict[str, str] = {}
        self._application = Application(lambda text: self._note(APPLICATION, text))
        self._application.server.start()
        app = App("demo", f"{self._application.url}/answer")
        self._state = tempfile.TemporaryDirectory(prefix="dialctl-demo-")
        settings = Settings(
            listen="127.0.0.1:0",
            state_dir=self._state.name,
            web=Web(listen=""),
            stop_grace=2.0,
            apps=(App(app.name, app.answer_url, hangup_url=f"{self._application.url}/hangup"),),
            routes=Routes(numbers=(NumberRoute("", ("sofia/gateway/demo/{number}",)),)),
        )
        self._server = Server(settings, self._clock)
        self._server.start()

    def run(self) -> bool:
        """Whether every call came to its end, and was told to it."""
        over = [self._scene(scene) for scene in SCENES]
        self._show(f"{over.count(True)} of {len(SCENES)} calls came to their end and were told.")
        return all(over)

    def stop(self) -> None:
        self._server.stop()
        self._application.server.stop()
        self._state.cleanup()

    def _scene(self, scene: Scene) -> bool:
        self._ladder = Ladder([CALLER, APPLICATION])
        self._legs = {}
        self._application.document = scene.document
        switch = Switch(
            [address(self._server.address)],
            scene.callees,
            clock=self._clock,
            observer=self._happened,
        )
        self._began = self._clock.now()
        self._note(CALLER, f"calls {scene.called}")
        a_leg = switch.place_call(destination=scene.called)
        over = a_leg.wait(PATIENCE) and self._server.idle(5.0)
        self._show(f"\n{scene.title}.\n\n{self._ladder.render()}\n")
        switch.stop()
        return over

    def _happened(self, _seconds: float, who: str, what: str, detail: str) -> None:
        lane = CALLER
        if who != "A":
            lane = self._legs.setdefault(who, f"callee {len(self._legs) + 1}")
        # Whom it talks to, or what was dialled, stands in the columns already.
        detail = "" if what in WORDS else detail
        self._note(lane, f"{WORDS.get(what, what)} {detail}")

    def _note(self, lane: str, text: str) -> None:
        self._ladder.add(self._clock.now() - self._began, lane, text.rstrip())


def run(speed: float) -> int:
    """The exit status: 0 if every call came to its end. ``speed``: call seconds in a second."""
    logging.basicConfig(level=logging.ERROR)
    demo = Demo(speed, lambda text: print(text, file=sys.stdout, flush=True))
    try:
        return 0 if demo.run() else 1
    finally:
        demo.stop()
