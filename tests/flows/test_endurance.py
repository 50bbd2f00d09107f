"""Calls of every kind, one a minute in virtual time: nothing is left of them.

``DIALCTL_CALLS=1440`` makes it a day; 96 without it.
"""

import gc
import logging
import os
import sys
import tracemalloc

import gevent
import pytest
from dialctl.story import stories

from support.webapp import Answer

CALLS = int(os.environ.get("DIALCTL_CALLS", "96"))
AT_ONCE = 12
# What lives as long as the daemon: a few connections and buffers more are no leak, one object of
# 200 bytes for each call would be one.
SPARE_BYTES = 64 * 1024 + CALLS * 100

KINDS = (
    '<Dial callbackUrl="/told" action="/action"><Number>1001</Number></Dial>',
    '<Dial callbackUrl="/told" action="/action"><Number>1002</Number><Number>1001</Number></Dial>',
    '<Dial action="/action" sequential="true"><Number>1002</Number><Number>1001</Number></Dial>',
    '<Dial action="/action" confirmSound="/sound" confirmKey="5"><Number>1003</Number></Dial>',
    '<Dial action="/action" digitsMatch="1,2"><User>sip:alice@example.com</User></Dial>',
    '<Dial action="/gone" timeout="1"><Number>1004</Number></Dial>',
    '<GetDigits action="/action" timeout="1" numDigits="2"><Speak>hello</Speak></GetDigits>',
    '<Record action="/action" maxLength="1"/><Speak>thanks</Speak>',
    '<Conference action="/action" timeLimit="1">room</Conference>',
    "<Redirect>/again</Redirect>",
    "<Speak>unfinished",
    '<Wait length="1"/><Hangup reason="busy"/>',
)
CALLEES = {
    "1001": "answer:0.2:0.2",
    "1002": "busy",
    "1003": "answer:0.2:1",
    "1004": "ring",
    "alice@example.com": "answer:0.1:0.3",
}


@pytest.fixture
def quiet():
    """pytest keeps what is logged, exceptions with their frames and calls included; a coverage
    tracer keeps 640 bytes for each greenlet that there has ever been."""
    logging.disable(logging.CRITICAL)
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)
    logging.disable(logging.NOTSET)


def test_calls_leave_nothing(stage, quiet, monkeypatch):
    monkeypatch.setattr(stories, "RECENT", AT_ONCE)  # that are remembered, and seen to be forgotten
    documents = iter(range(sys.maxsize))
    again = iter(range(sys.maxsize))
    stage.start(
        {
            "answer": lambda _: f"<Response>{KINDS[next(documents) % len(KINDS)]}</Response>",
            "again": lambda _: f"<Response>{KINDS[next(again) % 2]}</Response>",
            "gone": Answer(status="404 Not Found"),
            "sound": "<Speak>press five</Speak>",
            "told": "",
        },
        CALLEES,
    )
    some(stage, max(CALLS // 4, 2 * AT_ONCE))  # fills pools, caches and regular expressions
    before = left(stage)
    tracemalloc.start()
    first = held()
    some(stage, CALLS // 4)
    second = held()
    some(stage, CALLS // 2)
    third = held()
    tracemalloc.stop()
    assert left(stage) == before
    # What calls have left between two moments grows with them only if something leaks.
    assert third - second < max(second - first, 0) + SPARE_BYTES, (first, second, third)


def some(stage, count):
    """Calls in rounds of so many at once, each seen to its end."""
    for _ in range(count // AT_ONCE):
        stage.clock.sleep(60 * AT_ONCE)
        for a_leg in [stage.call(over=False) for _ in range(AT_ONCE)]:
            assert a_leg.wait(60), "the call is still up"
        assert stage.server.idle(400), "something is still owed"
        stage.web.requests.clear()
        stage.seen.clear()


def left(stage):
    """What there is of everything that a call makes."""
    gevent.sleep(20)  # the switch's sockets linger
    gc.collect()
    services = stage.server._services
    shared = services.calls, services.questions, services.asking, services.room_recordings
    assert not any(shared)
    kinds = [
        type(thing).__qualname__
        for thing in gc.get_objects()
        if str(type(thing).__module__).startswith("dialctl.")
        and not type(thing).__module__.startswith("dialctl.switch")
    ]
    of_calls = ("Call", "Channel", "Session", "Course", "Recordings", "Customer", "Engine", "Plan")
    greenlets = sum(
        isinstance(thing, gevent.Greenlet) and not thing.dead for thing in gc.get_objects()
    )
    # Connections that are kept to the application, and their greenlets at its side.
    files = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if _open(fd)]
    others = [name for name in files if not name.startswith("socket:")]
    return {kind: kinds.count(kind) for kind in of_calls}, len(others), greenlets // 50


def _open(fd):
    return os.path.islink(f"/proc/self/fd/{fd}")


def held():
    """Bytes that dialctl's own code has allocated and that are in use."""
    gevent.sleep(20)
    gc.collect()
    kept = tracemalloc.take_snapshot().filter_traces(
        (tracemalloc.Filter(True, "*/dialctl/*"), tracemalloc.Filter(False, "*/dialctl/switch/*"))
    )
    return sum(statistic.size for statistic in kept.statistics("filename"))
