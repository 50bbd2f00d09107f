"""Dial: ring targets, connect the first who accepts, report, and ask what comes next.

The engine decides; this file turns FreeSWITCH's events into its words and its commands into
FreeSWITCH's, and keeps its clocks. A Dial that an earlier controller began is caught up with first:
what happened since is told to the engine from the switch's records.
"""

import contextlib
from dataclasses import replace

from dialctl import music
from dialctl.call import Call
from dialctl.callee import NOT_CONFIRMED, Question
from dialctl.dial import engine as dial_engine
from dialctl.dial.causes import SWITCH_GONE
from dialctl.dial.engine import DialEngine
from dialctl.dial.forking import rounds
from dialctl.dial.model import (
    AwaitBeep,
    CallerGone,
    Command,
    Event,
    Heard,
    KeyPressed,
    KillLeg,
    LegBridged,
    LegCreated,
    LegEnded,
    Listen,
    Report,
    ReportAnswered,
    ReportConnected,
    ReportDigits,
    ReportEnded,
    ReportParty,
    RingCaller,
    RingRound,
    Round,
    RoundEnded,
    StartTimer,
    StopAwaitingBeep,
    StopListening,
    StopTimer,
    SwitchGone,
    TimerFired,
)
from dialctl.dial.pressed import Pressed
from dialctl.errors import CallGone, CallLost, HandedOver
from dialctl.esl import bridging, commands, events, routing
from dialctl.esl.dialstring import CONFIRM_EXTENSION, Music, leg_filter
from dialctl.esl.frames import Headers
from dialctl.model import Side
from dialctl.past import Past
from dialctl.plan import Dial, Next, NextDocument
from dialctl.progress import Progress
from dialctl.screening import Screening
from dialctl.taps import Taps

STEP = Dial


def run(call: Call, step: Dial) -> Next:
    return _Dialling(call, step).run()


def resume(call: Call, step: Dial) -> Next:
    return _Dialling(call, step, begun=call.course.progress).run()


class _Dialling:
    """One Dial of one call while it lasts."""

    def __init__(self, call: Call, dial: Dial, begun: Progress | None = None) -> None:
        self._call = call
        self._dial = dial
        call.course.dials += 1
        self._ordinal = call.course.dials
        self._begun = begun is not None  # by an earlier controller
        self._past = Past(call, begun)
        self._causes: tuple[str, ...] = ()  # that rounds have ended with
        # Seconds since 1970 of what is being caught up with; None: it happens now.
        self._now = begun.began if begun else None
        self._timers: dict[str, float] = {}  # name -> when it fires, on the call's clock
        self._bridge_uuid = ""  # the Event-UUID of the bridge that runs
        self._screening = Screening(call, dial)
        holds = dial.confirm or self._screening.patience
        self._question = call.question(dial.confirm, self._screening.patience) if holds else None
        self._asked: list[str] = []  # attempts whose callees are held back until they are let in
        self._music: Music | None = None  # heard by the caller instead of the legs' ringing
        self._pressed = Pressed(dial, call.channel.uuid, begun.matches if begun else 0)
        self._taps = Taps(call, dial, self._ordinal)
        known = begun.endpoints if begun else ()
        legs = routing.legs(dial.targets, call.settings.routes, call.course.uuid, known)
        self._endpoints = tuple(tuple(a.endpoint for a in leg.attempts) for leg in legs)
        call.log.unserved(dial, legs)
        self._engine = DialEngine(
            rounds(legs, sequential=dial.sequential), dial.ring_timeout, dial.time_limit
        )

    def run(self) -> Next:
        with contextlib.ExitStack() as held:
            try:
                rung = self._past.rung or self._call.observing
                at_hand = music.at_hand(self._call, self._dial, rung=rung)
                self._music = held.enter_context(at_hand)
            except CallGone:  # while it was fetched: nobody has been rung
                self._perform(self._engine.handle(CallerGone()))
            else:
                self._ring_and_talk()
        if self._music:
            self._send(bridging.no_music())
        return self._over()

    def _ring_and_talk(self) -> None:
        engine = self._engine
        if self._pressed.wanted:
            self._send(commands.events(events.KEYS))
        try:
            self._perform(engine.start())
            self._catch_up()
            while not engine.done:
                for event in self._happened():
                    self._perform(self._decide(event))
        finally:
            for attempt in self._asked:
                if self._call.questions.get(attempt) is self._question:
                    del self._call.questions[attempt]
        self._send(*self._taps.closing())
        if self._pressed.wanted:
            self._send(commands.no_events(events.KEYS))

    def _over(self) -> Next:
        call, outcome = self._call, self._engine.outcome()
        if call.observing and not call.channel.gone:
            raise HandedOver  # its dialplan is on its way to a controller
        call.course.refusal = "" if outcome.b_leg_uuid else outcome.cause
        call.log.info("Dial: %s, %s", outcome.status, outcome.cause)
        customer = call.customer
        match customer.dialect.dial_ended(customer.view(), self._dial, self._ordinal, outcome):
            case NextDocument() as document:
                return document
            case None:
                return None
            case notice:
                customer.tell((notice,))
                return None

    def _catch_up(self) -> None:
        """Tell the engine what happened before we had the call; what is owed of it is told too."""
        for one in self._past.happened():
            self._now = one.at
            self._perform(self._decide(one.event))
        self._now = None
        if self._past.unheard:
            self._ring(self._past.unheard, [])
        if self._question:
            self._perform([KillLeg(uuid, NOT_CONFIRMED) for uuid in self._past.unasked])

    def _decide(self, event: Event | KeyPressed | Heard) -> list[Command]:
        if isinstance(event, Heard):
            return self._screening.heard(event)
        match event:
            case KeyPressed():
                return self._pressed.pressed(event)
            case TimerFired(timer):
                late = self._pressed.timeout(timer) + self._screening.timeout(timer)
                return self._engine.handle(event) + late
            case RoundEnded(cause):
                self._causes += (cause,)
            case LegEnded(uuid, end) if not self._dial.confirm and end.side is Side.THEM:
                # Held back to be heard, it hung up; nobody had asked it to confirm anything.
                return self._engine.handle(LegEnded(uuid, replace(end, unconfirmed=False)))
            case LegBridged(uuid) if self._unasked(uuid):
                # FreeSWITCH connects whom it cannot ask (seen); we do not.
                self._call.log.error(
                    "a callee could not be held back and is hung up: the dialplan has no "
                    "extension %s in context %s; see freeswitch/dialctl.xml",
                    CONFIRM_EXTENSION,
                    self._call.a_leg.context,
                )
                return [KillLeg(uuid, NOT_CONFIRMED)]
            case LegCreated(uuid, attempt):
                self._call.legs.add(uuid)
                if attempt and (self._pressed.wanted or self._screening.wanted):
                    # Keys and beeps carry no variables: the filter on the leg's misses them.
                    self._send(commands.filter_uuid(uuid))
        return self._engine.handle(event)

    def _unasked(self, uuid: str) -> bool:
        # Whom an earlier controller has asked is not known here.
        return bool(self._question and not self._begun and uuid not in self._question.asked)

    def _happened(self) -> tuple[Event | KeyPressed | Heard, ...]:
        """Wait for the next thing that matters to the Dial."""
        due = min(self._timers.items(), key=lambda timer: timer[1], default=None)
        try:
            event = self._call.channel.wait(until=due[1] if due else None)
        except CallLost:
            return (SwitchGone(self._call.channel.time()),)
        except CallGone:
            # The socket has ended: nothing more will be heard of any leg.
            return CallerGone(), TimerFired(dial_engine.SETTLE)
        if isinstance(event, Headers):
            self._taps.hear(event)
            a_leg, bridge = self._call.channel.uuid, self._bridge_uuid
            return events.of_dial(event, a_leg, bridge, begun=self._begun)
        if event is not None:
            return ()
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
            self._pressed.connected(report)
            self._taps.open(report, late=self._now is not None)
        if isinstance(report, ReportDigits):
            self._call.course.advance(matches=report.ordinal)
        self._call.log.report(report)
        customer = self._call.customer
        view = customer.view()
        customer.tell(customer.dialect.leg_notices(view, self._dial, self._ordinal, report))
        match report, self._question:
            case ReportAnswered(uuid=leg_uuid), Question() as question:
                question.answered(leg_uuid).set()
            case ReportParty(uuid=leg_uuid, party=party), Question() as question:
                question.known(leg_uuid, party)

    def _since(self, timer: str) -> float:
        """When what starts the timer happened, on the call's clock."""
        now = self._call.clock.now()
        if self._now is None or timer not in (dial_engine.RING, dial_engine.TALK):
            return now
        return now - max(0.0, self._call.channel.time() - self._now)

    def _next_round(self, round: Round) -> None:
        attempts = [attempt for leg in round.legs for attempt in leg.attempts]
        self._bridge_uuid = self._call.course.uuid("bridge", len(self._causes))
        if self._question:
            uuids = [attempt.uuid for attempt in attempts]
            self._asked += uuids
            self._call.questions.update(dict.fromkeys(uuids, self._question))
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
        patience = self._screening.patience + (dial.confirm.timeout if dial.confirm else 0.0)
        ringing = bridging.ring(dial, round, call.a_leg, patience, self._music, self._bridge_uuid)
        if dial_engine.RING in self._timers:  # it rings now, whatever it follows
            self._timers[dial_engine.RING] = call.clock.now() + dial.ring_timeout
        began, endpoints = call.channel.time(), self._endpoints
        call.course.advance(rounds=self._causes, ringing=True, began=began, endpoints=endpoints)
        self._send(*filters, *ringing)
        call.log.info("ringing %s", ", ".join(leg.label for leg in round.legs))

    def _send(self, *lines: bytes) -> None:
        # The end of the socket is in the inbox too, and is dealt with there.
        self._call.channel.post(*lines)
