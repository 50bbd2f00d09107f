"""Sounds that a document names by URL: fetched by the daemon, while the caller is watched."""

import os

import pytest

from support.sounds import MP3, wav
from support.webapp import Answer

BYE = "<Speak>goodbye</Speak>"
KEYS = '<GetDigits action="/menu" numDigits="1" timeout="5"{}>{}</GetDigits>'


def serve(stage, path="/files/a.wav", seconds=2.0, **more):
    """A sound on the web application; its URL."""
    stage.web.files[path] = Answer(wav(seconds), content_type="audio/wav", **more)
    return stage.web.url(path)


def lasted(stage):
    return int(stage.request("/hangup")["Duration"])


def kept(stage):
    names = os.listdir(os.path.join(stage.state_dir, "media"))
    return [name for name in names if not name.endswith(".json")]


def test_a_sound_is_played_from_a_file_of_ours(stage):
    stage.call(f"<Play>{serve(stage, seconds=3)}</Play>")
    assert 3 <= lasted(stage) <= 4
    assert len(kept(stage)) == 1


def test_a_loop_fetches_once(stage):
    asked = []
    url = serve(stage, seconds=1)
    stage.web.files["/files/a.wav"] = lambda request: (
        asked.append(request.path) or Answer(wav(1), content_type="audio/wav")
    )
    stage.call(f'<Play loop="3">{url}</Play>')
    assert lasted(stage) >= 3
    assert asked == ["/files/a.wav"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer("", "404 Not Found"), "answered 404 (attempts "),
        (Answer("<html/>", content_type="text/html"), "is neither wav nor mp3 (text/html"),
        (Answer("no sound", content_type="audio/wav"), "which its user must be able to read"),
    ],
)
def test_a_sound_that_cannot_be_had_is_left_out(stage, caplog, answer, why):
    stage.web.files["/files/a.wav"] = answer
    url = stage.web.url("/files/a.wav")
    stage.call(f"<Play>{url}?token=secret</Play>{BYE}")
    assert stage.request("/hangup")["HangupCauseCode"] == "4010"
    assert lasted(stage) >= 1, "goodbye was said"
    (line,) = [record.getMessage() for record in caplog.records if why in record.getMessage()]
    assert line.startswith("line 1: <Play>: ")
    assert line.endswith("; it is left out")
    assert "secret" not in line


def test_an_mp3_that_the_switch_cannot_play(stage, caplog):
    stage.web.files["/files/a.mp3"] = Answer(MP3, content_type="audio/mpeg")
    stage.start({"answer": f"<Play>{stage.web.url('/files/a.mp3')}</Play>{BYE}"})
    stage.switch.modules = ()
    stage.call()
    assert "; mp3 needs mod_shout; it is left out" in caplog.text


def test_the_call_is_not_answered_before_the_sound_is_there(stage):
    """Else the caller would pay for the time of the fetch."""
    url = serve(stage, seconds=1, delay=2.0)
    a_leg = stage.call(f"<Play>{url}</Play>", hangup_after=1.0)
    assert not a_leg.answered_at
    assert stage.request("/hangup")["HangupSource"] == "Caller"


def test_the_caller_leaves_during_the_fetch(stage):
    url = serve(stage, delay=5.0)
    stage.call(f"<Play>{url}</Play>", hangup_after=1.0, wait=2.0)
    assert stage.told() == ["/answer StartApp", "/hangup Hangup"]


def test_a_scheduled_hangup_during_the_fetch(stage):
    url = serve(stage, delay=5.0)
    stage.call(f'<Hangup schedule="1"/><Play>{url}</Play>', wait=3.0)
    assert stage.request("/hangup")["HangupCauseCode"] == "6000"


def test_a_key_during_the_fetch_interrupts_the_prompt(stage):
    url = serve(stage, delay=3.0)
    document = KEYS.format("", f"<Speak>hi</Speak><Play>{url}</Play>")
    stage.call(document, documents={"menu": BYE}, press=((1.0, "7"),))
    assert stage.told("Digits")[1] == "/menu Redirect 7"


def test_a_prompt_that_cannot_be_had(stage):
    url = stage.web.url("/files/none.wav")
    document = KEYS.format("", f"<Play>{url}</Play><Speak>press</Speak>")
    stage.call(document, documents={"menu": BYE}, press=((1.0, "7"),))
    assert stage.told("Digits")[1] == "/menu Redirect 7"


def test_the_sound_for_invalid_digits(stage, caplog):
    url = serve(stage, seconds=4)
    more = f' validDigits="1" retries="2" invalidDigitsSound="{url}"'
    document = KEYS.format(more, "<Speak>one</Speak>")
    stage.call(document, documents={"menu": BYE}, press=((0.5, "9"), (6.0, "1")))
    assert stage.told("Digits")[1] == "/menu Redirect 1"
    assert len(kept(stage)) == 1
    assert "left out" not in caplog.text


def test_a_key_during_the_fetch_for_a_callee_who_is_asked_to_confirm(stage):
    url = serve(stage, seconds=3, delay=1.0)
    stage.call(
        '<Dial action="/action" confirmSound="/confirm" confirmKey="5">'
        "<Number>1001</Number></Dial>",
        {"1001": "answer:0.5:4;press=0.5:5"},
        documents={"confirm": f"<Play>{url}</Play>"},
    )
    assert stage.request("/action")["DialStatus"] == "completed"


def test_a_confirm_sound_is_heard_by_the_callee(stage):
    url = serve(stage, seconds=2)
    stage.call(
        '<Dial callbackUrl="/callback" confirmSound="/confirm"><Number>1001</Number></Dial>',
        {"1001": "answer:0.5:8"},
        documents={"confirm": f"<Play>{url}</Play>"},
    )
    answered, connected = (
        next(r.at for r in stage.web.requests if r.params.get("DialAction") == action)
        for action in ("answer", "connected")
    )
    assert (connected - answered) * stage.clock.speed >= 2
