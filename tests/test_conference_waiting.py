"""The wait sound: sounds in turn, over and over."""

import pytest
from dialctl.conference.waiting import SHORTEST_ROUND, Heard, WaitSound

HELLO = Heard("speak", "hello")
MUSIC = Heard("playback", "music", times=2)
FOR_EVER = Heard("playback", "stream", times=0)


def heard(sound, *times):
    begun = sound.begin(0.0)
    return [begun, *(sound.next(now) for now in times)]


def test_each_as_often_as_it_is_to_be_heard_then_from_the_first():
    sound = WaitSound([HELLO, MUSIC])
    assert heard(sound, 5, 20, 35, 40) == [
        (0.0, HELLO),
        (0.0, MUSIC),
        (0.0, MUSIC),
        (0.0, HELLO),
        (0.0, MUSIC),
    ]


def test_for_ever_is_for_ever():
    assert heard(WaitSound([FOR_EVER, HELLO]), 10, 20, 30) == 4 * [(0.0, FOR_EVER)]


def test_a_round_of_nothing_does_not_keep_the_switch_busy():
    (_, first, second) = heard(WaitSound([HELLO]), 0.25, 1.5)
    assert first == (pytest.approx(SHORTEST_ROUND - 0.25), HELLO)
    assert second == (pytest.approx(SHORTEST_ROUND - 0.5), HELLO)


def test_what_cannot_be_heard_is_not_tried_again():
    sound = WaitSound([MUSIC, HELLO])
    assert sound.begin(0.0) == (0.0, MUSIC)
    sound.failed()
    assert [sound.next(now) for now in (1, 5)] == 2 * [(0.0, HELLO)]
    sound.failed()
    assert sound.next(9) is None


def test_it_begins_anew_each_time():
    sound = WaitSound([HELLO, MUSIC])
    heard(sound, 5)
    assert sound.begin(60.0) == (0.0, HELLO)
    assert sound.next(70) == (0.0, MUSIC)


def test_there_may_be_nothing_to_hear():
    assert WaitSound([]).begin(0.0) is None
