"""The Voice Gateway's dial: a flow for each row of its page's tables."""

import json
from dataclasses import replace

import pytest
from dialctl.settings import Modules

from support.sounds import wav
from support.webapp import Answer

from .voicegateway import VG, call, dial, legs, phone, the, told, verbs

BYE = {"verb": "say", "text": "goodbye"}

# The configuration's rows, in their order.


def test_action_hook_is_dial_when_none_is_named(stage):
    """Relative to the document's own URL; its answer needs no document."""
    a_leg = call(stage, dial(phone("+1001")), callees={"1001": "answer:1:2"})
    assert told(stage, "dial_status") == [
        "/answer trying -",
        "/dial in-progress completed",
        "/hangup completed -",
    ]
    action = the(stage, "/dial")
    assert action["dial_call_status"] == action["dial_status"]
    assert action["dial_sip_status"] == 200
    assert action["dial_call_sid"] not in ("", a_leg.uuid)
    assert the(stage, "/hangup")["duration"] >= 2


@pytest.mark.parametrize("hook", ["/over?a=b", {"url": "/over?a=b", "method": "GET"}])
def test_action_hook_as_text_and_as_object(stage, hook):
    call(stage, dial(phone("1001"), actionHook=hook), callees={"1001": "answer:1:1"})
    (action,) = [r for r in stage.web.requests if r.path == "/over"]
    assert action.method == ("GET" if isinstance(hook, dict) else "POST")
    assert (action.params["a"], action.params["dial_status"]) == ("b", "completed")


def test_the_verbs_that_the_action_hook_answers_replace_the_rest(stage):
    call(
        stage,
        dial(phone("1001"), actionHook="/over"),
        {"verb": "redirect", "actionHook": "/never"},
        callees={"1001": "busy"},
        documents={"over": verbs({"verb": "redirect", "actionHook": "/next"})},
    )
    assert [r.path for r in stage.web.requests] == ["/answer", "/over", "/next", "/hangup"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(""),
        Answer("", status="204 No Content"),
        Answer("OK", content_type="text/plain"),
        verbs(),
        Answer("{}", content_type="application/json"),
        Answer("no", status="404 Not Found"),
        Answer("no", status="500 Internal Server Error"),
    ],
    ids=["empty", "no-content", "word", "no-verbs", "no-verb", "not-found", "server-error"],
)
def test_an_action_hook_that_answers_no_verbs_lets_the_next_verb_run(stage, answer):
    call(
        stage,
        dial(phone("1001"), actionHook="/over"),
        {"verb": "redirect", "actionHook": "/next"},
        callees={"1001": "busy"},
        documents={"over": answer, "next": verbs(BYE)},
    )
    # The outbox may try the action again meanwhile: each request once.
    paths = list(dict.fromkeys(r.path for r in stage.web.requests))
    assert sorted(paths) == ["/answer", "/hangup", "/next", "/over"]
    assert paths[:2] == ["/answer", "/over"]


def test_answer_on_bridge_lets_the_caller_ring_until_the_callee_answers(stage):
    a_leg = call(stage, dial(phone("1001")), callees={"1001": "answer:2:1"})
    assert [what for _, what in a_leg.heard] == ["180 ringing", "200 answered"]
    assert told(stage)[1] == "/dial in-progress"


def test_without_answer_on_bridge_the_caller_is_answered_at_once(stage):
    """Also a caller whose dial fails is up, and may be told so."""
    a_leg = call(stage, dial(phone("1001"), answerOnBridge=False), BYE, callees={"1001": "busy"})
    assert [what for _, what in a_leg.heard] == ["200 answered"]
    assert a_leg.hangup_cause == "NORMAL_CLEARING"
    assert the(stage, "/dial")["dial_status"] == "busy"


def test_answer_on_bridge_is_false_by_default(stage):
    given = dial(phone("1001"))
    del given["answerOnBridge"]
    a_leg = call(stage, given, callees={"1001": "ring"}, hangup_after=2)
    assert a_leg.heard[0][1] == "200 answered"


def test_caller_id(stage):
    call(stage, dial(phone("1001"), callerId="+491173331212"), over=False)
    (leg,) = legs(stage)
    assert leg.profile.caller_number == "+491173331212"


@pytest.mark.parametrize("on_bridge", [False, True])
def test_dial_music(stage, on_bridge):
    """A URL's sound, or one of the switch's own, over and over until somebody is connected."""
    sound = Answer(wav(0.2, 440), content_type="audio/wav")
    given = dial(phone("1001"), dialMusic=stage.web.url("/ring"), answerOnBridge=on_bridge)
    a_leg = call(stage, given, callees={"1001": "answer:2:1"}, documents={"ring": sound})
    (heard,) = [what for _, what in a_leg.heard if what.startswith("ringback")]
    assert ".wav" in heard
    assert "180 ringing" not in [what for _, what in a_leg.heard]
    assert the(stage, "/dial")["dial_status"] == "completed"


def test_dial_music_that_cannot_be_had_is_the_callees_own_ringing(stage, caplog):
    given = dial(phone("1001"), dialMusic=stage.web.url("/ring"))
    nothing = Answer("", status="404 Not Found")
    a_leg = call(stage, given, callees={"1001": "answer:2:1"}, documents={"ring": nothing})
    assert [what for _, what in a_leg.heard] == ["180 ringing", "200 answered"]
    assert "<dial>: dialMusic: " in caplog.text


def test_an_answered_caller_hears_a_ringing_tone(stage):
    a_leg = call(stage, dial(phone("1001"), answerOnBridge=False), callees={"1001": "answer:2:1"})
    assert [what for _, what in a_leg.heard] == ["200 answered", "ringback %(2000,4000,440,480)"]


def test_headers_of_the_dial_and_of_a_target(stage):
    """The target's own come first."""
    first, second = phone("1001", headers={"X-B": "own"}), phone("1002")
    given = dial(first, second, headers={"X-A": "all, of them", "X-B": "dial", "Via": "no"})
    call(stage, given, over=False)
    found = {leg.profile.destination: _headers(leg) for leg in legs(stage, 2)}
    assert found == {
        "1001": {"X-A": "all, of them", "X-B": "own"},
        "1002": {"X-A": "all, of them", "X-B": "dial"},
    }


def _headers(leg):
    return {
        name: leg.variables.get(f"sip_h_{name}")
        for name in ("X-A", "X-B", "Via")
        if leg.variables.get(f"sip_h_{name}")
    }


def test_target_rings_all_at_once_and_the_first_to_answer_is_connected(stage):
    callees = {"1001": "ring", "1002": "answer:1:1", "alice@example.com": "busy"}
    user = {"type": "user", "name": "alice@example.com"}
    call(stage, dial(phone("1001"), phone("1002"), user), callees=callees)
    assert told(stage, "dial_status")[1:] == [
        "/dial in-progress completed",
        "/hangup completed -",
    ]


def test_time_limit(stage):
    """Both are there; the document goes on."""
    call(stage, dial(phone("1001"), timeLimit=2), BYE, callees={"1001": "answer:1"})
    assert the(stage, "/dial")["dial_status"] == "completed"
    assert the(stage, "/hangup")["duration"] >= 2


def test_timeout(stage):
    a_leg = call(stage, dial(phone("1001"), timeout=2), callees={"1001": "ring"})
    assert told(stage, "dial_status", "dial_sip_status")[1:] == [
        "/dial ringing no-answer 487",
        "/hangup no-answer - -",
    ]
    assert a_leg.sip_status == 480


def test_timeout_is_60_by_default(stage):
    a_leg = call(stage, dial(phone("1001")), callees={"1001": "ring"}, wait=90)
    (rang,) = [at for at, what in a_leg.heard if what == "180 ringing"]
    assert stage.clock.now() - rang >= 59


# Target types.


def test_a_telephone_number_through_a_trunk(stage):
    call(stage, dial(phone("+49 (30) 123", trunk="Twilio")), callees={"b/4930123": "answer:1:1"})
    assert the(stage, "/dial")["dial_status"] == "completed"


def test_a_trunk_that_nobody_has_configured_fails_that_leg_alone(stage, caplog):
    targets = phone("1001", trunk="Nobody"), phone("1002")
    call(stage, dial(*targets), callees={"1002": "answer:1:1"})
    assert the(stage, "/dial")["dial_status"] == "completed"
    assert "no route in routes.yaml serves 1001" in caplog.text


def test_a_sip_uri_with_credentials(stage):
    auth = {"username": "John", "password": "Doe#1"}
    target = {"type": "sip", "sipUri": "sip:bob@example.com", "auth": auth}
    call(stage, dial(target), over=False)
    (leg,) = legs(stage)
    assert leg.variables.get("sip_auth_username") == "John"
    assert leg.variables.get("sip_auth_password") == "Doe#1"


def test_a_user_who_is_not_registered(stage):
    call(stage, dial({"type": "user", "name": "jane@sip.example.com"}))
    assert told(stage, "dial_status", "dial_sip_status")[1:] == [
        "/dial ringing failed 500",
        "/hangup failed - -",
    ]


# actionHook properties: dial_status and dial_sip_status.


@pytest.mark.parametrize(
    ("script", "status", "sip"),
    [
        ("answer:1:1", "completed", 200),
        ("busy", "busy", 486),
        ("fail:BUSY_EVERYWHERE", "busy", 600),
        ("reject", "failed", 603),
        ("unallocated", "failed", 404),
        ("dead", "failed", 503),
        ("ring", "no-answer", 487),
        ("silent", "no-answer", 487),
    ],
)
def test_dial_status(stage, script, status, sip):
    call(stage, dial(phone("1001"), timeout=3), callees={"1001": script})
    action = the(stage, "/dial")
    assert (action["dial_status"], action["dial_call_status"]) == (status, status)
    assert action["dial_sip_status"] == sip
    assert action["dial_call_sid"]


@pytest.mark.parametrize(
    ("scripts", "status", "sip"),
    [
        (("ring", "busy", "unallocated"), "busy", 486),
        (("unallocated", "ring", "reject"), "no-answer", 487),
        (("reject", "unallocated"), "failed", 603),
    ],
)
def test_dial_status_when_several_failed(stage, scripts, status, sip):
    """Busy before no answer before failed; of several with the same, the first one's."""
    numbers = [f"100{n}" for n in range(len(scripts))]
    callees = dict(zip(numbers, scripts, strict=True))
    call(stage, dial(*map(phone, numbers), timeout=2), callees=callees)
    action = the(stage, "/dial")
    assert (action["dial_status"], action["dial_sip_status"]) == (status, sip)


def test_the_caller_leaves_while_it_rings(stage):
    """Told all the same; what the hook answers is not used."""
    call(
        stage,
        dial(phone("1001")),
        callees={"1001": "ring"},
        hangup_after=2,
        documents={"dial": verbs({"verb": "redirect", "actionHook": "/never"})},
    )
    assert told(stage, "dial_status", "dial_sip_status") == [
        "/answer trying - -",
        "/dial completed no-answer 487",
        "/hangup no-answer - -",
    ]


def test_the_caller_leaves_while_they_talk(stage):
    call(stage, dial(phone("1001")), callees={"1001": "answer:1"}, hangup_after=3)
    assert told(stage, "dial_status")[1:] == [
        "/dial completed completed",
        "/hangup completed -",
    ]


# dtmfCapture and dtmfHook.


def pressed(stage, path="/keys"):
    """Who pressed what, as the hook was told."""
    return [(r.params["direction"], r.params["dtmf"]) for r in stage.web.requests if r.path == path]


def test_dtmf_capture_is_for_both_legs(stage):
    a_leg = call(
        stage,
        dial(phone("1001"), dtmfCapture=["*2", "*3"], dtmfHook="/keys", callerId="+777"),
        callees={"1001": "answer:1:6;press=3:*3"},
        press=((2.0, "*2"),),
    )
    assert pressed(stage) == [("inbound", "*2"), ("outbound", "*3")]
    of_caller, of_callee = [r.params for r in stage.web.requests if r.path == "/keys"]
    assert of_caller["call_sid"] == a_leg.uuid
    assert of_callee["parent_call_sid"] == a_leg.uuid
    assert of_callee["call_sid"] == the(stage, "/dial")["dial_call_sid"]
    assert (of_callee["from"], of_callee["to"]) == ("+777", "1001")


def test_dtmf_capture_of_parent_and_child(stage):
    """The peer's bug d adds the caller's sequences to the callee's list."""
    call(
        stage,
        dial(
            phone("1001"),
            dtmfCapture={"parentCall": ["1"], "childCall": ["2"]},
            dtmfHook={"url": "/keys", "method": "GET"},
        ),
        callees={"1001": "answer:1:6;press=3:12"},
        press=((1.5, "12"),),
    )
    assert pressed(stage) == [("inbound", "1"), ("outbound", "2")]
    assert {r.method for r in stage.web.requests if r.path == "/keys"} == {"GET"}


def test_keys_that_are_more_than_3_s_apart_do_not_count_together(stage):
    call(
        stage,
        dial(phone("1001"), dtmfCapture=["12"], dtmfHook="/keys"),
        callees={"1001": "answer:1:16"},
        press=((2.0, "1"), (4.0, "2"), (6.0, "1"), (10.0, "2")),
    )
    assert pressed(stage) == [("inbound", "12")]


def test_what_the_dtmf_hook_answers_is_not_used(stage):
    call(
        stage,
        dial(phone("1001"), dtmfCapture=["1"], dtmfHook="/keys"),
        callees={"1001": "answer:1:3"},
        press=((1.5, "1"),),
        documents={"keys": verbs({"verb": "redirect", "actionHook": "/never"})},
    )
    assert "/never" not in [r.path for r in stage.web.requests]


# amd: event and amd_type.


@pytest.mark.parametrize(
    ("says", "event"),
    [
        (";says=0.5:0.6", {"event": "amd", "amd_type": "human", "type": "amd_human_detected"}),
        (";says=0.5:6", {"event": "amd", "amd_type": "machine", "type": "amd_machine_detected"}),
        (";says=0.5:0.5;beep=1.5:0.4", {"event": "beep", "type": "amd_tone_detected"}),
        ("", {"event": "silence", "type": "amd_no_speech_detected"}),
    ],
)
def test_amd(stage, says, event):
    a_leg = call(
        stage,
        dial(phone("1001"), amd={"actionHook": "amd"}),
        callees={"1001": f"answer:1:12{says}"},
        wait=90,
    )
    heard = the(stage, "/amd")
    assert {name: heard[name] for name in ("event", "amd_type", "type") if name in heard} == event
    assert heard["call_sid"] == a_leg.uuid
    assert heard["dial_call_sid"] == the(stage, "/dial")["dial_call_sid"]


def test_amd_without_machine_detection_says_so(stage, caplog):
    settings = replace(VG, modules=Modules(machine_detection=""))
    given = dial(phone("1001"), amd={"actionHook": "amd"})
    call(stage, given, callees={"1001": "answer:1:2"}, settings=settings)
    heard = the(stage, "/amd")
    assert (heard["type"], heard["error"]) == ("amd_error", "machine detection is off")
    assert "modules.machine_detection is empty" in caplog.text


# What the peer does not have, or drops.


def test_sequential(stage):
    """One after the other; the timeout counts for each; one actionHook."""
    callees = {"1001": "ring", "1002": "busy", "1003": "answer:1:1", "1004": "answer:1:1"}
    numbers = [phone(number) for number in callees]
    call(stage, dial(*numbers, sequential=True, timeout=2), callees=callees)
    assert told(stage, "dial_status")[1:] == [
        "/dial in-progress completed",
        "/hangup completed -",
    ]


def test_duplicates_and_those_beyond_ten_are_dropped_with_a_log_line(stage, caplog):
    numbers = ["1001", "+1001", *(str(n) for n in range(1002, 1013))]
    call(stage, dial(*map(phone, numbers)), over=False)
    assert sorted(leg.profile.destination for leg in legs(stage, 10)) == [
        str(n) for n in range(1001, 1011)
    ]
    assert "[0].dial.target[1] is there already and is dropped" in caplog.text
    assert "[0].dial.target[11] is one more than 10 targets and is dropped" in caplog.text
    assert "[0].dial.target[12] is one more than 10 targets and is dropped" in caplog.text


def test_requests_are_signed_as_plivo_signs(stage):
    sdk = pytest.importorskip("plivo.utils", reason="plivo, the vendor's SDK, is not installed")
    call(stage, dial(phone("1001")), callees={"1001": "busy"}, auth_token="t" * 20)
    for request in stage.web.requests:
        assert request.headers["content-type"] == "application/json"
        nonce = request.headers["x-plivo-signature-v3-nonce"]
        signature = request.headers["x-plivo-signature-v3"]
        seen = (request.method, stage.web.url(request.path), nonce, "t" * 20, signature)
        assert sdk.validate_v3_signature(*seen, json.loads(request.body))
