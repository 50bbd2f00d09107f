"""A callee who has answered and is asked to confirm, on an event socket of its own.

FreeSWITCH opens it (group_confirm, see esl.dialstring) while the other legs ring on and the
caller hears ringing. Who is still up when the socket is left, and was said to have confirmed, is
connected. The A-leg's Dial, in the same daemon, offers what is to be asked under the attempt's
UUID; a callee of whom nothing is known here (the controller was another one) is hung up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gevent.event import Event

from dialctl import verbs
from dialctl.channel import Channel
from dialctl.clock import Clock
from dialctl.errors import CallGone, DialctlError, KeyHeard, TimeUp
from dialctl.esl.dialstring import CONFIRMED_VARIABLE
from dialctl.log import CallLog
from dialctl.plan import Confirm, Next, Plan, Step
from dialctl.settings import Settings

NOT_CONFIRMED = "CALL_REJECTED"
HOLD = 0.5  # seconds that the sound waits at most for the answer to be told


@dataclass(frozen=True)
class Question:
    """What a Dial asks its callees. ``sound`` fetches the document, watching the callee.

    ``asked`` are the channels that came to be asked: nobody else may be connected.
    """

    confirm: Confirm
    sound: Callable[[Channel], Plan]
    log: CallLog
    asked: set[str] = field(default_factory=set)
    _answered: dict[str, Event] = field(default_factory=dict)

    def answered(self, uuid: str) -> Event:
        """Set once the Dial has told of this channel's answer, which the sound comes after."""
        return self._answered.setdefault(uuid, Event())


Questions = dict[str, Question]  # by the attempt's UUID


class Callee:
    """Stands for a Call where verbs let somebody hear something."""

    def __init__(
        self,
        channel: Channel,
        question: Question,
        settings: Settings,
        clock: Clock,
        runs: Mapping[type[Step], verbs.Run],
    ) -> None:
        self.channel = channel
        self.settings = settings
        self.clock = clock
        self.log = question.log
        self._question = question
        self._runs = runs

    def run(self) -> None:
        """Ask, and let the switch know. Raises CallGone."""
        self._question.asked.add(self.channel.uuid)
        confirmed = self._confirms()
        self.log.info("callee %s", "confirmed" if confirmed else "did not confirm")
        if confirmed:
            self.channel.execute(("set", f"{CONFIRMED_VARIABLE}=true"))
        else:
            self.channel.hang_up(NOT_CONFIRMED)

    def run_step(self, step: Step) -> Next:
        return self._runs[type(step)](self, step)

    def _confirms(self) -> bool:
        confirm = self._question.confirm
        until = self.clock.now() + confirm.timeout
        self._question.answered(self.channel.uuid).wait(self.clock.real(HOLD))
        try:
            sound = self._question.sound(self.channel)
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
