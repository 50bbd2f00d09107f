"""What a Dial's callees are, person or machine: dial.detection decides, the switch listens."""

from dialctl.call import Call
from dialctl.dial.detection import Detection, longest
from dialctl.dial.heard import AwaitBeep, Heard, Listen, Listening, StopAwaitingBeep, StopListening
from dialctl.dial.model import Command, Party, Report, ReportAnswered, ReportParty
from dialctl.ears import Ears
from dialctl.esl.hearing import BEEP_MODULE
from dialctl.plan import Dial, OnMachine

OFF = "machine detection is off"
NO_BEEPS = f"beeps are not heard: {BEEP_MODULE} is not loaded"
LATE = "its first words were not heard: another controller had the call"


class Screening:
    """Of one Dial. ``wanted``: it has to do anything at all.

    ``patience`` is how many seconds callees are held back at most until it is known what they
    are; 0: nobody is. ``prepare`` comes before anybody is rung.
    """

    def __init__(self, call: Call, dial: Dial) -> None:
        self._call = call
        self._dial = dial
        self._off = not call.settings.modules.machine_detection
        self._most = longest(call.settings.machine_detection)
        self._ears: Ears | None = None
        self._detection: Detection | None = None
        self.wanted = dial.on_machine is not None
        holds = dial.on_machine is OnMachine.HANG_UP and not self._off
        self.patience = self._most if holds else 0.0

    def prepare(self) -> None:
        """Ask the switch, once, what it can hear. Raises CallGone, SwitchError."""
        if self.wanted and self._detection is None:
            self._detection = self._detect()

    def _detect(self) -> Detection:
        limits = self._call.settings.machine_detection
        if self._off:
            self._warn(f"{OFF}: modules.machine_detection is empty in dialctl.yaml")
            return Detection(limits, off=True, lacking=OFF)
        self._ears = Ears(self._call.channel, limits.level)
        if self._ears.hear_beeps():
            return Detection(limits)
        self._warn(f"{NO_BEEPS}; load it in FreeSWITCH's modules.conf.xml")
        return Detection(limits, beep=False, lacking=NO_BEEPS)

    def _warn(self, text: str) -> None:
        self._call.log.warning("line %d: <%s>: %s", self._dial.line, self._dial.element, text)

    def reported(self, report: Report, *, late: bool) -> list[Command]:
        """``late``: it happened before this controller had the call."""
        match report:
            case ReportAnswered(leg, uuid) if late and self.wanted:
                return [ReportParty(leg, uuid, Party.UNKNOWN, lacking=LATE)]
        return self._detection.reported(report) if self._detection else []

    def heard(self, event: Heard) -> list[Command]:
        return self._detection.heard(event) if self._detection else []

    def timeout(self, timer: str) -> list[Command]:
        return self._detection.timeout(timer) if self._detection else []

    def perform(self, command: Listening) -> None:
        """Raises CallGone."""
        assert self._ears is not None  # nothing is asked for without them
        match command:
            case Listen(uuid, patience, silence):
                self._ears.listen(uuid, patience, silence, self._most)
            case StopListening(uuid):
                self._ears.stop_listening(uuid)
            case AwaitBeep(uuid):
                self._ears.await_beep(uuid)
            case StopAwaitingBeep(uuid):
                self._ears.stop_awaiting_beep(uuid)
