"""While two talk: the keys they press, what they say, and who wants to be transferred."""

from typing import Any

from dialctl.call import Call
from dialctl.dial.model import CallerMoved, Command, KeyPressed, ReportConnected
from dialctl.dial.pressed import Pressed
from dialctl.esl import commands, events
from dialctl.esl.frames import Headers
from dialctl.plan import Carried, Dial, NextDocument
from dialctl.referral import Happening, Referral
from dialctl.taps import Taps


class Talk:
    """Of one Dial, its ``ordinal``-th of the call. Raises DocumentError.

    ``matches``: the key sequences that an earlier controller has told of.
    """

    def __init__(self, call: Call, dial: Dial, ordinal: int, matches: int) -> None:
        self._pressed = Pressed(dial, call.channel.uuid, matches)
        self._taps = Taps(call, dial, ordinal)
        self._referral = Referral(call, dial)
        self._channel = call.channel
        self._moving: NextDocument | None = None

    @property
    def needs_keys(self) -> bool:
        return self._pressed.wanted

    @property
    def following(self) -> Carried | NextDocument | None:
        """The document of a transfer, which is gone on with whatever else was to come."""
        return self._moving or self._referral.following

    def moved(self) -> tuple[Happening, ...]:
        """What it means that the caller is to go on with another document, once; else nothing."""
        channel = self._channel
        if channel.transfer is None or channel.gone:
            return ()
        self._moving, channel.transfer = channel.transfer, None
        return (CallerMoved(),)

    def opening(self) -> tuple[bytes, ...]:
        return (commands.events(events.KEYS),) if self.needs_keys else ()

    def connected(self, report: ReportConnected, *, late: bool) -> None:
        """``late``: they have been since before this controller had the call."""
        self._pressed.connected(report)
        self._taps.open(report, late=late)
        self._referral.connected(report)

    def hear(self, event: Headers, happened: tuple[Happening, ...]) -> tuple[Happening, ...]:
        """What is left for the Dial of what an event tells."""
        self._taps.hear(event)
        return self._referral.hear(event, happened)

    def answered(self, item: Any) -> tuple[Happening, ...]:
        """What follows from something that the inbox holds besides events."""
        return self._referral.answered(item)

    def pressed(self, event: KeyPressed) -> list[Command]:
        return self._pressed.pressed(event)

    def timeout(self, timer: str) -> list[Command]:
        return self._pressed.timeout(timer)

    def closing(self) -> tuple[bytes, ...]:
        """What ends it, now that they talk no more."""
        no_keys = (commands.no_events(events.KEYS),) if self.needs_keys else ()
        return *self._taps.closing(), *self._referral.closing(), *no_keys
