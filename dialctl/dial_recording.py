"""What is said in a Dial, recorded from the connection to its end. The switch writes the file."""

import math
from typing import TYPE_CHECKING

from dialctl.esl.commands import BACKSTOP_SECONDS
from dialctl.plan import Dial, RecordCall

if TYPE_CHECKING:
    from dialctl.call import Call


class DialRecording:
    """Of one Dial; also of one that an earlier controller had begun to record."""

    def __init__(self, call: "Call", dial: Dial) -> None:
        """Raises CallGone."""
        self._recordings = call.recordings
        step = RecordCall(
            line=dial.line,
            element=dial.element,
            action=None,
            on_connection=True,
            max_length=math.ceil(dial.time_limit) + BACKSTOP_SECONDS,
            stereo=False,
            format="wav",
        )
        self._recording = self._recordings.begun(dial) or self._recordings.record_call(step)

    def close(self) -> str:
        """The Dial is over: the URL, '' if there was nothing to record. Raises nothing."""
        recording = self._recording
        if recording is None:
            return ""
        if not recording.tape.started:
            self._recordings.drop(recording)
            return ""
        if not recording.over:
            self._recordings.finish(recording)
        return recording.tape.url if recording.milliseconds else ""
