"""Who is alive of those who share one outbox: each holds a lock on a file of its own.

The kernel drops the lock (flock) with the process, however that ends, so that what it held can be
taken over at once. What a lock cannot tell (a process that hangs, a file system without locks) is
left to the beats in the store.
"""

import contextlib
import fcntl
import os
import secrets


class Locks:
    """Beside the file ``path``. ``owner`` is the name of this process there."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._file = -1

    def hold(self) -> None:
        """Take our own, and clear away those of the dead. OSError if that cannot be."""
        name = self._name(self.owner)
        if self._file >= 0 and not _same(name, self._file):
            self.drop()  # the folder was taken away meanwhile
        while self._file < 0:
            file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with contextlib.suppress(OSError):  # no locks here: then beats alone count
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _same(name, file):
                self._file = file
            else:
                os.close(file)  # cleared away by another one, before it was locked
        self.any_alive()

    def any_alive(self) -> bool:
        """Whether an owner but ourselves is not certainly gone."""
        folder, start = os.path.split(self._name(""))
        others = [
            entry.removeprefix(start)
            for entry in os.listdir(folder or ".")
            if entry.startswith(start)
        ]
        return not all([self.dead(other) for other in others if other != self.owner])

    def dead(self, owner: str) -> bool:
        """Whether this owner is certainly gone. Its file is removed."""
        if owner == self.owner:
            return False
        name = self._name(owner)
        try:
            file = os.open(name, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(name)
        except OSError:
            return False
        finally:
            os.close(file)
        return True

    def drop(self) -> None:
        if self._file >= 0:
            name = self._name(self.owner)
            if _same(name, self._file):
                os.unlink(name)
            os.close(self._file)
            self._file = -1

    def _name(self, owner: str) -> str:
        return f"{self._path}.owner.{owner}"


def _same(name: str, file: int) -> bool:
    try:
        return os.path.samestat(os.stat(name), os.fstat(file))
    except OSError:
        return False
