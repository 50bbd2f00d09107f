"""support.virtual_time: waits that last no time, in an order that no machine changes."""

import os
import socket
import subprocess
import sys
import time

import gevent
import pytest
from dialctl.clock import Clock
from gevent import monkey
from gevent.event import Event
from gevent.queue import Empty, Queue
from gevent.threadpool import ThreadPool

from support import virtual_time
from support.gate import Gate

stall = monkey.get_original("time", "sleep")  # the machine stands still, or a thread takes its time


@pytest.fixture
def began():
    return time.monotonic()


def wait(seconds, name, ended):
    gevent.sleep(seconds)
    ended.append((name, time.monotonic()))


def test_an_hour_is_over_at_once_and_to_the_tick(began):
    real = time.perf_counter()
    gevent.sleep(3600)
    assert time.monotonic() - began == 3600.0
    assert time.perf_counter() - real < 60


def test_all_clocks_go_with_it(began):
    wall, clock = time.time(), Clock()
    call = clock.now()
    clock.sleep(5)
    assert time.time() - wall == clock.now() - call == time.monotonic() - began == 5.0


def test_timers_run_in_order_and_ties_in_the_order_of_their_start(began):
    ended = []
    waits = (3, "c"), (1, "a"), (2, "b"), (1, "a too"), (0.5, "first")
    gevent.joinall([gevent.spawn(wait, *one, ended) for one in waits])
    assert [(name, at - began) for name, at in ended] == [
        ("first", 0.5),
        ("a", 1.0),
        ("a too", 1.0),
        ("b", 2.0),
        ("c", 3.0),
    ]


def test_what_a_timer_sets_in_motion_is_done_before_the_next():
    ours, theirs = socket.socketpair()
    said = []

    def speak():
        ours.sendall(b"x")
        gevent.sleep(0)
        said.append("written")

    gevent.spawn_later(1, speak)
    gevent.spawn_later(1, said.append, "next")
    said.append(theirs.recv(1))
    gevent.sleep(1)
    assert said == ["written", b"x", "next"]
    ours.close(), theirs.close()


def test_no_timer_is_early_by_a_rounding_error(began):
    for _ in range(100):
        until = time.monotonic() + 0.1
        gevent.sleep(0.1)
        assert 0 <= time.monotonic() - until < 0.000001
    assert time.monotonic() - began == pytest.approx(10, abs=0.0001)


def test_a_wait_that_is_too_short_for_a_tick_gets_on(began):
    while time.monotonic() < began + 0.00001:
        gevent.sleep(1e-12)


def test_a_cancelled_timer_never_runs(began):
    ran = []
    gevent.spawn_later(1, ran.append, "killed").kill()
    with gevent.Timeout(2):
        gevent.sleep(0.5)
    gevent.sleep(9)
    assert ran == []
    assert time.monotonic() - began == 9.5


def test_time_limits_of_all_kinds(began):
    ours, theirs = socket.socketpair()
    ours.settimeout(1)
    with pytest.raises(TimeoutError):
        ours.recv(1)
    assert not Event().wait(2)
    with pytest.raises(Empty):
        Queue().get(timeout=3)
    with gevent.Timeout(4, False):
        Event().wait()
    sleeper = gevent.spawn(gevent.sleep, 99)
    sleeper.join(5)
    assert not sleeper.dead
    sleeper.kill()
    assert time.monotonic() - began == 1 + 2 + 3 + 4 + 5
    ours.close(), theirs.close()


def test_a_timer_again_and_again(began):
    ticks = []
    timer = gevent.get_hub().loop.timer(1, 2)
    timer.start(lambda: ticks.append(time.monotonic() - began))
    gevent.sleep(6)
    timer.again(lambda: ticks.append(time.monotonic() - began))
    gevent.sleep(3)
    timer.close()
    gevent.sleep(9)
    assert ticks == [1.0, 3.0, 5.0, 8.0]


def test_what_a_timer_raises_is_told_and_time_goes_on(capsys, began):
    timer = gevent.get_hub().loop.timer(1)
    timer.start(lambda: 1 / 0)
    gevent.sleep(2)
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert time.monotonic() - began == 2.0


def test_bytes_that_are_under_way_come_before_a_later_timer():
    """Large ones in many turns, and small ones that Nagle's algorithm would keep back."""
    server = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(server.getsockname())
    theirs, _ = server.accept()
    large = gevent.spawn(ours.sendall, b"x" * 10_000_000)
    with gevent.Timeout(0.000001):
        assert sum(len(theirs.recv(65536)) for _ in range(10)) > 0
        while not large.dead:
            theirs.recv(65536)
    for _ in range(100):
        ours.sendall(b"head"), ours.sendall(b"body")
        with gevent.Timeout(0.000001):
            while not theirs.recv(65536).endswith(b"body"):
                pass
    for one in (ours, theirs, server):
        one.close()


def test_time_stands_still_while_a_thread_works(began):
    pool, ended = ThreadPool(2), []
    other = gevent.spawn(wait, 0.001, "timer", ended)
    pool.apply(stall, (0.1,))
    assert (ended, time.monotonic()) == ([], began)
    other.join()
    pool.kill()
    assert time.monotonic() - began == pytest.approx(0.001, abs=0.00001)


def test_a_name_is_looked_up_in_no_time(began):
    socket.getaddrinfo("localhost", 80)
    assert time.monotonic() == began


@pytest.mark.parametrize("stalls", [0, 0.2])
def test_a_machine_that_stands_still_changes_nothing(stalls, began):
    ours, theirs = socket.socketpair()
    said = []

    def speak():
        for number in range(3):
            gevent.sleep(0.01)
            stall(stalls / 3)
            ours.sendall(b"%d" % number)

    def listen():
        ours.settimeout(0.02)
        while len(said) < 3:
            said.append((theirs.recv(1), round(time.monotonic() - began, 4)))

    gevent.joinall([gevent.spawn(speak), gevent.spawn(listen)], raise_error=True)
    assert said == [(b"0", 0.01), (b"1", 0.02), (b"2", 0.03)]
    ours.close(), theirs.close()


ALONE = """
import gevent
from gevent.event import Event
from gevent.exceptions import LoopExit
from support import virtual_time

virtual_time.install()
virtual_time.switch(True)
loop = gevent.get_hub().loop
began = loop.monotonic()
loop.timer(5, ref=False).start(lambda: None)
for wait in (lambda: Event().wait(), lambda: gevent.sleep(1), lambda: Event().wait()):
    try:
        wait()
    except LoopExit:
        print("told at", loop.monotonic() - began)
"""


@pytest.mark.real_time
def test_who_waits_for_nothing_is_told_so():
    """Alone in a process: other tests leave sockets that might have something to say."""
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    done = subprocess.run(
        [sys.executable, "-c", ALONE], capture_output=True, text=True, timeout=60, env=environment
    )
    assert done.stdout.splitlines() == ["told at 0.0", "told at 1.0"], done.stderr


def test_a_process_needs_the_machines_time():
    with pytest.raises(RuntimeError, match="mark the test real_time"):
        subprocess.run(["true"])


def test_time_goes_on_from_where_it_is_when_it_becomes_real_and_back(began):
    """What had begun to wait in virtual time waits until it is back."""
    ended = []
    asleep = gevent.spawn(wait, 0.02, "asleep", ended)
    gevent.sleep(0)
    virtual_time.switch(False)
    try:
        assert time.monotonic() - began >= 0
        gevent.sleep(0.05)
        assert time.monotonic() - began >= 0.05
        assert ended == []
    finally:
        virtual_time.switch(True)
    assert time.monotonic() - began >= 0.05
    asleep.join()
    assert ended


@pytest.mark.real_time
def test_real_time_is_the_machines():
    real, now = time.perf_counter(), time.monotonic()
    gevent.sleep(0.05)
    assert time.monotonic() - now == pytest.approx(time.perf_counter() - real, abs=0.02)


@pytest.mark.real_time
def test_threads_of_a_pool_do_not_hold_real_time():
    pool, gate = ThreadPool(1), Gate()
    task = pool.spawn(gate)
    gevent.sleep(0.01)
    assert not task.ready()
    gate.open()
    task.get()
    pool.kill()
