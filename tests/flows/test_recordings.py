"""Recordings: what a caller says, the whole call, what is said in a Dial; told, and fetched."""

import urllib.request
import wave
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from dialctl.settings import Media, Web
from gevent import socket

from .conftest import SETTINGS

BYE = "<Speak>goodbye</Speak>"
URLS = 'action="/voicemail" callbackUrl="/recorded"'
MESSAGE = f'<Record {URLS} finishOnKey="#" maxLength="{{}}" fileFormat="wav"/>'
SESSION = f'<Record {URLS} recordSession="true" redirect="false" fileFormat="wav" {{}}/>'
ON_ANSWER = SESSION.replace("recordSession", "startOnDialAnswer")
DIAL = "<Dial><Number>1001</Number></Dial>"
KNOWN = {"1001": "answer:1:4"}


@pytest.fixture
def settings():
    """With the daemon's own web server, which serves the recordings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return replace(SETTINGS, web=Web(listen=f"127.0.0.1:{port}"))


def told(stage):
    """What was told of recordings: where, the event, the length in seconds, the key."""
    return [
        (r.path, r.params["Event"], round(int(r.params["RecordingDurationMs"]) / 1000, 1))
        for r in stage.web.requests
        if "RecordUrl" in r.params
    ]


def events(stage):
    return [r.params["Event"] for r in stage.web.requests]


def fetch(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return answer.headers["Content-Type"], answer.read()


def test_a_message_that_a_key_ends(stage, settings):
    stage.call(
        MESSAGE.format(60), settings=settings, documents={"voicemail": BYE}, press=((3.2, "1#"),)
    )
    ready, action = stage.request("/recorded"), stage.request("/voicemail")
    assert events(stage) == ["StartApp", "RecordStop", "Record", "Hangup"]
    assert ready == {**action, "Event": "RecordStop"}
    assert action["Digits"] == "#"
    length = int(action["RecordingDurationMs"])
    assert 2000 <= length <= 3800
    took = int(action["RecordingEndMs"]) - int(action["RecordingStartMs"])
    assert took == pytest.approx(length, abs=300)
    kind, body = fetch(action["RecordUrl"])
    assert kind == "audio/wav"
    with wave.open(BytesIO(body)) as file:
        assert file.getnframes() == 8 * length
        assert file.getnchannels() == 1


def test_a_message_as_long_as_it_may_be(stage):
    stage.call(MESSAGE.format(3), documents={"voicemail": BYE})
    assert [round(seconds) for _, _, seconds in told(stage)] == [3, 3]


def test_a_message_of_a_caller_who_hangs_up_is_told(stage):
    stage.call(MESSAGE.format(60), hangup_after=5)
    assert [path for path, _, _ in told(stage)] == ["/recorded", "/voicemail"]
    assert stage.request("/voicemail")["CallStatus"] == "completed"
    assert events(stage)[-1] == "Hangup"


def test_the_whole_call(stage, settings):
    """Told at once without figures, then with them; the next elements run meanwhile."""
    stage.call(SESSION.format("") + DIAL, KNOWN, settings=settings, documents={"voicemail": ""})
    assert events(stage) == ["StartApp", "Record", "RecordStop", "Hangup"]
    first, last = stage.request("/voicemail"), stage.request("/recorded")
    figures = ["RecordingDuration", "RecordingDurationMs", "RecordingStartMs", "RecordingEndMs"]
    assert {first[name] for name in figures} == {"-1"}
    assert first["RecordUrl"] == last["RecordUrl"]
    assert 4000 <= int(last["RecordingDurationMs"]) <= 9000
    _, body = fetch(last["RecordUrl"])
    with wave.open(BytesIO(body)) as file:
        assert file.getnchannels() == 2
        assert file.getnframes() == 8 * int(last["RecordingDurationMs"])


def test_it_goes_on_with_the_actions_document(stage):
    document = SESSION.format("").replace("false", "true") + "<Redirect>/never</Redirect>"
    stage.call(document, documents={"voicemail": BYE})
    assert events(stage) == ["StartApp", "Record", "RecordStop", "Hangup"]


def test_a_recording_that_has_its_length_is_told_while_the_call_goes_on(stage):
    document = SESSION.format('maxLength="2" recordChannelType="mono"') + "<Wait length='4'/>"
    stage.call(document + "<Redirect>/next</Redirect>", documents={"voicemail": "", "next": ""})
    assert events(stage) == ["StartApp", "Record", "RecordStop", "Redirect", "Hangup"]
    assert stage.request("/recorded")["CallStatus"] == "in-progress"
    assert told(stage)[1][2] == pytest.approx(1.5, abs=0.5)


def test_the_caller_who_hangs_up_is_recorded_to_his_end(stage):
    stage.call(
        SESSION.format("") + "<Wait length='60'/>", documents={"voicemail": ""}, hangup_after=20
    )
    assert events(stage) == ["StartApp", "Record", "RecordStop", "Hangup"]
    assert stage.request("/recorded")["CallStatus"] == "completed"
    assert 5 <= told(stage)[1][2] <= 20


def test_what_is_said_once_somebody_is_connected(stage):
    busy = "<Dial><Number>1002</Number></Dial>"
    stage.call(
        ON_ANSWER.format("") + busy + DIAL,
        {**KNOWN, "1002": "busy"},
        documents={"voicemail": ""},
    )
    assert events(stage) == ["StartApp", "Record", "RecordStop", "Hangup"]
    assert 3 <= told(stage)[1][2] <= 5, "the talk, without the ringing"


def test_nobody_is_connected_and_nothing_recorded(stage, caplog):
    caplog.set_level("INFO")
    a_leg = stage.call(ON_ANSWER.format("") + DIAL, {"1001": "busy"}, documents={"voicemail": ""})
    assert events(stage) == ["StartApp", "Record", "Hangup"]
    assert "nobody was connected, nothing is recorded" in caplog.text
    assert not a_leg.answered_at


def test_two_recordings(stage):
    document = SESSION.format('maxLength="2"') + SESSION.format("") + "<Wait length='4'/>"
    stage.call(document, documents={"voicemail": ""})
    lengths = [seconds for path, _, seconds in told(stage) if path == "/recorded"]
    assert len(lengths) == 2
    assert lengths[0] < 2.5 < lengths[1]
    urls = [r.params["RecordUrl"] for r in stage.web.requests if r.path == "/recorded"]
    assert len(set(urls)) == 2
    keys = {r.headers["idempotency-key"] for r in stage.web.requests if "RecordUrl" in r.params}
    assert len(keys) == 4


def test_a_message_in_a_call_that_is_recorded(stage):
    inside = MESSAGE.format(2).replace("/recorded", "/message").replace("/voicemail", "/next")
    stage.call(SESSION.format("") + inside, documents={"voicemail": "", "next": ""})
    assert [(path, event) for path, event, _ in told(stage)] == [
        ("/voicemail", "Record"),
        ("/message", "RecordStop"),
        ("/next", "Record"),
        ("/recorded", "RecordStop"),
    ]
    assert stage.request("/message")["RecordUrl"] != stage.request("/recorded")["RecordUrl"]


@pytest.mark.parametrize("document", [MESSAGE.format(2), SESSION.format("") + "<Wait/>"])
def test_mp3_is_a_wav_where_the_switch_cannot_write_it(stage, caplog, document):
    stage.call(
        document.replace("wav", "mp3"),
        documents={"voicemail": ""},
        modules=("mod_sndfile",),
    )
    assert stage.request("/recorded")["RecordUrl"].endswith(".wav")
    assert "has not loaded mod_shout and cannot write mp3; it is a wav" in caplog.text


@pytest.mark.parametrize("document", [MESSAGE.format(2), SESSION.format(""), ON_ANSWER.format("")])
def test_a_folder_that_the_switch_cannot_write(stage, caplog, document):
    """Of a file that does not exist nobody is told, and the call goes on."""
    settings = replace(SETTINGS, media=Media(recordings_dir="/proc/none"))
    stage.call(
        document.replace(URLS, 'callbackUrl="/recorded"') + DIAL + "<Redirect>/next</Redirect>",
        KNOWN,
        settings=settings,
        documents={"next": ""},
    )
    assert events(stage) == ["StartApp", "Redirect", "Hangup"]
    assert "FreeSWITCH does not record (-ERR Cannot record session!)" in caplog.text


def test_a_port_in_use_stops_no_call(stage, settings, caplog):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        stage.call(MESSAGE.format(2), settings=replace(settings, web=Web(f"127.0.0.1:{port}")))
    assert f"web.listen: cannot listen on 127.0.0.1:{port}: Address already in use" in caplog.text
    assert "Record" in events(stage)


def test_where_nobody_serves_them_the_name_alone_is_told(stage, caplog):
    stage.call(MESSAGE.format(2), documents={"voicemail": ""})
    name = stage.request("/recorded")["RecordUrl"]
    assert Path(stage.state_dir, "recordings", name).stat().st_size > 1000
    assert "RecordUrl is the file's name alone" in caplog.text


def test_the_operators_own_server_shows_them(stage, settings):
    elsewhere = replace(settings, media=Media(recordings_url="https://cdn.example/rec"))
    stage.call(MESSAGE.format(2), settings=elsewhere, documents={"voicemail": ""})
    assert stage.request("/recorded")["RecordUrl"].startswith("https://cdn.example/rec/")
