"""Person or machine: what a callee is, by its greeting, its silence or a beep. An estimate. Pure.

    answered --> lead: nothing has been said yet --> speaking --> known
                 | a short silence: ask again
                 +-- initial_silence: SILENCE
      speaking: then ``silence``, and the greeting was short: HUMAN; it was long: MACHINE
                no ``silence`` for as long as a human's greeting and its end take: MACHINE
      a beep, at any time: MACHINE

A person says a word or two and waits for an answer; a machine talks on. When a callee begins to
speak the switch does not tell, only when it has been silent: so the time before the first word
is asked about in short pieces. Knows nothing of the engine, nor the engine of it.
"""

from dialctl.dial.heard import (
    AwaitBeep,
    BeepHeard,
    Heard,
    Listen,
    ListeningBegan,
    ListeningEnded,
    StopAwaitingBeep,
    StopListening,
)
from dialctl.dial.model import (
    Command,
    Leg,
    Party,
    Report,
    ReportAnswered,
    ReportConnected,
    ReportEnded,
    ReportParty,
    StartTimer,
    StopTimer,
)
from dialctl.settings import MachineDetection

# How exactly the beginning of a greeting is known; each piece of silence costs a command.
LEAD_SECONDS = 0.25
# The switch begins to listen within a media tick or two.
BEGIN_SECONDS = 2.0

HUNG_UP = "the callee hung up before it was known"
DEAF = "the switch does not let this leg be heard"


def longest(limits: MachineDetection) -> float:
    """Seconds after which it is known, whatever is heard."""
    spoken = LEAD_SECONDS + limits.greeting + limits.silence
    return BEGIN_SECONDS + limits.initial_silence + spoken


class _Ear:
    """At one callee."""

    def __init__(self, leg: Leg, uuid: str) -> None:
        self.leg = leg
        self.uuid = uuid
        self.timer = f"greeting {uuid}"
        self.first = 0.0  # when listening began at all, on the switch's clock; 0: not yet
        self.began = 0.0  # the piece that is being listened to
        self.listening = False


class Detection:
    """Of one Dial. ``lacking`` says what cannot be done; with ``off`` that is all of it."""

    def __init__(
        self, limits: MachineDetection, *, beep: bool = True, off: bool = False, lacking: str = ""
    ) -> None:
        self._limits = limits
        self._beep = beep
        self._off = off
        self._lacking = lacking
        self._ears: dict[str, _Ear] = {}  # of those of whom it is not known yet, by channel
        self._connected: set[str] = set()

    def reported(self, report: Report) -> list[Command]:
        """What the engine tells of a leg; to be carried out before an end, after all else."""
        match report:
            case ReportAnswered(leg, uuid):
                return self._answered(leg, uuid)
            case ReportConnected(uuid=uuid):
                self._connected.add(uuid)
            case ReportEnded(uuid=uuid) if uuid in self._ears:
                ear = self._ears.pop(uuid)
                ended = self._report(ear, Party.UNKNOWN, lacking=HUNG_UP)
                return [StopTimer(ear.timer), ended]
        return []

    def heard(self, event: Heard) -> list[Command]:
        ear = self._ears.get(event.uuid)
        if ear is None:
            return []
        match event:
            case ListeningBegan(at=at):
                return self._began(ear, at)
            case ListeningEnded(at=at, spoke=spoke):
                ear.listening = False
                return self._spoke(ear, at) if spoke else self._was_silent(ear, at)
            case BeepHeard():
                return self._known(ear, Party.MACHINE, beep=True)
            case _:  # ListeningFailed
                ear.listening = False
                return self._known(ear, Party.UNKNOWN, lacking=f"{DEAF}: {event.why}")

    def timeout(self, timer: str) -> list[Command]:
        """One of our timers, or another's, has fired."""
        for ear in self._ears.values():
            if ear.timer == timer:
                if not ear.first:
                    return self._known(ear, Party.UNKNOWN, lacking=DEAF)
                return self._known(ear, Party.MACHINE)  # it talks and talks
        return []

    def _answered(self, leg: Leg, uuid: str) -> list[Command]:
        ear = _Ear(leg, uuid)
        if self._off:
            return [self._report(ear, Party.UNKNOWN)]
        self._ears[uuid] = ear
        beep: list[Command] = [AwaitBeep(uuid)] if self._beep else []
        return [*self._listen(ear), *beep, StartTimer(ear.timer, BEGIN_SECONDS)]

    def _listen(self, ear: _Ear) -> list[Command]:
        ear.listening = True
        return [Listen(ear.uuid, LEAD_SECONDS, self._limits.silence)]

    def _began(self, ear: _Ear, at: float) -> list[Command]:
        ear.began = at
        ear.first = ear.first or at
        human = LEAD_SECONDS + self._limits.greeting + self._limits.silence
        return [StartTimer(ear.timer, human)]

    def _was_silent(self, ear: _Ear, at: float) -> list[Command]:
        if at - ear.first >= self._limits.initial_silence:
            return self._known(ear, Party.SILENCE)
        return self._listen(ear)

    def _spoke(self, ear: _Ear, at: float) -> list[Command]:
        began = ear.began + LEAD_SECONDS / 2  # somewhere in that piece
        greeting = at - self._limits.silence - began
        return self._known(ear, Party.MACHINE if greeting > self._limits.greeting else Party.HUMAN)

    def _known(
        self, ear: _Ear, party: Party, *, beep: bool = False, lacking: str = ""
    ) -> list[Command]:
        del self._ears[ear.uuid]
        stop: list[Command] = [StopTimer(ear.timer)]
        if ear.listening:
            stop.append(StopListening(ear.uuid))
        if self._beep:
            stop.append(StopAwaitingBeep(ear.uuid))
        return [*stop, self._report(ear, party, beep=beep, lacking=lacking)]

    def _report(
        self, ear: _Ear, party: Party, *, beep: bool = False, lacking: str = ""
    ) -> ReportParty:
        said = "; ".join(filter(None, (self._lacking, lacking)))
        connected = ear.uuid in self._connected
        return ReportParty(ear.leg, ear.uuid, party, beep, connected, said)
