"""Callees who are asked to confirm before they are connected."""

import pytest

from support.webapp import Answer

from .flow import END_OF_DOCUMENT
from .live import TOLERANCE
from .numbers import answers, dial, presses_five, response, rings

TONE = "<Play>tone_stream://%({},0,440)</Play>"
LONG = response(TONE.format(20000))
SHORT = response(TONE.format(300))
UNCONFIRMED = ("9110", "Confirm Key Challenge Failed", "Callee")


def asked(live, *targets, key="5", timeout="3", **attributes):
    """A Dial whose callees must confirm; reports go to /callback and /action."""
    return live.told_dial(
        *targets,
        confirmSound=live.url("/confirm"),
        confirmTimeout=timeout,
        **({"confirmKey": key} if key else {}),
        **attributes,
    )


def told(live):
    """What the application was told of the legs: action and position."""
    return [
        (r.params["DialAction"], r.params["DialBLegPosition"])
        for r in live.heard()
        if r.path == "/callback"
    ]


def the_end(live, path="/hangup"):
    assert live.web.wait_for(lambda _: any(r.path == path for r in live.heard()), 15)
    return next(r for r in live.heard() if r.path == path)


def ends_of_legs(live):
    return {
        r.params["DialBLegPosition"]: r.params["DialBLegHangupCauseCode"]
        for r in live.heard()
        if r.path == "/callback" and r.params["DialAction"] == "hangup"
    }


def test_the_right_key(live):
    ann = presses_five(0.2, 1.0)
    live.script(response(asked(live, ann)), confirm=LONG, action=response())
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.answer(ann),
        flow._row("/confirm", "DialRemoteSounds", "ringing"),
        flow.connected(ann),
        flow.leg_ended(ann, "NORMAL_CLEARING", talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]


def test_a_wrong_key_is_asked_again_until_the_time_is_up(live):
    ann = presses_five(0.2, 9.0)
    document = response(asked(live, ann, key="7", timeout="2"))
    live.script(document, confirm=LONG, action=response())
    call = live.call()
    over = the_end(live)
    assert told(live) == [("answer", "1"), ("hangup", "1")]
    assert ends_of_legs(live) == {"1": "9110"}
    action = the_end(live, "/action").params
    assert (action["DialStatus"], action["DialBLegUUID"]) == ("no-answer", "")
    assert "200" not in call.story()
    assert over.params["HangupCauseCode"] == "4010"
    (callee,) = live.callees()
    times = live.times(callee)
    talked = times["CHANNEL_HANGUP_COMPLETE"] - times["CHANNEL_ANSWER"]
    assert talked == pytest.approx(2.0, abs=2 * TOLERANCE)


def test_no_key_and_the_sound_ends_in_time(live):
    ann = answers(0.2, 2.0)
    live.script(response(asked(live, ann, key="")), confirm=SHORT, action=response())
    live.call()
    the_end(live)
    assert told(live) == [("answer", "1"), ("connected", "1"), ("hangup", "1")]


def test_no_key_and_the_time_is_up_before_the_sound(live):
    ann = answers(0.2, 9.0)
    document = response(asked(live, ann, key="", timeout="1"))
    live.script(document, confirm=LONG, action=response())
    live.call()
    the_end(live)
    assert told(live) == [("answer", "1"), ("hangup", "1")]
    assert ends_of_legs(live) == {"1": "9110"}


def test_the_first_to_confirm_wins_not_the_first_to_answer(live):
    ann, ben = answers(0.1, 9.0), presses_five(0.6, 1.0)
    live.script(response(asked(live, ann, ben)), confirm=LONG, action=response())
    live.call()
    the_end(live)
    assert told(live) == [
        ("answer", "1"),
        ("answer", "2"),
        ("connected", "2"),
        ("hangup", "1"),
        ("hangup", "2"),
    ]
    assert ends_of_legs(live) == {"1": "9000", "2": "4000"}


def test_the_others_ring_on_while_one_is_asked(live):
    ann, ben = answers(0.1, 9.0), rings()
    document = asked(live, ann, ben, timeout="1").replace("<Dial ", '<Dial timeout="3" ')
    live.script(response(document), confirm=LONG, action=response())
    live.call()
    the_end(live)
    assert told(live) == [("answer", "1"), ("hangup", "1"), ("hangup", "2")]
    assert ends_of_legs(live) == {"1": "9110", "2": "6010"}


@pytest.mark.parametrize(("key", "connected"), [("5", False), ("", True)])
def test_the_sound_cannot_be_had(live, key, connected):
    ann = answers(0.2, 1.0)
    document = response(asked(live, ann, key=key))
    live.script(document, confirm=Answer("", "500 No"), action=response())
    live.call()
    the_end(live)
    assert (("connected", "1") in told(live)) is connected
    assert ends_of_legs(live) == {"1": "4000" if connected else "9110"}
    live.said("confirmSound")


def test_the_callee_hangs_up_during_the_sound(live):
    ann = answers(0.2, 0.6)
    live.script(response(asked(live, ann)), confirm=LONG, action=response())
    live.call()
    the_end(live)
    assert told(live) == [("answer", "1"), ("hangup", "1")]
    assert ends_of_legs(live) == {"1": "9110"}


def test_the_caller_hangs_up_during_the_sound(live):
    ann = answers(0.2, 9.0)
    live.script(response(asked(live, ann)), confirm=LONG, action=response())
    call = live.call()
    assert live.web.wait_for(lambda got: any(r.path == "/confirm" for r in got))
    call.hang_up()
    the_end(live)
    assert told(live) == [("answer", "1"), ("hangup", "1")]
    assert ends_of_legs(live) == {"1": "1000"}
    assert the_end(live, "/action").params["DialStatus"] == "cancel"


def test_the_controller_dies_during_the_sound_and_nobody_is_connected(live):
    ann = answers(0.2, 9.0)
    live.script(response(asked(live, ann)), confirm=LONG, action=response())
    live.call()
    assert live.web.wait_for(lambda got: any(r.path == "/confirm" for r in got))
    live.callees(1)
    live.daemon.kill()
    (callee,) = live.callees()
    live.switch.events.wait_for(
        lambda: live.switch.events.of(callee.uuid, "CHANNEL_HANGUP_COMPLETE"), 10
    )
    assert ("connected", "1") not in told(live)
    live.switch.hang_up_all()


def test_nobody_is_asked_without_a_sound(live):
    ann = answers(0.2, 0.5)
    live.script(response(dial(ann, confirmKey="5", callbackUrl=live.url("/callback"))))
    live.call()
    the_end(live)
    assert told(live) == [("answer", "1"), ("connected", "1"), ("hangup", "1")]
    live.said("confirmKey has no effect")
