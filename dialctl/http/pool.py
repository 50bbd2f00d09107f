"""Connections to customers' web servers that are kept for the next request."""

from collections import OrderedDict

from dialctl.http.asking import Place
from dialctl.http.connection import Names, Tls, TlsWire, Wire
from dialctl.http.egress import Egress

IDLE_HOSTS = 64  # hosts whose connections are kept, and how many are kept for each when idle;
IDLE_PER_HOST = 64  # in use there may be more: a slow application must not hold up its own calls

_Origin = tuple[str, str, int]


class Pool:
    """Connections go where ``egress`` lets them. Whoever takes one keeps it, or closes it."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._names = Names()
        self._tls = Tls.verifying()
        self._idle: OrderedDict[_Origin, list[Wire]] = OrderedDict()  # the last used host is last

    def take(self, to: Place) -> Wire:
        idle = self._idle.get(to[:3])
        return idle.pop() if idle else self._made(to)

    def _made(self, to: Place) -> Wire:
        scheme, host, port = to[:3]
        made = TlsWire(host, port, ssl_context=self._tls) if scheme == "https" else Wire(host, port)
        made.names, made.egress = self._names, self._egress
        return made

    def keep(self, to: Place, wire: Wire) -> None:
        """Its answer has been read to the end: another request may use it."""
        idle = self._idle.setdefault(to[:3], [])
        self._idle.move_to_end(to[:3])
        if len(idle) >= IDLE_PER_HOST:
            wire.close()
            return
        idle.append(wire)
        while len(self._idle) > IDLE_HOSTS:
            for other in self._idle.popitem(last=False)[1]:
                other.close()

    def close(self) -> None:
        """Close those that are idle."""
        while self._idle:
            for wire in self._idle.popitem()[1]:
                wire.close()
