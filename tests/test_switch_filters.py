"""Which event goes to which socket."""

from collections.abc import Sequence

import pytest
from dialctl.switch.events import Event
from dialctl.switch.filters import Audience, Filters


def job(owner: str, command: str = "status") -> Event:
    return Event(
        "BACKGROUND_JOB", None, before=(("Job-Owner-UUID", owner), ("Job-Command", command))
    )


def filters(*pairs: tuple[str, str]) -> Filters:
    made = Filters()
    for header, value in pairs:
        made.add(header, value)
    return made


@pytest.mark.parametrize(
    ("pairs", "lets"),
    [
        ([], True),
        ([("Job-Owner-UUID", "A")], True),
        ([("job-owner-uuid", "a")], True),
        ([("Job-Owner-UUID", "b")], False),
        ([("Job-Owner-UUID", "b"), ("Job-Command", "status")], True),
        ([("Unique-ID", "a")], False),
        ([("Job-Command", "/^stat/")], True),
        ([("Job-Command", "/^STAT/")], False),
        ([("Job-Command", "/^STAT/i")], True),
        ([("Job-Command", "/(/")], False),
        ([("Job-Owner-UUID", "a"), ("Job-Command", "-status")], False),
        ([("Job-Command", "-originate")], False),
    ],
)
def test_one_that_matches_is_enough(pairs: Sequence[tuple[str, str]], lets: bool) -> None:
    assert filters(*pairs).let(job("a")) is lets


def test_deleting() -> None:
    made = filters(("Job-Owner-UUID", "b"), ("Job-Owner-UUID", "c"), ("Job-Command", "x"))
    made.delete("job-owner-uuid", "B")
    assert not made.let(job("b"))
    assert made.let(job("c"))
    made.delete("Job-Owner-UUID")
    assert not made.let(job("c"))
    made.clear()
    assert made.empty
    assert made.let(job("c"))


class Hearer:
    def __init__(self, *pairs: tuple[str, str]) -> None:
        self.filters = filters(*pairs)
        self.heard: list[Event] = []

    def keys(self) -> list[tuple[str, str]] | None:
        return self.filters.keys()

    def hear(self, event: Event) -> None:
        if self.filters.let(event):
            self.heard.append(event)


def test_every_socket_hears_what_its_filters_let_in() -> None:
    audience = Audience()
    mine, other, everything, pattern = (
        Hearer(("Job-Owner-UUID", "A"), ("Job-Owner-UUID", "b")),
        Hearer(("Job-Owner-UUID", "c")),
        Hearer(),
        Hearer(("Job-Owner-UUID", "/^[ac]$/")),
    )
    for hearer in (mine, other, everything, pattern):
        audience.seat(hearer)
    events = [job("a"), job("b"), job("c")]
    for event in events:
        audience.tell(event)
    assert mine.heard == events[:2]
    assert other.heard == events[2:]
    assert everything.heard == events
    assert pattern.heard == [events[0], events[2]]


def test_who_leaves_or_has_new_filters_is_told_accordingly() -> None:
    audience = Audience()
    hearer = Hearer(("Job-Owner-UUID", "a"))
    audience.seat(hearer)
    hearer.filters.add("Job-Command", "status")
    audience.seat(hearer)
    audience.tell(job("z"))
    assert len(hearer.heard) == 1
    audience.leave(hearer)
    audience.leave(hearer)
    audience.tell(job("a"))
    assert len(hearer.heard) == 1
