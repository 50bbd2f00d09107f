"""Calls that are asked for: rung through FreeSWITCH's own event socket until they are answered.

    ring an endpoint -> answered: the extension dialctl-placed brings it to a controller
                     -> the network failed: the next endpoint
                     -> anything else: the end of the call, told as any call's

All that a controller must know stands in the channel's variables. If this one dies meanwhile the
switch rings on; what is answered comes to the next controller, and whoever sweeps (recovery.py)
tells the end of what is not.
"""

import logging
import uuid as uuids
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from gevent.queue import Empty, Queue

from dialctl.call import Call
from dialctl.channel import CONNECT_SECONDS, Channel
from dialctl.customer import Customer
from dialctl.dial.causes import BY_REQUEST, NETWORK_FAILURES, RING_TIMEOUT, unmade_cause
from dialctl.dial.model import Attempt, Leg
from dialctl.errors import CallGone, SwitchError
from dialctl.esl import commands, dialstring, events, records
from dialctl.esl.dialstring import OWNER_VARIABLE
from dialctl.esl.frames import Headers
from dialctl.esl.session import Disconnected, InboundSession
from dialctl.log import CallLog
from dialctl.model import ALeg, ChannelEnd, Record
from dialctl.placement import Placement, named, pack, serving
from dialctl.plan import NextDocument, Notice, Stage
from dialctl.progress import pack_caller
from dialctl.services import Services
from dialctl.settings import App

log = logging.getLogger("dialctl.control")

JOB = ("BACKGROUND_JOB",)
OVER = 2.0  # seconds until a channel's last event is there, once its job is done


@dataclass
class Ringing:
    """What is known of one endpoint that is rung."""

    live: set[str] = field(default_factory=set)  # channels
    ends: dict[str, ChannelEnd] = field(default_factory=dict)
    answered: str = ""  # the channel that did
    result: str | None = None  # of the job


class Placing:
    """One call, from the request to its answer or its end."""

    def __init__(
        self,
        services: Services,
        connect: Callable[["Queue[Any]"], InboundSession],
        begin: Callable[[None], Call],
        app: App,
        placement: Placement,
        leg: Leg,
    ) -> None:
        self.placement = placement
        self.app = app
        self.uuid = leg.uuid  # of the channel that is rung
        self.came = services.clock.wall()
        self._services = services
        self._connect = connect
        self._begin = begin
        self._attempts = leg.attempts
        self._rang = self._cancelled = False
        self._session: InboundSession | None = None
        self._now = Ringing()
        self._due = ""  # why it is given up then
        self._until = 0.0
        self.log = CallLog(logging.getLogger("dialctl.control"))

    @property
    def clock(self) -> Any:
        return self._services.clock

    def cancel(self) -> None:
        """By request."""
        self._cancelled = True
        self._kill(BY_REQUEST)

    def run(self) -> None:
        """Raises nothing."""
        end = ChannelEnd("NORMAL_TEMPORARY_FAILURE")
        try:
            for attempt in self._attempts:
                self.uuid = self.log.call_uuid = attempt.uuid
                found = self._ring(attempt)
                if found is None:
                    self.log.info("answered; it is a call now")
                    return
                end = found
                if self._cancelled or end.cause not in NETWORK_FAILURES:
                    break
                self._forget()
        except (SwitchError, CallGone, OSError) as error:
            self.log.error("the call cannot be placed: FreeSWITCH: %s", error)
        except ValueError as error:
            self.log.error("the call cannot be placed, an endpoint of routes.yaml: %s", error)
        except Exception:
            self.log.exception("a fault of dialctl's own in placing a call")
        try:
            self._tell(end)
            self._forget()
        finally:
            if self._session:
                self._session.close()

    # One endpoint.

    def _ring(self, attempt: Attempt) -> ChannelEnd | None:
        """How it ended; None when it was answered. Raises SwitchError, CallGone, OSError."""
        inbox: Queue[Any] = Queue()
        if self._session:
            self._session.close()
        self._session = session = self._connect(inbox)
        session.authenticate(CONNECT_SECONDS)
        placement, settings = self.placement, self._services.settings
        self._now, self._due = Ringing(), RING_TIMEOUT
        self._until = self.clock.now() + placement.ring_timeout
        kept = {
            records.PLACED_VARIABLE: pack(placement),
            records.CALLER_VARIABLE: pack_caller(self._a_leg(attempt.uuid)),
            OWNER_VARIABLE: self._services.owner,
            "dialctl_app": self.app.name,
        }
        context = settings.freeswitch.context
        line = dialstring.originate(
            attempt,
            kept,
            records.call_hook("${uuid}"),
            context,
            placement.ring_timeout,
            placement.time_limit,
        )
        job = str(uuids.uuid4())
        session.write(
            dialstring.leg_filter(attempt),
            commands.filter_header("Job-UUID", job),
            commands.events((*events.NAMES, *JOB)),
            commands.bgapi(line, job),
        )
        self.log.info("ringing %s for request %s", placement.called, placement.request)
        return self._watch(inbox, attempt)

    def _watch(self, inbox: "Queue[Any]", attempt: Attempt) -> ChannelEnd | None:
        now = self._now
        while not self._decided(now):
            left = max(0.0, self._until - self.clock.now())
            try:
                item = inbox.get(timeout=self.clock.real(left))
            except Empty:
                if now.result is not None or not self._due:
                    break
                self._kill(self._due)
                self._due, self._until = "", self.clock.now() + OVER
                continue
            if isinstance(item, Disconnected):
                raise CallGone(item.error or "the event socket has ended")
            self._hear(item)
        if now.answered:
            return None
        if now.ends:
            return tuple(now.ends.values())[-1]
        cause = (now.result or "").removeprefix("-ERR").strip()
        return ChannelEnd(cause if cause.isupper() else unmade_cause(attempt.endpoint))

    @staticmethod
    def _decided(now: Ringing) -> bool:
        if now.answered:
            return True
        # A result may come before the end of the channel that it is about.
        return now.result is not None and not now.live

    def _hear(self, event: Headers) -> None:
        now, uuid = self._now, event.get("Unique-ID")
        match event.get("Event-Name"):
            case "BACKGROUND_JOB":
                now.result = event.body.decode("utf-8", "replace").strip()
                self._until = self.clock.now() + OVER
            case "CHANNEL_CREATE":
                now.live.add(uuid)
                self.uuid = self.log.call_uuid = uuid
                if self._cancelled:
                    self._kill(BY_REQUEST)
            case "CHANNEL_PROGRESS" | "CHANNEL_PROGRESS_MEDIA":
                self._rings(uuid)
            case "CHANNEL_ANSWER":
                now.answered = self.uuid = uuid
            case "CHANNEL_HANGUP_COMPLETE":
                now.live.discard(uuid)
                now.ends[uuid] = events.channel_end(event)

    def _rings(self, uuid: str) -> None:
        if self._rang:
            return
        self._rang = True
        seconds, ring = self.placement.hangup_on_ring, self.placement.ring
        if seconds is not None:
            self._due, self._until = BY_REQUEST, self.clock.now() + seconds
        if ring:
            customer = self._customer(uuid)
            request = NextDocument(ring, Stage.RING)
            fields = customer.dialect.request_fields(customer.view(), request)
            customer.tell((Notice(ring, "ring", fields),))

    def _kill(self, cause: str) -> None:
        if self._session and self._session.connected:
            for channel in sorted(self._now.live):
                self._session.write(commands.api(f"uuid_kill {channel} {cause}"))

    # What is told.

    def _a_leg(self, uuid: str) -> ALeg:
        placement = self.placement
        a_leg = ALeg(
            uuid=uuid,
            caller=placement.caller,
            called=placement.called,
            caller_name=placement.caller_name,
            created=self.came,
            context=self._services.settings.freeswitch.context,
            outbound=True,
            placed=pack(placement),
        )
        return named(a_leg, placement)

    def _customer(self, uuid: str) -> Customer:
        services = self._services
        line = Channel(None, services.clock, self.log)
        app = serving(self.app, self.placement)
        a_leg = self._a_leg(uuid)
        story = services.stories.begin(a_leg, app.name, app.dialect, 0.0)
        settings, post, clock = services.settings, services.post, services.clock
        return Customer(settings, post, clock, app, a_leg, line, self.log, story)

    def _tell(self, end: ChannelEnd) -> None:
        if not end.created:
            now = self.clock.wall()
            end = replace(end, created=self.came, ended=now)
        self._begin(None).finish(self._a_leg(self.uuid), Record(self.uuid, end=end), {})

    def _forget(self) -> None:
        """What the switch keeps of channels that were not answered: it has been told."""
        if self._session and self._session.connected:
            for channel in self._now.ends:
                self._session.write(*records.forget(channel, frozenset()))
