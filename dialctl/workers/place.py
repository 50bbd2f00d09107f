"""Which worker of a daemon a call belongs to, by the owner that its channel names."""

import glob
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = re.compile(r"[1-9]\d{0,3}")


@dataclass(frozen=True, slots=True)
class Place:
    """Worker ``number``, from 1, of the ``count`` of the daemon with this ``name``.

    An owner is NAME#START, of the second worker on NAME.2#START: so the first one is who takes
    over when ``workers`` was set, and the calls of workers that there are no more are shared out.
    """

    name: str
    number: int = 1
    count: int = 1

    def owner(self, start: str) -> str:
        """This worker's name in one start of it."""
        return f"{self.name}{suffix(self.number)}#{start}"

    def worker_of(self, owner: str) -> int:
        """The number of the worker who has this owner's calls; 0: another daemon has them."""
        place = owner.partition("#")[0]
        if place == self.name:
            return 1
        base, _, number = place.rpartition(".")
        return self._taken_over(number) if base == self.name else 0

    def elsewhere(self, owner: str) -> int:
        """The number of the other worker who has this owner's calls, 0 if none has."""
        number = self.worker_of(owner)
        return number if number != self.number else 0

    def file(self, path: str) -> str:
        """This worker's own of the files that are called ``path`` where there is one process."""
        return f"{path}{suffix(self.number)}"

    def inherited(self, path: str) -> list[str]:
        """Such files that are to be this worker's: those of workers that there are no more."""
        numbers = ((file, file.removeprefix(f"{path}.")) for file in files(path)[1:])
        return [
            file
            for file, number in numbers
            if self._taken_over(number) == self.number and int(number) > self.count
        ]

    def _taken_over(self, number: str) -> int:
        """The number of the worker who has what was worker ``number``'s; 0 if that is none."""
        return (int(number) - 1) % self.count + 1 if _NUMBER.fullmatch(number) else 0

    def others(self) -> Iterator[int]:
        return (number for number in range(1, self.count + 1) if number != self.number)


def files(path: str) -> list[str]:
    """``path`` and all workers' own that there are."""
    found = glob.glob(f"{glob.escape(path)}.*")
    own = sorted(file for file in found if _NUMBER.fullmatch(file.removeprefix(f"{path}.")))
    return [path, *own]


def suffix(number: int) -> str:
    """What a worker's names end in: the first one's are those of a daemon without workers."""
    return f".{number}" if number > 1 else ""


def name(listen: str) -> str:
    """Of the daemon that listens there: one word, without what parts the fields of a record."""
    return re.sub(r"[^A-Za-z0-9.-]", "_", f"{socket.gethostname()}_{listen}")
