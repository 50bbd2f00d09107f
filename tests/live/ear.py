"""What a caller hears: recorded on its own channel, and the tones that were in it."""

import math
import struct
import wave

from support.sounds import strength

WINDOW = 0.1  # seconds
AUDIBLE = 50.0  # root mean square of 16-bit samples; comfort noise stays below


class Ear:
    """Listens from when it is made. ``heard`` may be asked once the call is over."""

    def __init__(self, switch, call, path):
        self._path = path
        switch.events.api(f"uuid_setvar {call.uuid} RECORD_READ_ONLY true")
        answer = switch.events.api(f"uuid_record {call.uuid} start {path}")
        assert answer.startswith("+OK"), answer

    def heard(self, *tones):
        """How long each of these tones was heard, in seconds; in ``""`` anything else."""
        with wave.open(str(self._path)) as file:
            rate, count = file.getframerate(), file.getnframes()
            samples = struct.unpack(f"<{count}h", file.readframes(count))
        found = dict.fromkeys((*tones, ""), 0.0)
        size = int(rate * WINDOW)
        for start in range(0, count - size + 1, size):
            piece = samples[start : start + size]
            loudness = math.sqrt(sum(sample * sample for sample in piece) / size)
            if loudness < AUDIBLE:
                continue
            present = [tone for tone in tones if strength(piece, tone / rate) > loudness / 4]
            for tone in present or [""]:
                found[tone] += WINDOW
        return found
