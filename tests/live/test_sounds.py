"""Sounds that a document names by URL: the daemon fetches, the switch plays a file."""

import time

import pytest

from support.sounds import MP3, wav
from support.webapp import Answer

from .flow import BY_CALLER, END_OF_DOCUMENT
from .numbers import presses_five, response
from .test_elements import lasted, ran


def serve(live, path, body=None, kind="audio/wav", **more):
    """A sound on the web application; its URL."""
    live.web.files[path] = Answer(wav(1, 440) if body is None else body, content_type=kind, **more)
    return live.url(path)


def over(live, timeout=15):
    assert live.web.wait_for(lambda got: any(r.path == "/hangup" for r in got), timeout), live.log()
    return next(r for r in live.web.requests if r.path == "/hangup")


@pytest.mark.parametrize(
    ("path", "body", "kind", "extension"),
    [
        ("/files/tone.wav", wav(1.4, 440), "audio/x-wav", ".wav"),
        ("/files/tone.mp3", MP3, "application/octet-stream", ".mp3"),
        ("/files/fast.php", wav(1.4, 440, rate=44100), "application/x-php", ".wav"),
    ],
)
def test_a_sound_is_heard(live, tmp_path, path, body, kind, extension):
    url = serve(live, path, body, kind)
    live.script(response(f"<Play>{url}</Play>"))
    call = live.call(recording=tmp_path / "heard.wav")
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(END_OF_DOCUMENT))
    (played,) = ran(call, "playback")
    assert played.startswith("/")
    assert played.endswith(extension)
    assert lasted(call) == pytest.approx(1.45, abs=0.2)
    assert 8 <= sum(440 in tones for tones in call.heard(440)) <= 15


def test_the_second_call_takes_what_the_first_has_fetched(live):
    asked = []
    sound = Answer(wav(0.2), content_type="audio/wav", headers=(("Cache-Control", "max-age=60"),))
    live.web.files["/files/kept.wav"] = lambda request: asked.append(request.path) or sound
    live.script(response(f'<Play loop="2">{live.url("/files/kept.wav")}</Play>'))
    for call in (live.call(), live.call()):
        call.ended()
        assert len(ran(call, "playback")) == 2
    assert len(asked) == 1


def test_an_mp3_on_a_switch_that_cannot_play_it(live):
    url = serve(live, "/files/tone.mp3", MP3, "audio/mpeg")
    live.script(response(f"<Play>{url}</Play>", "<Speak>hi</Speak>"))
    live.switch.events.api("unload mod_shout")
    try:
        call = live.call()
        over(live)
    finally:
        live.switch.events.api("load mod_shout")
    live.said(url, "FILE NOT FOUND", "mp3 needs mod_shout", "left out")
    assert len(ran(call, "speak")) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer("", "404 Not Found"), "answered 404 (attempts 2"),
        (Answer("<p>no</p>", content_type="text/html"), "is neither wav nor mp3 (text/html"),
        (Answer("no sound", content_type="audio/wav"), "the switch says FILE NOT FOUND"),
    ],
)
def test_a_sound_that_cannot_be_had_is_left_out(live, answer, why):
    live.web.files["/files/bad.wav"] = answer
    url = live.url("/files/bad.wav")
    live.script(response(f"<Play>{url}</Play>", "<Speak>hi</Speak>"))
    call = live.call()
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(END_OF_DOCUMENT))
    live.said(url, why, "left out")
    assert len(ran(call, "speak")) == 1


def test_a_caller_who_leaves_during_the_fetch_is_noticed_at_once(live):
    """mod_httapi's own fetch held up the channel's hangup as long as the server was silent."""
    url = serve(live, "/files/slow.wav", delay=4.0)
    live.script(response("<Speak>hi</Speak>", f"<Play>{url}</Play>"))
    call = live.call()
    call.answered()
    call.after(1.5, call.hang_up)
    call.ended()
    left = time.monotonic()
    params = over(live).params
    assert time.monotonic() - left < 1.0
    code, name, source = BY_CALLER
    assert (params["HangupCauseCode"], params["HangupSource"]) == (code, source)


def test_a_scheduled_hangup_during_the_fetch(live):
    url = serve(live, "/files/slow2.wav", delay=4.0)
    live.script(response("<Speak>hi</Speak>", '<Hangup schedule="1"/>', f"<Play>{url}</Play>"))
    call = live.call()
    assert over(live).params["HangupCauseCode"] == "6000"
    assert lasted(call) < 3


def test_a_key_during_the_fetch_interrupts_the_prompt(live):
    url = serve(live, "/files/slow3.wav", delay=4.0)
    prompt = f'<GetDigits action="/menu" numDigits="1"><Play>{url}</Play></GetDigits>'
    live.script(response("<Speak>hi</Speak>", prompt), menu=response("<Speak>thank you</Speak>"))
    call = live.call()
    call.answered()
    call.after(1.2, call.press, "7")
    assert live.web.wait_for(lambda got: any(r.path == "/menu" for r in got), 3), live.log()
    over(live)
    assert next(r for r in live.web.requests if r.path == "/menu").params["Digits"] == "7"
    assert len(ran(call, "speak")) == 2, "a key that broke nothing off spoils no later sound"


def test_the_sound_for_invalid_digits(live):
    url = serve(live, "/files/no.wav", wav(0.5))
    prompt = (
        f'<GetDigits action="/menu" numDigits="1" validDigits="1" retries="2" timeout="2"'
        f' invalidDigitsSound="{url}"><Speak>one</Speak></GetDigits>'
    )
    live.script(response(prompt), menu=response())
    call = live.call()
    call.answered()
    call.after(0.3, call.press, "9")
    over(live)
    assert len(ran(call, "playback")) == 1
    assert len(ran(call, "speak")) == 2


def test_a_confirm_sound_of_a_url(live):
    """Fetched and played on the callee's own channel."""
    ann = presses_five(0.2, 2.0)
    url = serve(live, "/files/hello.wav", wav(5))
    live.script(
        response(live.told_dial(ann, confirmSound=live.url("/confirm"), confirmKey="5")),
        confirm=response(f"<Play>{url}</Play>"),
        action=response(),
    )
    live.call()
    over(live)
    told = [r.params["DialAction"] for r in live.web.requests if r.path == "/callback"]
    assert told == ["answer", "connected", "hangup"]
    live.said("callee confirmed")


def test_a_call_that_was_not_answered_stays_so_while_a_sound_is_fetched(live):
    url = serve(live, "/files/slow4.wav", wav(0.2), delay=0.8)
    live.script(response(f"<Play>{url}</Play>"), action=response())
    call = live.call()
    fetched = time.monotonic()
    call.answered()
    assert time.monotonic() - fetched > 0.7
    over(live)
