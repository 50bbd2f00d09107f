"""What happened to a Dial while nobody listened, told once more in the order it happened. Pure.

A controller that takes a call over feeds this to a fresh engine, which decides what is owed just
as it would have then: the reports have the same names, so whoever was told already is not told
again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dialctl.dial.model import (
    Event,
    LegAnswered,
    LegBridged,
    LegCreated,
    LegEnded,
    LegRinging,
    Round,
    RoundEnded,
)
from dialctl.model import Record


@dataclass(frozen=True, slots=True)
class Happened:
    at: float  # seconds since 1970, the switch's clock
    event: Event


def story(round: Round, records: Iterable[Record], cause: str | None) -> list[Happened]:
    """A round as its channels' records tell it. ``cause``: how it ended, None: it goes on."""
    attempts = {attempt.uuid for leg in round.legs for attempt in leg.attempts}
    told = [
        happened
        for record in records
        if (record.attempt or record.uuid) in attempts
        for happened in _life(record)
    ]
    told.sort(key=lambda happened: happened.at)  # stable: a channel's own order is kept
    if cause is not None:
        told.append(Happened(told[-1].at if told else 0.0, RoundEnded(cause)))
    return told


def _life(record: Record) -> Iterator[Happened]:
    uuid = record.uuid
    yield Happened(record.created, LegCreated(uuid, record.attempt, record.created))
    if record.rang:
        yield Happened(record.rang, LegRinging(uuid))
    if record.answered:
        yield Happened(record.answered, LegAnswered(uuid, record.answered))
    if record.bridged:
        yield Happened(record.bridged, LegBridged(uuid))
    if record.end:
        yield Happened(record.end.ended, LegEnded(uuid, record.end))
