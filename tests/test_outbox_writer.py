"""dialctl.http.outbox.writer: group commit, and what becomes of it when the file fails."""

import os
import re
import sqlite3
import subprocess
import sys
import textwrap
import time

import gevent
import pytest
from dialctl.clock import Clock
from dialctl.http.outbox import sqlite, writer
from dialctl.http.outbox.sqlite import SqliteStore
from dialctl.http.outbox.store import Filter, Placed
from dialctl.http.outbox.writer import Writer

from support.entries import entry
from support.gate import Gate
from support.rawserver import eventually

FAST = 50


class Log:
    """Stands in for a logger; ``lines`` is what was told."""

    def __init__(self):
        self.lines = []

    def __getattr__(self, level):
        return lambda text, *args, **_more: self.lines.append((level, text % args))

    def said(self, words, level="error"):
        return [line for at, line in self.lines if at == level and words in line]


class Desk:
    """A writer, and what was answered to it."""

    def __init__(self, path, clock=None):
        self.path = str(path)
        self.log = Log()
        self.writer = Writer(self.path, clock or Clock(FAST), self.log)
        self.answers = []
        self.writer.start()

    def add(self, *keys):
        for key in keys:
            self.writer.put(lambda store, key=key: store.add(entry(key), 0.0), self.answers.append)

    def wait(self, count, seconds=60.0):
        assert eventually(lambda: len(self.answers) >= count, seconds), self.answers
        return [added and added.placed for added in self.answers]

    def kept(self):
        store = SqliteStore(self.path, "", create=False)
        with store.transaction():
            found = [row.entry.report.key for row in store.rows(Filter(), 10000)]
        store.close()
        return found


@pytest.fixture
def desk(tmp_path):
    made = []

    def start(path="outbox.sqlite3", **more):
        made.append(Desk(tmp_path / path, **more))
        return made[-1]

    yield start
    for one in made:
        one.writer.close(100.0)


@pytest.mark.real_time
def test_what_came_during_a_transaction_goes_into_the_next_one(desk, monkeypatch):
    transactions, disk = [], Gate()
    whole = writer._transaction
    monkeypatch.setattr(
        writer,
        "_transaction",
        lambda store, works: (disk(), transactions.append(len(works)), whole(store, works))[2],
    )
    one = desk()
    one.add("ax1")
    assert eventually(lambda: disk.waiting)
    one.add(*(f"a{n}1" for n in range(30)))
    disk.open()
    one.wait(31)
    assert transactions == [1, 30]


@pytest.mark.real_time
def test_the_hub_goes_on_while_the_disk_does_not(desk):
    one, disk = desk(), Gate()
    one.writer.put(disk)
    one.add("ax1")
    assert eventually(lambda: disk.waiting)
    gevent.sleep(0.05)
    assert not one.answers
    disk.open()
    one.wait(1)


def test_what_may_wait_waits_for_company(desk):
    one = desk(clock=Clock())
    done = []
    began = time.monotonic()
    one.writer.put(lambda _store: 1, done.append, soon=True)
    gevent.sleep(0.03)
    assert done == []
    one.add("ax1")
    one.wait(1)
    assert done == [1]
    assert time.monotonic() - began < writer.LINGER
    one.writer.put(lambda _store: 2, done.append, soon=True)
    assert eventually(lambda: done == [1, 2])


def test_a_mistake_of_ours_costs_one_work(desk):
    one = desk()
    gevent.sleep(0.05)
    one.add("ax1")
    one.writer.put(lambda _store: 1 / 0, one.answers.append, None)
    one.writer.put(lambda store: store._db.execute("SELECT nothing"), one.answers.append, None)
    one.add("ay1")
    assert one.wait(4) == [Placed.HELD, None, None, Placed.HELD]
    assert len(one.log.said("a fault of dialctl's own")) == 2
    one.writer.put(lambda _store: 1, lambda _one: 1 / 0)
    one.add("az1")
    one.wait(5)
    assert one.kept() == ["ax1", "ay1", "az1"]


def test_time_goes_on_where_it_was(desk):
    first = desk()
    gevent.sleep(0.1)
    first.writer.put(lambda store: store.beat(first.writer.now()), first.answers.append)
    assert eventually(lambda: first.answers)
    ended = first.writer.now()
    first.writer.close(100.0)
    second = desk()
    assert ended - 1.0 < second.writer.now() < ended + 60.0


def test_a_step_of_the_clock_between_two_runs_changes_nothing(desk, monkeypatch):
    first = desk()
    first.add("ax1")
    first.wait(1)
    before = first.writer.now()
    assert first.writer.close(100.0) == 1
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 10 * 365 * 86400)
    second = desk()
    assert second.writer.now() < before + 60.0
    taken = []
    second.writer.put(lambda store: store.take(second.writer.now(), {}, 10, 10), taken.append, None)
    assert eventually(lambda: taken)
    assert [e.report.key for e in taken[0].entries] == ["ax1"]


# The file cannot be used


def test_a_folder_that_is_missing(desk, tmp_path):
    """Memory has to do, which is told; when it is made, what memory had is kept in it."""
    one = desk("state/outbox.sqlite3")
    one.add("ax1", "ax1")
    assert one.wait(2) == [Placed.HELD, Placed.KNOWN]
    (told,) = one.log.said("kept in memory only")
    assert "state/outbox.sqlite3: No such file or directory" in told
    assert one.writer.in_memory
    (tmp_path / "state").mkdir()
    assert eventually(lambda: not one.writer.in_memory)
    assert one.log.said("are kept in", "warning")
    one.add("ay1")
    one.wait(3)
    assert one.kept() == ["ax1", "ay1"]


def test_it_is_told_again_and_again(desk):
    one = desk("state/outbox.sqlite3", clock=Clock(300))
    assert eventually(lambda: len(one.log.said("kept in memory only")) == 3)
    assert 120.0 <= one.writer._clock.now() < 126.0  # once a minute


@pytest.mark.real_time
def test_a_disk_that_does_not_keep_up(desk, monkeypatch):
    monkeypatch.setattr(writer, "MOST_QUEUED", 3)
    one, disk = desk(), Gate()
    one.writer.put(disk)
    assert eventually(lambda: disk.waiting)
    one.add("ax1", "ax2", "ax3")
    assert not one.writer.is_swamped()
    one.add("ax4")
    assert one.writer.is_swamped()
    assert one.log.said("the disk does not keep up: callbacks are not even kept in memory")
    disk.open()
    one.wait(4)
    assert not one.writer.is_swamped()


def test_a_file_that_may_not_be_written(desk, tmp_path):
    path = tmp_path / "outbox.sqlite3"
    path.mkdir()
    one = desk()
    one.add("ax1")
    assert one.wait(1) == [Placed.HELD]
    assert one.log.said("Is a directory: callbacks are kept in memory only")
    assert one.writer.close(100.0) is None


def test_a_file_that_is_taken_away(desk, tmp_path):
    one = desk()
    one.add("ax1")
    one.wait(1)
    for path in tmp_path.iterdir():
        path.unlink()
    one.writer.put(lambda store: store.beat(1.0), one.answers.append)
    assert eventually(lambda: one.log.said("it is gone, or another file has taken its place"))
    one.add("ay1")
    one.wait(3)
    assert eventually(lambda: not one.writer.in_memory)
    # What comes of a report that was in the old file is kept in the new one.
    one.writer.put(lambda store: store.later([entry("ax1")], 1.0, 2.0), one.answers.append)
    one.wait(4)
    assert sorted(one.kept()) == ["ax1", "ay1"]


@pytest.mark.parametrize("when", ["before it is opened", "while it is open"])
def test_a_damaged_file_is_put_aside(desk, tmp_path, when):
    path = tmp_path / "outbox.sqlite3"
    if when == "before it is opened":
        path.write_bytes(b"no database" * 1000)
    one = desk()
    one.add("ax1")
    one.wait(1)
    if when == "while it is open":
        damage(path)
        one.add(*(f"a{n}1" for n in range(50)))
        one.wait(51)
    assert eventually(lambda: not one.writer.in_memory)
    (told,) = one.log.said("it is damaged and kept as")
    assert os.path.exists(re.search(rf"kept as ({path}\.damaged-[0-9-]+);", told)[1])
    one.add("az9")
    one.wait(len(one.answers) + 1)
    assert "az9" in one.kept()


def damage(path):
    """The pages of its tables are overwritten, behind the back of who has it open."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\x55" * (size - 4096))


def test_a_file_of_a_later_version_is_left_alone(desk, tmp_path):
    path = tmp_path / "outbox.sqlite3"
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    one = desk()
    one.add("ax1")
    assert one.wait(1) == [Placed.HELD]
    assert one.log.said("made by another version of dialctl (99)")
    assert path.exists()


def test_memory_has_an_end(desk, monkeypatch):
    """First the keys of what was delivered are forgotten, then nothing more is kept."""
    monkeypatch.setattr(sqlite, "MEMORY_PAGES", 60)
    one = desk("missing/outbox.sqlite3")
    for number in range(2000):
        e = entry(f"ax{number}")
        one.writer.put(lambda store, e=e: store.delivered(e, 1.0), one.answers.append, "no")
    assert eventually(lambda: len(one.answers) == 2000)
    assert "no" not in one.answers
    del one.answers[:]
    for hundred in range(20):
        one.add(*(f"ay{hundred}-{number}" for number in range(100)))
        one.wait(100 * hundred + 100)
    assert one.answers[0].placed is Placed.HELD
    assert one.answers[-1] is None
    assert one.log.said("kept in memory only")
    assert one.log.said("not even kept in memory")


FULL = """
    from gevent import monkey
    monkey.patch_all()
    import logging, resource, sys
    import gevent
    from dialctl.clock import Clock
    from dialctl.http.outbox.writer import Writer
    from support.entries import entry

    logging.basicConfig(level="INFO", stream=sys.stdout, format="%(message)s")
    writer = Writer(sys.argv[1], Clock(50), logging.getLogger())
    writer.start()
    answers = []

    def add(first, last):
        for number in range(first, last):
            writer.put(lambda store, n=number: store.add(entry(f"ax{n}"), 0.0), answers.append)
            if number % 10 == 9:
                gevent.sleep(0.01)
        while len(answers) < last:
            gevent.sleep(0.01)

    add(0, 10)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    add(10, 500)
    print("memory", writer.in_memory)
    print("held", sum(one.placed.value == "held" for one in answers))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    gevent.sleep(0.3)
    add(500, 510)
    print("memory", writer.in_memory)
    print("left", writer.close(100.0))
"""


@pytest.mark.real_time
def test_a_full_disk(tmp_path):
    """Nothing is refused meanwhile, and all of it is in the file once there is room again."""
    path = tmp_path / "outbox.sqlite3"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL), path],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.path.dirname(__file__)},
    )
    told = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert [line for line in told if line.split()[0] in ("memory", "held", "left")] == [
        "memory True",
        "held 500",
        "memory False",
        "left 510",
    ]
    assert sum("kept in memory only" in line for line in told) >= 1
    assert any(line.endswith("outbox.sqlite3 again") for line in told)
