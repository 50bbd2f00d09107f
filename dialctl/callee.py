"""A callee who has answered and is held back before it is connected, on a socket of its own.

FreeSWITCH opens it (group_confirm, see esl.dialstring) while the other legs ring on and the
caller hears ringing. Who is still up when the socket is left, and was said to have confirmed, is
connected: no machine where none is wanted, and who was asked to confirm and did. The A-leg's Dial,
in the same daemon, offers what is to be asked under the attempt's UUID, and tells who is a
machine; a callee of whom nothing is known here (the controller was another one) is hung up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gevent.event import Event
from gevent.queue import Queue

from dialctl import verbs
from dialctl.channel import Channel
from dialctl.clock import Clock
from dialctl.dial.model import Party
from dialctl.errors import CallGone, DialctlError, KeyHeard, TimeUp
from dialctl.esl.dialstring import CONFIRMED_VARIABLE, MACHINE_VARIABLE
from dialctl.log import CallLog
from dialctl.plan import Confirm, Hook, Next, Plan, Step
from dialctl.settings import Settings
from dialctl.sounds import Sounds

NOT_CONFIRMED = "CALL_REJECTED"
HOLD = 0.5  # seconds that the sound waits at most for the answer to be told


@dataclass(frozen=True)
class Question:
    """What a Dial asks of its callees: to ``confirm``, and with ``patience`` to be no machine.

    ``sound`` fetches the document, watching the callee. ``patience`` is how many seconds it may
    take to know what a callee is. ``asked`` are the channels that came to be asked: nobody else
    may be connected.
    """

    confirm: Confirm | None
    sound: Callable[[Hook, Channel], Plan]
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
    """Stands for a Call where verbs let somebody hear something."""

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
        self._question = question
        self._runs = runs

    def run(self) -> None:
        """Ask, and let the switch know. Raises CallGone."""
        question, channel = self._question, self.channel
        question.asked.add(channel.uuid)
        if question.patience and self._is_machine(question.patience):
            channel.execute(("set", f"{MACHINE_VARIABLE}=true"))
            channel.hang_up(NOT_CONFIRMED)
        elif question.confirm is None or self._confirms(question.confirm):
            channel.execute(("set", f"{CONFIRMED_VARIABLE}=true"))
        else:
            channel.hang_up(NOT_CONFIRMED)

    def hears(self, times: int) -> None:
        """As Call's: no other controller asks it again."""

    def run_step(self, step: Step) -> Next:
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

    def _confirms(self, confirm: Confirm) -> bool:
        confirmed = self._is_confirmed(confirm)
        self.log.info("callee %s", "confirmed" if confirmed else "did not confirm")
        return confirmed

    def _is_confirmed(self, confirm: Confirm) -> bool:
        until = self.clock.now() + confirm.timeout
        self._question.answered(self.channel.uuid).wait(self.clock.real(HOLD))
        try:
            sound = self._question.sound(confirm.sound, self.channel)
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
