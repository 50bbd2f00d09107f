"""Ports for servers of the tests' own that others connect to while they are down."""

from collections import deque
from random import Random

from gevent import socket

# Below those that the system gives to whoever connects: a client that tries a port of its own
# again and again, while nobody listens, would one day connect to itself and keep the port.
RANGE = (20000, 32000)
# Not twice: whose it is may be down just now, and comes back on it.
_given: deque[int] = deque(maxlen=6000)


def free_port():
    """A loopback port nobody uses, neither for TCP nor for UDP."""
    random = Random()
    while True:
        port = random.randrange(*RANGE)
        if port in _given:
            continue
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            try:
                stream.bind(("127.0.0.1", port))
                datagram.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.append(port)
        return port
