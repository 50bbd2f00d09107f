"""A callee who has answered and is held back before it is connected, on a socket of its own.

FreeSWITCH opens it (group_confirm, see esl.dialstring) while the other legs ring on and the
caller hears ringing. Who is still up when the socket is left, and was said to have confirmed, is
connected: no machine where none is wanted, and who was asked to confirm and did. The A-leg's Dial,
in the same daemon, offers what is to be asked under the attempt's UUID, and tells who is a
machine; a callee of whom nothing is known here (the controller was another one) is hung up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gevent.event import Event
from gevent.queue import Queue

from dialctl import verbs
from dialctl.channel import Channel
from dialctl.clock import Clock
from dialctl.customer import Customer
from dialctl.dial.model import Leg, Party
from dialctl.errors import CallGone, DialctlError, DocumentError, KeyHeard, TimeUp
from dialctl.esl import events
from dialctl.esl.dialstring import CONFIRMED_VARIABLE, MACHINE_VARIABLE
from dialctl.log import CallLog
from dialctl.model import BLeg
from dialctl.plan import (
    Conference,
    Confirm,
    Dial,
    Interview,
    Next,
    NextDocument,
    Plan,
    Record,
    RecordCall,
    Stage,
    Step,
)
from dialctl.settings import Settings
from dialctl.sounds import Sounds

NOT_CONFIRMED = "CALL_REJECTED"
# Steps of which a call has one at a time, on the caller's end.
FOR_CALLERS = (Conference, Dial, Record, RecordCall)
HOLD = 0.5  # seconds that the sound waits at most for the answer to be told


@dataclass(frozen=True)
class Question:
    """What a Dial asks one leg's callee: to ``confirm``, and with ``patience`` to be no machine.

    ``customer`` is the caller's. ``patience`` is how many seconds it may take to know what a callee
    is. ``asked`` are the channels that came to be asked: nobody else may be connected.
    """

    confirm: Confirm | Interview | None
    leg: Leg
    caller_id: str | None  # that the callee is shown; None: the caller's own
    customer: Customer
    log: CallLog
    patience: float = 0.0
    asked: set[str] = field(default_factory=set)
    _answered: dict[str, Event] = field(default_factory=dict)
    _parties: "dict[str, Party]" = field(default_factory=dict)
    _waiting: "dict[str, Queue[Any]]" = field(default_factory=dict)

    def answered(self, uuid: str) -> Event:
        """Set once the Dial has told of this channel's answer, which the sound comes after."""
        return self._answered.setdefault(uuid, Event())

    def known(self, uuid: str, party: Party) -> None:
        """The Dial knows what the party on this channel is."""
        self._parties[uuid] = party
        if uuid in self._waiting:
            self._waiting[uuid].put(party)

    def tell(self, uuid: str, inbox: "Queue[Any]") -> None:
        """Put into ``inbox`` what the party on this channel is, as soon as it is known."""
        self._waiting[uuid] = inbox
        if uuid in self._parties:
            inbox.put(self._parties[uuid])


Questions = dict[str, Question]  # by the attempt's UUID


class Callee:
    """Stands for a Call where verbs are carried out on a callee's end."""

    def __init__(
        self,
        channel: Channel,
        question: Question,
        settings: Settings,
        clock: Clock,
        sounds: Sounds,
        runs: Mapping[type[Step], verbs.Run],
    ) -> None:
        self.channel = channel
        self.settings = settings
        self.clock = clock
        self.sounds = sounds
        self.log = question.log
        b_leg = BLeg(
            question.leg.uuid,
            question.leg.label,
            question.caller_id,
            *events.dialog(channel.data),
        )
        self.customer = question.customer.of_callee(channel, b_leg)
        self._question = question
        self._runs = runs

    def run(self) -> None:
        """Ask, and let the switch know. Raises CallGone."""
        question, channel = self._question, self.channel
        question.asked.add(channel.uuid)
        question.customer.story.asks_callee(channel.uuid)
        if question.patience and self._is_machine(question.patience):
            channel.execute(("set", f"{MACHINE_VARIABLE}=true"))
            channel.hang_up(NOT_CONFIRMED)
        elif question.confirm is None or self._confirms(question.confirm):
            question.customer.story.lets_through(channel.uuid)
            channel.execute(("set", f"{CONFIRMED_VARIABLE}=true"))
        else:
            channel.hang_up(NOT_CONFIRMED)

    def hears(self, times: int) -> None:
        """As Call's: no other controller asks it again."""

    def run_step(self, step: Step) -> Next:
        self.customer.story.step(step.element, step.line, self.channel.uuid)
        return self._runs[type(step)](self, step)

    def _is_machine(self, patience: float) -> bool:
        """Wait until the Dial, which hears of this leg, knows. Who cannot be told is a person."""
        self._question.tell(self.channel.uuid, self.channel.inbox)
        until = self.clock.now() + patience
        while self.clock.now() < until:
            item = self.channel.wait_alive(until)
            if isinstance(item, Party):
                return item is Party.MACHINE
        self.log.warning("callee: it did not become known whether it is a machine")
        return False

    def _confirms(self, confirm: Confirm | Interview) -> bool:
        confirmed = self._is_confirmed(confirm)
        self.log.info("callee %s", "confirmed" if confirmed else "did not confirm")
        return confirmed

    def _is_confirmed(self, confirm: Confirm | Interview) -> bool:
        until = self.clock.now() + confirm.timeout
        self._question.answered(self.channel.uuid).wait(self.clock.real(HOLD))
        if isinstance(confirm, Interview):
            return self._is_won_over(confirm, until)
        try:
            sound = self._question.customer.sound(confirm.sound, self.channel)
        except CallGone:
            raise
        except DialctlError as error:
            self.log.error("confirmSound: %s", error)
            sound = Plan(())
        if not sound.steps:
            self.log.warning("confirmSound: there is nothing to hear")
            return not confirm.key
        return self._hear(sound, confirm.key, until)

    def _hear(self, sound: Plan, key: str, until: float) -> bool:
        """The sound to its end, or, with a key, again and again until it is pressed."""
        self.channel.deadline = until
        self.channel.hear_keys(bool(key))
        while self.clock.now() < until:
            try:
                for step in sound.steps:
                    self.run_step(step)
                if not key:
                    return self.clock.now() < until
            except KeyHeard as heard:
                self.channel.stop_sound()
                if heard.key == key:
                    return True
                self.log.info("callee pressed another key")
            except TimeUp:
                break
        return False

    def _is_won_over(self, interview: Interview, until: float) -> bool:
        """Carry out its document and those that follow; whether none of them hangs up."""
        self.channel.deadline = until
        try:
            optional = interview.may_be_empty
            return self._hears_out(
                NextDocument(interview.document, Stage.INTERVIEW, optional=optional)
            )
        except TimeUp:
            self.log.info("callee has had its time")
            self.channel.stop_sound()
        except CallGone:
            raise
        except DialctlError as error:
            self.log.error("document on the callee's end: %s", error)
        return False

    def _hears_out(self, first: NextDocument) -> bool:
        left = self.settings.limits.redirects
        steps = self._steps(first, ())
        while steps:
            following = self.run_step(steps[0])
            steps = steps[1:]
            if isinstance(following, NextDocument):
                if not left:
                    most = self.settings.limits.redirects
                    raise DocumentError(f"more than {most} documents in a row")
                left -= 1
                steps = self._steps(following, steps)
            elif following is not None:
                return False
        return True

    def _steps(self, request: NextDocument, rest: tuple[Step, ...]) -> tuple[Step, ...]:
        """Those of a document; the ``rest`` of the one that asks for it, if that is optional."""
        carried = self.customer.document(request)
        steps = self.customer.plan(carried).steps if carried else ()
        for step in steps:
            if isinstance(step, FOR_CALLERS):
                where = f"<{step.element}> may not stand in a document on a callee's end"
                raise DocumentError(where, line=step.line, element=step.element)
        return steps or (rest if request.optional else ())
