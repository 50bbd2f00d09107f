"""What has become of a Dial since an earlier controller began it, from the switch's records."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dialctl.dial.model import CallerGone, Round
from dialctl.dial.replay import Happened, story
from dialctl.errors import SwitchError
from dialctl.esl import commands, events, records
from dialctl.esl.frames import Headers
from dialctl.model import Record
from dialctl.progress import Progress

if TYPE_CHECKING:
    from dialctl.call import Call


class Past:
    """Of one Dial; of one that begins here (``begun`` is None) it is empty.

    ``takes`` is told each round that the engine wants to ring; ``happened`` goes on with the next
    round once what it has said of one has made the engine ask for it.
    """

    def __init__(self, call: "Call", begun: Progress | None) -> None:
        self._call = call
        self._begun = begun
        self._count = len(begun.rounds) + begun.ringing if begun else 0
        self._rounds: list[Round] = []
        self.unheard: Round | None = None  # the switch was told to ring it and never did
        self.unasked: tuple[str, ...] = ()  # callees who answered, and whose asking has ended

    @property
    def rung(self) -> bool:
        """Whether any round of it has been."""
        return self._count > 0

    def takes(self, round: Round) -> bool:
        """Whether the round has been rung already."""
        if len(self._rounds) == self._count:
            return False
        self._rounds.append(round)
        return True

    def happened(self) -> Iterator[Happened]:
        if self._begun is None:
            return
        ended = _ended(self._call)
        for cause in self._begun.rounds:
            if self._rounds:
                yield from story(self._rounds[-1], ended, cause)
        if self._begun.ringing and self._rounds:
            yield from self._last(self._rounds[-1], ended)

    def _last(self, round: Round, ended: list[Record]) -> Iterator[Happened]:
        channel = self._call.channel
        if channel.end:
            yield from story(round, ended, None)
            yield Happened(channel.end.ended, CallerGone())
            return
        over = {record.uuid for record in ended}
        ours = dict.fromkeys(attempt.uuid for leg in round.legs for attempt in leg.attempts)
        made = events.originated_legs(channel.data)
        left = [uuid for uuid in ours | dict.fromkeys(made) if uuid not in over]
        known = [*ended, *_up(self._call, left)]
        # Of these nothing was kept; the switch may yet tell.
        silent = ours.keys() & set(made) - {record.uuid for record in known}
        known += [Record(uuid) for uuid in sorted(silent)]
        # '' if its end is still to come.
        cause = None if self._call.observing else events.round_cause(channel.data)
        if cause == "" and not story(round, known, None):
            self.unheard = round
            return
        yield from story(round, known, cause or None)
        self.unasked = tuple(
            one.uuid
            for one in known
            if one.answered
            and not one.bridged
            and not one.end
            and not self._call.is_asking(one.uuid)
        )


def _ended(call: "Call") -> list[Record]:
    """How legs of this call have ended, as the switch has kept it. Raises CallGone."""
    uuid = call.channel.uuid
    entries = call.kept
    if entries is None:
        try:
            entries = records.entries(call.channel.ask(records.dump(uuid)), uuid)
        except SwitchError as error:
            call.log.error("how its legs have ended is not known: FreeSWITCH: %s", error)
            entries = {}
    call.legs |= entries.keys()
    return [one for leg, text in entries.items() if (one := records.record(leg, text))]


def _up(call: "Call", uuids: list[str]) -> list[Record]:
    """Those of the channels that are up. Raises SwitchError, CallGone."""
    dumps = [Headers(call.channel.ask(commands.dump(uuid)).encode()) for uuid in uuids]
    return [events.life(dump) for dump in dumps if dump.get("Unique-ID")]
