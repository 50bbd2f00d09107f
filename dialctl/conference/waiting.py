"""What a call hears while it waits in a room: its sounds in turn, over and over. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

# A round of sounds that are over at once is not begun sooner than this after the last one, in
# seconds: a document of nothing but empty sounds shall not keep the switch busy.
SHORTEST_ROUND = 1.0


@dataclass(frozen=True, slots=True)
class Heard:
    """An application and its argument, so many times; 0: for ever."""

    application: str
    argument: str
    times: int = 1


class WaitSound:
    """Times are seconds on any one clock."""

    def __init__(self, sounds: Sequence[Heard]) -> None:
        self._sounds = list(sounds)
        self._at = -1  # the sound that is, or was last, heard
        self._left = 0  # how often it is heard again after this
        self._round_began = 0.0

    def begin(self, now: float) -> tuple[float, Heard] | None:
        """From the first sound on."""
        self._at, self._left, self._round_began = -1, 0, now
        return self.next(now)

    def next(self, now: float) -> tuple[float, Heard] | None:
        """The next sound, and how long to wait before it; None when there is none."""
        if not self._sounds:
            return None
        if self._left:
            self._left -= 1
            return 0.0, self._sounds[self._at]
        self._at += 1
        pause = 0.0
        if self._at >= len(self._sounds):
            pause = max(0.0, self._round_began + SHORTEST_ROUND - now)
            self._at, self._round_began = 0, now + pause
        sound = self._sounds[self._at]
        self._left = sound.times - 1  # below 0: for ever
        return pause, sound

    def failed(self) -> None:
        """What was heard last could not be: it is not tried again."""
        del self._sounds[self._at]
        self._at -= 1
        self._left = 0
