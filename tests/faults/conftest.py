"""The real daemon as a process of its own, on the built-in switch, to be killed at will."""

import signal
import subprocess
import sys
from itertools import count

import pytest
from dialctl.clock import Clock
from dialctl.conf.rules import address
from dialctl.http.outbox.sqlite import SqliteStore
from dialctl.http.outbox.store import Filter, State
from dialctl.switch import Switch

from support.daemon import Daemon
from support.webapp import WebApp

TOKEN = "token77"


class Stand:
    """A web application, and daemons that share one folder, state and all."""

    def __init__(self, folder, web):
        self.web = web
        self.state = folder / "dialctl" / "state"
        self._folder = folder
        self._switches = []
        self._daemons = []
        self._names = count(1)

    def daemon(self, **dialctl):
        """Another one, started."""
        settings = {
            "listen": "127.0.0.1:0",
            "stop_grace": 2,
            "http": {"connect_timeout": 1, "read_timeout": 5, "total_timeout": 9, "retries": 0},
            "state_dir": str(self.state),
            "web": {"listen": ""},
            **dialctl,
        }
        app = {
            "name": "main",
            "answer_url": self.web.url("/answer"),
            "hangup_url": self.web.url("/hangup"),
            "auth_token": TOKEN,
        }
        routes = {"numbers": [{"prefix": "", "endpoints": ["sofia/gateway/a/{number}"]}]}
        folder = self._folder if not self._daemons else self._folder / f"d{next(self._names)}"
        made = Daemon(folder / "dialctl", settings, [app], routes)
        self._daemons.append(made)
        return made.start()

    def call(self, daemon, callees=None):
        """A call that comes in at this daemon."""
        ready = [line for line in daemon.lines if "ready, calls on" in line][-1]
        listens = address(ready.partition("calls on ")[2].partition(",")[0])
        switch = Switch([listens], callees or {}, gateways={"a"}, clock=Clock())
        self._switches.append(switch)
        return switch.place_call(destination="15550009999")

    def outbox(self, *arguments):
        """``dialctl outbox``, with the configuration of the first daemon."""
        return subprocess.run(
            [sys.executable, "-m", "dialctl", "outbox", *arguments]
            + ["--config", str(self._folder / "dialctl")],
            capture_output=True,
            text=True,
            timeout=60,
        )

    def keys(self, *paths):
        """The keys told, in order, with those paths."""
        return [
            request.headers.get("idempotency-key", "-").partition("-dial-")[2]
            or request.headers.get("idempotency-key", "-").rpartition("-")[2]
            for request in self.web.requests
            if request.path in paths
        ]

    def stop(self):
        for switch in self._switches:
            switch.stop()
        for daemon in self._daemons:
            daemon.kill()


def recorded(folder, state):
    """The keys that are "waiting" or "dead" in the outbox of a folder, whoever runs there."""
    store = SqliteStore(str(folder / "outbox.sqlite3"), "", create=False)
    with store.transaction():
        rows = store.rows(Filter(states=(State(state),)), 1_000_000)
    store.close()
    return {row.entry.report.key for row in rows}


def kill(daemon):
    """kill -9, and it is gone."""
    daemon._process.send_signal(signal.SIGKILL)
    assert daemon.wait() == -signal.SIGKILL


@pytest.fixture
def stand(tmp_path):
    web = WebApp().start()
    made = Stand(tmp_path, web)
    yield made
    made.stop()
    web.stop()
