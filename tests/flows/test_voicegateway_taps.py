"""listen and transcribe in a dial; stand-ins with the syntax of the real modules answer here."""

import json
from dataclasses import replace

import pytest
from dialctl.settings import Modules
from dialctl.switch import api
from dialctl.switch.events import Event

from support.rawserver import eventually

from .voicegateway import VG, call, dial, legs, phone, the, told

MODULES = Modules(media_fork="uuid_audio_fork", transcription="uuid_google_transcribe")
TAPPED = replace(VG, modules=MODULES)
LISTEN = {"url": "wss://ears.example.com/in?a=b", "metadata": {"say": 'it\'s "5 $" \\ or\nso'}}
TRANSCRIBE = {
    "transcriptionHook": "/said",
    "recognizer": {"vendor": "google", "language": "de-DE", "interim": True},
}
SPEECH = {"is_final": True, "alternatives": [{"transcript": "hallo", "confidence": 0.9}]}


@pytest.fixture
def asked(monkeypatch):
    """What the stand-ins were told; they answer +OK."""
    heard = []
    for name in ("uuid_audio_fork", "uuid_google_transcribe"):

        def answer(switch, argument, name=name):
            heard.append(f"{name} {argument}")
            return "+OK Success\n"

        monkeypatch.setitem(api.APIS, name, answer)
    return heard


def test_listen_streams_the_conversation_and_no_more(stage, asked):
    a_leg = call(
        stage,
        dial(phone("1001"), listen={**LISTEN, "mixType": "stereo", "sampleRate": 16000}),
        {"verb": "pause", "length": 1},
        callees={"1001": "answer:1:1"},
        settings=TAPPED,
    )
    start, stop = asked
    *words, metadata = start.split(" ")
    fork = ["uuid_audio_fork", a_leg.uuid, "start", LISTEN["url"], "stereo", "16k"]
    assert words == fork
    assert not set("' $") & set(metadata)
    said = json.loads(metadata)
    assert (said["call_sid"], said["call_status"]) == (a_leg.uuid, "in-progress")
    assert said["say"] == LISTEN["metadata"]["say"]
    assert stop == f"uuid_audio_fork {a_leg.uuid} stop"


def test_nothing_is_streamed_before_they_talk(stage, asked):
    given = dial(phone("1001"), listen=LISTEN, transcribe=TRANSCRIBE)
    call(stage, given, callees={"1001": "busy"}, settings=TAPPED)
    assert not asked


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"listen": LISTEN}, "modules.media_fork in dialctl.yaml is empty"),
        ({"transcribe": TRANSCRIBE}, "modules.transcription in dialctl.yaml is empty"),
    ],
)
def test_without_a_module_the_document_is_refused(stage, caplog, more, words):
    a_leg = call(stage, dial(phone("1001"), **more))
    assert a_leg.sip_status == 503
    assert words in caplog.text
    assert told(stage) == ["/answer trying", "/hangup failed"]


def test_a_module_that_is_not_loaded_is_told_in_the_log_and_the_call_goes_on(stage, caplog):
    given = dial(phone("1001"), listen=LISTEN)
    call(stage, given, callees={"1001": "answer:1:1"}, settings=TAPPED)
    assert the(stage, "/dial")["dial_status"] == "completed"
    assert "modules.media_fork in dialctl.yaml): the switch says -ERR" in caplog.text


def test_transcribe_tells_what_either_says(stage, asked):
    a_leg = call(
        stage,
        dial(phone("1001"), transcribe=TRANSCRIBE),
        callees={"1001": "answer:1"},
        settings=TAPPED,
        over=False,
    )
    (leg,) = legs(stage)
    assert eventually(lambda: len(asked) == 2)
    command = "uuid_google_transcribe {} start de-DE interim"
    assert asked == [command.format(a_leg.uuid), command.format(leg.uuid)]
    for uuid, body in ((a_leg.uuid, SPEECH), (leg.uuid, SPEECH), (a_leg.uuid, "no JSON")):
        _publish(stage, uuid, "google_transcribe::transcription", body)
    _publish(stage, a_leg.uuid, "google_transcribe::vad_detected", SPEECH)
    assert stage.web.wait_for(3)
    a_leg.hangup()
    stage.end(a_leg)
    of_caller, of_callee = [r.params for r in stage.web.requests if r.path == "/said"]
    assert of_caller["speech"] == of_callee["speech"] == SPEECH
    assert (of_caller["call_sid"], of_callee["call_sid"]) == (a_leg.uuid, leg.uuid)
    assert of_callee["parent_call_sid"] == a_leg.uuid


def test_what_is_said_is_signed(stage, asked):
    """A list of objects is beyond Plivo's SDKs; the older signature does without the body."""
    sdk = pytest.importorskip("plivo.utils", reason="plivo, the vendor's SDK, is not installed")
    given = dial(phone("1001"), transcribe=TRANSCRIBE)
    a_leg = call(stage, given, settings=TAPPED, over=False, auth_token="t" * 20)
    assert eventually(lambda: len(asked) == 2)
    _publish(stage, a_leg.uuid, "google_transcribe::transcription", SPEECH)
    assert stage.web.wait_for(2)
    request = stage.web.requests[1]
    nonce = request.headers["x-plivo-signature-v2-nonce"]
    signature = request.headers["x-plivo-signature-v2"]
    assert sdk.validate_signature(stage.web.url("/said"), nonce, signature, "t" * 20)


def _publish(stage, uuid, subclass, said):
    """What a transcribing module tells of a channel."""
    body = said if isinstance(said, str) else json.dumps(said)
    channel = stage.switch.channels[uuid]
    after = (("Unique-ID", uuid),)
    stage.switch.publish(Event("CUSTOM", channel, after=after, body=body, subclass=subclass))
