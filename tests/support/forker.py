"""A process that has imported dialctl and forks a daemon whenever it is asked for one.

Each daemon is a process of its own, to be killed like any other; but it does not have to read all
of Python first, which on a busy machine takes longer than the calls that wait for it.
"""

import json
import os
import signal
import sys

if __name__ != "__main__":
    import gevent
    from gevent import socket
    from gevent.fileobject import FileObject
    from gevent.lock import BoundedSemaphore
    from gevent.subprocess import Popen


class Forker:
    """``start`` forks a ``python -m dialctl`` with these arguments."""

    def __init__(self):
        self._turn = BoundedSemaphore()
        self._socket, theirs = socket.socketpair()
        command = [sys.executable, "-P", __file__, str(theirs.fileno())]  # not beside http.py
        self._process = Popen(command, pass_fds=[theirs.fileno()])
        theirs.close()

    def start(self, arguments):
        output, theirs = os.pipe()
        with self._turn:
            socket.send_fds(self._socket, [json.dumps(arguments).encode()], [theirs])
            os.close(theirs)
            pid = int(self._socket.recv(64))
        return Forked(pid, FileObject(output, "rb"))

    def stop(self):
        self._socket.close()
        self._process.wait()


class Forked:
    """As much of a Popen as Daemon needs."""

    def __init__(self, pid, stdout):
        self.pid = pid
        self.stdout = stdout

    def poll(self):
        """None while it runs; nobody hears its status."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def send_signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def wait(self):
        while self.poll() is None:
            gevent.sleep(0.01)
        return 0


def main(descriptor):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    import _socket  # gevent's would begin an event loop, which no fork survives
    import posix

    from dialctl.__main__ import main as dialctl

    asked = _socket.socket(fileno=descriptor)
    asked.setblocking(True)
    while True:
        words, passed, _, _ = asked.recvmsg(65536, _socket.CMSG_SPACE(4))
        if not words:
            return
        output = int.from_bytes(passed[0][2], sys.byteorder)
        if pid := posix.fork():  # os.fork is gevent's, which has an event loop watch the child
            os.close(output)
            asked.send(str(pid).encode())
            continue
        for standard in (1, 2):
            os.dup2(output, standard)
        os.close(output)
        os.close(descriptor)
        raise SystemExit(dialctl(json.loads(words)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
