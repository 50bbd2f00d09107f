"""One leg of a call's Dials, as the story of the call has it. Pure."""

from dialctl.dial.model import (
    Leg,
    Report,
    ReportAnswered,
    ReportConnected,
    ReportDigits,
    ReportEnded,
    ReportParty,
    ReportRinging,
)
from dialctl.model import ChannelEnd

MOST_CHANNELS = 20  # of one leg: a user may have many telephones


class LegStory:
    """Times are seconds since 1970 on the call's clock, 0 for never.

    ``uuid`` is the last channel's, ``first`` the leg's own. ``channels`` are those that FreeSWITCH
    made: UUID, endpoint, when.
    """

    __slots__ = (
        "_endpoints",
        "answered",
        "bridged",
        "channels",
        "confirmed",
        "confirming",
        "connected",
        "dial",
        "early_media",
        "end",
        "ended",
        "first",
        "label",
        "party",
        "position",
        "ringing",
        "tried",
        "uuid",
    )

    def __init__(self, leg: Leg, dial: int, at: float) -> None:
        self.first = self.uuid = leg.uuid
        self.label = leg.label
        self.position = leg.position
        self.dial = dial  # which of the call's, from 1
        self.tried = at
        self.ringing = self.early_media = self.answered = self.bridged = self.connected = 0.0
        self.confirming = self.confirmed = self.ended = 0.0
        self.party = ""  # what was heard of it: dial.model.Party's value
        self.end: ChannelEnd | None = None
        self._endpoints = tuple([(a.uuid, a.endpoint) for a in leg.attempts])
        self.channels: tuple[tuple[str, str, float], ...] = ()

    @property
    def won(self) -> bool:
        return self.connected > 0.0

    def has(self, uuid: str) -> bool:
        """Whether a channel, or an attempt, of this leg is meant."""
        return (
            uuid == self.uuid
            or any(attempt == uuid for attempt, _ in self._endpoints)
            or any(channel == uuid for channel, _, _ in self.channels)
        )

    def created(self, uuid: str, attempt: str, at: float) -> None:
        if len(self.channels) >= MOST_CHANNELS or any(c[0] == uuid for c in self.channels):
            return
        endpoint = next((e for a, e in self._endpoints if a == (attempt or uuid)), "")
        self.channels += ((uuid, endpoint, at),)

    def told(self, report: Report, at: float) -> None:
        """What the customer is told of it. Of what is told twice the first time stands."""
        self.uuid = report.uuid
        match report:
            case ReportRinging():
                self.ringing = self.ringing or at
            case ReportAnswered():
                self.answered = self.answered or at
            case ReportConnected():
                self.connected = self.connected or at
            case ReportParty(party=party):
                self.party = party.value
            case ReportEnded(end=end):
                self.ended, self.end = self.ended or at, end
            case ReportDigits():
                pass  # in its request
