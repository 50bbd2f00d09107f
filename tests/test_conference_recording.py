"""The recording of a room: when it runs, and what is told of it."""

import pytest
from dialctl.conference.model import ReportRecording
from dialctl.conference.recording import Recording, is_due
from dialctl.plan import Recorded


def recording(told=None, when_alone=False):
    return Recording(
        uuid="r-1",
        path="/var/r-1.mp3",
        url="https://calls.example.com/r-1.mp3",
        conference="c-1",
        when_alone=when_alone,
        started=1000.0,
        tell=(told if told is not None else []).append,
    )


@pytest.mark.parametrize(
    ("size", "when_alone", "due"), [(1, False, False), (2, False, True), (1, True, True)]
)
def test_it_begins_with_the_first_conversation_or_the_first_member(size, when_alone, due):
    assert is_due(size, when_alone) is due


def test_it_pauses_while_somebody_is_alone():
    made = recording()
    assert [made.turn(size) for size in (2, 1, 1, 2, 3)] == ["", "pause", "", "resume", ""]


def test_it_goes_on_with_one_member_if_that_is_wanted():
    assert not any(recording(when_alone=True).turn(size) for size in (1, 2, 1))


def test_its_beginning_and_its_end_are_told():
    told = []
    made = recording(told)
    made.begun()
    made.over(4200, 1005.0)
    url = made.url
    assert told == [
        ReportRecording("c-1", Recorded("r-1", url, started=1000.0), over=False),
        ReportRecording("c-1", Recorded("r-1", url, 4200, 1000.0, 1005.0, ""), over=True),
    ]
