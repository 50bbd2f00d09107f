"""Person or machine, read top to bottom: what was heard, then what is asked for and told."""

import pytest
from dialctl.dial.detection import BEGIN_SECONDS, LEAD_SECONDS, Detection, longest
from dialctl.dial.heard import (
    AwaitBeep,
    BeepHeard,
    Listen,
    ListeningBegan,
    ListeningEnded,
    ListeningFailed,
    StopAwaitingBeep,
    StopListening,
)
from dialctl.dial.model import (
    Attempt,
    Leg,
    Party,
    ReportAnswered,
    ReportConnected,
    ReportEnded,
    ReportParty,
    StartTimer,
    StopTimer,
)
from dialctl.model import ChannelEnd
from dialctl.settings import MachineDetection

ANN = Leg("a1", 1, "1001", (Attempt("a1", "sofia/gateway/x/1001"),))
BEN = Leg("b1", 2, "1002", (Attempt("b1", "sofia/gateway/x/1002"),))
LIMITS = MachineDetection(greeting=2.4, silence=1.2, initial_silence=5.0)
TIMER = "greeting a1"
LISTEN = Listen("a1", LEAD_SECONDS, 1.2)
SPEAKS = StartTimer(TIMER, LEAD_SECONDS + 2.4 + 1.2)
DONE = [StopTimer(TIMER), StopAwaitingBeep("a1")]


def answered(detection, leg=ANN):
    return detection.reported(ReportAnswered(leg, leg.uuid))


def is_told(party, **how):
    return ReportParty(ANN, "a1", party, **how)


@pytest.fixture
def detection():
    """Ann has answered, and is listened to since 100.0."""
    detection = Detection(LIMITS)
    begin = StartTimer(TIMER, BEGIN_SECONDS)
    assert answered(detection) == [LISTEN, AwaitBeep("a1"), begin]
    assert detection.heard(ListeningBegan("a1", 100.0)) == [SPEAKS]
    return detection


@pytest.mark.parametrize(
    ("until", "party"),
    [
        (101.5, Party.HUMAN),  # a word of a quarter second, and 1.2 s of silence
        (103.7, Party.HUMAN),  # 2.4 s of greeting, had it begun with the listening
        (103.8, Party.MACHINE),
    ],
)
def test_the_length_of_the_greeting_tells(detection, until, party):
    spoke = ListeningEnded("a1", until, spoke=True)
    assert detection.heard(spoke) == [*DONE, is_told(party)]


def test_a_machine_is_known_while_it_still_talks(detection):
    stop = [StopTimer(TIMER), StopListening("a1"), StopAwaitingBeep("a1")]
    assert detection.timeout(TIMER) == [*stop, is_told(Party.MACHINE)]


def test_the_time_before_the_first_word_is_no_greeting(detection):
    for at in (100.3, 100.6, 100.9):
        assert detection.heard(ListeningEnded("a1", at, spoke=False)) == [LISTEN]
        assert detection.heard(ListeningBegan("a1", at + 0.02)) == [SPEAKS]
    # From about 101.0 to 103.2: short, although it ended 3.2 s after the answer.
    spoke = ListeningEnded("a1", 104.4, spoke=True)
    assert detection.heard(spoke) == [*DONE, is_told(Party.HUMAN)]


def test_nobody_says_a_word(detection):
    assert detection.heard(ListeningEnded("a1", 104.9, spoke=False)) == [LISTEN]
    detection.heard(ListeningBegan("a1", 104.92))
    silent = ListeningEnded("a1", 105.2, spoke=False)
    assert detection.heard(silent) == [*DONE, is_told(Party.SILENCE)]


def test_a_beep_is_a_machine_s(detection):
    stop = [StopTimer(TIMER), StopListening("a1"), StopAwaitingBeep("a1")]
    assert detection.heard(BeepHeard("a1")) == [*stop, is_told(Party.MACHINE, beep=True)]
    # FreeSWITCH may say it twice, and what was listened to ends.
    assert detection.heard(BeepHeard("a1")) == []
    assert detection.heard(ListeningEnded("a1", 101.0, spoke=True)) == []
    assert detection.timeout(TIMER) == []


def test_it_is_told_once_and_before_the_end(detection):
    ended = ReportEnded(ANN, "a1", ChannelEnd("NORMAL_CLEARING"))
    unknown = is_told(Party.UNKNOWN, lacking="the callee hung up before it was known")
    assert detection.reported(ended) == [StopTimer(TIMER), unknown]
    assert detection.reported(ended) == []


def test_it_is_known_whether_it_was_connected_by_then(detection):
    assert detection.reported(ReportConnected(ANN, "a1")) == []
    spoke = ListeningEnded("a1", 101.5, spoke=True)
    assert detection.heard(spoke) == [*DONE, is_told(Party.HUMAN, connected=True)]


def test_several_are_listened_to_at_once(detection):
    answered(detection, BEN)
    detection.heard(ListeningBegan("b1", 100.5))
    (*_, ben) = detection.timeout("greeting b1")
    (*_, ann) = detection.heard(ListeningEnded("a1", 101.5, spoke=True))
    assert (ann.leg, ann.party) == (ANN, Party.HUMAN)
    assert (ben.leg, ben.party) == (BEN, Party.MACHINE)


def test_the_switch_does_not_listen():
    detection = Detection(LIMITS)
    answered(detection)
    (*_, report) = detection.timeout(TIMER)
    assert (report.party, report.lacking) == (
        Party.UNKNOWN,
        "the switch does not let this leg be heard",
    )


def test_the_switch_cannot_go_on_listening(detection):
    (*_, report) = detection.heard(ListeningFailed("a1", "uri-failure"))
    assert report.party is Party.UNKNOWN
    assert report.lacking == "the switch does not let this leg be heard: uri-failure"


def test_without_beeps_the_greeting_tells_and_the_report_says_so():
    detection = Detection(LIMITS, beep=False, lacking="no beeps")
    assert answered(detection) == [LISTEN, StartTimer(TIMER, BEGIN_SECONDS)]
    detection.heard(ListeningBegan("a1", 100.0))
    told = is_told(Party.HUMAN, lacking="no beeps")
    assert detection.heard(ListeningEnded("a1", 101.5, spoke=True)) == [StopTimer(TIMER), told]


def test_turned_off_it_says_so_at_once():
    detection = Detection(LIMITS, off=True, lacking="off")
    assert answered(detection) == [is_told(Party.UNKNOWN, lacking="off")]
    assert detection.timeout(TIMER) == []


def test_how_long_it_may_take():
    assert longest(LIMITS) == BEGIN_SECONDS + 5.0 + LEAD_SECONDS + 2.4 + 1.2
