"""The daemon itself: many calls at once, stopping, and starting again."""

from support.webapp import Answer

from .conftest import STOP_GRACE
from .flow import END_OF_DOCUMENT
from .numbers import answers, dial, response, rings

CALLS = 10


def whole_call(flow, bob):
    return (
        flow.start(),
        flow.answer(bob),
        flow.connected(bob),
        flow.leg_ended(bob, "NORMAL_CLEARING", talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(END_OF_DOCUMENT),
    )


def test_ten_calls_at_once(live):
    """Each is told about as if it were alone, and all of them talk at the same time."""
    bob = answers(0.5, 1.5)
    live.script(live.told(bob), action=response())
    numbers = [f"1555123000{n}" for n in range(CALLS)]
    calls = {number: live.call(from_number=number) for number in numbers}
    for number, call in calls.items():
        flow = live.flow(call, from_number=number)
        live.expect(*whole_call(flow, bob), call=call)
        assert call.story() == ["180", "200", "BYE"]
    callees = live.callees()
    times = [(one.at, live.times(one)) for one in callees]
    last_answer = max(at + when["CHANNEL_ANSWER"] for at, when in times)
    first_end = min(at + when["CHANNEL_HANGUP_COMPLETE"] for at, when in times)
    assert len(callees) == CALLS
    assert last_answer < first_end, "the calls were not up at the same time"


def test_restart_between_calls(live):
    bob = answers(0.1, 0.3)
    for _ in range(2):
        live.script(live.told(bob), action=response())
        call = live.call()
        live.expect(*whole_call(live.flow(call), bob), call=call)
        assert call.story() == ["180", "200", "BYE"]
        live.daemon.stop()
        live.daemon.start()


def test_a_call_that_comes_while_there_is_no_daemon_waits_for_one(live):
    bob = answers(0.1, 0.3)
    live.script(live.told(bob), action=response())
    live.daemon.stop()
    call = live.call()
    assert call.call_uuid
    live.daemon.start()
    live.expect(*whole_call(live.flow(call), bob))
    assert call.story() == ["180", "200", "BYE"]


def test_a_restart_in_the_middle_of_a_call(live):
    """The daemon ends at once, with status 0; the one that comes next tells what is owed."""
    bob = answers(0.1, 1.0)
    live.script(live.told(bob), action=response())
    call = live.call()
    assert live.web.wait_for(3)
    live.daemon.terminate()
    assert live.daemon.wait(1) == 0
    live.daemon.start()
    live.expect(*whole_call(live.flow(call), bob), once_a_key=True)
    assert call.story() == ["180", "200", "BYE"]


def test_sigterm_with_a_request_under_way(live):
    """It is finished, and what it brought is carried out by the next daemon."""
    bob = answers(0.1, 1.0)
    live.script(Answer(live.told(bob), delay=0.6), action=response())
    call = live.call()
    assert live.web.wait_for(1)
    live.daemon.terminate()
    assert live.daemon.wait(STOP_GRACE) == 0
    live.daemon.start()
    live.expect(*whole_call(live.flow(call), bob))


def test_sigterm_cuts_no_call_that_lasts_longer(live):
    """The daemon ends within stop_grace, with status 0; the parties keep talking."""
    live.script(live.told(answers(0.1, 9)), action=response())
    call = live.call()
    call.answered()
    (callee,) = live.callees()
    live.daemon.terminate()
    assert live.daemon.wait(STOP_GRACE + 1) == 0
    events = live.switch.events
    cut = events.wait_for(lambda: events.of(callee.uuid, "CHANNEL_HANGUP_COMPLETE"), 1.0)
    assert not cut, f"the callee was cut off {cut[0].at - callee.at:.1f} s after its INVITE"
    assert {callee.uuid, call.uuid, call.call_uuid} <= set(events.open_channels())
    call.hang_up()
    assert call.story() == ["180", "200", "bye"]


def test_sigterm_while_ringing(live):
    """Ends with status 0 within stop_grace; FreeSWITCH goes on ringing by itself."""
    live.script(response(dial(rings())))
    call = live.call()
    call.ringing()
    live.daemon.terminate()
    assert live.daemon.wait(STOP_GRACE + 1) == 0
    call.cancel()
    assert call.story() == ["180", "CANCEL"]
