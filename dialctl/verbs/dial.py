"""Dial: ring targets, connect the first who accepts, report, and ask what comes next.

The engine decides; this file turns FreeSWITCH's events into its words and its commands into
FreeSWITCH's, and keeps its clocks.
"""

import contextlib
import uuid

from dialctl.call import Call
from dialctl.callee import NOT_CONFIRMED
from dialctl.dial import engine as dial_engine
from dialctl.dial.engine import DialEngine
from dialctl.dial.forking import rounds
from dialctl.dial.model import (
    Attempt,
    CallerGone,
    Command,
    Event,
    KeyPressed,
    KillLeg,
    LegBridged,
    LegCreated,
    ReportAnswered,
    ReportConnected,
    RingCaller,
    RingRound,
    Round,
    RoundEnded,
    StartTimer,
    StopTimer,
    TimerFired,
)
from dialctl.dial.pressed import Pressed
from dialctl.errors import CallGone
from dialctl.esl import commands, events, routing
from dialctl.esl.dialstring import (
    CONFIRM_EXTENSION,
    LEG_VARIABLE,
    bridge_variables,
    caller_name_variable,
    dial_string,
)
from dialctl.esl.frames import Headers
from dialctl.plan import Dial, Next, NextDocument

STEP = Dial


def run(call: Call, step: Dial) -> Next:
    return _Dialling(call, step).run()


def new_uuid() -> str:
    return str(uuid.uuid4())


def _filter(attempt: Attempt) -> bytes:
    if attempt.expands:
        return commands.filter_variable(LEG_VARIABLE, attempt.uuid)
    return commands.filter_uuid(attempt.uuid)


class _Dialling:
    """One Dial of one call while it lasts."""

    def __init__(self, call: Call, dial: Dial) -> None:
        self._call = call
        self._dial = dial
        call.dials += 1
        self._ordinal = call.dials
        self._timers: dict[str, float] = {}  # name -> when it fires, on the call's clock
        self._bridge_uuid = ""  # the Event-UUID of the bridge that runs
        self._question = call.question(dial.confirm) if dial.confirm else None
        self._asked: list[str] = []  # attempts whose callees are asked to confirm
        self._pressed = Pressed(dial, call.channel.uuid)
        legs = routing.legs(dial.targets, call.settings.routes, new_uuid)
        for leg in legs:
            if not leg.attempts:
                call.log.warning(
                    "line %d: <%s>: no route in routes.yaml serves %s; this leg fails",
                    dial.line,
                    dial.element,
                    leg.label,
                )
        self._engine = DialEngine(
            rounds(legs, sequential=dial.sequential), dial.ring_timeout, dial.time_limit
        )

    def run(self) -> Next:
        engine = self._engine
        if self._pressed.wanted:
            self._send(commands.events(events.KEYS))
        try:
            self._perform(engine.start())
            while not engine.done:
                for event in self._happened():
                    self._perform(self._decide(event))
        finally:
            for attempt in self._asked:
                self._call.questions.pop(attempt, None)
        if self._pressed.wanted:
            self._send(commands.no_events(events.KEYS))
        outcome = engine.outcome()
        self._call.failed_dial = None if outcome.b_leg_uuid else outcome
        self._call.log.info("Dial: %s, %s", outcome.status, outcome.cause)
        match self._call.dialect.dial_ended(self._call.view(), self._dial, self._ordinal, outcome):
            case NextDocument() as document:
                return document
            case None:
                return None
            case notice:
                self._call.tell((notice,))
                return None

    def _decide(self, event: Event | KeyPressed) -> list[Command]:
        match event:
            case KeyPressed():
                return self._pressed.pressed(event)
            case TimerFired(timer):
                return self._engine.handle(event) + self._pressed.timeout(timer)
            case LegBridged(uuid) if self._question and uuid not in self._question.asked:
                # FreeSWITCH connects whom it cannot ask (seen); we do not.
                self._call.log.error(
                    "a callee was not asked to confirm and is hung up: the dialplan has no "
                    "extension %s in context %s; see freeswitch/dialctl.xml",
                    CONFIRM_EXTENSION,
                    self._call.context,
                )
                return [KillLeg(uuid, NOT_CONFIRMED)]
            case LegCreated(uuid, attempt) if attempt and self._pressed.wanted:
                # DTMF events carry no variables: the filter on the leg's does not catch them.
                self._send(commands.filter_uuid(uuid))
        return self._engine.handle(event)

    def _happened(self) -> tuple[Event | KeyPressed, ...]:
        """Wait for the next thing that matters to the Dial."""
        due = min(self._timers.items(), key=lambda timer: timer[1], default=None)
        try:
            event = self._call.channel.wait(until=due[1] if due else None)
        except CallGone:
            # The socket has ended: nothing more will be heard of any leg.
            return CallerGone(), TimerFired(dial_engine.SETTLE)
        if event is not None:
            return self._meaning(event) if isinstance(event, Headers) else ()
        assert due is not None  # without a timer there is no timeout
        del self._timers[due[0]]
        return (TimerFired(due[0]),)

    def _meaning(self, event: Headers) -> tuple[Event | KeyPressed, ...]:
        name = event.get("Event-Name")
        if name == "DTMF":
            return (events.key_pressed(event),)
        if event.get("Unique-ID") != self._call.channel.uuid:
            leg_event = events.leg_event(event)
            return (leg_event,) if leg_event else ()
        if name == "CHANNEL_BRIDGE":
            return (events.bridged_leg(event),)
        if name == "CHANNEL_HANGUP_COMPLETE":
            return (CallerGone(),)
        if event.get("Application-UUID") == self._bridge_uuid:
            # The bridge of a caller who has just hung up ends before the caller's own event.
            if event.get("Answer-State") == "hangup":
                return (CallerGone(),)
            return (RoundEnded(event.variable("originate_disposition")),)
        return ()

    def _perform(self, commands_: list[Command]) -> None:
        for command in commands_:
            match command:
                case RingRound(round):
                    self._ring(round)
                case RingCaller():
                    self._send(commands.bgapi(f"uuid_ring_ready {self._call.channel.uuid}"))
                case KillLeg(leg_uuid, cause):
                    self._send(commands.bgapi(f"uuid_kill {leg_uuid} {cause}"))
                case StartTimer(timer, seconds):
                    self._timers[timer] = self._call.clock.now() + seconds
                case StopTimer(timer):
                    self._timers.pop(timer, None)
                case report:
                    if isinstance(report, ReportConnected):
                        # The bridge answers the A-leg, whose event may be a moment behind.
                        self._call.channel.answered = True
                        self._pressed.connected(report)
                    self._call.log.report(report)
                    self._call.tell(
                        self._call.dialect.leg_notices(
                            self._call.view(), self._dial, self._ordinal, report
                        )
                    )
                    if isinstance(report, ReportAnswered) and self._question:
                        self._question.answered(report.uuid).set()

    def _ring(self, round: Round) -> None:
        """Filters first, so that no event of a leg is missed; all in one write, one media tick."""
        dial = self._dial
        self._bridge_uuid = new_uuid()
        name = dial.caller_name or ""
        if self._question:
            attempts = [attempt.uuid for leg in round.legs for attempt in leg.attempts]
            self._asked += attempts
            self._call.questions.update(dict.fromkeys(attempts, self._question))
        patience = dial.confirm.timeout if dial.confirm else 0.0
        string = dial_string(
            round, dial.ring_timeout, dial.time_limit, patience, self._call.context
        )
        self._send(
            *(_filter(attempt) for leg in round.legs for attempt in leg.attempts),
            commands.execute("multiset", bridge_variables(dial), new_uuid()),
            commands.execute("set", caller_name_variable(name), new_uuid()),
            commands.execute("bridge", string, self._bridge_uuid),
        )
        self._call.log.info("ringing %s", ", ".join(leg.label for leg in round.legs))

    def _send(self, *lines: bytes) -> None:
        # The end of the socket is in the inbox too, and is dealt with there.
        with contextlib.suppress(CallGone):
            self._call.channel.write(*lines)
