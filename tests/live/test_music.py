"""dialMusic: what the caller hears while it rings, and that nothing else depends on it."""

from pathlib import Path

import gevent
import pytest

from support.sounds import MP3, wav
from support.webapp import Answer

from .flow import END_OF_DOCUMENT
from .live import TOLERANCE
from .numbers import (
    BUSY,
    DEAD,
    DEAD_FIRST,
    UNKNOWN,
    answers,
    early_media,
    presses_five,
    refuses,
    response,
    rings,
)
from .test_confirm import the_end, told
from .test_death import check, killer, of_callee  # noqa: F401  a fixture

TONE = "<Play>tone_stream://%(400,100,440)</Play>"
# FreeSWITCH has two ways to let a caller hear music; which one it is depends on a Speak.
SPOKEN = "<Speak>hold</Speak>"
BOTH = pytest.mark.parametrize("more", ["", SPOKEN], ids=["sounds", "spoken"])


def music_dial(live, *targets, **attributes):
    return live.told_dial(*targets, **{"dialMusic": live.url("/music"), **attributes})


def script(live, document, music=TONE, **others):
    music = music if isinstance(music, Answer) else response(music)
    live.script(response(document), music=music, action=response(), **others)


def ran(call, prefix):
    return [data for name, data in call.applications() if data.startswith(prefix)]


def seconds(tones, hertz):
    return sum(hertz in one for one in tones) / 10


@BOTH
def test_heard_until_somebody_is_connected(live, tmp_path, more):
    bob = answers(2.5, 0.5)
    script(live, music_dial(live, bob), more + TONE)
    call = live.call(recording=tmp_path / "heard.wav")
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow._row("/music", "DialRemoteSounds", "ringing"),
        flow.answer(bob),
        flow.connected(bob),
        flow.leg_ended(bob, "NORMAL_CLEARING", talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=1),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["183", "200", "BYE"]
    tones = call.heard(440)
    assert seconds(tones[:26], 440) > 0.5, "it is heard over and over"
    assert seconds(tones[27:], 440) == 0, "it ends with the connection"


def test_silence(live, tmp_path):
    """No 180 either: the caller's telephone would ring by itself."""
    bob = answers(1.0, 0.3)
    live.script(response(live.told_dial(bob, dialMusic="none")), action=response())
    call = live.call(recording=tmp_path / "heard.wav")
    assert call.story() == ["183", "200", "BYE"]
    assert seconds(call.heard(440), 440) == 0
    assert the_end(live, "/action").params["DialStatus"] == "completed"


def test_sounds_of_urls(live, tmp_path):
    live.web.files["/files/a.wav"] = Answer(wav(0.6, 700, rate=16000), content_type="audio/wav")
    live.web.files["/files/b.mp3"] = Answer(MP3, content_type="audio/mpeg")
    music = (
        f"<Play>{live.url('/files/a.wav')}</Play><Wait length='1'/>"
        f"<Play>{live.url('/files/b.mp3')}</Play>"
    )
    script(live, music_dial(live, answers(4.0, 0.2)), music)
    call = live.call(recording=tmp_path / "heard.wav")
    tones = call.heard(440, 700)
    assert seconds(tones[:10], 700) == pytest.approx(0.6, abs=0.2)
    assert seconds(tones[10:18], 700) == seconds(tones[10:18], 440) == 0, "it waits"
    assert seconds(tones[18:36], 440) > 0.8


def test_an_answered_caller(live, tmp_path):
    """Whatever the operator's own dialplan lets those hear."""
    api = live.switch.events.api
    api("global_setvar transfer_ringback=file_string://tone_stream://%(400,0,900)")
    script(live, "<Speak>hi</Speak>" + music_dial(live, answers(1.5, 0.2)))
    call = live.call(recording=tmp_path / "heard.wav")
    assert call.story() == ["200", "BYE"]
    api("global_setvar transfer_ringback=")
    tones = call.heard(440, 900)
    assert seconds(tones, 440) > 0.5
    assert seconds(tones, 900) == 0


def test_early_media_of_the_callee_is_not_heard(live, tmp_path):
    music = "<Play>tone_stream://%(400,100,700)</Play>"
    script(live, music_dial(live, early_media(1.5, 0.3)), music)
    call = live.call(recording=tmp_path / "heard.wav")
    assert call.story() == ["183", "200", "BYE"]
    tones = call.heard(440, 700)
    assert seconds(tones[:15], 440) == 0, "the callee's own tone"
    assert seconds(tones, 700) > 0.6


@BOTH
def test_a_fork(live, more):
    ann, ben = rings(), answers(1.0, 0.3)
    script(live, music_dial(live, ann, ben), more + TONE)
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow._row("/music", "DialRemoteSounds", "ringing"),
        flow.answer(ben, 2),
        flow.connected(ben, 2),
        flow.leg_ended(ann, "LOSE_RACE", 1, status="in-progress"),
        flow.leg_ended(ben, "NORMAL_CLEARING", 2, talked=True),
        flow.action("completed", "NORMAL_CLEARING", winner=2),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["183", "200", "BYE"]


@BOTH
def test_a_fork_whose_legs_fail_over(live, tmp_path, more):
    ann, ben = rings(), answers(1.5, 0.3, DEAD_FIRST)
    script(live, music_dial(live, ann, ben), more + TONE)
    call = live.call(recording=tmp_path / "heard.wav")
    assert call.story() == ["183", "200", "BYE"]
    assert told(live) == [("answer", "2"), ("connected", "2"), ("hangup", "1"), ("hangup", "2")]
    assert seconds(call.heard(440), 440) > 0.3


@BOTH
def test_one_leg_that_fails_over(live, more):
    bob = answers(0.5, 0.3, DEAD_FIRST)
    script(live, music_dial(live, bob), more + TONE)
    live.call()
    the_end(live)
    assert told(live) == [("answer", "1"), ("connected", "1"), ("hangup", "1")]


@BOTH
def test_heard_while_callees_are_asked_to_confirm(live, tmp_path, more):
    ann, ben = answers(0.1, 9.0), presses_five(1.5, 1.0)
    script(
        live,
        music_dial(live, ann, ben, confirmSound=live.url("/confirm"), confirmKey="5"),
        TONE + more,
        confirm=response("<Play>tone_stream://%(20000,0,900)</Play>"),
    )
    call = live.call(recording=tmp_path / "heard.wav")
    the_end(live)
    assert told(live) == [
        ("answer", "1"),
        ("answer", "2"),
        ("connected", "2"),
        ("hangup", "1"),
        ("hangup", "2"),
    ]
    tones = call.heard(440, 900)
    assert seconds(tones[5:20], 440) > 0.4
    assert seconds(tones, 900) == 0, "what callees are asked is theirs"


@BOTH
def test_in_turn(live, tmp_path, more):
    ann, ben = refuses(BUSY, ring=1.0), answers(1.0, 0.2)
    script(live, music_dial(live, ann, ben, sequential="true"), TONE + more)
    call = live.call(recording=tmp_path / "heard.wav")
    the_end(live)
    assert told(live) == [("hangup", "1"), ("answer", "2"), ("connected", "2"), ("hangup", "2")]
    assert call.story() == ["183", "200", "BYE"]
    tones = call.heard(440)
    assert seconds(tones[:10], 440) > 0.2
    assert seconds(tones[11:21], 440) > 0.2
    assert len([r for r in live.web.requests if r.path == "/music"]) == 1


@BOTH
def test_the_ring_timeout_is_the_same(live, more):
    bob = rings()
    script(live, music_dial(live, bob, timeout="2"), TONE + more)
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow._row("/music", "DialRemoteSounds", "ringing"),
        flow.leg_ended(bob, "NO_ANSWER"),
        flow.action("no-answer", "NO_ANSWER"),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    (callee,) = live.callees()
    assert live.times(callee)["CHANNEL_HANGUP_COMPLETE"] == pytest.approx(2.0, abs=TOLERANCE)


@BOTH
@pytest.mark.parametrize(
    ("bob", "cause", "status", "rang"),
    [
        (refuses(BUSY, ring=0.5), "USER_BUSY", "busy", True),
        (answers(route=UNKNOWN), "INVALID_GATEWAY", "failed", False),
        (answers(route=DEAD), "NORMAL_TEMPORARY_FAILURE", "failed", False),
    ],
    ids=["busy", "unknown-gateway", "dead"],
)
def test_the_reports_of_a_failure_are_the_same(live, more, bob, cause, status, rang):
    script(live, music_dial(live, bob), TONE + more)
    call = live.call()
    flow = live.flow(call)
    channel = cause != "INVALID_GATEWAY"
    live.expect(
        flow.start(),
        flow._row("/music", "DialRemoteSounds", "ringing"),
        flow.leg_ended(bob, cause, channel=channel),
        flow.action(status, cause, rang=rang),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )


@BOTH
def test_the_caller_leaves_during_it(live, more):
    bob = rings()
    script(live, music_dial(live, bob), TONE + more)
    call = live.call()
    live.callees(1)
    call.after(0.5, call.cancel)
    the_end(live)
    assert told(live) == [("hangup", "1")]
    assert the_end(live, "/action").params["DialStatus"] == "cancel"


def test_the_caller_leaves_while_it_is_fetched(live):
    """The Dial is told of all the same, and nobody is rung."""
    script(live, music_dial(live, rings()), Answer(response(TONE), delay=2.0))
    call = live.call()
    assert live.web.wait_for(lambda got: any(r.path == "/music" for r in got))
    call.cancel()
    action = the_end(live, "/action").params
    assert (action["DialStatus"], action["DialRingStatus"]) == ("cancel", "false")
    the_end(live)
    assert told(live) == []
    assert not live.callees()


@BOTH
def test_keys_of_the_caller_do_not_end_it(live, more):
    script(live, music_dial(live, answers(2.0, 0.3)), TONE + more)
    call = live.call()
    call.after(0.7, call.press, "*1")
    the_end(live)
    assert ("connected", "1") in told(live)


@BOTH
def test_the_next_dial_has_none_of_it(live, more):
    first, second = refuses(BUSY, ring=0.3), answers(0.3, 0.2)
    script(live, music_dial(live, first, action="") + live.told_dial(second), TONE + more)
    call = live.call()
    the_end(live)
    assert ran(call, "ringback=") == ran(call, "ringback=")[:1]
    assert len(ran(call, "instant_ringback=true")) == 1
    assert call.story() == ["183", "200", "BYE"]


@pytest.mark.parametrize(
    ("music", "why"),
    [
        (Answer("", "404 Not Found"), "answered 404"),
        (Answer("OK"), "not well-formed XML"),
        (Answer(response()), "there is nothing to hear"),
        (Answer(response("<Play>{files}/none.wav</Play>")), "answered 404"),
        (Answer(response(TONE), delay=3.5), "did not come within 3 s"),
    ],
    ids=["404", "no-document", "empty", "no-sound", "too-late"],
)
def test_what_cannot_be_had_is_the_callee_s_own_ringing(live, music, why):
    bob = answers(0.5, 0.2)
    body = music.body.replace("{files}", live.url("/files"))
    music = Answer(body, music.status, music.delay)
    script(live, music_dial(live, bob, dialMusic=live.url("/music#rt=5000&rc=0")), music)
    call = live.call()
    assert call.story() == ["180", "200", "BYE"]
    live.said("dialMusic", why, "the callee's own ringing is heard")
    assert the_end(live, "/action").params["DialStatus"] == "completed"


def test_an_mp3_on_a_switch_that_cannot_play_it(live):
    live.web.files["/files/b.mp3"] = Answer(MP3, content_type="audio/mpeg")
    music = f"<Play>{live.url('/files/b.mp3')}</Play>"
    script(live, music_dial(live, answers(0.3, 0.2)), music)
    live.switch.events.api("unload mod_shout")
    try:
        call = live.call()
        assert call.story() == ["180", "200", "BYE"]
    finally:
        live.switch.events.api("load mod_shout")
    live.said("dialMusic", "only with mod_shout", "own ringing")


def test_a_sound_that_is_gone_while_it_rings_ends_nothing(live, tmp_path):
    """Somebody tidies the folder: the rest is silence, and the Dial goes on."""
    live.web.files["/files/gone.wav"] = Answer(wav(0.5, 440), content_type="audio/wav")
    script(live, music_dial(live, answers(2.5, 0.2)), f"<Play>{live.url('/files/gone.wav')}</Play>")
    call = live.call(recording=tmp_path / "heard.wav")
    live.callees(1)
    gevent.sleep(0.5)  # it has been opened by then
    (ringback,) = ran(call, "ringback=")
    path = ringback.removeprefix("ringback=file_string://").partition("!")[0]
    Path(path).unlink()
    the_end(live)
    assert ("connected", "1") in told(live)
    assert 0.3 <= seconds(call.heard(440), 440) <= 0.8


def test_the_retry_fragment_applies(live):
    url = live.url("/music#rc=1&rp=5xx")
    bob = answers(0.5, 0.2)
    live.script(
        response(music_dial(live, bob, dialMusic=url)),
        music=[Answer("", "500 No"), Answer(response(TONE))],
        action=response(),
    )
    call = live.call()
    assert call.story() == ["183", "200", "BYE"]
    assert len([r for r in live.web.requests if r.path == "/music"]) == 2
    assert live.web.requests[1].method == "POST"


@BOTH
def test_the_controller_dies_while_it_is_heard(live, killer, more):  # noqa: F811
    """FreeSWITCH plays on; the next controller lets the next round have it too."""
    ann, ben = refuses(BUSY, ring=1.5), answers(1.5, 0.3)
    document = music_dial(live, ann, ben, sequential="true")

    def place(*armed):
        killer.armed = bool(armed)
        script(live, document, TONE + more)
        killer.on(of_callee("CHANNEL_CREATE"))

    check(live, place, True)


def test_the_next_round_has_it_after_the_controller_died(live, tmp_path):
    ann, ben = refuses(BUSY, ring=1.5), answers(1.5, 0.3)
    script(live, music_dial(live, ann, ben, sequential="true"))
    call = live.call(recording=tmp_path / "heard.wav")
    live.callees(1)
    live.daemon.kill()
    live.daemon.start()
    the_end(live)
    assert len([r for r in live.web.requests if r.path == "/music"]) == 1
    tones = call.heard(440)
    assert seconds(tones[:15], 440) > 0.5
    assert seconds(tones[-20:], 440) > 0.5
