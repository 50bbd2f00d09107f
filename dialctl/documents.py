"""Asking the web application for a document while watching the channel it is for."""

import gevent

from dialctl.channel import Channel
from dialctl.errors import CallGone, FetchError
from dialctl.http.delivery import Delivery
from dialctl.http.fetch import Document, Fetcher
from dialctl.plan import NextDocument, Stage

Fields = tuple[tuple[str, str], ...]


class Documents:
    """Of one call. ``call_uuid`` is the A-leg's, for the log and the order of its reports."""

    def __init__(
        self, fetcher: Fetcher, delivery: Delivery, call_uuid: str, auth_token: str
    ) -> None:
        self._fetcher = fetcher
        self._delivery = delivery
        self._call_uuid = call_uuid
        self._auth_token = auth_token

    def fetch(self, channel: Channel, request: NextDocument, fields: Fields) -> Document:
        """The document. Raises FetchError, DocumentError, and CallGone when ``channel`` ends.

        ``fields`` are all that the request says, as its dialect has it.
        """
        worker = gevent.spawn(self._request, request, fields)
        worker.link(channel.inbox.put)
        channel.busy += 1  # it is not left to another controller with a request under way
        try:
            while not worker.ready():
                channel.wait_alive()
        except CallGone:
            if request.stage is Stage.ACTION:
                worker.join()  # the application must hear how its Dial ended, exactly once
            raise
        finally:
            channel.busy -= 1
            worker.kill(block=False)
        if isinstance(worker.value, Document):
            return worker.value
        raise worker.value or FetchError("the request was given up")

    def _request(self, request: NextDocument, fields: Fields) -> Document | Exception:
        """Runs beside the call. An error is a result: the call raises it, not this greenlet."""
        if request.stage in (Stage.ACTION, Stage.SOUND):
            # What happened in the Dial is told before its action, an answer before its sound.
            self._delivery.wait_tried(self._call_uuid)
        try:
            return self._fetcher.fetch(
                request.hook.url,
                request.hook.method,
                dict(fields),
                auth_token=self._auth_token,
                call_uuid=self._call_uuid,
                key=f"{self._call_uuid}-{request.name}" if request.name else "",
            )
        except Exception as error:
            return error
