"""What runs after a Dial: the next element, the action's document; time limit and star."""

import pytest

from support.webapp import Answer

from .flow import BY_CALLER, END_OF_DOCUMENT, not_fetched, not_usable
from .live import TOLERANCE
from .numbers import BUSY, answers, dial, refuses, response, rings

SPEAK = "<Speak>hi</Speak>"


def spoke(call):
    return [data for name, data in call.applications() if name == "speak"]


def test_two_dials_in_turn(live):
    """redirect="false" and no action: the first is busy, the second one answers."""
    ann, ben = refuses(BUSY, ring=0.2), answers(0.2, 0.4)
    first = live.told_dial(ann, redirect="false")
    second = dial(ben, callbackUrl=live.url("/callback"))
    live.script(response(first, second), action=response(dial(rings())))
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(ann, "USER_BUSY"),
        flow.action("busy", "USER_BUSY"),
        flow.answer(ben, leg=2),
        flow.connected(ben, leg=2),
        flow.leg_ended(ben, "NORMAL_CLEARING", leg=2, talked=True),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]


def test_a_second_dial_after_one_that_was_answered(live):
    ann, ben = answers(0.1, 0.3), refuses(BUSY)
    live.script(response(*(dial(who, callbackUrl=live.url("/callback")) for who in (ann, ben))))
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(ann),
        flow.connected(ann),
        flow.leg_ended(ann, "NORMAL_CLEARING", talked=True),
        flow.leg_ended(ben, "USER_BUSY", leg=2, status="in-progress"),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]


def test_time_limit(live):
    """B is ended with 6000; the call goes on with the next element."""
    bob = answers(0.1, 9)
    live.script(response(live.told_dial(bob, timeLimit="2", redirect="false"), SPEAK))
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(bob),
        flow.connected(bob),
        flow.leg_ended(bob, "ALLOTTED_TIMEOUT", talked=True),
        flow.action("completed", "ALLOTTED_TIMEOUT", winner=1),
        flow.hangup(END_OF_DOCUMENT),
    )
    (callee,) = live.callees()
    times = live.times(callee)
    talked = times["CHANNEL_HANGUP_COMPLETE"] - times["CHANNEL_ANSWER"]
    assert talked == pytest.approx(2, abs=TOLERANCE)
    assert call.story() == ["180", "200", "BYE"]
    assert len(spoke(call)) == 1


def test_hangup_on_star(live):
    """A presses *: B is dropped, the call goes on."""
    bob = answers(0.1, 9)
    live.script(response(live.told_dial(bob, hangupOnStar="true", redirect="false"), SPEAK))
    call = live.call()
    call.answered()
    call.after(0.5, call.press, "*")
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(bob),
        flow.connected(bob),
        flow.leg_ended(bob, "NORMAL_CLEARING", how=BY_CALLER, talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]
    assert len(spoke(call)) == 1


def test_star_means_nothing_without_hangup_on_star(live):
    bob = answers(0.1, 1.2)
    live.script(live.told(bob), action=response())
    call = live.call()
    call.answered()
    call.after(0.3, call.press, "*")
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(bob),
        flow.connected(bob),
        flow.leg_ended(bob, "NORMAL_CLEARING", talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(END_OF_DOCUMENT),
    )
    (callee,) = live.callees()
    times = live.times(callee)
    talked = times["CHANNEL_HANGUP_COMPLETE"] - times["CHANNEL_ANSWER"]
    assert talked == pytest.approx(1.2, abs=TOLERANCE)


def test_action_document_replaces_the_rest(live):
    """redirect is true unless given: what follows the Dial is dropped."""
    ann, ben = refuses(BUSY), answers(0.1, 0.3)
    live.script(
        response(live.told_dial(ann), dial(rings())),
        action=response(dial(ben, callbackUrl=live.url("/callback"))),
    )
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(ann, "USER_BUSY"),
        flow.action("busy", "USER_BUSY", rang=False),
        flow.answer(ben, leg=2),
        flow.connected(ben, leg=2),
        flow.leg_ended(ben, "NORMAL_CLEARING", leg=2, talked=True),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]
    assert len(live.callees()) == 2


def test_relative_urls_are_resolved_against_the_document(live):
    ann = refuses(BUSY)
    document = response(dial(ann, action="then?n=1", callbackUrl="/callback"))
    live.script(response("<Redirect>/menu/first</Redirect>"), **{"menu/first": document})
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.redirect("/menu/first", status="ringing"),
        flow.leg_ended(ann, "USER_BUSY"),
        flow.action("busy", "USER_BUSY", rang=False, path="/menu/then", also={"n": "1"}),
        flow.hangup(not_usable("Action"), answered=False),
    )
    assert call.refused()


def test_requests_by_get(live):
    """method and callbackMethod: everything stands in the query, the URL's own part is kept."""
    bob = answers(0.1, 0.3)
    document = response(
        dial(
            bob,
            action=live.url("/action?a=b%20c"),
            method="GET",
            callbackUrl=live.url("/callback?x=y"),
            callbackMethod="GET",
        )
    )
    live.script(document, action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(bob, method="GET", also={"x": "y"}),
        flow.connected(bob, method="GET", also={"x": "y"}),
        flow.leg_ended(bob, "NORMAL_CLEARING", talked=True, method="GET", also={"x": "y"}),
        flow.action("completed", "NORMAL_CLEARING", winner=1, method="GET", also={"a": "b c"}),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert all(request.body == b"" for request in live.web.requests if request.method == "GET")


def test_a_callback_url_that_nobody_serves_harms_no_call(live):
    bob = answers(0.1, 0.3)
    closed = f"http://127.0.0.1:{live.switch.dead_port}/callback"
    document = response(dial(bob, callbackUrl=closed, action=live.url("/action")))
    live.script(document, action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]


def test_the_action_waits_half_a_second_for_a_slow_callback_and_no_longer(live):
    bob = refuses(BUSY)
    live.script(live.told(bob), callback=Answer(delay=0.9), action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, "USER_BUSY"),
        flow.action("busy", "USER_BUSY", rang=False),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    _, callback, action, _ = live.web.requests
    assert action.at - callback.at == pytest.approx(0.5, abs=0.1)


def test_a_dial_without_urls_tells_only_the_hangup(live):
    live.script(response(dial(answers(0.1, 0.3))))
    call = live.call()
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(END_OF_DOCUMENT))
    assert call.story() == ["180", "200", "BYE"]


ACTION_FAILS = {
    "500": ("500 Internal Server Error", "", not_fetched("Action")),
    "404": ("404 Not Found", "", not_fetched("Action")),
    "plain-text": ("200 OK", "OK", not_usable("Action")),
    "html": ("200 OK", "<html><body>hi</body></html>", not_usable("Action")),
    "empty-body": ("200 OK", "", not_usable("Action")),
}


@pytest.mark.parametrize("name", ACTION_FAILS)
def test_an_action_that_gives_no_document_ends_the_call(live, name):
    status, body, how = ACTION_FAILS[name]
    bob = refuses(BUSY)
    live.script(response(live.told_dial(bob), SPEAK), action=Answer(body, status))
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, "USER_BUSY"),
        flow.action("busy", "USER_BUSY", rang=False),
        flow.hangup(how, answered=False),
    )
    assert call.refused()


def test_with_redirect_false_a_failing_action_does_not_matter(live):
    bob = refuses(BUSY)
    live.script(
        response(live.told_dial(bob, redirect="false"), SPEAK),
        action=Answer("oops", "500 Internal Server Error"),
    )
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, "USER_BUSY"),
        flow.action("busy", "USER_BUSY", rang=False),
        flow.hangup(END_OF_DOCUMENT),
        once_a_key=True,  # the outbox may have told it again by then
    )
    assert len(spoke(call)) == 1
