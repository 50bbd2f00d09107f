"""The caller hangs up at every moment of a call; it ends cleanly and is reported once."""

import pytest

from support.sounds import wav
from support.webapp import Answer

from .flow import BY_CALLER, CAUSES, GONE
from .numbers import BUSY, answers, dial, refuses, response, rings

CANCELED = CAUSES["ORIGINATOR_CANCEL"]


@pytest.fixture
def sound(live):
    """The URL of ten seconds of silence."""
    live.web.files["/files/silence.wav"] = Answer(wav(10), content_type="audio/wav")
    return live.url("/files/silence.wav")


def test_during_the_answer_request(live):
    live.script(Answer(response(dial(rings())), delay=0.8))
    call = live.call()
    assert live.web.wait_for(1)
    call.after(0.2, call.cancel)
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.hangup(CANCELED, cause="ORIGINATOR_CANCEL", answered=False),
    )
    assert call.story() == ["CANCEL"]
    assert not live.callees()


def test_during_a_play(live, sound):
    live.script(response(f"<Play>{sound}</Play>", dial(rings())))
    call = live.call()
    call.answered()
    call.after(0.5, call.hang_up)
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(BY_CALLER, cause="NORMAL_CLEARING", duration="1"))
    assert call.story() == ["200", "bye"]
    assert not live.callees()


def test_during_a_speak(live):
    live.script(response("<Speak>" + "This takes a long time to say. " * 10 + "</Speak>"))
    call = live.call()
    call.answered()
    call.after(0.5, call.hang_up)
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(BY_CALLER, cause="NORMAL_CLEARING", duration="1"))
    assert call.story() == ["200", "bye"]


def test_during_a_wait_before_the_answer(live):
    """A Wait that comes first does not answer the call."""
    live.script(response('<Wait length="20"/>', dial(rings())))
    call = live.call()
    assert live.web.wait_for(1)
    call.after(0.5, call.cancel)
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.hangup(CANCELED, cause="ORIGINATOR_CANCEL", answered=False),
    )
    assert "200" not in call.story()
    assert call.saw()[-1] == "CANCEL"
    assert not live.callees()


def test_during_a_wait_after_the_answer(live):
    live.script(response("<Speak>hi</Speak>", '<Wait length="20"/>', dial(rings())))
    call = live.call()
    call.answered()
    call.after(1.5, call.hang_up)
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(BY_CALLER, cause="NORMAL_CLEARING"))
    assert call.story() == ["200", "bye"]
    assert not live.callees()


def test_between_two_dials(live):
    """The second target is never rung."""
    bob = refuses(BUSY, ring=0.3)
    live.script(live.told(bob), action=Answer(response(dial(rings())), delay=0.8))
    call = live.call()
    assert live.web.wait_for(3)  # the action has been asked
    call.after(0.2, call.cancel)
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, "USER_BUSY"),
        flow.action("busy", "USER_BUSY"),
        flow.hangup(CANCELED, cause="ORIGINATOR_CANCEL", answered=False),
    )
    assert call.story() == ["180", "CANCEL"]
    assert len(live.callees()) == 1


def test_during_the_action_request_of_an_answered_dial(live):
    bob = answers(0.1, 0.3)
    live.script(live.told(bob), action=Answer(response(dial(rings())), delay=0.8))
    call = live.call()
    assert live.web.wait_for(5)
    call.after(0.2, call.hang_up)
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(bob),
        flow.connected(bob),
        flow.leg_ended(bob, "NORMAL_CLEARING", talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(BY_CALLER, cause="NORMAL_CLEARING"),
    )
    assert call.story() == ["180", "200", "bye"]
    assert len(live.callees()) == 1


def test_during_a_redirect(live):
    live.script(
        response("<Redirect>/next</Redirect>"), next=Answer(response(dial(rings())), delay=0.8)
    )
    call = live.call()
    assert live.web.wait_for(2)
    call.after(0.2, call.cancel)
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.redirect("/next", status="ringing"),
        flow.hangup(CANCELED, cause="ORIGINATOR_CANCEL", answered=False),
    )
    assert not live.callees()


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1])
def test_at_about_the_moment_of_the_answer(live, delay):
    """Whoever wins: every leg is reported ended once, the action once, the hangup last."""
    bob = answers(0.3, 9)
    live.script(live.told(bob), action=response())
    call = live.call()
    call.ringing()
    call.after(0.25 + delay, call.hang_up)
    call.ended()
    assert live.web.wait_for(lambda got: got and got[-1].path == "/hangup")
    events = [request.params["Event"] for request in live.web.requests]
    assert events[0] == "StartApp"
    assert events[-3:] == ["DialHangup", "DialAction", "Hangup"]
    assert events[1:-3] in ([], ["DialAnswer"], ["DialAnswer", "DialConnected"])
    action, hangup = live.web.requests[-2:]
    if events[1:-3] == ["DialAnswer", "DialConnected"]:
        assert action.params["DialStatus"] == "completed"
        assert hangup.params["HangupCauseCode"] == BY_CALLER[0]
    else:
        assert action.params["DialStatus"] == "cancel"
    assert live.web.requests[-3].params["CallStatus"] in GONE.values
