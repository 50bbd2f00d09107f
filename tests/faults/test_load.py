"""Two hundred calls at once, in every state, and kill -9 in the middle."""

import gevent
import pytest

from support import fault
from support.fault import COMPLETED
from support.forker import Forker
from support.yard import Yard

pytestmark = pytest.mark.real_time

CALLS = 200
TALK = 6.0
CALLEES = {"1001": f"answer:1:{TALK}", "1002": "answer:0:0.1"}
DIAL = (
    '<Response><Dial callbackUrl="/callback" action="/action"><Number>{}</Number></Dial></Response>'
)
SHORT = "15550000000"  # who calls for a moment only
PATIENCE = 120.0


@pytest.fixture(params=["alone", "followed"])
def yard(request, tmp_path):
    forker = Forker()
    limits = {"limits": {"calls": 1000, "calls_per_second": 1000}}
    made = Yard(tmp_path, CALLEES, forker, followed=request.param == "followed", **limits)
    made.daemon.start()
    yield made
    made.stop()
    forker.stop()


def as_promised(told):
    """Each thing once, and what goes to one URL in order.

    Another URL waits for it half a second at most (HOLD in http/ledger.py), less than a full
    machine takes.
    """

    def callbacks(lines):
        return [line for line in lines if line.startswith("/callback")]

    return sorted(told) == sorted(COMPLETED) and callbacks(told) == callbacks(COMPLETED)


def test_two_hundred_calls_survive(yard):
    yard.script(answer=lambda r: DIAL.format("1002" if r.params["From"] == SHORT else "1001"))
    yard.hear(yard.place(caller=SHORT))
    yard.nothing_is_left()
    yard.killer.armed = True
    calls = []
    for _ in range(CALLS):
        calls.append(yard.place())
        gevent.sleep(0.015)
    # The first ones talk, others ring, the last ones wait for their document.
    yard.killer.strike()
    for a_leg in calls:
        assert a_leg.wait(PATIENCE), f"a call is still up:\n{yard.log()[-4000:]}"
    over = [fault.is_over(a_leg.uuid) for a_leg in calls]
    assert yard.web.wait_for(lambda got: len(got) >= CALLS and all(o(got) for o in over), PATIENCE)
    heard = [fault.heard(yard.web.requests, a_leg.uuid) for a_leg in calls]
    wrong = [told for told in heard if not as_promised(told)]
    assert not wrong, f"{len(wrong)} of {CALLS}: {wrong[:3]}"
    answered, ended = yard.times("answered"), yard.times("hung up")
    talked = [ended[leg] - answered[leg] for leg in answered]
    assert len(talked) == CALLS + 1
    assert sorted(talked)[1] > TALK / 2, "a conversation was cut"
    yard.nothing_is_left()
    idle = yard.daemon.descriptors()
    yard.hear(yard.place(caller=SHORT))
    yard.eventually(lambda: yard.daemon.descriptors() <= idle + 2, "descriptors are left open")
