"""Sockets passed from one worker to another: unix(7) datagrams, each with a descriptor.

The supervisor makes a pair of sockets for each worker and keeps them, so what is passed on to one
that is just being started again waits for it.
"""

import logging
import socket
from collections.abc import Callable, Mapping

import gevent

from dialctl.workers.place import Place

log = logging.getLogger("dialctl.workers")

# Kinds of what is given: an event socket that has been connected; where to write one's figures.
CALL = b"call"
FIGURES = b"figures"
LONGEST = 60000  # bytes of what is said with a socket
GIVE_SECONDS = 1.0  # for another worker to take what it is given before

Take = Callable[[socket.socket, bytes], None]


class Mesh:
    """``start``, then what others give is taken; ``give`` at any time. Alone it takes nothing."""

    def __init__(
        self,
        place: Place,
        mine: socket.socket | None = None,
        others: Mapping[int, socket.socket] | None = None,
    ) -> None:
        """``mine`` is what this worker reads of, ``others`` by number what it writes to."""
        self.place = place
        self._mine = mine
        self._others = others or {}
        self._taking: gevent.Greenlet[..., None] | None = None

    def start(self, takes: Mapping[bytes, Take]) -> None:
        """``takes``: who gets a socket of which kind, in a greenlet of its own, and closes it."""
        if self._mine is not None:
            self._taking = gevent.spawn(self._take_for_ever, self._mine, takes)

    def stop(self) -> None:
        """Take nothing any more: the next start of this worker will."""
        if self._taking is not None:
            self._taking.kill()

    def give(self, number: int, kind: bytes, sock: socket.socket, said: bytes = b"") -> bool:
        """Whether that worker has got it, or will; ``sock`` stays open here."""
        try:
            with gevent.Timeout(GIVE_SECONDS, TimeoutError):
                socket.send_fds(self._others[number], [kind + b"\n" + said], [sock.fileno()])
        except (KeyError, OSError) as error:  # a TimeoutError is one
            log.warning("worker %d does not take a connection of its own: %r", number, error)
            return False
        return True

    def _take_for_ever(self, mine: socket.socket, takes: Mapping[bytes, Take]) -> None:
        while True:
            message, descriptors, *_ = socket.recv_fds(mine, LONGEST, 1)
            kind, _, said = message.partition(b"\n")
            given = [socket.socket(fileno=descriptor) for descriptor in descriptors]
            if kind in takes and len(given) == 1:
                gevent.spawn(takes[kind], given[0], said)
            else:
                log.error("another worker gave something that is not known here: %.40r", kind)
