"""The controller dies while calls are in a room: the room goes on, and nothing is lost."""

import gevent
import pytest

from .numbers import response
from .test_conference import BYE, WAIT, conference, ear, start, talk, told
from .test_death import AWAY, Killer, hear, killer

__all__ = ["Killer", "killer"]  # pytest finds the fixture here

BACK = AWAY + 0.8  # seconds until there is another controller


def heard(live, call):
    """What the application was told of a call, each thing once."""
    return [line.split()[1] for line in hear(live, call) if not line.startswith("/answer")]


def die(live, killer):
    first = len(live.daemon.lines)
    killer.armed = True
    killer.strike()
    gevent.sleep(BACK)
    assert live.daemon.wait_for_line(["picked up"], 5, first), "it did not go on"


def test_they_talk_on_and_what_follows_is_carried_out(live, killer):
    ann, bob = start(
        live, conference(live), conference(live, endConferenceOnExit="true"), action=response(BYE)
    )
    hears = ear(live, ann, "death")
    killer.armed = True
    killer.strike()
    talk(live, bob, 440)
    gevent.sleep(BACK)
    bob.hang_up()
    assert heard(live, ann) == ["ConferenceEnter", "ConferenceExit", "Redirect", "Hangup"]
    assert heard(live, bob) == ["ConferenceEnter", "ConferenceExit", "Redirect", "Hangup"]
    assert told(live, ann, "exit")["ConferenceUUID"] == told(live, bob, "exit")["ConferenceUUID"]
    assert told(live, bob, None, "/action")["CallStatus"] == "completed"
    tones = hears.heard(440, 700)
    assert tones[440] > 0.3
    assert tones[700] > 0.1  # the action's document


@pytest.mark.parametrize("control", ["followed"], indirect=True)
def test_keys_clocks_and_the_wait_sound(live, killer):
    """They need a controller: one that may follow the calls."""
    ann, bob = start(
        live,
        conference(live, digitsMatch="1", waitSound=live.url("/wait"), timeLimit="8"),
        conference(live, hangupOnStar="true"),
        action=response(BYE),
        wait=response(WAIT),
    )
    hears = ear(live, ann, "death-waits")
    ann.press("1")
    told(live, ann, "digits")
    die(live, killer)
    ann.press("1")
    bob.after(0.4, bob.press, "*")
    assert heard(live, bob) == ["ConferenceEnter", "ConferenceExit", "Redirect", "Hangup"]
    digits, line = 2 * ["ConferenceDigitsMatch"], heard(live, ann)
    assert line[1:] == ["ConferenceEnter", *digits, "ConferenceExit", "Redirect", "Hangup"]
    assert hears.heard(1000)[1000] > 0.5


def test_it_dies_before_the_room_is_entered(live, killer):
    killer.armed = True
    live.script(
        response(conference(live, hangupOnStar="true", waitSound=live.url("/wait"))),
        wait=killer.when_asked(response(WAIT)),
        action=response("<Hangup/>"),
    )
    ann = live.call()
    told(live, ann, "enter")
    ann.press("*")
    assert heard(live, ann)[1:] == ["ConferenceEnter", "ConferenceExit", "Redirect", "Hangup"]


def test_the_caller_hangs_up_while_nobody_has_the_call(live, killer):
    (ann,) = start(live, conference(live))
    killer.armed = True
    killer.strike()
    ann.hang_up()
    if not live.followed:
        gevent.sleep(BACK)
        live.script(response("<Hangup/>"))
        live.call()  # the first call after the start is asked
    assert heard(live, ann)[-3:] == ["ConferenceExit", "Redirect", "Hangup"]
    assert "ConferenceLastMember" not in told(live, ann, "exit")


def test_one_that_is_stopped_takes_its_wait_sound_with_it(live):
    """Else who waits would hear it to its end, and nobody else."""
    (ann,) = start(
        live,
        conference(live, waitSound=live.url("/wait")),
        wait=response("<Play loop='0'>tone_stream://%(60000,0,1000)</Play>"),
    )
    live.daemon.terminate()
    assert live.daemon.wait(2) == 0
    hears = ear(live, ann, "stopped")
    gevent.sleep(1.0)
    ann.hang_up()
    ann.ended()
    live.daemon.start()
    assert hears.heard(1000)[1000] < 0.1
