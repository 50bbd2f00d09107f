"""Two workers behind one port: what belongs to a call finds it, on a real switch too."""

import os
import signal

import pytest

from support import fault
from support.processes import workers

from .numbers import answers, presses_five, response

CONFIRM = response("<Play>tone_stream://%(9000,0,440)</Play>")
CALLS = 8  # each of whose sockets would come to the wrong worker half of the time
CONNECTED = "/callback DialConnected 1"


@pytest.fixture(scope="module")
def daemon(stand):
    made = stand.daemon
    made.stop()
    made.write("dialctl.yaml", {**made.settings, "workers": 2})
    made.start()
    assert made.wait_for_line(["2 workers are ready"])
    yield made
    made.stop()
    made.write("dialctl.yaml", made.settings)
    made.start()


def heard(live, call):
    call.ended()
    assert live.web.wait_for(fault.is_over(call.call_uuid), 20), live.log()
    return fault.heard(live.web.requests, call.call_uuid)


def test_a_callee_who_is_asked_finds_the_call_that_asks(live, daemon):
    document = live.told_dial(
        presses_five(0.2, 0.5), confirmSound=live.url("/confirm"), confirmKey="5"
    )
    live.script(response(document), confirm=CONFIRM, action=response())
    for call in [live.call() for _ in range(CALLS)]:
        assert CONNECTED in heard(live, call), live.log()


def test_a_worker_killed_takes_no_call_with_it(live, daemon):
    live.script(response(live.told_dial(answers(0.2, 4))), action=response())
    calls = [live.call() for _ in range(CALLS)]
    assert live.web.wait_for(
        lambda got: sum(r.params.get("DialAction") == "connected" for r in got) == CALLS
    )
    os.kill(workers(daemon.folder)[2], signal.SIGKILL)
    for call in calls:
        assert heard(live, call) == fault.COMPLETED, live.log()
