"""Which worker has what, and their figures together."""

import pytest
from dialctl.settings import Limits, Settings
from dialctl.workers.figures import together
from dialctl.workers.place import Place, files
from dialctl.workers.share import Share

FIRST, SECOND, ALONE = Place("here_8084", 1, 2), Place("here_8084", 2, 2), Place("here_8084")


@pytest.mark.parametrize(
    ("owner", "of_two", "alone"),
    [
        ("here_8084#a1", 1, 1),
        ("here_8084.2#a1", 2, 1),
        ("here_8084.3#a1", 1, 1),  # there were more once
        ("here_8084.4#a1", 2, 1),
        ("here_8084.0#a1", 0, 0),
        ("here_8084.x#a1", 0, 0),
        ("here_80840#a1", 0, 0),
        ("there_8084.2#a1", 0, 0),
        ("", 0, 0),
    ],
)
def test_whose_call_it_is(owner, of_two, alone):
    assert FIRST.worker_of(owner) == SECOND.worker_of(owner) == of_two
    assert ALONE.worker_of(owner) == alone
    assert FIRST.elsewhere(owner) == (2 if of_two == 2 else 0)
    assert ALONE.elsewhere(owner) == 0


def test_a_workers_own_calls_are_its_own():
    for place in (FIRST, SECOND, ALONE):
        assert place.worker_of(place.owner("a1")) == place.number


def test_files_of_workers_that_are_no_more_are_shared_out(tmp_path):
    path = str(tmp_path / "outbox")
    for end in ("", "-wal", ".2", ".2-wal", ".3", ".4", ".damaged-20260101-000000", ".owner.1-a"):
        (tmp_path / f"outbox{end}").touch()
    assert files(path) == [path, f"{path}.2", f"{path}.3", f"{path}.4"]
    assert (FIRST.file(path), SECOND.file(path)) == (path, f"{path}.2")
    assert FIRST.inherited(path) == [f"{path}.3"]
    assert SECOND.inherited(path) == [f"{path}.4"]
    assert ALONE.inherited(path) == [f"{path}.2", f"{path}.3", f"{path}.4"]


def test_a_share_says_what_it_is():
    share = Share(2, 3, 5, 6, {1: 7, 3: 8})
    assert str(share) == "2/3:5,6,1=7,3=8"
    assert Share.read(str(share)) == share
    assert share.descriptors == (5, 6, 7, 8)


def test_each_has_its_part_of_the_limits():
    limits = Share(1, 3, 0, 0).of(Settings(limits=Limits(calls=100, calls_per_second=1))).limits
    assert (limits.calls, limits.calls_per_second) == (34, 1)


def test_figures_are_added_up_but_for_an_age():
    page = """# HELP dialctl_calls_total Calls.
# TYPE dialctl_calls_total counter
dialctl_calls_total{{end="a"}} {0}
# HELP dialctl_outbox_oldest_seconds Age.
# TYPE dialctl_outbox_oldest_seconds gauge
dialctl_outbox_oldest_seconds {0}
# HELP dialctl_outbox_readable Readable.
# TYPE dialctl_outbox_readable gauge
dialctl_outbox_readable {1}
"""
    whole = together([page.format(3, 1), page.format(4, 0)])
    assert {(s.name, *s.labels.values(), s.value) for m in whole for s in m.samples} == {
        ("dialctl_calls_total", "a", 7),
        ("dialctl_outbox_oldest_seconds", 4),
        ("dialctl_outbox_readable", 0),
    }
