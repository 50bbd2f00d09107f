"""Dial: ring targets, connect the first who accepts, report, and ask what comes next.

The engine decides; this file turns FreeSWITCH's events into its words and its commands into
FreeSWITCH's, and keeps its clocks. A Dial that an earlier controller began is caught up with first:
what happened since is told to the engine from the switch's records.
"""

import contextlib
from dataclasses import replace

from dialctl import endings, music
from dialctl.asking import Asking
from dialctl.call import Call
from dialctl.callee import NOT_CONFIRMED
from dialctl.dial import engine as dial_engine
from dialctl.dial.causes import SWITCH_GONE
from dialctl.dial.engine import DialEngine
from dialctl.dial.forking import rounds
from dialctl.dial.heard import AwaitBeep, Heard, Listen, StopAwaitingBeep, StopListening
from dialctl.dial.model import (
    CallerGone,
    Command,
    Event,
    KeyPressed,
    KillLeg,
    LegBridged,
    LegCreated,
    LegEnded,
    Report,
    ReportConnected,
    ReportDigits,
    ReportEnded,
    RingCaller,
    RingRound,
    Round,
    RoundEnded,
    StartTimer,
    StopTimer,
    SwitchGone,
    TimerFired,
)
from dialctl.dial_recording import DialRecording
from dialctl.errors import CallGone, CallLost, HandedOver, Moved
from dialctl.esl import bridging, commands, events, routing
from dialctl.esl.dialstring import CONFIRM_EXTENSION, Music, leg_filter
from dialctl.esl.frames import Headers
from dialctl.model import Side
from dialctl.past import Past
from dialctl.plan import Dial, Next, NextDocument, Notice, Skip
from dialctl.progress import Progress
from dialctl.screening import Screening
from dialctl.talk import Talk

STEP = Dial


def run(call: Call, step: Dial) -> Next:
    return _Dialling(call, step).run()


def resume(call: Call, step: Dial) -> Next:
    return _Dialling(call, step, begun=call.course.progress).run()


class _Dialling:
    """One Dial of one call while it lasts."""

    def __init__(self, call: Call, dial: Dial, begun: Progress | None = None) -> None:
        self._call, self._dial = call, dial
        call.course.dials += 1
        self._ordinal = call.course.dials
        self._answers_late = call.customer.app.answer_delay
        self._begun = begun is not None  # by an earlier controller
        self._past = Past(call, begun)
        self._causes: tuple[str, ...] = ()  # that rounds have ended with
        # Seconds since 1970 of what is being caught up with; None: it happens now.
        self._now = begun.began if begun else None
        self._timers: dict[str, float] = {}  # name -> when it fires, on the call's clock
        self._bridge_uuid = ""  # the Event-UUID of the bridge that runs
        self._screening = Screening(call, dial)
        self._music: Music | None = None  # heard by the caller instead of the legs' ringing
        self._recording = DialRecording(call, dial) if dial.record else None
        self._talk = Talk(call, dial, self._ordinal, begun.matches if begun else 0)
        known = begun.endpoints if begun else ()
        hold = self._screening.patience
        legs = routing.legs(dial.targets, call.settings.routes, call.course.uuid, known, hold)
        self._asking = Asking(call, dial, legs, hold)
        self._endpoints = tuple(tuple(a.endpoint for a in leg.attempts) for leg in legs)
        call.log.unserved(dial, legs)
        self._engine = DialEngine(
            rounds(legs, sequential=dial.sequential), dial.ring_timeout, dial.time_limit
        )

    def run(self) -> Next:
        with contextlib.ExitStack() as held:
            try:
                rung = self._past.rung or self._call.observing
                self._music = held.enter_context(music.at_hand(self._call, self._dial, rung=rung))
            except (CallGone, Moved):  # while it was fetched: nobody has been rung
                self._perform(self._engine.handle(CallerGone()))
            else:
                self._ring_and_talk()
        if self._music:
            self._send(bridging.no_music())
        return self._over()

    def _ring_and_talk(self) -> None:
        self._send(*self._talk.opening())
        try:
            self._perform(self._engine.start())
            self._catch_up()
            while not self._engine.done:
                for event in self._happened():
                    self._perform(self._decide(event))
        finally:
            self._asking.close()
        self._send(*self._talk.closing())

    def _over(self) -> Next:
        call, outcome = self._call, self._engine.outcome()
        if call.observing and not call.channel.gone:
            raise HandedOver  # its dialplan is on its way to a controller
        if self._recording:
            outcome = replace(outcome, recording=self._recording.close())
        refusal = endings.refusal_of(outcome, exact=self._answers_late)
        call.course.refusal = "" if outcome.b_leg_uuid else refusal
        call.log.info("Dial: %s, %s", outcome.status, outcome.cause)
        call.metrics.dial_over(outcome.status)
        customer = call.customer
        match customer.dialect.dial_ended(customer.view(), self._dial, self._ordinal, outcome):
            case NextDocument() as document if self._talk.following is None:
                return document
            case NextDocument() as document:
                customer.tell_request(document)
            case Notice() as notice:
                customer.tell((notice,))
        if self._talk.following:
            return self._talk.following
        return Skip(self._dial.skips) if outcome.b_leg_uuid and self._dial.skips else None

    def _catch_up(self) -> None:
        """Tell the engine what happened before we had the call; what is owed of it is told too."""
        for one in self._past.happened():
            self._now = one.at
            self._perform(self._decide(one.event))
        self._now = None
        if self._past.unheard:
            self._ring(self._past.unheard, [])
        unasked = filter(self._asking.asks, self._past.unasked)
        self._perform([KillLeg(uuid, NOT_CONFIRMED) for uuid in unasked])

    def _decide(self, event: Event | KeyPressed | Heard) -> list[Command]:
        if isinstance(event, Heard):
            return self._screening.heard(event)
        self._call.story.happened(event, self._at)
        match event:
            case KeyPressed():
                return self._talk.pressed(event)
            case TimerFired(timer):
                late = self._talk.timeout(timer) + self._screening.timeout(timer)
                return self._engine.handle(event) + late
            case RoundEnded(cause):
                self._causes += (cause,)
            case LegEnded(uuid, end) if not self._asking.confirms(uuid) and end.side is Side.THEM:
                # Held back to be heard, it hung up; nobody had asked it to confirm anything.
                return self._engine.handle(LegEnded(uuid, replace(end, unconfirmed=False)))
            case LegBridged(uuid) if not self._begun and self._asking.was_not_asked(uuid):
                # FreeSWITCH connects whom it cannot ask (seen); we do not. Whom an earlier
                # controller has asked is not known here.
                self._call.log.error(
                    "a callee could not be held back and is hung up: the dialplan has no "
                    "extension %s in context %s; see freeswitch/dialctl.xml",
                    CONFIRM_EXTENSION,
                    self._call.a_leg.context,
                )
                return [KillLeg(uuid, NOT_CONFIRMED)]
            case LegCreated(uuid, attempt):
                self._call.legs.add(uuid)
                self._asking.created(uuid, attempt)
                if attempt and (self._talk.needs_keys or self._screening.wanted):
                    # Keys and beeps carry no variables: the filter on the leg's misses them.
                    self._send(commands.filter_uuid(uuid))
        return self._engine.handle(event)

    def _happened(self) -> tuple[Event | KeyPressed | Heard, ...]:
        """Wait for the next thing that matters to the Dial."""
        if moved := self._talk.moved():
            return moved
        due = min(self._timers.items(), key=lambda timer: timer[1], default=None)
        try:
            event = self._call.channel.wait(until=due[1] if due else None)
        except CallLost:
            return (SwitchGone(self._call.channel.time()),)
        except CallGone:
            # The socket has ended: nothing more will be heard of any leg.
            return CallerGone(), TimerFired(dial_engine.SETTLE)
        if isinstance(event, Headers):
            a_leg, bridge = self._call.channel.uuid, self._bridge_uuid
            happened = events.of_dial(event, a_leg, bridge, begun=self._begun)
            return self._talk.hear(event, happened)
        if event is not None:
            return self._talk.answered(event)
        assert due is not None  # without a timer there is no timeout
        del self._timers[due[0]]
        if due[0] == dial_engine.SETTLE and self._call.channel.cause == SWITCH_GONE:
            return (SwitchGone(self._call.channel.time()),)
        return (TimerFired(due[0]),)

    def _perform(self, commands_: list[Command]) -> None:
        for command in commands_:
            match command:
                case RingRound(round):
                    self._next_round(round)
                case RingCaller() if self._music:
                    pass  # he hears that instead
                case RingCaller():
                    self._send(commands.bgapi(f"uuid_ring_ready {self._call.channel.uuid}"))
                case KillLeg(leg_uuid, cause):
                    self._send(commands.bgapi(f"uuid_kill {leg_uuid} {cause}"))
                case StartTimer(timer, seconds):
                    self._timers[timer] = self._since(timer) + seconds
                case StopTimer(timer):
                    self._timers.pop(timer, None)
                case Listen() | StopListening() | AwaitBeep() | StopAwaitingBeep():
                    with contextlib.suppress(CallGone):  # as in _send
                        self._screening.perform(command)
                case ReportEnded():
                    self._screen(command)  # what it was is told before its end
                    self._report(command)
                case report:
                    self._report(report)
                    self._screen(report)

    def _screen(self, report: Report) -> None:
        self._perform(self._screening.reported(report, late=self._now is not None))

    def _report(self, report: Report) -> None:
        if isinstance(report, ReportConnected):
            # The bridge answers the A-leg, whose event may be a moment behind.
            self._call.channel.answered = True
            self._call.recordings.connected()
            self._talk.connected(report, late=self._now is not None)
        if isinstance(report, ReportDigits):
            self._call.course.advance(matches=report.ordinal)
        self._call.log.report(report)
        self._call.story.told(report, self._ordinal, self._at)
        customer = self._call.customer
        view = customer.view(at=self._now)
        customer.tell(customer.dialect.leg_notices(view, self._dial, self._ordinal, report))
        self._asking.reported(report)

    @property
    def _at(self) -> float:
        return self._call.channel.time() if self._now is None else self._now

    def _since(self, timer: str) -> float:
        """When what starts the timer happened, on the call's clock."""
        now = self._call.clock.now()
        if self._now is None or timer not in (dial_engine.RING, dial_engine.TALK):
            return now
        return now - max(0.0, self._call.channel.time() - self._now)

    def _next_round(self, round: Round) -> None:
        attempts = [attempt for leg in round.legs for attempt in leg.attempts]
        self._bridge_uuid = self._call.course.uuid("bridge", len(self._causes))
        with contextlib.suppress(CallGone):  # as in _send
            self._screening.prepare()
        filters = [leg_filter(attempt) for attempt in attempts]
        if self._past.takes(round):
            self._send(*filters)
        elif self._call.observing:
            raise HandedOver  # it is rung by whomever its dialplan brings it to
        else:
            self._ring(round, filters)

    def _ring(self, round: Round, filters: list[bytes]) -> None:
        """Filters first, so that no event of a leg is missed."""
        call, dial = self._call, self._dial
        ringing = bridging.ring(
            dial,
            round,
            call.a_leg,
            self._music,
            self._bridge_uuid,
            answer=dial.answer_first and not (call.channel.answered or self._answers_late),
            tone=not call.channel.data.variable("transfer_ringback"),
            owner=call.callees_owner,
        )
        if dial_engine.RING in self._timers:  # it rings now, whatever it follows
            self._timers[dial_engine.RING] = call.clock.now() + dial.ring_timeout
        began, endpoints = call.channel.time(), self._endpoints
        call.course.advance(rounds=self._causes, ringing=True, began=began, endpoints=endpoints)
        self._send(*filters, *ringing)
        if not (self._begun or self._causes) and self._ordinal == 1:
            call.metrics.rang_after(call.clock.now() - call.came)
        call.log.info("ringing %s", ", ".join(leg.label for leg in round.legs))

    def _send(self, *lines: bytes) -> None:
        # The end of the socket is in the inbox too, and is dealt with there.
        self._call.channel.post(*lines)
