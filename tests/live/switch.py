"""A FreeSWITCH of the tests' own: configured with free ports, started, asked and stopped."""

import os
import re
import shutil
import signal
import time
from pathlib import Path
from random import Random

import gevent
from gevent.subprocess import DEVNULL, Popen

from support.ports import free_port

from .caller import Caller
from .eventsocket import EventSocket

CONFIGURATION = Path(__file__).parent / "conf" / "freeswitch.xml"
EXTENSION = Path(__file__).parents[2] / "freeswitch" / "dialctl.xml"
LISTEN = "127.0.0.1:8084"  # where the extension, as it is, connects


def binary():
    """The FreeSWITCH to start, or None."""
    named = os.environ.get("FREESWITCH")
    return shutil.which(named) if named else shutil.which("freeswitch")


def render(text, values):
    """The configuration with these values in place of its own."""
    for name, value in values.items():
        text, found = re.subn(rf'(cmd="set" data="{name}=)[^"]*', rf"\g<1>{value}", text)
        assert found == 1, f"the configuration sets {name} {found} times"
    return text


class Switch:
    def __init__(self, folder, dialctl_port):
        self._folder = Path(folder)
        self._process = None
        rtp = Random().randrange(12000, 20000, 1000)  # below the ports of any other switch
        self._dialctl = f"127.0.0.1:{dialctl_port}"
        self.values = {
            "event_port": free_port(),
            "internal_port": free_port(),
            "caller_port": free_port(),
            "callee_port": free_port(),
            "guarded_port": free_port(),
            "dead_port": free_port(),
            "rtp_start": rtp,
            "rtp_end": rtp + 998,
        }
        self.events = None

    def __getattr__(self, name):
        if name.endswith("_port"):
            return self.values[name]
        raise AttributeError(name)

    @property
    def temporary(self):
        """Its folder for what does not last."""
        return self._folder / "tmp"

    @property
    def log(self):
        return (self._folder / "log" / "freeswitch.log").read_text("utf-8", "replace")

    def start(self):
        for name in ("conf", "log", "db", "run", "tmp", "rec"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        self._write("freeswitch.xml", render(CONFIGURATION.read_text("utf-8"), self.values))
        extension = EXTENSION.read_text("utf-8")
        assert LISTEN in extension, f"freeswitch/dialctl.xml no longer connects to {LISTEN}"
        self._write("dialctl.xml", extension.replace(LISTEN, self._dialctl))
        folders = [f"-{name}" for name in ("conf", "log", "db", "run")]
        arguments = [word for flag in folders for word in (flag, str(self._folder / flag[1:]))]
        arguments += ["-temp", str(self._folder / "tmp"), "-recordings", str(self._folder / "rec")]
        self._process = Popen(
            [binary(), *arguments, "-nonat", "-nosql", "-nf", "-nc"],
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        self.events = self._connect(time.monotonic() + 30)

    def _write(self, name, text):
        (self._folder / "conf" / name).write_text(text, "utf-8")

    def _connect(self, deadline):
        while True:
            status = self._process.poll()
            assert status is None, f"FreeSWITCH ended with status {status}"
            try:
                events = EventSocket(self.event_port)
                if events.api("sofia status").count("RUNNING") == 4:
                    return events
                events.close()
            except OSError:
                pass
            assert time.monotonic() < deadline, f"FreeSWITCH did not get ready:\n{self.log[-3000:]}"
            gevent.sleep(0.05)

    def crash(self):
        self.events.close()
        self._process.kill()
        self._process.wait(timeout=10)

    def stop(self):
        """In order: it ends every call itself."""
        if self._process is None:
            return
        if self.events is not None:
            self.events.close()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=30)
        finally:
            if self._process.poll() is None:
                self._process.kill()

    def call(self, number, **options):
        """A call into the switch; see Caller."""
        return Caller(self, number, **options)

    def hang_up_all(self):
        self.events.api("hupall NORMAL_CLEARING")
