"""The Voice Gateway's dialect on a real FreeSWITCH: JSON in, JSON out."""

import json

import pytest

from support.webapp import Answer

from .conftest import VOICEGATEWAY_APP
from .live import TOLERANCE
from .numbers import BUSY, REJECTED, answers, presses_five, refuses, rings, speaks

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

    def call(self, *given, **documents):
        paths = {f"/vg/{name}": document for name, document in documents.items()}
        self.live.web.script({"/vg/answer": verbs(*given), **paths})
        return self.live.call(VOICEGATEWAY_APP)

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


def test_without_answer_on_bridge_the_caller_is_answered_and_hears_ringing(gateway):
    call = gateway.call(dial(phone(answers(1.0, 0.3)), answerOnBridge=False))
    gateway.the("dial")
    (callee,) = gateway.live.callees()
    answered = call.answered().at - callee.at
    assert answered < 0.2
    assert call.story() == ["200", "BYE"]


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
