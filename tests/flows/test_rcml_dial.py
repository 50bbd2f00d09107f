"""Dial in RCML and CallAPI, a row of the feature table a test: attributes, nouns, its action."""

import io
import re
import urllib.request
import wave
from dataclasses import replace

import pytest
from dialctl.settings import Media, Web
from gevent import socket

from support.webapp import Answer

from .rcml import (
    ALICE,
    ALL,
    BOTH,
    FOTINI,
    GEORGE,
    HENRIQUE,
    SETTINGS,
    action,
    asked,
    dial,
    ends,
    happens,
    outcome,
    paths,
    place,
)

pytestmark = BOTH
TALKS = {"george": "answer:2.3:3.4"}


TONE = "<Play>tone_stream://%(200,0,440)</Play>"


def test_the_action_is_told_and_its_document_replaces_the_rest(stage):
    document = dial(GEORGE) + "<Redirect>/never</Redirect>"
    place(stage, document, scripts=TALKS, documents={"action": "<Redirect>/after</Redirect>"})
    assert paths(stage) == ["/answer", "/action", "/after", "/hangup"]
    assert outcome(stage)[0] == "completed"


def test_without_an_action_the_next_verb_runs(stage):
    place(stage, dial(GEORGE, None) + "<Redirect>/after</Redirect>", scripts=TALKS)
    assert paths(stage) == ["/answer", "/after", "/hangup"]


def test_the_action_is_asked_as_its_method_says(stage):
    place(stage, dial(GEORGE, method="get"), scripts=TALKS)
    assert [r.method for r in stage.web.requests if r.path == "/action"] == ["GET"]


def test_an_empty_answer_to_the_action_ends_the_call(stage):
    a_leg = place(
        stage, dial(GEORGE), scripts={"george": "busy"}, documents={"action": Answer("")},
        answer_delay=True,
    )  # fmt: skip
    assert (outcome(stage)[0], a_leg.sip_status) == ("busy", 486)


@pytest.mark.parametrize(
    ("script", "status", "response"),
    [
        ("busy", "busy", "486"),
        ("fail:USER_BUSY:2.3", "busy", "486"),
        ("reject", "busy", "603"),
        ("unallocated", "failed", "404"),
        ("refuse:403", "failed", "403"),
        ("refuse:480:1.4", "no-answer", "480"),
        ("refuse:408:1.4", "no-answer", "408"),
        ("dead", "failed", "503"),
        ("ring", "no-answer", "487"),
        ("silent", "no-answer", ""),
    ],
)
def test_nobody_answers(stage, script, status, response):
    place(stage, dial(GEORGE, timeout="3"), scripts={"george": script})
    assert (outcome(stage)[0], outcome(stage)[2]) == (status, "0")
    end = action(stage)
    assert end.get("DialSipResponseCode", "") == response
    assert ("DialSipCallId" in end) is bool(response)
    assert end["DialCallSid"]
    assert ("FailureReason" in end) is (status == "failed")


def test_why_it_failed(stage):
    place(stage, dial(GEORGE), scripts={"george": "unallocated"})
    assert action(stage)["FailureReason"] == "404 UNALLOCATED_NUMBER"


def test_after_an_answer_nothing_is_said_of_a_refusal(stage):
    place(stage, dial(GEORGE), scripts=TALKS)
    assert not {"DialSipResponseCode", "DialSipCallId", "FailureReason"} & set(action(stage))


def test_the_callee_rings_for_thirty_seconds_when_nothing_else_is_said(stage):
    place(stage, dial(GEORGE), scripts={"george": "ring"})
    assert 25 < int(outcome(stage)[1]) <= 30


def test_the_time_limit_ends_the_conversation(stage):
    place(stage, dial(GEORGE, timeLimit="2"), scripts={"george": "answer:1"})
    assert outcome(stage)[0] == "completed"
    assert ends(stage) == ["ALLOTTED_TIMEOUT"]


@pytest.mark.parametrize(
    ("said", "shown"), [("+1555", "+1555"), ("client:thomas", "thomas"), ("", "15551230000")]
)
def test_the_caller_id(stage, said, shown):
    number = '<Number statusCallback="/status">1313</Number>'
    place(stage, dial(number, callerId=said), scripts=TALKS)
    assert asked(stage, "/status", "From") == [shown]


def test_star_ends_the_conversation(stage):
    place(
        stage,
        dial(GEORGE, hangupOnStar="true"),
        scripts={"george": "answer:1"},
        press=((2.0, "*"),),
    )
    assert outcome(stage)[0] == "completed"


@pytest.mark.parametrize(
    ("said", "heard"), [("/m.wav", "/m.wav"), ("disabled", "silence_stream://-1")]
)
def test_music(stage, said, heard):
    stage.web.files["/files/m.wav"] = Answer(b"RIFF", content_type="audio/wav")
    said = stage.web.url("/files/m.wav") if said == "/m.wav" else said
    place(stage, dial(GEORGE, dialMusic=said), scripts=TALKS)
    (ringback,) = [detail for who, what, detail in stage.seen if (who, what) == ("A", "ringback")]
    assert (heard in ringback) or ringback.startswith("file_string:///")


def test_without_music_an_answered_caller_hears_a_tone(stage):
    place(stage, dial(GEORGE), scripts=TALKS)
    assert ("A", "ringback", "%(2000,4000,440,480)") in stage.seen


# record


@pytest.fixture
def recording(tmp_path):
    """The daemon's own web server hands recordings out."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        web = Web(listen=f"127.0.0.1:{free.getsockname()[1]}")
    return replace(SETTINGS, web=web, media=Media(recordings_dir=str(tmp_path / "recordings")))


def test_record(stage, recording):
    """From the connection to its end, both in one channel."""
    place(stage, dial(GEORGE, record="true"), scripts=TALKS, settings=recording)
    with urllib.request.urlopen(action(stage)["RecordingUrl"]) as answer:
        assert answer.headers["Content-Type"] == "audio/wav"
        with wave.open(io.BytesIO(answer.read())) as file:
            assert file.getnchannels() == 1
            assert 2 < file.getnframes() / file.getframerate() < 4.5


@pytest.mark.parametrize(
    ("said", "script"), [("false", "answer:1:1"), ("true", "busy"), ("true", "ring")]
)
def test_nothing_is_recorded(stage, recording, said, script, tmp_path):
    document = dial(GEORGE, record=said, timeout="3")
    place(stage, document, scripts={"george": script}, settings=recording)
    assert "RecordingUrl" not in action(stage)
    assert not list((tmp_path / "recordings").glob("**/*.wav"))


def test_the_caller_leaves_and_the_recording_is_told(stage, recording):
    document = dial(GEORGE, record="true")
    place(stage, document, scripts={"george": "answer:1"}, settings=recording, hangup_after=6)
    told = action(stage)
    assert (told["DialCallStatus"], told["CallStatus"]) == ("completed", "completed")
    assert told["RecordingUrl"]


def test_each_dial_has_a_recording_of_its_own(stage, recording):
    document = dial(GEORGE, record="true")
    again = dial(GEORGE, "/again", record="true")
    place(stage, document, scripts=TALKS, settings=recording, documents={"action": again})
    (second,) = [r.params for r in stage.web.requests if r.path == "/again"]
    assert action(stage)["RecordingUrl"] != second["RecordingUrl"]


# The nouns.


@pytest.mark.parametrize(
    ("text", "to", "reached"),
    [
        ("1-313", "1313", "1313"),
        ("client:alice", "client:alice", "alice"),
        ("henrique@sip.example.org", "sip:henrique@sip.example.org", "henrique"),
        ("sip:henrique@sip.example.org", "sip:henrique@sip.example.org", "henrique"),
    ],
)
def test_plain_text(stage, text, to, reached, caplog):
    caplog.set_level("INFO")
    scripts = {"george": "busy", "alice": "busy", "henrique": "busy"}
    place(stage, dial(text), scripts=scripts)
    assert outcome(stage)[0] == "busy"
    assert f"ringing {to}" in caplog.text


@pytest.mark.parametrize("noun", [ALICE, HENRIQUE, GEORGE])
def test_each_noun_is_reached(stage, noun):
    scripts = {"alice": "answer:1:1", "henrique": "answer:1:1", "george": "answer:1:1"}
    place(stage, dial(noun), scripts=scripts)
    assert outcome(stage)[0] == "completed"


def test_a_sip_address_is_sent_its_headers_and_credentials(stage):
    noun = HENRIQUE.replace("<Sip>", '<Sip username="u1" password="p-1">')
    noun = noun.replace("</Sip>", "?X-One=1&amp;mine=a%20b</Sip>")
    place(stage, dial(noun), scripts={"henrique": "ring"}, over=False)
    happens(stage, "ringing")
    (leg,) = [channel for channel in stage.switch.channels.values() if not channel.inbound]
    said = ("sip_h_X-One", "sip_h_mine", "sip_auth_username", "sip_auth_password")
    assert [leg.variables.get(name) for name in said] == ["1", "a b", "u1", "p-1"]


def test_a_client_who_is_not_registered(stage):
    place(stage, dial("<Client>nobody</Client>"))
    told = action(stage)
    assert (told["DialCallStatus"], told["FailureReason"]) == ("failed", "SUBSCRIBER_ABSENT")


def test_a_room(stage):
    document = dial("<Conference>42</Conference>") + "<Redirect>/never</Redirect>"
    place(stage, document, hangup_after=3)
    told = action(stage)
    assert told["DialCallStatus"] == "completed"
    assert not {"DialCallSid", "DialCallDuration", "DialRingDuration"} & set(told)


def test_all_ring_at_once_and_at_most_as_many_as_the_operator_allows(stage, caplog):
    place(stage, dial(GEORGE * 21))
    assert "at most 20 are allowed" in caplog.text
    assert paths(stage) == ["/answer", "/hangup"]


# What every request says.


def test_what_a_request_says(stage):
    place(
        stage, dial(GEORGE), scripts=TALKS, auth_id="AC1", caller="+1555", caller_name="Bob",
        variables={"sip_h_X-Color": "blue", "sip_h_Diversion": "<sip:+1444@x>;reason=unknown"},
    )  # fmt: skip
    (answer,) = [r.params for r in stage.web.requests if r.path == "/answer"]
    stamp = answer.pop("CallTimestamp")
    assert re.fullmatch(r"20..-..-..T..:..:..\....Z", stamp)
    assert answer.pop("CallSid")
    assert answer == {
        "AccountSid": "AC1",
        "ApiVersion": "2012-04-24",
        "CallStatus": "ringing",
        "CallerName": "Bob",
        "Direction": "inbound",
        "ForwardedFrom": "+1444",
        "From": "+1555",
        "SipHeader_Diversion": "<sip:+1444@x>;reason=unknown",
        "SipHeader_X-Color": "blue",
        "To": "15550009999",
    }
    assert action(stage)["SipHeader_X-Color"] == "blue"
    assert asked(stage, "/hangup", "CallStatus") == ["completed"]


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ('<Reject reason="busy"/>', "busy"),
        ("<Reject/>", "no-answer"),
        ("<Hangup/>", "no-answer"),
        (f"{TONE}<Hangup/>", "completed"),
    ],
)
def test_how_the_call_itself_ended(stage, document, status):
    place(stage, document)
    assert asked(stage, "/hangup", "CallStatus") == [status]


def test_the_caller_cancels(stage):
    place(stage, dial(GEORGE), scripts={"george": "ring"}, hangup_after=3.3, answer_delay=True)
    status, rang, talked = outcome(stage)
    assert (status, talked) == ("canceled", "0")
    assert 0 < int(rang) <= 3
    assert action(stage)["CallStatus"] == "canceled"
    assert asked(stage, "/hangup", "CallStatus", "CallDuration") == ["canceled 0"]


# When the caller is answered.


def test_the_caller_is_answered_as_the_dial_begins(stage):
    a_leg = place(stage, dial(GEORGE), scripts={"george": "busy"})
    assert a_leg.answered_at
    assert action(stage)["CallStatus"] == "in-progress"


def test_with_answer_delay_it_is_answered_when_a_callee_is(stage):
    a_leg = place(stage, dial(GEORGE), scripts=TALKS, answer_delay=True)
    assert [heard for _, heard in a_leg.heard] == ["180 ringing", "200 answered"]


@pytest.mark.parametrize("status", [404, 403, 480, 486, 500, 503, 600, 603])
def test_with_answer_delay_it_is_refused_as_the_callee_refuses(stage, status):
    a_leg = place(stage, dial(GEORGE), scripts={"george": f"refuse:{status}:1"}, answer_delay=True)
    assert (a_leg.answered_at, a_leg.sip_status) == (None, status)


@pytest.mark.parametrize("script", ["ring", "refuse:401", "refuse:407"])
def test_with_answer_delay_what_is_no_decision_of_the_callees(stage, script):
    a_leg = place(stage, dial(GEORGE, timeout="2"), scripts={"george": script}, answer_delay=True)
    assert a_leg.sip_status == (480 if script == "ring" else 603)


def test_with_answer_delay_the_decisive_callee_of_several_refuses(stage):
    scripts = {"alice": "refuse:404", "henrique": "refuse:600:1", "george": "refuse:503"}
    a_leg = place(stage, dial(ALL), scripts=scripts, answer_delay=True)
    assert (outcome(stage)[0], a_leg.sip_status) == ("busy", 600)


# In turn.


def test_one_after_the_other_till_somebody_answers(stage):
    pause = '<Pause length="2"/>'
    document = (
        f"<Say>one</Say>{dial(GEORGE, None, timeout='3')}{pause}{dial(HENRIQUE, None)}"
        f"{pause}{dial(ALICE, None)}<Redirect>/after</Redirect>"
    )
    scripts = {"george": "ring", "henrique": "answer:1:2", "alice": "answer:1:1"}
    place(stage, document, scripts=scripts)
    assert ends(stage) == ["NO_ANSWER", "NORMAL_CLEARING"]  # alice is not rung
    assert paths(stage) == ["/answer", "/after", "/hangup"]


def test_a_sequence_ends_in_a_room(stage):
    room = dial("<Conference>7</Conference>", None)
    document = f"{dial(GEORGE, None)}{room}{dial(ALICE, None)}<Redirect>/after</Redirect>"
    place(stage, document, scripts={"george": "busy", "alice": "answer:1"}, hangup_after=4)
    assert ends(stage) == ["USER_BUSY"]


def test_what_is_no_part_of_the_sequence_runs(stage):
    document = f"{dial(GEORGE, None)}<Say>bye</Say>{dial(ALICE, None)}"
    place(stage, document, scripts={"george": "answer:1:1", "alice": "answer:1:1"})
    assert ends(stage) == ["NORMAL_CLEARING", "NORMAL_CLEARING"]


def test_sequential_inside_one_dial(stage):
    document = dial(GEORGE + FOTINI, timeout="2", sequential="true")
    place(stage, document, scripts={"george": "ring", "fotini": "answer:1:1"})
    assert ends(stage) == ["NO_ANSWER", "NORMAL_CLEARING"]
    assert outcome(stage)[0] == "completed"
