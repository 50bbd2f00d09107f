"""Two workers behind one port: what belongs to a call finds it, and no worker's end is a call's."""

import json
import os
import re
import signal
import subprocess
import sys
from functools import partial

import pytest
import requests

from support import fault
from support.forker import Forker
from support.ports import free_port
from support.processes import workers
from support.webapp import Answer
from support.yard import PATIENCE, Yard

pytestmark = pytest.mark.real_time

CALLEES = {"1001": "answer:0.2:1", "1002": "answer:0.2:1;press=0.3:5", "1003": "answer:0.2:6"}
DIAL = '<Dial callbackUrl="/callback" action="/action"{}><Number>{}</Number></Dial>'
CONFIRM = ' confirmSound="/confirm" confirmKey="5"'


@pytest.fixture
def forker():
    made = Forker()
    yield made
    made.stop()


@pytest.fixture
def yard(tmp_path, forker):
    made = Yard(tmp_path, CALLEES, forker, workers=2, web={"listen": f"127.0.0.1:{free_port()}"})
    made.daemon.start()
    assert made.daemon.wait_for_line(["2 workers are ready"])
    yield made
    made.stop()


def worker_of(yard, a_leg):
    """Who has the call, by what its channel says."""
    owner = re.search(r"(\.2)?#", yard.switch.channels[a_leg.uuid].variables.get("dialctl_owner"))
    return 2 if owner[1] else 1


def talking(yard):
    """A call of each worker, by its number, and others."""
    calls = {}
    while len(calls) < 2:
        a_leg = yard.place()
        yard.eventually(partial(is_connected, yard, a_leg), "nobody is connected")
        calls.setdefault(worker_of(yard, a_leg), a_leg)
    return calls


def is_connected(yard, a_leg):
    return "/callback DialConnected 1" in fault.heard(yard.web.requests, a_leg.uuid)


def test_calls_go_to_both_and_the_figures_are_of_both(yard):
    yard.script(answer=DIAL.format("", "1003"))
    talking(yard)
    calls = {request.params["CallUUID"] for request in yard.web.requests}
    figures = metrics(yard)
    assert figures["dialctl_workers"] == 2
    assert figures["dialctl_calls_up"] == len(calls)
    yard.nothing_is_left()
    assert metrics(yard)['dialctl_dials_total{status="completed"}'] == len(calls)


def test_a_callee_who_is_asked_finds_the_call_that_asks(yard):
    yard.script(
        answer=DIAL.format(CONFIRM, "1002"), confirm="<Play>tone_stream://%(3000,0,440)</Play>"
    )
    for _ in range(8):  # each would go to the other worker half of the time
        told = yard.hear(yard.place())
        assert "/callback DialConnected 1" in told, yard.log()
    yard.nothing_is_left()


def test_a_worker_killed_takes_no_call_with_it(yard):
    """Whose calls it had is told by its successor; the other one's calls do not notice."""
    yard.script(answer=DIAL.format("", "1003"))
    calls = talking(yard)
    before = workers(yard.daemon.folder)
    os.kill(before[2], signal.SIGKILL)
    for a_leg in calls.values():
        assert yard.hear(a_leg) == fault.COMPLETED
    yard.nothing_is_left()
    assert yard.daemon.wait_for_line(["worker 2 has ended (signal SIGKILL)"])
    after = workers(yard.daemon.folder)
    assert after[1] == before[1]
    assert after[2] != before[2]


def test_one_that_hangs_is_killed(tmp_path, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    yard = Yard(tmp_path, CALLEES, None, workers=2)
    try:
        yard.daemon.start()
        assert yard.daemon.wait_for_line(["2 workers are ready"])
        os.kill(workers(yard.daemon.folder)[1], signal.SIGSTOP)
        assert yard.daemon.wait_for_line(["worker 1 has said nothing for 2 s: killed"])
        assert yard.daemon.wait_for_line(["worker 1 has ended (signal SIGKILL)"])
        yard.script(answer="<Hangup/>")
        for _ in range(4):
            yard.hear(yard.place())
    finally:
        yard.stop()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_they_end_with_their_supervisor(yard, how):
    assert workers(yard.daemon.folder).keys() == {1, 2}
    yard.daemon.terminate() if how == signal.SIGTERM else yard.daemon.slay()
    yard.eventually(lambda: not workers(yard.daemon.folder), "workers are left")


def test_what_waits_with_a_worker_is_told_by_fewer(yard):
    """Undelivered reports of both workers, and one process after that."""
    yard.script(answer="<Hangup/>", hangup=Answer(status="503 No"))
    calls = [yard.place() for _ in range(16)]
    for a_leg in calls:
        assert a_leg.wait(PATIENCE)
    yard.eventually(lambda: len(waiting(yard)) == len(calls), "reports are missing")
    yard.daemon.stop()
    (second,) = yard.daemon.folder.glob("state/outbox.sqlite3.2")
    yard.script()
    yard.daemon.write("dialctl.yaml", {**yard.daemon.settings, "workers": 1})
    yard.daemon.start()
    assert yard.daemon.wait_for_line(["callbacks of", "are taken over"])
    assert not second.exists()
    outbox(yard, "retry", "--all")
    told = {a_leg.uuid for a_leg in calls}
    assert yard.web.wait_for(lambda got: told == {r.params["CallUUID"] for r in got})
    assert len(yard.web.requests) == len(calls)


def waiting(yard):
    return json.loads(outbox(yard, "list", "--json"))


def outbox(yard, *words):
    """What ``dialctl outbox`` says."""
    command = [sys.executable, "-m", "dialctl", "outbox", *words, "--config", yard.daemon.folder]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def metrics(yard):
    page = requests.get(f"http://{yard.settings['web']['listen']}/metrics", timeout=10).text
    lines = (line.rpartition(" ") for line in page.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}
