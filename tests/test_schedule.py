"""dialctl.http.outbox.schedule: when a report is tried again, and how many of a host at a time."""

import pytest
from dialctl.http.outbox.schedule import (
    LEAST,
    LONGEST_PAUSE,
    MOST,
    MOST_HOSTS,
    Hosts,
    Verdict,
    pause,
    verdict,
)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, Verdict.DELIVERED),
        (204, Verdict.DELIVERED),
        (299, Verdict.DELIVERED),
        (0, Verdict.LATER),  # no answer
        (408, Verdict.LATER),
        (429, Verdict.LATER),
        (500, Verdict.LATER),
        (599, Verdict.LATER),
        (101, Verdict.DEAD),
        (302, Verdict.DEAD),
        (400, Verdict.DEAD),
        (404, Verdict.DEAD),
        (410, Verdict.DEAD),
    ],
)
def test_what_a_status_means(status, meaning):
    assert verdict(status) is meaning


def test_pauses_double_up_to_five_minutes():
    longest = [pause(rounds, lambda: 1.0) for rounds in range(1, 12)]
    assert longest == [1, 2, 4, 8, 16, 32, 64, 128, 256, LONGEST_PAUSE, LONGEST_PAUSE]
    assert pause(10_000, lambda: 1.0) == LONGEST_PAUSE


def test_the_whole_pause_is_jitter():
    assert pause(1, lambda: 0.0) == 0.0
    assert pause(5, lambda: 0.25) == 4.0


# One dead host ties up little


def fill(hosts, count, *, answered=None):
    """Let requests begin; with ``answered`` they end at once. How many could begin."""
    entered = sum(hosts.enter("h", waited=False) for _ in range(count))
    if answered is not None:
        for _ in range(entered):
            hosts.left("h", answered=answered)
    return entered


def test_a_host_that_answers_gets_as_many_as_there_are_up_to_a_limit():
    hosts = Hosts()
    assert fill(hosts, MOST) == MOST
    assert not hosts.enter("h", waited=False)
    assert hosts.enter("other", waited=False)


def test_a_host_that_does_not_answer_gets_few_and_more_again_once_it_does():
    hosts = Hosts()
    assert fill(hosts, 100, answered=False) == 100
    assert hosts.rooms() == {"h": LEAST}
    assert fill(hosts, 100) == LEAST
    for _ in range(LEAST):
        assert hosts.left("h", answered=True)
    hosts.taken(frozenset())
    assert fill(hosts, MOST + 1) == MOST


def test_what_is_new_waits_behind_what_waits_in_the_outbox():
    hosts = Hosts()
    fill(hosts, MOST + 1)
    assert hosts.left("h", answered=True)  # whoever has its place is to be looked for
    assert not hosts.enter("h", waited=False)
    assert hosts.enter("h", waited=True)
    hosts.taken(frozenset({"h"}))
    assert hosts.left("h", answered=True)
    assert not hosts.enter("h", waited=False)
    hosts.taken(frozenset())
    assert hosts.enter("h", waited=False)
    assert not hosts.left("h", answered=True)


def test_what_is_in_memory_takes_up_room():
    hosts = Hosts()
    hosts.hold("h")
    hosts.hold("h")
    assert hosts.rooms() == {"h": MOST - 2}
    hosts.let_go("h")
    hosts.let_go("h")
    assert hosts.rooms() == {}  # nothing is remembered of a host that is as any other


def test_many_narrow_hosts_are_not_remembered_for_ever():
    hosts = Hosts()
    for number in range(MOST_HOSTS + 50):
        hosts.enter(f"h{number}", waited=False)
        hosts.left(f"h{number}", answered=False)
    assert len(hosts.rooms()) == MOST_HOSTS
