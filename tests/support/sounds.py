"""Sounds for tests to play, and what was heard of them."""

import io
import math
import struct
import wave
from pathlib import Path

MP3 = (Path(__file__).parent / "tone.mp3").read_bytes()  # 1.4 s, most of it 440 Hz
_LOUD = 150  # half an amplitude; more is no noise


def wav(seconds, hertz=0, rate=8000):
    """A wave file: a tone, or silence."""
    count = round(seconds * rate)
    samples = (round(8000 * math.sin(2 * math.pi * hertz * i / rate)) for i in range(count))
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{count}h", *samples))
    return data.getvalue()


def heard(path, *hertz, step=0.1):
    """For every ``step`` of a recording which of these tones is in it: a set each."""
    with wave.open(str(path)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        data = file.readframes(file.getnframes())
    samples = struct.unpack(f"<{len(data) // 2}h", data)[::channels]
    size = int(rate * step)
    parts = [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]
    return [{tone for tone in hertz if strength(part, tone / rate) > _LOUD} for part in parts]


def strength(piece, frequency):
    """Goertzel's algorithm; ``frequency`` in periods a sample."""
    turn = 2 * math.cos(2 * math.pi * frequency)
    one = two = 0.0
    for sample in piece:
        one, two = sample + turn * one - two, one
    power = one * one + two * two - turn * one * two
    return math.sqrt(max(power, 0.0)) / len(piece)
