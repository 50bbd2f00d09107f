"""What a call tells its customer's web application, and what it asks of it."""

import copy
from dataclasses import dataclass, replace

from dialctl import dialects
from dialctl.channel import Channel
from dialctl.clock import Clock
from dialctl.documents import Documents, Worker
from dialctl.errors import FetchError
from dialctl.http.delivery import Delivery, Report
from dialctl.http.encoding import Fields
from dialctl.http.fetch import Document, Fetcher
from dialctl.log import CallLog
from dialctl.model import ALeg, BLeg, CallStatus, CallView, Transfer
from dialctl.plan import Carried, Dial, Hook, NextDocument, Notice, Plan, Stage, Step
from dialctl.settings import App, DialectLimits, Settings
from dialctl.story import Story


@dataclass(frozen=True)
class Post:
    """How all calls reach their customers."""

    fetcher: Fetcher
    delivery: Delivery


class Customer:
    """Of one call."""

    def __init__(
        self,
        settings: Settings,
        post: Post,
        clock: Clock,
        app: App,
        a_leg: ALeg,
        channel: Channel,
        log: CallLog,
        story: Story,
    ) -> None:
        self.app = app
        self.dialect = dialects.load(app.dialect)
        self.told_requests = 0  # whose answers nobody waits for, for their keys
        self.again = ""  # as Progress has it
        self.transfer: Transfer | None = None  # the same
        self._settings = settings
        self._post = post
        self._clock = clock
        self._a_leg = a_leg
        self._b_leg: BLeg | None = None
        self._channel = channel
        self._log = log
        self.story = story
        self._documents = Documents(
            post.fetcher, post.delivery, a_leg.uuid, app, self.dialect.ENCODING, story
        )

    def of_callee(self, channel: Channel, b_leg: BLeg) -> "Customer":
        """The same one, told and asked about a callee on whose end a document runs."""
        other = copy.copy(self)
        other._channel, other._b_leg, other.told_requests = channel, b_leg, 0
        return other

    # Telling.

    def tell(self, notices: tuple[Notice, ...]) -> None:
        """Send notices on their way; nothing here waits for them."""
        for notice in notices:
            self._post.delivery.deliver(
                Report(
                    call_uuid=self._a_leg.uuid,
                    url=notice.hook.url,
                    method=notice.hook.method,
                    params=notice.fields,
                    key=self._key(notice.name),
                    app=self.app.name,
                    encoding=self.dialect.ENCODING,
                )
            )

    def tell_request(self, request: NextDocument) -> None:
        """Make a request whose answer nobody waits for."""
        self.told_requests += not request.name
        name = request.name or f"request-{self.told_requests}"
        fields = self.dialect.request_fields(self.view(), request)
        whose = f"{self._b_leg.uuid}-" if self._b_leg else ""
        self.tell((Notice(request.hook, whose + name, fields),))

    def wait_written(self) -> None:
        """Wait until what has been told survives this controller."""
        self._post.delivery.wait_written(self._a_leg.uuid)

    def over(self) -> None:
        """Nobody will go on with the call, and need an answer of before."""
        self._post.delivery.over(self._a_leg.uuid)

    def _key(self, name: str) -> str:
        return "-".join(filter(None, (self._a_leg.uuid, self.again, name)))

    def view(self, *, over: bool = False, at: float | None = None) -> CallView:
        """The call as a report may tell it now, or told it when what it tells happened."""
        status = CallStatus.IN_PROGRESS if self._channel.answered else CallStatus.RINGING
        return CallView(
            a_leg=self._a_leg,
            status=CallStatus.COMPLETED if over or self._channel.gone else status,
            auth_id=self.app.auth_id,
            app=self.app.name,
            platform_name=self._settings.platform_name,
            billing_increment=self._settings.billing_increment,
            answered=self._channel.answered,
            b_leg=self._b_leg,
            transfer=self.transfer,
            at=self._clock.wall() if at is None else at,
        )

    # Asking.

    def document(self, request: NextDocument) -> Carried | None:
        """The document to go on with; None for an optional one that is not there.

        Raises FetchError, DocumentError, CallGone.
        """
        try:
            document = self._fetch(request, self._channel)
        except FetchError as error:
            if request.optional and request.stage is not Stage.INTERVIEW:
                self._log.error("%s document: %s; the call goes on", request.stage.value, error)
                return None
            if request.stage is not Stage.ANSWER or not self.app.fallback_url:
                raise
            self._log.warning("%s; the fallback_url is asked", error)
            fallback = Hook(self.app.fallback_url, self.app.fallback_method)
            document = self._fetch(replace(request, hook=fallback), self._channel)
        return self._carried(request, document)

    def asked(self, request: NextDocument) -> Worker:
        """As ``document``, but beside the call: see Documents.begin."""
        fields = self.dialect.request_fields(self.view(), request)
        return self._documents.begin(self._channel, request, fields)

    def answered(self, request: NextDocument, worker: Worker) -> Carried | None:
        """What has come of ``asked``. Raises FetchError, DocumentError."""
        return self._carried(request, self._documents.result(worker))

    def _carried(self, request: NextDocument, document: Document) -> Carried | None:
        if request.optional and self.dialect.DOCUMENTS not in document.content_type.lower():
            return None  # people acknowledge with a word, such as OK
        return Carried(request.stage, document.url, document.body)

    def plan(self, carried: Carried) -> Plan:
        """A document, read. Raises DocumentError."""
        plan = self.dialect.parse(carried.body, carried.url, self._limits)
        if self.app.refer_url:
            referral = Hook(self.app.refer_url)
            plan = replace(plan, steps=tuple(_asking(step, referral) for step in plan.steps))
        return self._warned(plan, carried.stage)

    def sound(self, hook: Hook, listener: Channel, told: Fields = ()) -> Plan:
        """What ``listener``, a callee or the caller, shall hear. Raises as the two above.

        ``told`` is what the request says beyond the call's own parameters.
        """
        document = self._fetch(NextDocument(hook, Stage.SOUND, told), listener)
        plan = self.dialect.parse_sound(document.body, document.url, self._limits)
        return self._warned(plan, Stage.SOUND)

    def _fetch(self, request: NextDocument, listener: Channel) -> Document:
        fields = self.dialect.request_fields(self.view(), request)
        key = self._key(request.name) if request.name else ""
        return self._documents.fetch(listener, request, fields, key)

    def _warned(self, plan: Plan, stage: Stage) -> Plan:
        for warning in plan.warnings:
            self._log.warning("%s document: %s", stage.value, warning)
        return plan

    @property
    def _limits(self) -> DialectLimits:
        limits: DialectLimits = getattr(self._settings.dialects, self.app.dialect)
        return limits


def _asking(step: Step, referral: Hook) -> Step:
    """A Dial that says nothing of transfers asks the app's own URL about them."""
    return replace(step, refer=step.refer or referral) if isinstance(step, Dial) else step
