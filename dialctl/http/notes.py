"""What came of a request, noted in the story of its call."""

from dialctl.http.attempts import Told
from dialctl.http.client import RequestFailed
from dialctl.http.outbox.schedule import Verdict
from dialctl.story.request import Request, State

BECAME = {Verdict.DELIVERED: None, Verdict.LATER: State.WAITING, Verdict.DEAD: State.DEAD}


def note(request: Request | None, told: Told, state: State | None = None) -> None:
    """``state``: what has become of it, if that is not plain from the answer."""
    if request is None:
        return
    result = told.result
    if isinstance(result, RequestFailed):
        found, size, error = State.FAILED, 0, str(result)
    else:
        found, size, error = State.ANSWERED, len(result.body), ""
    request.done(state or found, result.status, error, told.attempts, told.seconds, size)
