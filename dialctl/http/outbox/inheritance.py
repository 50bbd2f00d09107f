"""What waits in the outbox of a worker that there is no more: it moves into another one's."""

import contextlib
import os

from dialctl.http.outbox.owners import Locks
from dialctl.http.outbox.sqlite import SqliteStore


def inherit(store: SqliteStore, path: str, now: float) -> int | None:
    """Move all that is in the file ``path`` into ``store``, and remove it; how many rows wait.

    None: somebody uses it. Raises StoreError, OSError.
    """
    locks = Locks(path)
    if locks.any_alive():
        return None
    other = SqliteStore(path, "", locks, create=False)
    try:
        with other.transaction():
            other.bury(other.time(), 0.0)
            waiting, then = other.waiting(), other.time()
        with store.transaction():
            store.take_over(other, now - then)
    finally:
        other.close()
    for end in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{path}{end}")
    return waiting
