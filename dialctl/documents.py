"""Asking the web application for a document while watching the channel it is for."""

from typing import TypeAlias

import gevent

from dialctl.channel import Channel
from dialctl.errors import CallGone, FetchError, Moved
from dialctl.http.delivery import Delivery, Report
from dialctl.http.encoding import Encoding, Fields
from dialctl.http.fetch import Document, Fetcher, document_of, unaskable
from dialctl.http.notes import note
from dialctl.plan import NextDocument, Stage
from dialctl.settings import App
from dialctl.story import Story
from dialctl.story.request import State

Worker: TypeAlias = "gevent.Greenlet[..., Document | Exception]"  # asks beside a call


class Documents:
    """Of one call. ``call_uuid`` is the A-leg's, for the log and the order of its reports.

    What only asks is fetched; a request that tells of something, and so has a name, goes through
    the outbox as a report does, and its answer is the document.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        delivery: Delivery,
        call_uuid: str,
        app: App,
        encoding: Encoding,
        story: Story,
    ) -> None:
        self._fetcher = fetcher
        self._delivery = delivery
        self._call_uuid = call_uuid
        self._app = app
        self._encoding = encoding
        self._story = story

    def fetch(self, channel: Channel, request: NextDocument, fields: Fields, key: str) -> Document:
        """The document. Raises FetchError, DocumentError, and CallGone when ``channel`` ends.

        ``fields`` are all that the request says, as its dialect has it; ``key``: its
        Idempotency-Key, '' for one that only asks.
        """
        worker = self.begin(channel, request, fields, key)
        channel.busy += 1  # it is not left to another controller with a request under way
        try:
            while not worker.ready():
                channel.wait_alive()
        except (CallGone, Moved):
            if request.stage is Stage.ACTION:
                worker.join()  # the application must hear how its Dial ended, exactly once
            raise
        finally:
            channel.busy -= 1
            worker.kill(block=False)
        return self.result(worker)

    def begin(
        self, channel: Channel, request: NextDocument, fields: Fields, key: str = ""
    ) -> Worker:
        """Ask beside the call. What is returned comes into the channel's inbox at the end."""
        worker = gevent.spawn(self._request, request, fields, key)
        worker.link(channel.inbox.put)
        return worker

    @staticmethod
    def result(worker: Worker) -> Document:
        """What has come of it. Raises FetchError, DocumentError."""
        if isinstance(worker.value, Document):
            return worker.value
        raise worker.value or FetchError("the request was given up")

    def _request(self, request: NextDocument, fields: Fields, key: str) -> Document | Exception:
        """Runs beside the call. An error is a result: the call raises it, not this greenlet."""
        try:
            return self._told(request, fields, key) if key else self._asked(request, fields)
        except Exception as error:
            return error

    def _asked(self, request: NextDocument, fields: Fields) -> Document:
        if request.stage in (Stage.ACTION, Stage.SOUND, Stage.INTERVIEW, Stage.TRANSFER):
            # What happened in the Dial is told before its action, an answer before its sound.
            self._delivery.wait_tried(self._call_uuid)
        else:
            self._delivery.wait_written(self._call_uuid)  # what was told first leaves first
        hook, token = request.hook, self._app.auth_token
        noted = self._story.asks(request.stage.value, hook.method, hook.url, fields)
        try:
            return self._fetcher.fetch(
                hook.url,
                hook.method,
                dict(fields),
                token,
                self._call_uuid,
                self._encoding,
                lambda told: note(noted, told),
            )
        finally:
            noted.close(State.DROPPED)

    def _told(self, request: NextDocument, fields: Fields, key: str) -> Document:
        hook = request.hook
        app, encoding = self._app.name, self._encoding
        report = Report(self._call_uuid, hook.url, hook.method, fields, key, app, encoding)
        try:
            told = self._delivery.ask(report)
            return document_of(told, hook.url)
        except ValueError as error:
            raise unaskable(error) from None
