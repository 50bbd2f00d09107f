"""What the live view shows, as JSON. One daemon's own is here; a list of several is put together
out of the same."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from dialctl.clock import Clock
from dialctl.http.outbox.outbox import Outbox
from dialctl.http.outbox.store import Row
from dialctl.http.retry import shown
from dialctl.metrics import Metrics
from dialctl.story import Stories
from dialctl.story.telling import summary, whole
from dialctl.view.moments import iso

MOST_LIVE = 200  # the newest; making more of them every second would be felt by the calls
MOST_ROWS = 50  # of the outbox
MOST_FOUND = 100
FRESH_SECONDS = 0.5  # however many look on, it is put together twice a second
OUTBOX_SECONDS = 2.0  # the same, of what a disk has to be asked for; and how long it may take

Json = Mapping[str, Any]


class Source(Protocol):
    def overview(self) -> Json:
        """``up``, ``live`` and ``recent`` (summaries, newest first), ``rates``, ``outbox``."""

    def call(self, uuid: str) -> Json | None:
        """A whole story, by the call's UUID or a leg's."""

    def search(self, wanted: str) -> list[Json]:
        """Summaries."""


class LocalSource:
    """``refused`` tells how many calls have been, since the start."""

    def __init__(
        self,
        stories: Stories,
        metrics: Metrics,
        outbox: Outbox,
        refused: Callable[[], int],
        clock: Clock,
    ) -> None:
        self._stories = stories
        self._metrics = metrics
        self._outbox = outbox
        self._refused = refused
        self._clock = clock
        self._overview: tuple[float, Json] | None = None
        self._box: tuple[float, Json | None] | None = None

    def overview(self) -> Json:
        now = self._clock.now()
        if self._overview is None or now - self._overview[0] >= FRESH_SECONDS:
            self._overview = (now, self._seen())
        return self._overview[1]

    def call(self, uuid: str) -> Json | None:
        story = self._stories.find(uuid)
        return whole(story) if story else None

    def search(self, wanted: str) -> list[Json]:
        return [summary(story) for story in self._stories.search(wanted)[:MOST_FOUND]]

    def _seen(self) -> Json:
        stories = self._stories
        return {
            "up": stories.up,
            "live": [summary(story) for story in reversed(stories.live()[-MOST_LIVE:])],
            "recent": [summary(story) for story in stories.recent()],
            "rates": {
                "calls_a_minute": stories.begun.in_a_minute(self._clock.wall()),
                "refused": self._refused(),
                **self._metrics.totals(),
            },
            "outbox": self._outbox_now(),
        }

    def _outbox_now(self) -> Json | None:
        now = self._clock.now()
        if self._box is None or now - self._box[0] >= OUTBOX_SECONDS:
            tally = self._outbox.tally(OUTBOX_SECONDS)
            rows = self._outbox.rows(MOST_ROWS, OUTBOX_SECONDS) if tally else None
            box: Json | None = None
            if tally is not None and rows is not None:
                box = {
                    "waiting": tally.waiting,
                    "dead": tally.dead,
                    "oldest": iso(tally.oldest) if tally.oldest else None,
                    "rows": [_row(row) for row in rows],
                }
            self._box = (now, box)
        return self._box[1]


def _row(row: Row) -> Json:
    entry, report = row.entry, row.entry.report
    return {
        "state": row.state.value,
        "added": iso(entry.added),
        "attempts": entry.attempts,
        "app": report.app,
        "call_uuid": report.call_uuid,
        "key": report.key,
        "method": report.method,
        "url": shown(report.url),
        "error": entry.error,
    }
