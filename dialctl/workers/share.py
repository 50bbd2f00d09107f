"""What a worker is told when it is started: which one it is, and the sockets that it inherits."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gevent.event import Event
from gevent.socket import wait_read

from dialctl.settings import Settings
from dialctl.workers.mesh import Mesh
from dialctl.workers.place import Place, name


@dataclass(frozen=True, slots=True)
class Share:
    """Worker ``number`` of ``count``; the rest are descriptors."""

    number: int
    count: int
    calls: int
    mine: int
    others: Mapping[int, int] = field(default_factory=dict)

    def __str__(self) -> str:
        own = f"{self.number}/{self.count}:{self.calls},{self.mine}"
        return own + "".join(f",{number}={fd}" for number, fd in self.others.items())

    @classmethod
    def read(cls, text: str) -> "Share":
        """What ``str`` has written. Raises ValueError."""
        which, _, descriptors = text.partition(":")
        number, count = map(int, which.split("/"))
        calls, mine, *others = descriptors.split(",")
        pairs = (other.split("=") for other in others)
        return cls(number, count, int(calls), int(mine), {int(n): int(fd) for n, fd in pairs})

    @property
    def descriptors(self) -> tuple[int, ...]:
        return (self.calls, self.mine, *self.others.values())

    def mesh(self, listen: str) -> Mesh:
        return Mesh(
            Place(name(listen), self.number, self.count),
            socket.socket(fileno=self.mine),
            {number: socket.socket(fileno=fd) for number, fd in self.others.items()},
        )

    def listener(self) -> socket.socket:
        return socket.socket(fileno=self.calls)

    def outlive(self, stop: Event) -> None:
        """Set ``stop`` when the supervisor is gone: it has the other end of our input."""
        wait_read(0)
        stop.set()

    def of(self, settings: Settings) -> Settings:
        """The configuration as it is for this one worker: of each limit its part."""
        limits = settings.limits
        return replace(
            settings,
            limits=replace(
                limits,
                calls=_part(limits.calls, self.count),
                calls_per_second=_part(limits.calls_per_second, self.count),
            ),
        )


def _part(whole: int, count: int) -> int:
    return -(-whole // count)
