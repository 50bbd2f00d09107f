"""Speak, Play, Wait, Hangup, Redirect, and the end of a document."""

import shutil

import pytest

from support.sounds import wav
from support.webapp import Answer

from .expected import one_of
from .flow import CAUSES, END_OF_DOCUMENT, not_fetched, not_usable
from .live import TOLERANCE
from .numbers import BUSY, answers, dial, refuses, response, rings


def ran(call, application):
    return [data for name, data in call.applications() if name == application]


def lasted(call):
    """Seconds from A's answer to its end."""
    return call.ended().at - call.answered().at


def test_speak_and_the_end_of_an_answered_call(live):
    live.script(response("<Speak>hello, world</Speak>"))
    call = live.call()
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(END_OF_DOCUMENT, cause="NORMAL_CLEARING"))
    assert call.story() == ["200", "BYE"]
    assert "hello, world" in ran(call, "speak")[0]


def test_speak_says_the_text_and_nothing_else(live):
    """Neither a variable nor another application's argument hides in a text."""
    live.script(response("<Speak>say ${uuid} $${x} a|b\nline two</Speak>"))
    call = live.call()
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(END_OF_DOCUMENT))
    (said,) = ran(call, "speak")
    assert call.call_uuid not in said
    assert said.startswith("flite|kal|say")
    assert "line two" in said


def test_braces_in_a_text_are_no_parameters(live):
    """FreeSWITCH would take the beginning for the engine's parameters, and say nothing (seen)."""
    live.script(response("<Speak>{hello, can you hear me</Speak>"))
    call = live.call()
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(END_OF_DOCUMENT))
    assert lasted(call) > 1


def test_a_language_that_the_engine_does_not_know_is_told(live):
    live.script(response('<Speak language="fr-FR" voice="WOMAN">bonjour</Speak>'))
    call = live.call()
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(END_OF_DOCUMENT))
    assert ran(call, "speak") == ["flite|slt|bonjour"]
    live.said("<Speak>", "mod_flite speaks English only, not fr-FR")


@pytest.fixture
def digits(live):
    """The switch's own sounds for 40 and 2, a second each."""
    folder = live.recordings / "sounds" / "en" / "digits"
    folder.mkdir(parents=True)
    for name in ("40", "2"):
        (folder / f"{name}.wav").write_bytes(wav(1))
    yield
    shutil.rmtree(live.recordings / "sounds")


@pytest.mark.usefixtures("digits")
def test_a_number_is_said_of_the_switchs_own_sounds(live):
    live.script(response('<Speak type="NUMBER" method="PRONOUNCED">42</Speak>'))
    call = live.call()
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(END_OF_DOCUMENT))
    assert ran(call, "say") == ["en NUMBER PRONOUNCED '42'"]
    assert lasted(call) == pytest.approx(2, abs=0.6)


@pytest.mark.parametrize("language", ["en", "fr-FR"])
def test_sounds_that_are_not_there_are_told(live, language):
    """Neither files nor a module: the switch goes on without a word but in its own log."""
    live.script(response(f'<Speak type="NUMBER" language="{language}">42</Speak>', "<Hangup/>"))
    call = live.call()
    assert call.story() == ["200", "BYE"]
    assert live.web.wait_for(2)
    live.said("<Speak>: nothing was heard", f"it needs mod_say_{language[:2]}")


def test_play(live):
    live.web.files["/files/one.wav"] = Answer(wav(1), content_type="audio/wav")
    live.script(response(f"<Play>{live.url('/files/one.wav')}</Play>"))
    call = live.call()
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(END_OF_DOCUMENT))
    assert call.story() == ["200", "BYE"]
    assert lasted(call) == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("file", ["/files/missing.wav", "closed"])
def test_a_file_that_cannot_be_had_is_left_out(live, file):
    """The call goes on with the next element, and the log says so."""
    bob = refuses(BUSY)
    url = f"http://127.0.0.1:{live.switch.dead_port}/x.wav" if file == "closed" else live.url(file)
    live.script(response(f"<Play>{url}</Play>", dial(bob, callbackUrl=live.url("/callback"))))
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, "USER_BUSY", status=one_of("in-progress", "ringing")),
        flow.hangup(END_OF_DOCUMENT, answered="200" in call.story()),
    )
    live.said(url)


def test_wait(live):
    live.script(response("<Speak>hi</Speak>", '<Wait length="2"/>'))
    call = live.call()
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(END_OF_DOCUMENT))
    spoken = [e for e in live.switch.events.of(call.call_uuid) if e.get("Application") == "speak"]
    assert call.story() == ["200", "BYE"]
    assert call.ended().at - spoken[0].at == pytest.approx(2.7, abs=0.5), "speech and 2 s"


def test_a_wait_that_comes_first_delays_the_answer(live):
    """As Plivo says of Wait as the first element: the call is not answered until it is over."""
    bob = answers(0.1, 0.2)
    live.script(response('<Wait length="1"/>', dial(bob)))
    call = live.call()
    assert call.story()[-2:] == ["200", "BYE"]
    (callee,) = live.callees()
    events = live.switch.events
    waited = callee.at - events.of(call.call_uuid, "CHANNEL_CREATE")[0].at
    assert waited == pytest.approx(1.05, abs=TOLERANCE)
    assert call.answered().at > callee.at
    assert live.web.wait_for(2)


@pytest.mark.parametrize(
    ("reason", "sip", "cause"),
    [("busy", "486", "USER_BUSY"), ("rejected", "603", "CALL_REJECTED")],
)
def test_hangup_with_a_reason_refuses_an_unanswered_call(live, reason, sip, cause):
    live.script(response(f'<Hangup reason="{reason}"/>', dial(rings())))
    call = live.call()
    flow = live.flow(call)
    code, name, _ = CAUSES[cause]
    live.expect(
        flow.start(),
        flow.hangup((code, name, "Answer XML"), cause=cause, answered=False),
    )
    assert call.story() == [sip]


def test_the_reason_stands_after_a_dial_that_failed_otherwise(live):
    """The SIP code is the document's, not the last leg's."""
    live.script(response(dial(refuses(BUSY)), '<Hangup reason="rejected"/>'))
    call = live.call()
    flow = live.flow(call)
    code, name, _ = CAUSES["CALL_REJECTED"]
    live.expect(
        flow.start(),
        flow.hangup((code, name, "Answer XML"), cause="CALL_REJECTED", answered=False),
    )
    assert call.story() == ["603"]


def test_pre_answer_is_heard_before_the_answer(live):
    """Early media: A gets a 183, hears the text, and may still be refused unanswered."""
    live.script(response("<PreAnswer><Speak>hi</Speak></PreAnswer>", '<Hangup reason="busy"/>'))
    call = live.call()
    flow = live.flow(call)
    code, name, _ = CAUSES["USER_BUSY"]
    live.expect(
        flow.start(),
        flow.hangup((code, name, "Answer XML"), cause="USER_BUSY", answered=False),
    )
    assert call.story() == ["183", "486"]
    assert len(ran(call, "speak")) == 1


def test_plain_hangup(live):
    """Which code a Hangup without a reason has is open: 4000 or 4010."""
    live.script(response("<Speak>hi</Speak>", "<Hangup/>", dial(rings())))
    call = live.call()
    flow = live.flow(call)
    names = one_of("Normal Hangup", "End Of XML Instructions")
    live.expect(flow.start(), flow.hangup((one_of("4000", "4010"), names, "Answer XML")))
    assert call.story() == ["200", "BYE"]
    assert not live.callees()


def test_an_empty_document_refuses_the_call(live):
    live.script(response())
    call = live.call()
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(END_OF_DOCUMENT, answered=False))
    assert call.refused()


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_redirect(live, method):
    """Event=Redirect; the rest of the first document is dropped."""
    live.script(
        response(f'<Redirect method="{method}">{live.url("/next?n=1")}</Redirect>', dial(rings())),
        next=response('<Hangup reason="busy"/>'),
    )
    call = live.call()
    flow = live.flow(call)
    code, name, _ = CAUSES["USER_BUSY"]
    live.expect(
        flow.start(),
        flow.redirect("/next", status="ringing", method=method, also={"n": "1"}),
        flow.hangup((code, name, "Answer XML"), cause="USER_BUSY", answered=False),
    )
    assert call.story() == ["486"]
    assert not live.callees()


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (Answer("", "500 Internal Server Error"), not_fetched("Redirect")),
        (Answer("OK"), not_usable("Redirect")),
    ],
    ids=["500", "plain-text"],
)
def test_a_redirect_to_no_document(live, answer, how):
    live.script(response("<Redirect>/next</Redirect>", dial(rings())), next=answer)
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.redirect("/next", status="ringing"),
        flow.hangup(how, answered=False),
    )
    assert call.refused()


def test_a_redirect_loop_ends(live):
    """limits.redirects: 50."""
    live.script(response("<Redirect>/answer</Redirect>"))
    call = live.call()
    assert call.refused()
    assert live.web.wait_for(lambda got: got[-1].path == "/hangup")
    redirects = sum(request.params["Event"] == "Redirect" for request in live.web.requests)
    assert 49 <= redirects <= 51
