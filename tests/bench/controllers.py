"""What is measured: each a process of its own that takes calls on a port, and what it costs."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from random import Random

import yaml

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
READY_SECONDS = 20.0


def free_port():
    """A loopback port nobody uses; below those that the system gives to whoever connects."""
    while True:
        port = Random().randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def family(pid):
    """A process and its children."""
    return [str(pid), *Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def cpu(pid):
    """Seconds of a process and its children, user and system."""
    stats = (Path(f"/proc/{one}/stat").read_text() for one in family(pid))
    fields = (stat.rsplit(")", 1)[1].split() for stat in stats)
    return sum(sum(map(int, of_one[11:15])) for of_one in fields) / TICKS


def memory(pid):
    """Kilobytes that are resident, of a process and its children."""
    lines = [
        line for one in family(pid) for line in Path(f"/proc/{one}/status").read_text().splitlines()
    ]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


class Controller:
    """``word`` on its output says that it takes calls; ``pid`` is the process to be charged."""

    def __init__(self, command, word, log):
        self.folder = Path(log).parent
        self._log = open(log, "wb")  # noqa: SIM115  # as long as the process
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)
        self.pid = self._process.pid
        until = time.monotonic() + READY_SECONDS
        while word not in Path(log).read_bytes():
            if self._process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"did not start: {Path(log).read_text()}")
            time.sleep(0.05)

    def split(self):
        """The least and the most that any of its workers has told, of what all have."""
        told = []
        for outbox in self.folder.glob("state/outbox.sqlite3*"):
            if outbox.suffix in (".sqlite3", ".2", ".3", ".4"):
                with contextlib.closing(sqlite3.connect(outbox)) as db:
                    told.append(db.execute("SELECT count(*) FROM told").fetchone()[0])
        return (min(told) / sum(told), max(told) / sum(told)) if told else None

    def stop(self):
        self._process.terminate()
        self._process.wait(30)
        self._log.close()


def peer(name):
    """Starts one of ``peers/``."""

    def start(port, app_port, folder):
        command = [sys.executable, str(HERE / "peers" / f"{name}.py"), str(port), str(app_port)]
        return Controller(command, b"ready", f"{folder}/{name}.log")

    return start


def dialctl(**settings):
    """Starts the daemon with its defaults: logging, outbox, signatures."""

    def start(port, app_port, folder):
        url = f"http://127.0.0.1:{app_port}"
        files = {
            "dialctl.yaml": {
                "listen": f"127.0.0.1:{port}",
                "state_dir": f"{folder}/state",
                "web": {"listen": ""},
                "limits": {"calls": 100000, "calls_per_second": 100000},
                **settings,
            },
            "apps.yaml": {
                "apps": [
                    {
                        "name": "bench",
                        "answer_url": f"{url}/answer",
                        "hangup_url": f"{url}/hangup",
                        "auth_id": "MA",
                        "auth_token": "token",
                    }
                ]
            },
            "routes.yaml": {
                "numbers": [{"prefix": "", "endpoints": ["sofia/gateway/a/{number}"]}],
                "users": [{"domain": "*", "endpoints": ["sofia/internal/{user}@{domain}"]}],
            },
        }
        os.makedirs(f"{folder}/state")
        for name, content in files.items():
            path = Path(folder, name)
            path.write_text(yaml.safe_dump(content))
            path.chmod(0o600)
        command = [sys.executable, "-m", "dialctl", "serve", "--config", folder]
        word = b"workers are ready" if settings.get("workers", 1) > 1 else b"ready"
        return Controller(command, word, f"{folder}/dialctl.log")

    return start


@contextmanager
def started(start, app):
    """A controller whose customer ``app`` is: it and its port."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        controller = start(port, app.port, folder)
        try:
            yield controller, port
        finally:
            controller.stop()


class App:
    """The customer's web application, another process."""

    def __init__(self, target):
        command = [sys.executable, str(HERE / "webapp.py"), target]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, **pipes)
        self.port = int(self._process.stdout.readline())

    def seen(self):
        """What has come since the last time: ``webapp.App.seen``."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else None


def percentiles(values):
    """p50 / p95 / p99 of seconds, as milliseconds."""
    if not values:
        return "-"
    return " / ".join(f"{percentile(values, share) * 1000:.0f}" for share in (0.5, 0.95, 0.99))


def print_table(heads, rows):
    """As Markdown has it, aligned."""
    table = [heads, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(heads))]
    table.insert(1, ["-" * width for width in widths])
    for row in table:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print(f"| {' | '.join(cells)} |", flush=True)
