"""The process that starts the workers, starts them again, and stops them; it touches no call.

To its workers it is what systemd is to it: they tell it by sd_notify(3) that they are ready and
alive, and one that is silent for too long is killed. All sockets are made here and live as long as
this process, so that a connection, or a socket passed on, waits for a worker that is being
started again.
"""

import logging
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

import gevent
from gevent.event import Event
from gevent.pool import Group

from dialctl import notify
from dialctl.conf.rules import address
from dialctl.errors import ConfigError
from dialctl.settings import Settings
from dialctl.workers.share import Share

log = logging.getLogger("dialctl.workers")

BACKLOG = 1024
RESTART_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0)  # before the 1st, 2nd ... start after a quick death
LIVED = 60.0  # seconds after which a death is no quick one
READY_SECONDS = 60.0  # for a worker to be ready
STOP_MARGIN = 5.0  # seconds beyond stop_grace, until a worker is killed
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid (unix(7), SCM_CREDENTIALS)


class Supervisor:
    """Of one daemon. ``run`` returns when ``stop`` is set and all workers have ended."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._count = settings.workers
        self._stopping = False
        self._ready: set[int] = set()  # pids
        self._seen: dict[int, float] = {}  # when a pid last said that it is alive
        self._running: dict[int, subprocess.Popen[bytes]] = {}  # by the worker's number
        self._all_ready = Event()

    def run(self, stop: Event) -> None:
        """Raises ConfigError if the address cannot be listened on."""
        # Not shared at first: another daemon would go unnoticed. The port may have been 0.
        alone = _listening(*address(self._settings.listen), shared=False)
        where = alone.getsockname()[:2]
        alone.close()
        self._calls = [_listening(*where, shared=True) for _ in range(self._count)]
        self._pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in self._calls]
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.bind("")  # a name of the kernel's choice (unix(7), autobind)
        self._notices.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        hearing = gevent.spawn(self._hear)
        keepers = Group()
        for number in range(1, self._count + 1):
            keepers.spawn(self._keep, number)
        telling = gevent.spawn(self._tell)
        stop.wait()
        self._stopping = True
        telling.kill()
        notify.tell(notify.STOPPING)
        for process in self._running.values():
            process.terminate()
        if not keepers.join(timeout=self._settings.stop_grace + STOP_MARGIN):
            for process in self._running.values():
                process.kill()
            keepers.join()
        hearing.kill()
        log.info("all workers have stopped")

    def _keep(self, number: int) -> None:
        """Have this worker run until all stop."""
        deaths = 0
        while not self._stopping:
            began = gevent.get_hub().loop.now()
            process = self._start(number)
            status = process.wait()
            self._ready.discard(process.pid)
            self._seen.pop(process.pid, None)
            if self._stopping:
                return
            deaths = deaths + 1 if gevent.get_hub().loop.now() - began < LIVED else 0
            pause = RESTART_SECONDS[min(deaths, len(RESTART_SECONDS) - 1)]
            log.error("worker %d has ended (%s); started again", number, _how(status))
            gevent.sleep(pause)

    def _start(self, number: int) -> "subprocess.Popen[bytes]":
        mine = self._pairs[number - 1][0]
        others = {
            other: pair[1] for other, pair in enumerate(self._pairs, start=1) if other != number
        }
        share = Share(
            number,
            self._count,
            self._calls[number - 1].fileno(),
            mine.fileno(),
            {other: sock.fileno() for other, sock in others.items()},
        )
        name = self._notices.getsockname()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "dialctl", "serve"),
                *("--config", str(self._folder), "--worker", str(share)),
            ],
            stdin=subprocess.PIPE,  # its end tells them of ours
            pass_fds=share.descriptors,
            env={**os.environ, "NOTIFY_SOCKET": f"@{name[1:].decode()}"},
        )
        self._running[number] = process
        self._seen[process.pid] = gevent.get_hub().loop.now() + READY_SECONDS
        return process

    def _hear(self) -> None:
        """What workers say, and nobody else."""
        while True:
            said, extra, *_ = self._notices.recvmsg(4096, socket.CMSG_SPACE(_CREDENTIALS.size))
            pids = {process.pid for process in self._running.values()}
            for level, kind, data in extra:
                if (level, kind) != (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                    continue
                pid = _CREDENTIALS.unpack(data[: _CREDENTIALS.size])[0]
                if pid not in pids:
                    continue
                self._seen[pid] = gevent.get_hub().loop.now()
                if notify.READY.encode() in said:
                    self._ready.add(pid)
                    if len(self._ready) == self._count:
                        self._all_ready.set()

    def _tell(self) -> None:
        """systemd: that all are ready, then that this process lives and looks after them."""
        self._all_ready.wait()
        notify.tell(notify.READY)
        log.info("%d workers are ready, calls on %s", self._count, self._settings.listen)
        pause = notify.pause()
        while pause:
            gevent.sleep(pause)
            now = gevent.get_hub().loop.now()
            for number, process in self._running.items():
                # WatchdogSec is twice the pause.
                if now - self._seen.get(process.pid, now) > 2 * pause:
                    log.error("worker %d has said nothing for %g s: killed", number, 2 * pause)
                    self._seen.pop(process.pid)
                    process.send_signal(signal.SIGKILL)
            notify.tell(notify.ALIVE)


def _listening(host: str, port: int, *, shared: bool) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shared)
    try:
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise ConfigError(
            f"listen: cannot listen on {host}:{port}: {error.strerror}; "
            "is another dialctl running there?"
        ) from error
    return sock


def _how(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
