"""dialctl.http.outbox.owners: who is alive, told by locks that the kernel drops with a process."""

import fcntl
import os
import signal
import subprocess
import sys

import pytest
from dialctl.http.outbox.owners import Locks

HOLDER = """
import sys
from dialctl.http.outbox.owners import Locks
locks = Locks(sys.argv[1])
locks.hold()
print(locks.owner, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "outbox")


@pytest.mark.real_time
def test_a_process_lives_until_it_is_killed(path, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    owner = process.stdout.readline().decode().strip()
    locks = Locks(path)
    assert owner.startswith(f"{process.pid}-")
    assert not locks.dead(owner)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert locks.dead(owner)
    assert list(tmp_path.iterdir()) == []  # nothing is left of it


def test_who_holds_his_lock_is_alive_and_who_dropped_it_is_not(path, tmp_path):
    one, other = Locks(path), Locks(path)
    assert one.owner != other.owner
    one.hold()
    assert not other.dead(one.owner)
    assert not one.dead(one.owner)
    one.drop()
    one.drop()
    assert other.dead(one.owner)
    assert list(tmp_path.iterdir()) == []


def test_nobody_is_dead_that_was_never_there(path):
    assert Locks(path).dead("1-nobody")


def test_the_files_of_the_dead_are_cleared_away(path, tmp_path):
    for owner in ("1-a", "2-b"):
        (tmp_path / f"outbox.owner.{owner}").touch()
    (tmp_path / "outbox.other").touch()
    locks = Locks(path)
    locks.hold()
    names = {entry.name for entry in tmp_path.iterdir()}
    assert names == {"outbox.other", f"outbox.owner.{locks.owner}"}


def test_a_lock_whose_file_was_taken_away_is_taken_anew(path, tmp_path):
    locks = Locks(path)
    locks.hold()
    os.unlink(tmp_path / f"outbox.owner.{locks.owner}")
    locks.hold()
    assert not Locks(path).dead(locks.owner)
    locks.hold()
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_is_missing(path):
    with pytest.raises(FileNotFoundError):
        Locks(f"{path}/missing/outbox").hold()


def test_where_there_are_no_locks_nobody_is_certainly_dead(path, monkeypatch):
    def refuse(_file, _how):
        raise OSError(38, "No locks here")

    monkeypatch.setattr(fcntl, "flock", refuse)
    one = Locks(path)
    one.hold()
    assert not Locks(path).dead(one.owner)
