"""One call from connect to goodbye: the only place where deciding meets doing.

    connect -> app -> document -> steps -> the next document ... -> goodbye

One greenlet carries a call. Two loops and no others: documents here, events in the Dial.
"""

import contextlib
import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace

import gevent

from dialctl import apps, dialects, verbs
from dialctl.callee import NOT_CONFIRMED, Callee, Question, Questions
from dialctl.channel import Channel
from dialctl.clock import Clock
from dialctl.dial.model import Outcome
from dialctl.documents import Documents
from dialctl.errors import CallGone, DialctlError, DocumentError, FetchError, SwitchError
from dialctl.esl import commands
from dialctl.http.delivery import Delivery, Report
from dialctl.http.fetch import Document, Fetcher
from dialctl.log import CallLog
from dialctl.model import ALeg, CallStatus, CallView, ChannelEnd, Ending, EndReason, Side
from dialctl.plan import Confirm, EndCall, Hook, Next, NextDocument, Notice, Plan, Stage, Step
from dialctl.settings import App, DialectLimits, Settings

# An unanswered caller is refused with the SIP code of the cause: mod_sofia maps it (sofia_glue.c).
NO_APP = "NO_ROUTE_DESTINATION"  # 404
FAULT = "NORMAL_TEMPORARY_FAILURE"  # 503: the web application's, the document's or ours
# Causes of a failed Dial whose own SIP codes would say something else to the caller.
REFUSALS = {
    "GATEWAY_DOWN": FAULT,
    "INVALID_GATEWAY": FAULT,  # 484 would blame the number
    "INVALID_PROFILE": FAULT,
    "NO_USER_RESPONSE": "NO_ANSWER",  # 480, as the callee's side said, for 408
}


@dataclass(frozen=True)
class Services:
    """What every call shares."""

    settings: Settings
    fetcher: Fetcher
    delivery: Delivery
    clock: Clock
    verbs: Mapping[type[Step], verbs.Run]
    questions: Questions  # to callees who are asked to confirm


class Call:
    """Made for one connection of the switch's; ``run`` returns when the call is over."""

    def __init__(self, sock: socket.socket, services: Services) -> None:
        self.settings = services.settings
        self.clock = services.clock
        self.log = CallLog(logging.getLogger("dialctl.call"))
        self.channel = Channel(sock, services.clock, self.log)
        self.dialect: dialects.Dialect
        self.dials = 0  # how many Dials have begun
        self.failed_dial: Outcome | None = None  # the last one, if nobody was connected
        self.scheduled = False  # a step has asked for a hangup at a later time
        self._hangup_timer: gevent.Greenlet[..., None] | None = None
        self._requests = 0  # told without waiting for their answer, for their keys
        self._services = services
        self._a_leg: ALeg
        self._app: App

    def run(self) -> None:
        """The call, start to finish. Raises nothing."""
        try:
            self._a_leg = self.channel.connect()
            if self._a_leg.confirms:
                self._ask(self._a_leg.confirms)
            elif self._begin():
                ending, cause = self._carry_out()
                self._goodbye(ending, cause)
            else:
                self.channel.hang_up(NO_APP)
        except CallGone:
            self.log.info("the caller left before the call began")
        except SwitchError as error:
            self.log.error("the switch: %s", error)
        except Exception:
            self.log.exception("a fault of dialctl's own; the call is left to the switch")
        finally:
            self._unschedule()
            self.channel.close()

    def refuse(self, cause: str) -> None:
        """Turn the call away at once, but no callee of a call that is up. Raises nothing."""
        try:
            a_leg = self.channel.connect()
            self.log.call_uuid = a_leg.uuid
            if a_leg.confirms:
                self._ask(a_leg.confirms)
            else:
                self.channel.hang_up(cause)
        except (CallGone, SwitchError) as error:
            self.log.info("refused, and gone: %s", error)
        finally:
            self.channel.close()

    def _ask(self, attempt_uuid: str) -> None:
        """This is no caller but a callee, who is asked to confirm."""
        question = self._services.questions.get(attempt_uuid)
        if question is None:
            self.log.warning("a callee to be asked of whom nothing is known here is hung up")
            self.channel.hang_up(NOT_CONFIRMED)
            return
        runs = self._services.verbs
        with contextlib.suppress(CallGone):  # its end is told by the Dial that asked
            Callee(self.channel, question, self.settings, self.clock, runs).run()

    def question(self, confirm: Confirm) -> Question:
        """What callees are asked; ``questions`` tells the server's sockets of it."""
        return Question(confirm, lambda callee: self.sound(confirm.sound, callee), self.log)

    @property
    def questions(self) -> Questions:
        return self._services.questions

    @property
    def context(self) -> str:
        """The dialplan context that the call came in by."""
        return self._a_leg.context

    def _begin(self) -> bool:
        """Whose call is it? False when no app takes it."""
        a_leg = self._a_leg
        self.log.call_uuid = a_leg.uuid
        app = apps.choose(self.settings.apps, a_leg.called, a_leg.app)
        if app is None:
            named = f" (dialctl_app={a_leg.app})" if a_leg.app else ""
            self.log.warning(
                "from %s to %s: no app in apps.yaml takes it%s", a_leg.caller, a_leg.called, named
            )
            return False
        self.log.info("from %s to %s, app %s", a_leg.caller, a_leg.called, app.name)
        self._app, self.dialect = app, dialects.load(app.dialect)
        self._documents = Documents(
            self._services.fetcher, self._services.delivery, a_leg.uuid, app.auth_token
        )
        return True

    def _carry_out(self) -> tuple[Ending, str]:
        """Run documents until there is none left; why it ended, and the cause to hang up with."""
        request = NextDocument(Hook(self._app.answer_url, self._app.answer_method), Stage.ANSWER)
        try:
            for _ in range(self.settings.limits.redirects + 1):
                match self._run_plan(self._plan(request)):
                    case NextDocument() as following:
                        request = following
                    case EndCall(cause):
                        return Ending(EndReason.HANGUP_STEP), cause
                    case None:
                        return Ending(EndReason.END_OF_DOCUMENT), self._refusal()
            raise DocumentError(f"more than {self.settings.limits.redirects} documents in a row")
        except CallGone:
            return Ending(EndReason.CALLER), ""
        except DialctlError as error:
            return self._failed(error, request.stage), FAULT
        except Exception as error:
            self.log.exception("a fault of dialctl's own; the call is ended")
            return Ending(EndReason.OURS, message=repr(error)), FAULT

    def _run_plan(self, plan: Plan) -> Next:
        for step in plan.steps:
            following = self.run_step(step)
            if following is not None:
                return following
        self.channel.require_alive()
        return None

    def run_step(self, step: Step) -> Next:
        """Carry one step out. Raises CallGone."""
        self.channel.require_alive()
        self.log.debug("line %d: <%s>", step.line, step.element)
        return self._services.verbs[type(step)](self, step)

    def hang_up_after(self, seconds: float, cause: str) -> None:
        """End the call later, whatever it does then; a later wish takes an earlier one's place."""
        self._unschedule()
        self.scheduled = True
        timer = gevent.spawn_later(self.clock.real(seconds), self._hang_up_now, cause)
        self._hangup_timer = timer

    def _hang_up_now(self, cause: str) -> None:
        with contextlib.suppress(CallGone):
            self.channel.write(commands.hangup(cause))

    def _unschedule(self) -> None:
        if self._hangup_timer is not None:
            self._hangup_timer.kill(block=False)

    def _refusal(self) -> str:
        """Why an unanswered caller is turned away at the end of the document: as the Dial was."""
        if self.failed_dial is None or self.channel.answered:
            return "NORMAL_CLEARING"
        return REFUSALS.get(self.failed_dial.cause, self.failed_dial.cause)

    def _failed(self, error: DialctlError, stage: Stage) -> Ending:
        self.log.error("%s document of app %s: %s", stage.value, self._app.name, error)
        fault = error.fault if isinstance(error, DocumentError) else ""
        reason = EndReason.UNREACHABLE if isinstance(error, FetchError) else EndReason.BAD_DOCUMENT
        return Ending(reason, stage.value, fault, str(error))

    def _goodbye(self, ending: Ending, cause: str) -> None:
        """Hang up if need be, and tell the customer how it ended."""
        if self.channel.end is None and not self.channel.lost:
            self.channel.hang_up(cause)
        end, reason = self.channel.end, ending.reason
        if end is None:
            self.log.error("the event socket has ended without the end of the call")
            end = ChannelEnd("NETWORK_OUT_OF_ORDER")
            ending = Ending(EndReason.SWITCH)
        elif end.side is Side.THEM and reason in (EndReason.END_OF_DOCUMENT, EndReason.HANGUP_STEP):
            ending = Ending(EndReason.CALLER)  # by a hair
        elif end.side is Side.US and reason is EndReason.CALLER:
            # Our own timer, or somebody at the switch.
            ending = Ending(EndReason.HANGUP_STEP if self.scheduled else EndReason.SWITCH)
        self.tell(self.dialect.call_notices(self.view(over=True), self._app, ending, end))
        self.log.info("over: %s, %s, %d ms answered", ending.reason.value, end.cause, end.billmsec)

    # Telling and asking the customer.

    def tell(self, notices: tuple[Notice, ...]) -> None:
        """Send notices on their way; nothing here waits for them."""
        for notice in notices:
            self._services.delivery.deliver(
                Report(
                    call_uuid=self.channel.uuid,
                    url=notice.hook.url,
                    method=notice.hook.method,
                    params=notice.fields,
                    key=f"{self.channel.uuid}-{notice.name}",
                    auth_token=self._app.auth_token,
                )
            )

    def tell_request(self, request: NextDocument) -> None:
        """Make a request whose answer nobody waits for."""
        self._requests += 1
        fields = self.dialect.request_fields(self.view(), request)
        self.tell((Notice(request.hook, f"request-{self._requests}", fields),))

    def view(self, *, over: bool = False) -> CallView:
        """The call as a report may tell it now."""
        status = CallStatus.IN_PROGRESS if self.channel.answered else CallStatus.RINGING
        return CallView(
            a_leg=self._a_leg,
            status=CallStatus.COMPLETED if over or self.channel.gone else status,
            auth_id=self._app.auth_id,
            platform_name=self.settings.platform_name,
            billing_increment=self.settings.billing_increment,
        )

    def _plan(self, request: NextDocument) -> Plan:
        """Raises FetchError, DocumentError, CallGone."""
        try:
            document = self._fetch(request)
        except FetchError as error:
            if request.stage is not Stage.ANSWER or not self._app.fallback_url:
                raise
            self.log.warning("%s; the fallback_url is asked", error)
            fallback = Hook(self._app.fallback_url, self._app.fallback_method)
            document = self._fetch(replace(request, hook=fallback))
        plan = self.dialect.parse(document.body, document.url, self._limits)
        for warning in plan.warnings:
            self.log.warning("%s document: %s", request.stage.value, warning)
        return plan

    def _fetch(self, request: NextDocument) -> Document:
        fields = self.dialect.request_fields(self.view(), request)
        return self._documents.fetch(self.channel, request, fields)

    def sound(self, hook: Hook, listener: Channel) -> Plan:
        """What ``listener``, a callee or the caller, shall hear. Raises as ``_plan``."""
        request = NextDocument(hook, Stage.SOUND)
        fields = self.dialect.request_fields(self.view(), request)
        document = self._documents.fetch(listener, request, fields)
        plan = self.dialect.parse_sound(document.body, document.url, self._limits)
        for warning in plan.warnings:
            self.log.warning("%s document: %s", Stage.SOUND.value, warning)
        return plan

    @property
    def _limits(self) -> DialectLimits:
        limits: DialectLimits = getattr(self.settings.dialects, self._app.dialect)
        return limits
