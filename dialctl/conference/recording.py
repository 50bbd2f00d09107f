"""The recording of a room. It is the room's, not a call's: all calls of this daemon share it.

It goes on when the call that began it has left, and is over with the room; who is still there then
hears of it from FreeSWITCH, and the call that began it tells its customer. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dialctl.conference.model import ReportRecording
from dialctl.plan import Recorded


@dataclass
class Recording:
    """``tell`` reports for the call that began it. Times are seconds since 1970."""

    uuid: str
    path: str
    url: str
    conference: str  # the UUID of that conference: a later one may have the same name
    when_alone: bool
    started: float
    tell: Callable[[ReportRecording], None]
    paused: bool | None = False  # None: nobody here knows

    def turn(self, size: int) -> str:
        """What the switch is to be asked for in a room of that size: pause, resume or nothing."""
        pause = size < 2 and not self.when_alone
        if pause == self.paused:
            return ""
        self.paused = pause
        return "pause" if pause else "resume"

    @property
    def so_far(self) -> Recorded:
        return Recorded(self.uuid, self.url, started=self.started)

    def begun(self) -> None:
        self.tell(ReportRecording(self.conference, self.so_far, over=False))

    def over(self, milliseconds: int, ended: float) -> None:
        recorded = Recorded(self.uuid, self.url, milliseconds, self.started, ended)
        self.tell(ReportRecording(self.conference, recorded, over=True))


Recordings = dict[str, Recording]  # by the room's name at the switch


def is_due(size: int, when_alone: bool) -> bool:
    """Whether a recording shall begin in a room of that size."""
    return size >= (1 if when_alone else 2)
