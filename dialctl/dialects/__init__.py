"""Dialects: what a vendor's documents mean and what its callbacks say. One folder each.

A dialect is a module with the functions of ``Dialect``: a grammar (text in, plan out) and a
vocabulary (what happened in, names and values out). It is pure and imports no other dialect.
"""

import importlib
from collections.abc import Mapping
from typing import Protocol, cast

from dialctl.conference.model import Report as RoomReport
from dialctl.conference.model import RoomSound, Stay
from dialctl.dial.model import Outcome, Report, ReportConnected
from dialctl.errors import Faults
from dialctl.http.encoding import Encoding, Fields, Value
from dialctl.model import CallView, ChannelEnd, Ending, Transfer
from dialctl.plan import (
    Conference,
    Dial,
    Gather,
    Hook,
    MediaFork,
    NextDocument,
    Notice,
    Plan,
    Record,
    RecordCall,
    Recorded,
)
from dialctl.settings import App, DialectLimits


class Dialect(Protocol):
    ENCODING: Encoding  # of its requests
    DOCUMENTS: str  # what the Content-Type of its documents holds, in lower case

    def parse(
        self, document: bytes, base_url: str, limits: DialectLimits, faults: Faults = None
    ) -> Plan:
        """The document's steps; relative URLs are resolved against ``base_url``.

        Raises DocumentError with line and element for the first thing that cannot be carried out;
        ``faults`` takes all of them instead, but what makes it no document.
        """

    def parse_sound(self, document: bytes, base_url: str, limits: DialectLimits) -> Plan:
        """A document of which only what can be heard counts. Raises DocumentError."""

    def request_fields(self, view: CallView, request: NextDocument) -> Fields:
        """What a request for a document says."""

    def leg_notices(
        self, view: CallView, dial: Dial, ordinal: int, report: Report
    ) -> tuple[Notice, ...]:
        """What is told of a leg; ``ordinal`` counts the call's Dials from 1."""

    def fork_metadata(self, view: CallView, fork: MediaFork) -> Fields:
        """What the server that a Dial is streamed to is told first."""

    def transcribed(
        self,
        view: CallView,
        dial: Dial,
        name: str,
        connected: ReportConnected,
        speech: Mapping[str, Value],
        *,
        by_caller: bool,
    ) -> tuple[Notice, ...]:
        """What is told of words that were written down; ``name`` is the notice's."""

    def referred(
        self, view: CallView, dial: Dial, connected: ReportConnected, transfer: Transfer
    ) -> NextDocument:
        """What the Dial's ``refer`` is asked; what it answers is told by how it answers."""

    def dial_ended(
        self, view: CallView, dial: Dial, ordinal: int, outcome: Outcome
    ) -> NextDocument | Notice | None:
        """What follows a Dial: a document to go on with, something to tell, or nothing."""

    def gathered(self, gather: Gather, digits: str) -> NextDocument | None:
        """What the application is asked, or told, of keys; ``digits`` is '' without valid ones."""

    def recorded(
        self, view: CallView, record: Record | RecordCall, recorded: Recorded
    ) -> NextDocument | Notice | None:
        """What follows a recording, or the beginning of one that goes on in the background."""

    def recording_ready(self, view: CallView, callback: Hook, recorded: Recorded) -> Notice:
        """What ``callback`` is told of a recording whose file is complete."""

    def room_sound(self, conference: Conference, which: RoomSound) -> tuple[tuple[str, str], ...]:
        """What a request for something to hear in a room says, beyond the call's parameters."""

    def conference_notices(
        self, view: CallView, conference: Conference, ordinal: int, report: RoomReport
    ) -> tuple[Notice, ...]:
        """What is told of a room; ``ordinal`` counts the call's Conferences from 1."""

    def conference_ended(
        self,
        view: CallView,
        conference: Conference,
        ordinal: int,
        stay: Stay,
        recorded: Recorded | None,
    ) -> NextDocument | Notice | None:
        """What follows a Conference; ``recorded`` if its room was, and was to be."""

    def call_notices(
        self, view: CallView, app: App, ending: Ending, end: ChannelEnd
    ) -> tuple[Notice, ...]:
        """What is told when the call is over."""


def load(name: str) -> Dialect:
    """The dialect of this name, one of settings.Dialects' fields."""
    return cast(Dialect, importlib.import_module(f"dialctl.dialects.{name}"))
