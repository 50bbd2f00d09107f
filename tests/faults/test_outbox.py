"""Callbacks survive: the daemon is killed, its disk fails, the application is gone."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
from collections import Counter

import gevent
import pytest
from gevent.subprocess import Popen
from plivo.utils.signature_v3 import validate_v3_signature

from support.rawserver import Web, answer, eventually
from support.webapp import Answer

from .conftest import TOKEN, kill, recorded

pytestmark = pytest.mark.real_time

BYE = "<Response><Hangup/></Response>"
DIAL = (
    '<Response><Dial callbackUrl="/callback" action="/action"><Number>1001</Number></Dial>'
    "</Response>"
)
SILENT = Answer("", delay=60.0)


def fault(*answers):
    """The answers in turn, the last one for ever."""
    return [*answers] if len(answers) > 1 else answers[0]


def signed(stand, request):
    url, headers = stand.web.url(request.path), request.headers
    return validate_v3_signature(
        request.method,
        url,
        headers["x-plivo-signature-v3-nonce"],
        TOKEN,
        headers["x-plivo-signature-v3"],
        request.params,
    )


def test_killed_with_callbacks_in_flight(stand):
    """All of them are delivered by the next start, in order, once answered, signed anew."""
    stand.web.script({"/answer": DIAL, "/action": BYE, "/callback": SILENT})
    daemon = stand.daemon()
    a_leg = stand.call(daemon, {"1001": "answer:0.1:0.2"})
    assert a_leg.wait(20)
    assert stand.web.wait_for(lambda told: [r for r in told if r.path == "/hangup"])
    assert stand.keys("/callback", "/action", "/hangup") == ["1-1-answer", "1-action", "hangup"]
    # Until it is recorded what was answered.
    assert eventually(lambda: len(recorded(stand.state, "waiting")) == 3)
    kill(daemon)
    before = stand.web.requests
    stand.web.script({})
    daemon.start()
    assert stand.web.wait_for(3)
    daemon.stop()
    assert stand.keys("/callback") == ["1-1-answer", "1-1-connected", "1-1-hangup"]
    assert stand.keys("/action", "/hangup") == []  # they had been answered
    assert all(signed(stand, request) for request in stand.web.requests)
    nonces = [r.headers["x-plivo-signature-v3-nonce"] for r in (before[1], stand.web.requests[0])]
    assert nonces[0] != nonces[1]
    assert before[1].params == stand.web.requests[0].params
    assert not any("wait in the outbox" in line for line in daemon.lines)


def test_killed_during_the_action_request(stand):
    """It is told again, under its key."""
    stand.web.script({"/answer": DIAL, "/action": SILENT})
    daemon = stand.daemon()
    stand.call(daemon, {"1001": "busy"})
    assert stand.web.wait_for(lambda told: [r for r in told if r.path == "/action"])
    kill(daemon)
    told = [r for r in stand.web.requests if r.path == "/action"]
    stand.web.script({})
    daemon.start()
    (again,) = stand.web.wait_for(lambda told: [r for r in told if r.path == "/action"])
    assert again.params == told[0].params
    assert again.headers["idempotency-key"] == told[0].headers["idempotency-key"]


def test_stopped_with_callbacks_in_flight(stand):
    """SIGTERM: it says how many are left, and the next start delivers them."""
    stand.web.script({"/answer": BYE, "/hangup": SILENT})
    daemon = stand.daemon()
    assert stand.call(daemon).wait(20)
    assert stand.web.wait_for(2)
    daemon.stop()
    assert daemon.wait_for_line(["1 callbacks wait in the outbox for the next start"])
    stand.web.script({})
    daemon.start()
    assert stand.web.wait_for(1)
    assert stand.keys("/hangup") == ["hangup"]


def test_another_daemon_takes_over_what_a_killed_one_left(stand):
    stand.web.script({"/answer": BYE, "/hangup": fault(SILENT, Answer())})
    daemon, other = stand.daemon(), stand.daemon()
    assert stand.call(daemon).wait(20)
    assert stand.web.wait_for(2)
    kill(daemon)
    assert stand.web.wait_for(3)
    assert stand.keys("/hangup") == ["hangup", "hangup"]
    assert other.wait_for_line(["1 callbacks of a dialctl that is gone are taken over"])


def test_another_daemon_takes_over_what_one_that_hangs_left(stand):
    stand.web.script({"/answer": BYE, "/hangup": fault(SILENT, Answer())})
    daemon, other = (stand.daemon(outbox={"claim_after": 2}) for _ in range(2))
    assert stand.call(daemon).wait(20)
    assert stand.web.wait_for(2)
    daemon._process.send_signal(signal.SIGSTOP)
    assert stand.web.wait_for(3)
    assert stand.keys("/hangup") == ["hangup", "hangup"]
    daemon._process.send_signal(signal.SIGCONT)
    assert daemon.wait_for_line(["another process has taken over what waited here"])
    assert other.running


def test_the_operator_has_a_dead_one_tried_again(stand):
    """The daemon that runs sees it within two seconds; ten, on a busy machine."""
    stand.web.script({"/answer": BYE, "/hangup": fault(Answer(status="403 No"), Answer())})
    daemon = stand.daemon()
    assert stand.call(daemon).wait(20)
    assert daemon.wait_for_line(["failed for good", "answered 403"])
    assert eventually(lambda: recorded(stand.state, "dead"))
    listed = stand.outbox("list", "--json")
    (told,) = json.loads(listed.stdout)
    assert (told["state"], told["error"]) == ("dead", "answered 403")
    assert stand.outbox("retry", told["key"]).stdout == "1 due now\n"
    assert stand.web.wait_for(3, timeout=10.0)
    assert stand.keys("/hangup") == ["hangup", "hangup"]


def test_a_folder_that_is_missing_is_told_and_calls_go_on(stand, tmp_path):
    stand.web.script({"/answer": BYE, "/hangup": fault(Answer(status="503 No"), Answer())})
    daemon = stand.daemon(state_dir=str(tmp_path / "missing"))
    assert daemon.wait_for_line(["ERROR", "missing/outbox.sqlite3", "in memory only"])
    assert stand.call(daemon).wait(20)
    assert stand.web.wait_for(3)  # it is tried again, from memory
    assert stand.keys("/hangup") == ["hangup", "hangup"]


def test_a_damaged_file_is_told_and_calls_go_on(stand):
    stand.web.script({"/answer": BYE})
    first = stand.daemon()
    first.stop()
    path = stand.state / "outbox.sqlite3"
    path.write_bytes(os.urandom(20000))
    first.start()
    assert first.wait_for_line(["ERROR", "is damaged and kept as"])
    assert stand.call(first).wait(20)
    assert stand.web.wait_for(2)
    assert stand.keys("/hangup") == ["hangup"]
    assert [p for p in stand.state.iterdir() if ".damaged-" in p.name]
    first.stop()


REPORTER = """
    from gevent import monkey
    monkey.patch_all()
    import logging, sys
    import gevent
    from dialctl.clock import Clock
    from dialctl.http.client import Client
    from dialctl.http.delivery import Delivery, Report
    from dialctl.http.outbox.outbox import Outbox
    from dialctl.metrics import Metrics
    from dialctl.settings import Http, Outbox as Settings

    url, folder, run = sys.argv[1:]
    clock, http = Clock(), Http()
    outbox = Outbox(Settings(), f"{folder}/outbox.sqlite3", clock)
    client, log = Client(http, clock, 1000), logging.getLogger()
    delivery = Delivery(client, http, outbox, {}, clock, log, Metrics())
    outbox.start(delivery)
    for number in range(10**9):
        for call in range(20):
            name = f"{run}-{call}"
            delivery.deliver(Report(name, url, "POST", (("n", "1"),), f"{name}-{number}"))
        gevent.sleep(0.01)
        if run == "last":
            gevent.sleep(3600)
"""


def test_killed_again_and_again_under_load(tmp_path):
    """Each report that was ever attempted is delivered, in order, and twice only if its answer had
    not been recorded: it comes into the file with the next transaction.
    """
    web = Web()
    url = web.on("/p", (0.02, answer()))
    rng, waiting = random.Random(7), set()
    for run in [*map(str, range(5)), "last"]:
        process = Popen(
            [sys.executable, "-c", textwrap.dedent(REPORTER), url, str(tmp_path), run],
            stderr=subprocess.DEVNULL,
        )
        seen = len(web.asked)
        assert eventually(lambda seen=seen: len(web.asked) > seen + 30)
        if run != "last":
            gevent.sleep(rng.uniform(0.05, 0.4))
            process.send_signal(signal.SIGKILL)
            process.wait()
            waiting |= recorded(tmp_path, "waiting")
    keys = [asked.headers["idempotency-key"] for asked in web.asked]
    assert eventually(lambda: _all_answered(web))
    process.kill()
    process.wait()
    answered = [asked.headers["idempotency-key"] for asked in web.asked if asked.answered]
    assert set(keys) <= set(answered)
    for _, group in itertools.groupby(sorted(dict.fromkeys(answered), key=_call), key=_call):
        told = [int(key.rpartition("-")[2]) for key in group]
        assert told == sorted(told) == list(range(len(told)))
    twice = [key for key, times in Counter(answered).items() if times > 1]
    assert set(twice) <= waiting
    assert set(answered) - waiting, "nothing was recorded"
    web.stop()


def _call(key):
    return key.rpartition("-")[0]


def _all_answered(web):
    asked = {one.headers["idempotency-key"] for one in web.asked}
    answered = {one.headers["idempotency-key"] for one in web.asked if one.answered}
    return asked == answered
