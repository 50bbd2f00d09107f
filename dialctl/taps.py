"""While two talk: modules of the switch that stream what is said, or write it down.

A document that asks for one that the operator has not named is refused: what it is made for would
not happen.
"""

import contextlib

from dialctl.call import Call
from dialctl.dial.model import ReportConnected
from dialctl.errors import CallGone, DocumentError, SwitchError
from dialctl.esl import commands, modules
from dialctl.esl.frames import Headers
from dialctl.plan import Dial


class Taps:
    """Of one Dial, its ``ordinal``-th of the call. Raises DocumentError."""

    def __init__(self, call: Call, dial: Dial, ordinal: int) -> None:
        self._call = call
        self._dial = dial
        self._ordinal = ordinal
        self._connected: ReportConnected | None = None
        known = call.settings.modules
        self._fork, self._transcription = known.media_fork, known.transcription
        if dial.fork and not self._fork:
            raise self._lacking("streams its audio", "media_fork", "uuid_audio_fork")
        if dial.transcription and not self._transcription:
            raise self._lacking("writes it down", "transcription", "uuid_google_transcribe")

    def _lacking(self, what: str, key: str, example: str) -> DocumentError:
        dial = self._dial
        return DocumentError(
            f"<{dial.element}>: the switch has no module that {what}: modules.{key} in "
            f"dialctl.yaml is empty; it names the module's command, such as {example}",
            line=dial.line,
            element=dial.element,
        )

    def open(self, report: ReportConnected, *, late: bool) -> None:
        """``late``: they have been connected since before this controller had the call."""
        self._connected = report
        with contextlib.suppress(CallGone):  # whoever waits for the next event will see
            if self._dial.transcription:
                tells = modules.transcripts(self._transcription)
                self._call.channel.write(commands.events(tells))
            if not late:
                self._begin(report)

    def _begin(self, report: ReportConnected) -> None:
        """Raises CallGone."""
        uuid, dial = self._call.channel.uuid, self._dial
        if dial.fork:
            customer = self._call.customer
            said = dict(customer.dialect.fork_metadata(customer.view(), dial.fork))
            start = modules.start_fork(self._fork, uuid, dial.fork, said)
            self._start(self._fork, "media_fork", start)
        if dial.transcription:
            for party in (uuid, report.uuid):
                start = modules.start_transcription(self._transcription, party, dial.transcription)
                self._start(self._transcription, "transcription", start)

    def _start(self, command: str, key: str, start: bytes) -> None:
        try:
            answer = self._call.channel.ask(start).strip()
        except SwitchError as error:
            answer = f"-ERR {error}"
        if answer.startswith("-"):
            self._call.log.error(
                "%s (modules.%s in dialctl.yaml): the switch says %s", command, key, answer
            )

    def hear(self, event: Headers) -> None:
        """Tell of what has been written down, if that is what the event says."""
        dial, connected = self._dial, self._connected
        if not (dial.transcription and connected and event.get("Event-Name") == "CUSTOM"):
            return
        try:
            speech = modules.transcript(event, self._transcription)
        except ValueError as error:
            self._call.log.warning("%s: a transcript is %s", self._transcription, error)
            return
        if speech is not None:
            customer, by_caller = self._call.customer, event.get("Unique-ID") != connected.uuid
            # Its time and number name it, for its key: whoever carries the call on does not count
            # them. Two may come in one microsecond; FreeSWITCH numbers anew when it starts.
            when, number = event.get("Event-Date-Timestamp"), event.get("Event-Sequence")
            name = f"dial-{self._ordinal}-speech-{when}-{number}"
            customer.tell(
                customer.dialect.transcribed(
                    customer.view(), dial, name, connected, speech, by_caller=by_caller
                )
            )

    def closing(self) -> tuple[bytes, ...]:
        """What ends it, now that they talk no more; the callee's channel takes its own with it."""
        if not self._connected or self._call.channel.gone:
            return ()
        uuid, dial = self._call.channel.uuid, self._dial
        wanted = {self._fork: dial.fork, self._transcription: dial.transcription}
        return tuple(modules.stop(command, uuid) for command, what in wanted.items() if what)
