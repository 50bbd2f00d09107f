"""Documents that are none, elements that make no sense, and applications in trouble."""

import time

import pytest

from support.webapp import Answer

from .conftest import DOWN_APP, FALLBACK_APP, GET_APP, READ_TIMEOUT
from .expected import one_of
from .flow import CAUSES, END_OF_DOCUMENT, SOURCES, not_fetched, not_usable
from .numbers import BUSY, answers, dial, refuses, response, rings

TEN_MEGABYTES = response("<!-- " + "x" * 10_000_000 + " -->", dial(rings()))
DTD = f"""<!DOCTYPE Response [<!ENTITY who "{answers()}">]>
<Response><Dial><Number>&who;</Number></Dial></Response>"""

NO_DOCUMENTS = {
    "not-xml": "hello",
    "html": "<html><body><p>It works!</p></body></html>",
    "empty-body": "",
    "cut-off": response(dial(rings()))[:-10],
    "other-root": "<Reply><Dial><Number>155530000</Number></Dial></Reply>",
    "dtd": DTD,
    "xxe": DTD.replace(f'"{answers()}"', 'SYSTEM "file:///etc/hostname"'),
    "wrong-encoding": Answer(b"<Response><Speak>\xff\xfe</Speak></Response>"),
    "dial-of-nobody": response("<Dial></Dial>", dial(rings())),
}


def ended_unheard(live, call, how):
    """The call was refused after its answer request, and nobody was rung."""
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(how, answered=False))
    assert call.refused()
    assert not live.callees()


@pytest.mark.parametrize("name", NO_DOCUMENTS)
def test_an_answer_that_is_no_document(live, name):
    live.script(NO_DOCUMENTS[name])
    ended_unheard(live, live.call(), not_usable("Answer"))


def test_ten_megabytes(live):
    """Refused without being taken in whole. Whether unreachable or unusable is open."""
    live.script(TEN_MEGABYTES)
    names = one_of("Error Reaching Answer URL", "Invalid Answer XML")
    ended_unheard(live, live.call(), (one_of("7011", "8011"), names, SOURCES))


@pytest.mark.parametrize(
    ("element", "rule"),
    [("<Nonsense>x</Nonsense>", "is no"), ("<Conference></Conference>", "names no room")],
    ids=["unknown", "says-too-little"],
)
def test_elements_that_cannot_be_carried_out_are_named_with_their_line(live, element, rule):
    """Nothing of the document runs."""
    live.script(f"<Response>\n  <!-- two -->\n  {element}\n  {dial(rings())}\n</Response>")
    ended_unheard(live, live.call(), not_usable("Answer"))
    live.said("line 3", element[1:].split(">")[0])
    told = live.web.requests[-1].params["ErrorMessage"]
    assert told.startswith(f"line 3: <{element[1:].split('>')[0]}> {rule}")


def test_what_the_application_is_told_of_itself(live):
    live.script(Answer("", "500 Internal Server Error"))
    ended_unheard(live, live.call(), not_fetched("Answer"))
    told = live.web.requests[-1].params["ErrorMessage"]
    assert "/answer answered 500 (attempts 1" in told


def test_unknown_attributes_are_skipped_and_logged(live):
    bob = refuses(BUSY)
    live.script(response(dial(bob, callbackUrl=live.url("/callback"), colour="red")))
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.leg_ended(bob, "USER_BUSY"),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )
    live.said("line 1", "colour")


@pytest.mark.parametrize("status", ["500 Internal Server Error", "404 Not Found", "204 No Content"])
def test_an_answer_url_that_gives_no_200(live, status):
    body = "" if status.startswith("204") else response(dial(rings()))
    live.script(Answer(body, status))
    if status.startswith("204"):  # a 2xx without a body
        return ended_unheard(live, live.call(), not_usable("Answer"))
    return ended_unheard(live, live.call(), not_fetched("Answer"))


def test_an_application_that_is_down(live):
    live.script()
    call = live.call(DOWN_APP)
    flow = live.flow(call)
    live.expect(flow.hangup(not_fetched("Answer"), answered=False))
    assert call.refused()


def test_an_application_that_never_answers(live):
    """Asked once more after the read timeout, then given up: retries: 1, retry_on: ct, rt."""
    live.script(Answer(response(dial(rings())), delay=4 * READ_TIMEOUT))
    started = time.monotonic()
    call = live.call()
    flow = live.flow(call)
    live.expect(flow.start(), flow.start(), flow.hangup(not_fetched("Answer"), answered=False))
    assert call.refused()
    took = time.monotonic() - started
    assert 2 * READ_TIMEOUT - 0.1 < took < 2 * READ_TIMEOUT + 1
    assert not live.callees()


def test_one_that_answers_at_the_second_asking(live):
    bob = refuses(BUSY)
    slow = Answer(response(dial(rings())), delay=4 * READ_TIMEOUT)
    live.script([slow, response(dial(bob, callbackUrl=live.url("/callback")))])
    call = live.call()
    flow = live.flow(call)
    live.expect(
        flow.start(),
        flow.start(),
        flow.leg_ended(bob, "USER_BUSY"),
        flow.hangup(END_OF_DOCUMENT, answered=False),
    )


def test_the_next_call_is_served_after_any_of_these(live):
    bob = answers(0.1, 0.2)
    live.script([Answer(b"\x00" * 100_000), response(dial(bob))])
    first = live.call()
    assert first.refused()
    second = live.call()
    assert second.story() == ["180", "200", "BYE"]
    assert live.web.wait_for(4)


def test_answer_by_get(live):
    """The application's own query is kept in front, ours follows; hangup_method is GET too."""
    live.script(response('<Hangup reason="busy"/>'))
    call = live.call(GET_APP)
    flow = live.flow(call, method="GET")
    code, name, _ = CAUSES["USER_BUSY"]
    live.expect(
        flow.start(also={"who": "me", "x": "a b"}),
        flow.hangup((code, name, "Answer XML"), cause="USER_BUSY", answered=False),
    )
    assert call.refused() == "486"


@pytest.mark.parametrize("status", ["500 Internal Server Error", "404 Not Found"])
def test_fallback_url_is_asked_when_the_answer_url_fails(live, status):
    busy = response('<Hangup reason="busy"/>')
    live.script(Answer(response(dial(rings())), status), fallback=busy)
    call = live.call(FALLBACK_APP)
    flow = live.flow(call)
    code, name, _ = CAUSES["USER_BUSY"]
    live.expect(
        flow.start(),
        flow.start(path="/fallback", method="GET"),
        flow.hangup((code, name, "Answer XML"), cause="USER_BUSY", answered=False),
    )
    assert call.refused() == "486"
    assert not live.callees()


def test_fallback_url_is_not_asked_for_a_bad_document(live):
    live.script("hello", fallback=response(dial(rings())))
    call = live.call(FALLBACK_APP)
    flow = live.flow(call)
    live.expect(flow.start(), flow.hangup(not_usable("Answer"), answered=False))
    assert call.refused()
