"""Call flows: the real daemon against the built-in switch, in virtual time."""

from dataclasses import replace

import pytest
from dialctl.clock import Clock
from dialctl.conf.rules import address
from dialctl.server import Server
from dialctl.settings import (
    App,
    DialectLimits,
    Dialects,
    Http,
    NumberRoute,
    Routes,
    Settings,
    UserRoute,
    Web,
)
from dialctl.switch import Switch
from dialctl.switch.rehearsal import extensions

from support.webapp import WebApp

ROUTES = Routes(
    numbers=(
        NumberRoute("1999", ("sofia/gateway/nowhere/{number}",)),
        NumberRoute("1888", ("sofia/gateway/a/{number}", "sofia/gateway/b/{number}")),
        NumberRoute("1", ("sofia/gateway/a/{number}",)),
    ),
    users=(UserRoute("*", ("user/{user}@{domain}",)),),
)
SETTINGS = Settings(
    listen="127.0.0.1:0",
    stop_grace=4.0,
    http=Http(connect_timeout=1.0, read_timeout=2.0, total_timeout=10.0, retries=0),
    dialects=Dialects(plivo=DialectLimits(ring_timeout=30)),
    routes=ROUTES,
    web=Web(listen=""),
)


class Stage:
    """The daemon, the switch, the application, and what a test asks of them."""

    def __init__(self, web, state_dir, dialect):
        self.web = web
        self.state_dir = str(state_dir)
        self.dialect = dialect  # of a module that is run once for each of two
        self.clock = Clock()
        self.server = None
        self.switch = None
        self.seen = []  # of the switch: who, what, detail

    def start(
        self,
        documents,
        callees=None,
        settings=SETTINGS,
        *,
        guarded=True,
        modules=None,
        **app,
    ):
        """``documents``: what each path answers; a text without <Response> is put into one."""
        documents = {"action": "", **documents}
        self.web.script({f"/{path}": _document(answer) for path, answer in documents.items()})
        urls = {"answer_url": self.web.url("/answer"), "hangup_url": self.web.url("/hangup")}
        apps = (App("main", **{**urls, **app}),)
        self.settings = replace(settings, apps=apps, state_dir=self.state_dir)
        self.server = Server(self.settings, self.clock)
        self.server.start()
        self.switch = Switch(
            [address(self.server.address)],
            callees or {},
            gateways={"a", "b"},
            users={"alice@example.com", "bob@example.com"},
            extensions=extensions(self.server.address) if guarded else {},
            **({} if modules is None else {"modules": modules}),
            **self._event_socket(),
            clock=self.clock,
            observer=lambda _t, *seen: self.seen.append(seen),
        )

    def _event_socket(self):
        """The switch's own, where the daemon looks for it."""
        freeswitch = self.settings.freeswitch
        if not freeswitch.event_socket:
            return {}
        return {"port": address(freeswitch.event_socket)[1], "password": freeswitch.password}

    def restart(self, *more):
        """The daemon again, stopped before, with more apps; the switch finds it."""
        self.settings = replace(self.settings, apps=(*self.settings.apps, *more))
        self.server = Server(self.settings, self.clock)
        self.server.start()
        self.switch.controllers = (address(self.server.address),)

    def call(self, document="", callees=None, *, over=True, wait=60, settings=SETTINGS, **more):
        """Place a call; with ``over`` wait until it is, and until all is told."""
        app = {key: more.pop(key) for key in list(more) if key in App.__slots__}
        documents = {"answer": document, **more.pop("documents", {})}
        if self.server is None:
            switch = {"guarded": more.pop("guarded", True), "modules": more.pop("modules", None)}
            self.start(documents, callees, settings, **switch, **app)
        a_leg = self.switch.place_call(destination="15550009999", **more)
        if over:
            self.end(a_leg, wait)
        return a_leg

    def end(self, a_leg, wait=60):
        assert a_leg.wait(wait), "the call is still up"
        assert self.server.idle(20), "something is still owed"

    def told(self, *names):
        """Each request as a line: path, Event, and the parameters named."""
        return [
            " ".join([r.path, r.params.get("Event", "-"), *(r.params.get(n, "-") for n in names)])
            for r in self.web.requests
        ]

    def request(self, path, event=None):
        (found,) = [
            r for r in self.web.requests if r.path == path and event in (None, r.params["Event"])
        ]
        return found.params

    def stop(self):
        if self.switch:
            self.switch.stop()
        if self.server:
            self.server.stop()


def _document(answer):
    if isinstance(answer, str) and not answer.startswith(("<Response", "<?", "<!")):
        return f"<Response>{answer}</Response>"
    return answer


@pytest.fixture
def stage(tmp_path, request):
    web = WebApp().start()
    made = Stage(web, tmp_path, getattr(request, "param", ""))
    yield made
    made.stop()
    web.stop()
