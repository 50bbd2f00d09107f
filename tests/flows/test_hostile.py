"""Floods stay outside, and nothing grows, whatever arrives."""

import gc
import os
import statistics
import time
from dataclasses import replace

import gevent
import pytest
from dialctl.settings import Http, Limits

from support.webapp import Answer

from .conftest import SETTINGS


@pytest.mark.parametrize(
    "hostile",
    [
        "1),sofia/gateway/evil/900",
        "${system(reboot)}",
        "'],[origination_uuid=x]user/evil",
        "a\n\nsendmsg\ncall-command: hangup",
        "x" * 5000,
    ],
)
def test_a_callers_name_rings_nobody_else(stage, hostile):
    calls = []
    document = '<Dial action="/action"><Number>1001</Number></Dial>'
    stage.start({"answer": document}, {"1001": "busy"})
    stage.switch._observer = lambda _t, who, what, detail: calls.append((what, detail))
    stage.call(caller_name=hostile)
    assert [detail for what, detail in calls if what == "created"] == ["sofia/internal/1001"]


def test_an_application_that_takes_ten_seconds_starves_nobody(stage):
    """A hundred calls wait ten seconds for their document; the next one is served meanwhile."""
    answer = "<Response><Hangup/></Response>"
    slow = iter(range(100))

    def document(_request):
        return Answer(answer, delay=10 if next(slow, None) is not None else 0)

    stage.start({"answer": document}, settings=replace(SETTINGS, http=Http(5, 20, 55, retries=0)))
    waiting = [stage.call(over=False) for _ in range(100)]
    assert stage.web.wait_for(100)
    assert stage.call(over=False).wait(9)
    assert not any(a_leg.wait(0) for a_leg in waiting), "it waited for the others"
    for a_leg in waiting:
        stage.end(a_leg)
    assert [r.path for r in stage.web.requests].count("/hangup") == 101


def test_a_flood_of_calls_leaves_those_that_are_up_alone(stage, caplog):
    settings = replace(SETTINGS, limits=Limits(calls=3))
    document = '<Dial callbackUrl="/callback" action="/action"><Number>1001</Number></Dial>'
    stage.start({"answer": document}, {"1001": "answer:1:6"}, settings=settings)
    up = [stage.call(over=False) for _ in range(3)]
    assert stage.web.wait_for(3)
    flood = [stage.call(over=False) for _ in range(40)]
    for a_leg in flood:
        assert a_leg.wait(20)
        assert a_leg.sip_status == 503
    assert stage.server._gate.refused == 40
    assert 1 <= caplog.text.count("with SIP 503") <= 3  # of forty
    for a_leg in up:
        stage.end(a_leg)
        told = [r.params["Event"] for r in stage.web.requests if r.params["CallUUID"] == a_leg.uuid]
        assert told[-1] == "Hangup"
        assert "DialConnected" in told


@pytest.mark.real_time
def test_a_flood_delays_no_call_that_was_accepted(stage):
    """How long the answer of a callee takes to become a callback, while 200 calls a second come."""
    document = '<Dial callbackUrl="/callback" action="/action"><Number>1001</Number></Dial>'
    limits = Limits(calls=20)
    stage.start({"answer": document}, {"1001": "answer:1:0.5"}, replace(SETTINGS, limits=limits))

    def delay(flooded):
        stage.web.requests.clear()
        began = time.monotonic()
        up = [stage.call(over=False) for _ in range(20)]
        assert stage.web.wait_for(20)
        while flooded and time.monotonic() < began + 1.4:
            stage.call(over=False)
            gevent.sleep(0.005)
        for a_leg in up:
            stage.end(a_leg)
        answers = [r.at - began for r in stage.web.requests if r.params["Event"] == "DialAnswer"]
        assert len(answers) == 20
        return statistics.median(answers) - 1

    quiet = delay(False)
    assert delay(True) < quiet + 0.3
    assert stage.server._gate.refused > 50


def test_many_calls_leave_nothing_behind(stage):
    """Descriptors, greenlets, calls and questions: as many after 180 calls as after 30."""
    document = '<Dial callbackUrl="/callback" action="/action"><Number>1001</Number></Dial>'
    stage.start({"answer": document}, {"1001": "answer:0.1:0.1"})

    def some(count):
        for a_leg in [stage.call(over=False) for _ in range(count)]:
            stage.end(a_leg)
        gevent.sleep(2)  # lingering sockets of the switch's
        gc.collect()
        kinds = [type(thing).__name__ for thing in gc.get_objects()]
        counted = {kind: kinds.count(kind) for kind in ("Call", "Channel", "Session", "Course")}
        return len(os.listdir("/proc/self/fd")), counted

    some(15)  # fills the pools of connections
    before = some(15)
    for _ in range(10):
        after = some(15)
    assert after[0] < before[0] + 100  # connections are pooled; a leak would be 150 and more
    assert after[1] == before[1]
    assert not stage.server._services.calls
    assert not stage.server._services.questions
