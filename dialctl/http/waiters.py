"""Who waits until the reports of a call have got somewhere."""

from collections.abc import Callable

from gevent.event import Event

from dialctl.clock import Clock
from dialctl.http.ledger import Owed

Ready = Callable[[Owed], bool]


class Waiters:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.waiting: dict[str, list[tuple[list[Owed], Ready, Event]]] = {}  # by the call's UUID

    def wait(self, call_uuid: str, owed: list[Owed], ready: Ready, timeout: float) -> None:
        """Until all of ``owed`` are ``ready``, at most ``timeout`` seconds."""
        if all(map(ready, owed)):
            return
        waiter = (owed, ready, Event())
        self.waiting.setdefault(call_uuid, []).append(waiter)
        try:
            waiter[2].wait(self._clock.real(timeout))
        finally:
            self.waiting[call_uuid].remove(waiter)
            if not self.waiting[call_uuid]:
                del self.waiting[call_uuid]

    def moved(self, call_uuid: str) -> None:
        """Something of this call has changed."""
        for owed, ready, event in self.waiting.get(call_uuid, ()):
            if all(map(ready, owed)):
                event.set()
