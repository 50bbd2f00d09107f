"""RCML on a real FreeSWITCH."""

import io
import urllib.request
import wave

import pytest

from support.rawserver import eventually
from support.sounds import wav
from support.webapp import Answer

from .conftest import CALLAPI_APP, RCML_APP, RCML_DELAY_APP
from .numbers import (
    BUSY,
    REJECTED,
    answers,
    refuses,
    refuses_with,
    response,
    rings,
    silent,
)
from .rcml import Application
from .telephone import deflect
from .test_passwords import asking  # noqa: F401  a fixture

both = pytest.mark.parametrize("number", [RCML_DELAY_APP, CALLAPI_APP], ids=["rcml", "callapi"])
RING = {440, 480}  # Hz, of the tone that an answered caller hears


@pytest.fixture
def app(live):
    return Application(live)


def client(name):
    return f"<Client>{name}</Client>"


def sip(user, host, query="", **attributes):
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<Sip{said}>sip:{user}@{host}{query}</Sip>"


# The main flows; the caller is answered at once.


def test_answered_and_the_callee_ends(app):
    call = app.call(RCML_APP, app.dial(answers(1.2, 2.2)))
    told = app.the("action")
    assert {name: told[name] for name in told if name.startswith("Dial")} == {
        "DialCallStatus": "completed",
        "DialCallSid": told["DialCallSid"],
        "DialRingDuration": "1",
        "DialCallDuration": "2",
    }
    assert told["CallStatus"] == "in-progress"
    over = app.the("hangup")
    assert (over["CallStatus"], over["CallDuration"]) == ("completed", "3")
    assert call.story() == ["200", "BYE"]


def test_answered_and_the_caller_ends(app):
    call = app.call(RCML_APP, app.dial(answers(0.2, 9)))
    app.live.callees(1)
    call.after(1.0, call.hang_up)
    told = app.the("action")
    assert (told["DialCallStatus"], told["CallStatus"]) == ("completed", "completed")


@pytest.mark.parametrize(
    ("callee", "status", "response", "rang"),
    [
        (refuses(BUSY, 1.2), "busy", "486", "1"),
        (refuses(REJECTED), "busy", "603", "0"),
        (refuses_with(404), "failed", "404", "0"),
        (refuses_with(480, 1.2), "no-answer", "480", "1"),
        (refuses_with(403), "failed", "403", "0"),
        (rings(), "no-answer", "487", "2"),
        (silent(), "no-answer", "", "2"),  # no response, no code
    ],
)
def test_nobody_answers(app, callee, status, response, rang):
    call = app.call(RCML_APP, app.dial(callee, timeout="2"))
    told = app.the("action")
    assert (told["DialCallStatus"], told["DialRingDuration"]) == (status, rang)
    assert told["DialCallDuration"] == "0"
    assert told.get("DialSipResponseCode", "") == response
    assert ("FailureReason" in told) is (status == "failed")
    app.the("hangup")
    assert call.story() == ["200", "BYE"]  # there is nothing else in the document


def test_what_the_callees_last_answer_said(app):
    app.call(RCML_APP, app.dial(refuses_with(486)))
    told = app.the("action")
    (callee,) = app.live.callees()
    assert told["DialSipHeader_X-Color"] == "blue"
    assert told["DialSipCallId"] == callee["variable_sip_call_id"]


def test_what_the_callers_invite_said(app):
    headers = {"X-Seat": "12", "Diversion": "<sip:+1444@example.com>"}
    app.call(RCML_APP, app.dial(refuses(BUSY)), headers=headers)
    for path in ("answer", "action", "hangup"):
        told = app.the(path)
        assert told["SipHeader_X-Seat"] == "12"
        assert told["ForwardedFrom"] == "+1444"


def test_the_caller_cancels(app):
    call = app.call(RCML_DELAY_APP, app.dial(rings()))
    app.live.callees(1)
    call.after(1.2, call.cancel)
    told = app.the("action")
    assert (told["DialCallStatus"], told["DialRingDuration"]) == ("canceled", "1")
    assert (told["CallStatus"], told["DialSipResponseCode"]) == ("canceled", "487")
    assert app.the("hangup")["CallStatus"] == "canceled"


# The caller is answered when a callee is.


def test_answer_delay(app):
    call = app.call(RCML_DELAY_APP, app.dial(answers(0.3, 0.5)))
    assert app.the("action")["DialCallStatus"] == "completed"
    assert call.story() == ["180", "200", "BYE"]


@pytest.mark.parametrize("status", [403, 404, 480, 486, 500, 503, 600, 603])
def test_with_answer_delay_the_callees_final_code_is_the_callers(app, status):
    call = app.call(RCML_DELAY_APP, app.dial(refuses_with(status)))
    app.the("hangup")
    assert call.refused() == str(status)


def test_with_answer_delay_the_code_of_the_callee_who_decides(app):
    call = app.call(
        RCML_DELAY_APP, app.dial(refuses_with(404), refuses_with(486, 0.4), refuses_with(503, 0.6))
    )
    assert app.the("action")["DialCallStatus"] == "busy"
    assert call.refused() == "486"


def test_with_answer_delay_nobody_is_asked_for_a_callees_password(app, asking):  # noqa: F811
    user, _, host = asking(pleased=False).removeprefix("sip:").partition("@")
    call = app.call(RCML_DELAY_APP, app.dial(sip(user, host)))
    told = app.the("action")
    assert (told["DialCallStatus"], told["FailureReason"]) == ("failed", "487 MANDATORY_IE_MISSING")
    app.the("hangup")
    assert call.refused() == "480"


# Whom it rings.


def test_a_client(app):
    app.call(RCML_APP, app.dial(client("answers")))
    assert app.the("action")["DialCallStatus"] == "completed"


def test_a_client_who_is_not_there(app):
    app.call(RCML_APP, app.dial(client("nobody")))
    assert app.the("action")["FailureReason"] == "SUBSCRIBER_ABSENT"


@pytest.mark.parametrize(("transport", "via"), [("", "udp"), (";transport=tcp", "tcp")])
def test_a_sip_address_with_headers(app, transport, via):
    host = f"127.0.0.1:{app.live.switch.callee_port}"
    query = f"{transport}?X-One=1&amp;mine=a%20b"
    app.call(RCML_APP, app.dial(sip(answers(0.2, 0.3), host, query)))
    assert app.the("action")["DialCallStatus"] == "completed"
    (callee,) = app.live.callees()
    assert callee["variable_sip_h_X-One"] == "1"
    assert callee["variable_sip_via_protocol"] == via


def test_a_sip_address_behind_a_password(app):
    """TestDialVerbPartThree.testDialSipAuth: a 401 or 407, then the credentials."""
    host = f"127.0.0.1:{app.live.switch.guarded_port}"
    callee = sip(answers(0.2, 0.3), host, username="secret", password="se-cret")
    app.call(RCML_APP, app.dial(callee))
    assert app.the("action")["DialCallStatus"] == "completed"


def test_a_sip_address_behind_a_password_that_is_wrong(app):
    host = f"127.0.0.1:{app.live.switch.guarded_port}"
    app.call(RCML_APP, app.dial(sip(answers(), host, username="secret", password="wrong")))
    assert app.the("action")["DialCallStatus"] == "failed"


def test_several_and_one_wins(app):
    call = app.call(RCML_DELAY_APP, app.dial(rings(), answers(0.4, 0.4), refuses(BUSY)))
    assert app.the("action")["DialCallStatus"] == "completed"
    assert call.story() == ["180", "200", "BYE"]


def test_plain_text(app):
    app.call(RCML_APP, f'<Dial action="action">+{answers(0.2, 0.3)}</Dial>')
    assert app.the("action")["DialCallStatus"] == "completed"


def test_a_room(app):
    call = app.call(
        RCML_APP, '<Dial action="action"><Conference beep="false">7</Conference></Dial>'
    )
    call.answered()
    call.after(1.0, call.hang_up)
    told = app.the("action")
    assert told["DialCallStatus"] == "completed"
    assert "DialCallSid" not in told


# In turn.


@both
def test_a_sequence_till_one_answers(app, number):
    document = "".join(
        app.dial(target, action="") + '<Pause length="1"/>'
        for target in (refuses(BUSY), answers(0.2, 0.4), rings())
    )
    app.call(number, document, "<Redirect>after</Redirect>", after="<Response/>")
    assert app.paths() == ["answer", "after", "hangup"]
    assert len(app.live.callees()) == 2


@both
def test_sequential_inside_one_dial(app, number):
    app.call(number, app.dial(rings(), answers(0.2, 0.4), timeout="1", sequential="true"))
    assert app.the("action")["DialCallStatus"] == "completed"


# What is heard, and recorded.


def test_an_answered_caller_hears_a_tone_while_somebody_rings(app, tmp_path):
    heard = tmp_path / "heard.wav"
    call = app.call(RCML_APP, app.dial(answers(1.5, 0.4)), recording=heard)
    tones = call.heard(*RING)
    assert sum(both == RING for both in tones[:16]) > 8, tones


@pytest.mark.parametrize("app_number", [RCML_APP, RCML_DELAY_APP], ids=["answered", "unanswered"])
def test_a_caller_hears_the_dials_music_and_no_tone(app, tmp_path, app_number):
    app.live.web.files["/files/music.wav"] = Answer(wav(0.6, 700), content_type="audio/wav")
    music = app.live.url("/files/music.wav")
    document = app.dial(answers(2.5, 0.2), dialMusic=music)
    call = app.call(app_number, document, recording=tmp_path / "heard.wav")
    tones = call.heard(700, *RING)
    assert sum(700 in some for some in tones[:25]) > 8, tones
    assert not any(some >= RING for some in tones)


@pytest.mark.parametrize("app_number", [RCML_APP, RCML_DELAY_APP], ids=["answered", "unanswered"])
def test_a_caller_hears_nothing(app, tmp_path, app_number):
    document = app.dial(answers(1.5, 0.2), dialMusic="disabled")
    call = app.call(app_number, document, recording=tmp_path / "heard.wav")
    assert not any(some >= RING for some in call.heard(*RING))
    assert "180" not in call.story(), "its telephone would ring by itself"


def test_a_recording_of_what_was_said(app):
    app.call(RCML_APP, app.dial(answers(0.3, 1.4), record="true"))
    told = app.the("action")
    with urllib.request.urlopen(told["RecordingUrl"]) as answer:
        recording = answer.read()
    with wave.open(io.BytesIO(recording)) as file:
        assert file.getnchannels() == 1
        assert 1.0 < file.getnframes() / file.getframerate() < 2.0


def test_nobody_answers_and_nothing_is_recorded(app):
    app.call(RCML_APP, app.dial(refuses(BUSY), record="true"))
    assert "RecordingUrl" not in app.the("action")


# A callee's REFER.


def talks(app, call, before=""):
    """The leg that a caller talks with, once it is another one than before."""
    api, caller = app.live.switch.events.api, call.call_uuid

    def partner():
        return api(f"uuid_getvar {caller} bridge_uuid").replace("_undef_", "")

    assert eventually(lambda: partner() not in ("", before), 5)
    return partner()


@both
def test_a_transfer(app, number):
    """Each later request tells of it; a second one, of who was dialled then, is asked about too."""
    second = app.dial(answers(0.2, 9.0), action="second")
    third = app.dial(answers(0.2, 0.5), action="third")
    documents = {"refer": [response(second), response(third)], "second": "", "third": ""}
    call = app.call(number, app.dial(answers(0.2, 9.0)), **documents)
    leg = talks(app, call)
    (callee,) = app.live.callees()
    assert deflect(app.live.switch, callee, "4930111") == "200"
    assert app.the("refer")["ReferTarget"] == "4930111"
    assert callee["variable_sip_to_user"] == app.the("refer")["Transferor"]
    assert talks(app, call, leg)
    _, callee = app.live.callees()
    assert deflect(app.live.switch, callee, "alice") == "200"
    assert app.the("third")["DialCallStatus"] == "completed"
    shown = app.the("answer")["From"]
    paths = ("answer", "refer", "action", "second", "third", "hangup")
    assert app.told("ReferTarget", "Transferee", paths=paths) == [
        "- -",
        f"4930111 {shown}",  # refer
        f"4930111 {shown}",  # action
        *[f"alice {shown}"] * 4,
    ]


def test_a_transfer_that_is_refused(app, telephone):
    refuses = Answer("", status="488 Not Acceptable Here")
    call = app.call(RCML_APP, app.dial(sip(*telephone.address.split("@"))), refer=refuses)
    assert talks(app, call)
    assert telephone.refer(f"sip:4930111@127.0.0.1:{app.live.switch.internal_port}") == "488"
    telephone.hang_up()
    assert "ReferTarget" not in app.the("action")
    assert app.paths() == ["answer", "refer", "action", "hangup"]
