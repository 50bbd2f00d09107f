"""What a call that waits for an answer is given: that of now, or the one that was kept."""

from gevent.event import AsyncResult

from dialctl.http.attempts import Told
from dialctl.http.client import Answer, RequestFailed
from dialctl.http.outbox.store import Added, Entry, Reply


class Asker:
    """A call that waits for its answer."""

    def __init__(self) -> None:
        self._answer: AsyncResult[Told | None] = AsyncResult()

    def give(self, told: Told | None) -> None:
        self._answer.set(told)

    def wait(self) -> Told | None:
        return self._answer.get()


def give(askers: list[Asker], told: Told | None) -> None:
    for asker in askers:
        asker.give(told)


def kept(added: Added) -> Told:
    """What became of a request that is settled."""
    reply = added.reply
    if reply is not None:
        return Told(Answer(reply.status, reply.content_type, reply.body, reply.url))
    if added.row is None:
        return Told(RequestFailed("was told already, and its answer is not known any more"))
    return Told(RequestFailed(added.row.entry.error))


def to_keep(entry: Entry, told: Told) -> Reply | None:
    """What a resumed call would need of an answer; None of what no call waited for."""
    result = told.result
    if not entry.asked or isinstance(result, RequestFailed):
        return None
    return Reply(result.status, result.content_type, result.body, result.url)
