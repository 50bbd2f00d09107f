"""The Voice Gateway's dialect on a real FreeSWITCH: JSON in, JSON out."""

import json

import gevent
import pytest

from support.sounds import wav
from support.webapp import Answer

from .conftest import VOICEGATEWAY_APP
from .live import TOLERANCE
from .numbers import BUSY, REJECTED, answers, presses_five, refuses, rings, speaks
from .telephone import deflect

TONE = "tone_stream://%({},0,440)"
BYE = {"verb": "say", "text": "bye"}


def verbs(*given):
    return Answer(json.dumps(given), content_type="application/json")


def phone(number, **more):
    return {"type": "phone", "number": number, **more}


def dial(*targets, **more):
    return {"verb": "dial", "answerOnBridge": True, "target": list(targets), **more}


class Gateway:
    """The application of one test, and its call."""

    def __init__(self, live):
        self.live = live

    def call(self, *given, recording=None, **documents):
        paths = {f"/vg/{name}": document for name, document in documents.items()}
        self.live.web.script({"/vg/answer": verbs(*given), **paths})
        return self.live.call(VOICEGATEWAY_APP, recording=recording)

    def the(self, path, timeout=15):
        """What the first request to a path said, once it has come."""
        path = f"/vg/{path}"
        found = self.live.web.wait_for(lambda got: [r for r in got if r.path == path], timeout)
        assert found, self.live.log()
        return found[0].params

    def told(self):
        """Which paths have been asked, once the call is over."""
        self.the("hangup")
        return [r.path.removeprefix("/vg/") for r in self.live.web.requests]


@pytest.fixture
def gateway(live):
    return Gateway(live)


def test_answered_and_the_callee_ends(gateway):
    call = gateway.call(dial(phone(f"+{answers(0.2, 1.0)}")))
    assert gateway.told() == ["answer", "dial", "hangup"]
    action = gateway.the("dial")
    assert (action["dial_status"], action["dial_sip_status"]) == ("completed", 200)
    assert (action["call_sid"], action["call_status"]) == (call.call_uuid, "in-progress")
    (leg,) = gateway.live.switch.events.of(action["dial_call_sid"], "CHANNEL_HANGUP_COMPLETE")
    assert leg["Call-Direction"] == "outbound"
    assert gateway.the("answer")["call_id"] == call.uuid
    assert call.story() == ["180", "200", "BYE"]


@pytest.mark.parametrize(
    ("callee", "status", "sip", "refused"),
    [
        (refuses(BUSY, 0.2), "busy", 486, "486"),
        (refuses(REJECTED), "failed", 603, "603"),
        (rings(), "no-answer", 487, "480"),
    ],
    ids=["busy", "declined", "no-answer"],
)
def test_nobody_answers(gateway, callee, status, sip, refused):
    call = gateway.call(dial(phone(callee), timeout=1))
    assert gateway.told() == ["answer", "dial", "hangup"]
    action = gateway.the("dial")
    assert (action["dial_status"], action["dial_sip_status"]) == (status, sip)
    assert action["dial_call_status"] == status
    assert call.refused() == refused


def test_the_caller_cancels(gateway):
    call = gateway.call(dial(phone(rings())))
    call.ringing()
    call.cancel()
    assert gateway.told() == ["answer", "dial", "hangup"]
    action = gateway.the("dial")
    assert (action["dial_status"], action["dial_sip_status"]) == ("no-answer", 487)
    assert gateway.the("hangup")["call_status"] == "no-answer"
    assert call.story() == ["180", "CANCEL"]


def test_the_first_of_several_to_answer_is_connected(gateway):
    gateway.call(dial(phone(rings()), phone(answers(0.4, 0.5)), phone(refuses(BUSY))))
    action = gateway.the("dial")
    assert (action["dial_status"], action["dial_sip_status"]) == ("completed", 200)
    assert len(gateway.live.callees()) == 3


def test_sequential(gateway):
    """The timeout counts for each; nobody rings behind the one who answered."""
    targets = phone(rings()), phone(refuses(BUSY)), phone(answers(0.2, 0.3)), phone(rings(1))
    gateway.call(dial(*targets, sequential=True, timeout=1))
    assert gateway.the("dial")["dial_status"] == "completed"
    assert gateway.told() == ["answer", "dial", "hangup"]
    rang, *_ = callees = gateway.live.callees()
    assert len(callees) == 3
    lasted = gateway.live.times(rang)["CHANNEL_HANGUP_COMPLETE"]
    assert lasted == pytest.approx(1, abs=TOLERANCE)


def test_without_answer_on_bridge_the_caller_is_answered_and_hears_ringing(gateway, tmp_path):
    given = dial(phone(answers(1.0, 0.3)), answerOnBridge=False)
    call = gateway.call(given, recording=tmp_path / "heard.wav")
    gateway.the("dial")
    (callee,) = gateway.live.callees()
    answered = call.answered().at - callee.at
    assert answered < 0.2
    assert call.story() == ["200", "BYE"]
    assert call.heard(440, 480)[:8].count({440, 480}) >= 6


def test_dial_music(gateway, tmp_path):
    """Over and over, a quarter of a second apart, until somebody is connected."""
    sound = Answer(wav(0.3, 1000), content_type="audio/wav")
    music = gateway.live.web.url("/vg/ring")
    given = dial(phone(answers(1.5, 0.3)), dialMusic=music)
    call = gateway.call(given, ring=sound, recording=tmp_path / "heard.wav")
    assert gateway.the("dial")["dial_status"] == "completed"
    assert call.story()[0] == "183"
    heard = call.heard(1000)
    assert heard[:16].count({1000}) >= 6
    assert {1000} not in heard[18:]


@pytest.mark.parametrize(
    ("key", "status"), [("5", "completed"), ("1", "no-answer")], ids=["accepts", "declines"]
)
def test_confirm_hook(gateway, key, status):
    """The callee presses 5 half a second after its answer; only then is the caller answered."""
    gather = {"verb": "gather", "numDigits": 1, "timeout": 5, "actionHook": "choice"}
    accepts, declines = verbs(), verbs({"verb": "hangup"})
    call = gateway.call(
        dial(phone(presses_five(0.2, 2.0)), confirmHook="confirm"),
        confirm=verbs(gather),
        choice=accepts if key == "5" else declines,
    )
    action = gateway.the("dial")
    assert (action["dial_status"], action["dial_sip_status"]) == (status, 200)
    assert gateway.told() == ["answer", "confirm", "choice", "dial", "hangup"]
    asked, chosen = gateway.the("confirm"), gateway.the("choice")
    assert asked["call_sid"] == chosen["call_sid"] == action["dial_call_sid"]
    assert asked["parent_call_sid"] == call.call_uuid
    assert chosen["digits"] == "5"
    if status == "completed":
        (callee,) = gateway.live.callees()
        assert call.answered().at - callee.at >= 0.6
    else:
        assert call.refused() == "603"


def test_of_two_who_confirm_one_is_connected_and_nobody_rings_for_ever(gateway):
    """The third one is let ring for no longer than the timeout, while the others are asked."""
    targets = phone(answers(0.2, 9.0)), phone(answers(0.2, 8.0)), phone(rings())
    gateway.call(
        dial(*targets, confirmHook="confirm", timeout=1, timeLimit=1),
        confirm=verbs({"verb": "pause", "length": 2}),
    )
    action = gateway.the("dial")
    assert (action["dial_status"], action["dial_sip_status"]) == ("completed", 200)
    ended = [
        gateway.live.times(callee)["CHANNEL_HANGUP_COMPLETE"] for callee in gateway.live.callees(3)
    ]
    rang, lost, talked = sorted(ended)
    assert rang == pytest.approx(1, abs=TOLERANCE)
    assert lost == pytest.approx(2.2, abs=TOLERANCE)
    assert talked == pytest.approx(3.2, abs=TOLERANCE)


def test_a_trunk_with_failover_and_headers_of_its_own(gateway):
    headers = {"X-Mine": "yes, mine", "User-to-User": "00aa"}
    gateway.call(dial(phone(answers(0.1, 0.4), trunk="Lab", headers=headers)))
    assert gateway.the("dial")["dial_status"] == "completed"
    (callee,) = gateway.live.callees()
    assert callee["variable_sip_h_X-Mine"] == "yes, mine"
    assert callee["variable_sip_h_User-to-User"] == "00aa"


def test_dtmf_hook(gateway):
    """Keys of either, as soon as the last ones are a sequence."""
    hook = {"url": "keys", "method": "GET"}
    capture = {"parentCall": ["12"], "childCall": ["5"]}
    given = dial(phone(presses_five(0.2, 2.0)), dtmfCapture=capture, dtmfHook=hook)
    call = gateway.call(given)
    call.answered()
    call.after(0.8, call.press, "9125")
    gateway.the("dial")
    keys = [r for r in gateway.live.web.requests if r.path == "/vg/keys"]
    assert {(r.params["direction"], r.params["dtmf"]) for r in keys} == {
        ("inbound", "12"),
        ("outbound", "5"),
    }
    assert {r.method for r in keys} == {"GET"}
    gateway.the("hangup")


@pytest.mark.parametrize(
    ("callee", "event"),
    [(speaks(0.5), ("amd", "human")), (speaks(4.0), ("amd", "machine"))],
    ids=["human", "machine"],
)
def test_amd(gateway, callee, event):
    gateway.call(dial(phone(callee), amd={"actionHook": "amd"}))
    heard = gateway.the("amd")
    assert (heard["event"], heard["amd_type"]) == event
    assert heard["type"] == f"amd_{event[1]}_detected"
    assert gateway.the("dial")["dial_call_sid"] == heard["dial_call_sid"]
    gateway.the("hangup")


def test_time_limit(gateway):
    gateway.call(dial(phone(answers(0.2, 9.0)), timeLimit=1), BYE)
    assert gateway.the("dial")["dial_status"] == "completed"
    (callee,) = gateway.live.callees()
    times = gateway.live.times(callee)
    talked = times["CHANNEL_HANGUP_COMPLETE"] - times["CHANNEL_ANSWER"]
    assert talked == pytest.approx(1, abs=2 * TOLERANCE)
    gateway.the("hangup")


@pytest.mark.parametrize("status", [480, 486, 488, 603])
def test_sip_decline(gateway, status):
    headers = {"X-Why": "closed"}
    decline = {"verb": "sip:decline", "status": status, "reason": "Not now", "headers": headers}
    call = gateway.call(decline)
    assert gateway.told() == ["answer", "hangup"]
    assert call.refused() == str(status)
    assert call.ended()["variable_sip_invite_failure_phrase"] == "Not now"
    assert call.ended()["variable_sip_rh_X-Why"] == "closed"


def test_gather_and_the_verbs_that_its_hook_answers(gateway):
    gather = {
        "verb": "gather",
        "actionHook": "menu",
        "numDigits": 2,
        "play": {"url": TONE.format(5000)},
    }
    call = gateway.call(gather, menu=verbs(dial(phone(answers(0.1, 0.3)))))
    call.answered()
    call.after(0.3, call.press, "42")
    menu = gateway.the("menu")
    assert (menu["reason"], menu["digits"]) == ("dtmfDetected", "42")
    assert gateway.told() == ["answer", "menu", "dial", "hangup"]


def test_listen_and_transcribe_run_the_operators_commands(gateway):
    """``uuid_setvar UUID start ...`` stands in for the module; what it was told is read back."""
    given = dial(
        phone(answers(0.2, 3.0)),
        listen={"url": "ws://127.0.0.1:1/in", "metadata": {"say": "a b"}},
    )
    call = gateway.call(given)
    call.answered()
    events = gateway.live.switch.events
    started = events.wait_for(
        lambda: "ws:" in (got := events.api(f"uuid_getvar {call.call_uuid} start")) and got, 5
    )
    url, mix, rate, metadata = started.split(" ")
    assert (url, mix, rate) == ("ws://127.0.0.1:1/in", "mono", "8k")
    assert json.loads(metadata)["call_sid"] == call.call_uuid
    assert json.loads(metadata)["say"] == "a b"
    gateway.the("hangup")


def test_transcripts_reach_the_hook(gateway):
    """The event is one that the test makes; the switch carries it, with its body.

    One that names a channel it would hand to that channel, so this one names the user's leg.
    """
    transcribe = {"transcriptionHook": "said", "recognizer": {"vendor": "x", "language": "de"}}
    user = {"type": "user", "name": "answers@lab.local"}
    call = gateway.call(dial(user, transcribe=transcribe))
    call.answered()
    events = gateway.live.switch.events
    (leg,) = [
        e for e in events.events if e.name == "CHANNEL_ANSWER" and "variable_dialctl_leg" in e
    ]
    assert events.wait_for(lambda: events.api(f"uuid_getvar {leg.uuid} start").startswith("de"), 5)
    speech = {"is_final": True, "alternatives": [{"transcript": "hallo"}]}
    body = json.dumps(speech)
    events.command(
        "sendevent CUSTOM\nEvent-Subclass: setvar::transcription\n"
        f"variable_dialctl_leg: {leg['variable_dialctl_leg']}\n"
        f"Content-Length: {len(body)}\n\n{body}"
    )
    assert gateway.the("said")["speech"] == speech
    gateway.the("hangup")


def test_bad_json(gateway):
    gateway.live.web.script({"/vg/answer": Answer('[{"verb":\n"dial",}]')})
    call = gateway.live.call(VOICEGATEWAY_APP)
    assert call.refused() == "503"
    gateway.live.said("line 2: column 8: not well-formed JSON")
    gateway.the("hangup")


# A callee's REFER.


@pytest.mark.parametrize("number", ["4930111", "alice"])
def test_a_refer_that_is_accepted(gateway, number):
    """Verbs of the hook are for the caller, whatever number the REFER names."""
    given = dial(phone(answers(0.2, 9.0)), referHook="refer")
    second = dial(phone(answers(0.2, 0.5)), actionHook="second")
    call = gateway.call(given, refer=verbs(second))
    call.answered()
    (callee,) = gateway.live.callees()
    assert deflect(gateway.live.switch, callee, number) == "200"
    details = gateway.the("refer")["refer_details"]
    assert details["refer_to_user"] == number
    assert details["referred_call_sid"] == call.call_uuid
    assert gateway.the("second")["dial_status"] == "completed"
    assert gateway.told() == ["answer", "refer", "dial", "second", "hangup"]
    assert gateway.the("dial")["dial_call_sid"] == details["referring_call_sid"]


def test_a_refer_that_is_accepted_without_verbs(gateway):
    """The Dial is over, and the caller hears what comes next."""
    call = gateway.call(
        dial(phone(answers(0.2, 9.0)), referHook="refer"),
        {"verb": "play", "url": TONE.format(1000)},
        refer=Answer(""),
        dial=Answer(""),
    )
    call.answered()
    (callee,) = gateway.live.callees()
    assert deflect(gateway.live.switch, callee, "4930111") == "200"
    assert gateway.told() == ["answer", "refer", "dial", "hangup"]
    assert call.story()[-1] == "BYE"


@pytest.mark.parametrize("ends", ["callee", "caller"])
def test_a_refer_that_is_refused(gateway, telephone, ends):
    """They talk on; a second one is asked about too, and then the next verb runs."""
    switch = gateway.live.switch
    given = dial({"type": "sip", "sipUri": f"sip:{telephone.address}"}, referHook="refer")
    refuses = Answer("", status="488 Not Acceptable Here")
    tone = {"verb": "play", "url": TONE.format(500)}
    call = gateway.call(given, tone, refer=refuses, dial=Answer(""))
    call.answered()
    for number in ("4930111", "alice"):
        gevent.sleep(0.3)
        assert telephone.refer(f"sip:{number}@127.0.0.1:{switch.internal_port}") == "488"
    gevent.sleep(0.3)
    assert not telephone.hung_up.is_set()
    talks_with = switch.events.api(f"uuid_getvar {call.call_uuid} bridge_uuid")
    assert talks_with == gateway.the("refer")["call_sid"]
    if ends == "callee":
        telephone.hang_up()
    else:
        call.hang_up()
        assert telephone.hung_up.wait(5)
    assert gateway.told() == ["answer", "refer", "refer", "dial", "hangup"]
    assert gateway.the("dial")["dial_status"] == "completed"
    if ends == "callee":
        assert call.applications()[-1] == ("playback", tone["url"])
        assert call.story()[-1] == "BYE"


@pytest.mark.parametrize("after", [0.0, 0.01, 0.02, 0.03])
def test_a_refer_that_is_refused_and_the_callee_leaves(gateway, telephone, after):
    """As FreeSWITCH connects the two again: it may lose the caller then, who is brought back."""
    given = dial({"type": "sip", "sipUri": f"sip:{telephone.address}"}, referHook="refer")
    tone = {"verb": "play", "url": TONE.format(500)}
    refuses = Answer("", status="603 Decline")
    call = gateway.call(given, tone, refer=refuses, dial=Answer(""))
    call.answered()
    gevent.sleep(0.3)
    to = f"sip:4930111@127.0.0.1:{gateway.live.switch.internal_port}"
    assert telephone.refer(to) == "603"
    gevent.sleep(after)
    telephone.hang_up()
    assert gateway.told() == ["answer", "refer", "dial", "hangup"]
    assert call.applications()[-1] == ("playback", tone["url"])
    assert call.story()[-1] == "BYE"


def test_without_a_refer_hook_the_switch_accepts(gateway):
    """The Dial is over, and the next verb runs, whoever else there is in the dialplan."""
    tone = {"verb": "play", "url": TONE.format(500)}
    call = gateway.call(dial(phone(answers(0.2, 9.0))), tone, dial=Answer(""))
    call.answered()
    (callee,) = gateway.live.callees()
    assert deflect(gateway.live.switch, callee, "4930111") == "200"
    assert gateway.told() == ["answer", "dial", "hangup"]
    assert gateway.the("dial")["dial_status"] == "completed"
    assert call.applications()[-1] == ("playback", tone["url"])


def test_the_controller_dies_while_it_asks_about_a_refer(gateway, telephone):
    """Nobody is left in silence: the Dial is over, the callee is hung up, the next verb runs."""
    live = gateway.live
    given = dial({"type": "sip", "sipUri": f"sip:{telephone.address}"}, referHook="refer")
    tone = {"verb": "play", "url": TONE.format(500)}
    call = gateway.call(given, tone, refer=Answer("", delay=5), dial=Answer(""))
    call.answered()
    gevent.spawn(telephone.refer, f"sip:4930111@127.0.0.1:{live.switch.internal_port}")
    gateway.the("refer")
    live.daemon.kill()
    live.daemon.start()
    assert telephone.hung_up.wait(5)
    assert gateway.the("dial")["dial_status"] == "completed"
    assert gateway.told()[-2:] == ["dial", "hangup"]
    assert call.applications()[-1] == ("playback", tone["url"])
