"""The stories of the calls that are up and of the last ones that are over. Pure."""

from collections import deque
from collections.abc import Callable

from dialctl.http.outbox.store import Report
from dialctl.model import ALeg, ChannelEnd, Ending
from dialctl.story.rate import Rate
from dialctl.story.request import Request
from dialctl.story.story import Story

RECENT = 200  # calls that are over
MOST_ENDED = 5000  # that wait for a disk which hangs; then the oldest are not recorded


class Stories:
    """``now`` gives the time of day, seconds since 1970."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._live: dict[str, Story] = {}
        self.begun = Rate()
        self._ended: deque[Story] = deque(maxlen=MOST_ENDED)  # and not yet recorded
        self._recent: deque[Story] = deque(maxlen=RECENT)

    def live(self) -> list[Story]:
        """The newest last."""
        return list(self._live.values())

    def recent(self) -> list[Story]:
        """The last RECENT that are over, or that another controller carries on; newest first."""
        return list(reversed(self._recent))

    @property
    def up(self) -> int:
        """How many are live."""
        return len(self._live)

    def find(self, uuid: str) -> Story | None:
        """By the call's UUID, or a leg's."""
        if story := self._live.get(uuid):
            return story
        return next(
            (s for s in self._all() if s.uuid == uuid),
            next((s for s in self._all() if s.leg(uuid)), None),
        )

    def search(self, text: str) -> list[Story]:
        """Those of a number, a name or a UUID, or a part of it; newest first."""
        return [story for story in self._all() if story.matches(text)]

    def _all(self) -> list[Story]:
        return [*reversed(self._live.values()), *reversed(self._recent)]

    # What the calls tell.

    def begin(
        self, a_leg: ALeg, app: str, dialect: str, ahead: float, *, picked_up: bool = False
    ) -> Story:
        """A call has come; one that had been here before goes on."""
        story = self._live.get(a_leg.uuid)
        if story is None:
            story = next((s for s in self._recent if s.uuid == a_leg.uuid and not s.over), None)
            if story is None:
                self.begun.add(self._now())
                story = Story(a_leg, app, dialect, self._now, ahead, picked_up=picked_up)
            else:
                self._recent.remove(story)
        story.left = False
        self._live[a_leg.uuid] = story
        return story

    def end(self, story: Story, ending: Ending, end: ChannelEnd) -> None:
        """It is over."""
        story.ending, story.end = ending, end
        story.answered = story.answered or end.answered
        self._retire(story)
        self._ended.append(story)

    def leave(self, uuid: str) -> None:
        """Nobody has this call here any more; if it is up it is gone on with elsewhere, or here."""
        if story := self._live.get(uuid):
            story.left = True
            self._retire(story)

    def _retire(self, story: Story) -> None:
        self._live.pop(story.uuid, None)
        self._recent.append(story)

    def reports(self, report: Report) -> Request | None:
        """A report is taken on; None where its call is not known here."""
        story = self._live.get(report.call_uuid)
        if story is None:
            story = next((s for s in self._recent if s.uuid == report.call_uuid), None)
        if story is None:
            return None
        return story.asks("", report.method, report.url, report.params, report.key)

    def take_ended(self, patience: float) -> list[Story]:
        """Those that are over and have not been taken: once all their requests have come to
        something, ``patience`` seconds after the end at the latest."""
        taken: list[Story] = []
        left: list[Story] = []
        for story in self._ended:
            (taken if story.settled or story.over_for >= patience else left).append(story)
        self._ended.clear()
        self._ended.extend(left)
        return taken
