"""The real daemon as a process of its own: configuration written, started, waited for, stopped."""

import math
import os
import signal
import sys
from pathlib import Path

import gevent
import yaml
from dialctl.http.outbox.owners import Locks
from dialctl.http.outbox.sqlite import SqliteStore
from dialctl.http.outbox.store import Filter, State
from gevent.event import Event
from gevent.subprocess import PIPE, STDOUT, Popen


class Daemon:
    """``dialctl``, ``apps`` and ``routes`` are the contents of the three files."""

    def __init__(self, folder, dialctl, apps, routes, forker=None):
        self._forker = forker
        self.folder = Path(folder)
        (self.folder / "state").mkdir(parents=True, exist_ok=True)
        self.settings = {"state_dir": str(self.folder / "state"), **dialctl}
        self.write("dialctl.yaml", self.settings)
        self.write("apps.yaml", {"apps": apps})
        self.write("routes.yaml", routes)
        self._process = None
        self._lines = []
        self._silent = True  # its output has ended
        self._changed = Event()

    @property
    def running(self):
        return self._process is not None and self._process.poll() is None

    @property
    def lines(self):
        """All it logged so far, over all its starts."""
        return list(self._lines)

    def write(self, name, content):
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        path = self.folder / name
        path.write_text(text, "utf-8")
        path.chmod(0o600)  # it may hold a token

    def start(self, timeout=60.0):
        first = len(self._lines)
        self._silent = False
        arguments = ["serve", "--config", str(self.folder)]
        if self._forker:
            self._process = self._forker.start(arguments)
        else:
            command = [sys.executable, "-m", "dialctl", *arguments]
            self._process = Popen(command, stdout=PIPE, stderr=STDOUT)
        gevent.spawn(self._read, self._process.stdout)
        ready = self.wait_for_line(["ready"], timeout, first)
        assert ready, "the daemon did not get ready; it said:\n" + "\n".join(self._lines[first:])
        return self

    def wait_for_line(self, words, timeout=30.0, first=0):
        """The first line, from number ``first`` on, with all these words; '' when none came."""
        with gevent.Timeout(timeout, False):
            while True:
                self._changed.clear()
                for line in self._lines[first:]:
                    if all(word in line for word in words):
                        return line
                if self._silent:
                    return ""
                self._changed.wait()
        return ""

    def terminate(self):
        """Ask it to stop, and return at once."""
        self._process.send_signal(signal.SIGTERM)

    def wait(self, timeout=30.0):
        """Its exit status, None if it did not end in time."""
        with gevent.Timeout(timeout, False):
            return self._process.wait()
        return None

    def stop(self, timeout=30.0):
        """SIGTERM; it must end with status 0."""
        if self._process is None or self._process.poll() is not None:
            return
        self.terminate()
        status = self.wait(timeout)
        if status is None:
            self._process.kill()
        assert status == 0, f"the daemon ended with {status}:\n" + "\n".join(self._lines[-40:])

    def slay(self):
        """SIGKILL, without waiting for anything."""
        if self.running:
            self._process.kill()

    def forget(self, patience=30.0):
        """Nothing that waits in its outbox is delivered any more; what is under way ends first."""
        path = os.path.join(self.settings["state_dir"], "outbox.sqlite3")
        store = SqliteStore(path, "", Locks(path))
        with gevent.Timeout(patience):
            while self._waiting(store):
                gevent.sleep(0.05)
        store.close()

    def _waiting(self, store):
        with store.transaction():
            store.bury(store.time(), math.inf)
            store.drop(Filter(states=(State.WAITING,)))
            return store.waiting()

    def kill(self):
        if self.running:
            self._process.kill()
            self.wait()

    def descriptors(self):
        """How many files and sockets it has open."""
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    def _read(self, stream):
        for line in stream:
            self._lines.append(line.decode("utf-8", "replace").rstrip("\n"))
            self._changed.set()
        self._silent = True
        self._changed.set()
