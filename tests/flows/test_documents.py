"""Documents: what follows what, and what becomes of a call whose application fails."""

from dataclasses import replace

import pytest
from dialctl.clock import Clock
from dialctl.settings import Limits

from support.webapp import Answer

from .conftest import SETTINGS

ONE = '<Dial action="/action" {}><Number>1001</Number></Dial>'
BYE = "<Speak>goodbye</Speak>"


def ended(stage):
    over = stage.request("/hangup")
    return over["HangupCauseCode"], over["HangupCauseName"]


def test_the_actions_document_is_followed(stage):
    documents = {"action": BYE}
    stage.call(ONE.format(""), {"1001": "busy"}, documents=documents)
    assert stage.told() == ["/answer StartApp", "/action DialAction", "/hangup Hangup"]
    assert stage.request("/hangup")["Duration"] != "0"  # it spoke


def test_with_redirect_false_the_next_element_runs(stage):
    documents = {"action": BYE, "next": ""}
    stage.call(
        ONE.format('redirect="false"') + "<Redirect>/next</Redirect>",
        {"1001": "busy"},
        documents=documents,
    )
    assert stage.told() == [
        "/answer StartApp",
        "/action DialAction",
        "/next Redirect",
        "/hangup Hangup",
    ]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("<Response><Sing/></Response>", "8011"),
        ("<Response><Conference/></Response>", "8011"),
        ("<html><body>sorry</body></html>", "8011"),
        (Answer("OK", content_type="text/plain"), "8011"),
        (Answer(""), "8011"),
        (Answer("x" * 10_000_000), "8011"),
        (Answer("", status="500 Internal Server Error"), "7011"),
        (Answer("", status="404 Not Found"), "7011"),
        (Answer("<Response/>", delay=5.0), "7011"),
        ('<Response><Dial action="ftp://x/"><Number>1</Number></Dial></Response>', "7022"),
    ],
)
def test_an_answer_that_is_no_use_refuses_the_caller(stage, answer, code):
    a_leg = stage.call(documents={"answer": answer})
    assert ended(stage)[0] == code
    assert stage.request("/hangup")["HangupSource"] == "Error"
    assert a_leg.sip_status == 503
    assert not a_leg.answered_at


@pytest.mark.parametrize(("answer", "code"), [("OK", "8012"), (Answer("", "500 No"), "7012")])
def test_an_action_that_is_no_use(stage, answer, code):
    if answer == "OK":
        answer = Answer("OK")
    stage.call(ONE.format(""), {"1001": "answer:1:1"}, documents={"action": answer})
    assert ended(stage)[0] == code


def test_an_action_that_failed_is_told_on_under_its_key(stage):
    """The call has ended by then; nobody waits for the answer."""
    failing = [Answer("", "500 No"), Answer(BYE)]
    a_leg = stage.call(ONE.format(""), {"1001": "busy"}, documents={"action": failing})
    assert ended(stage)[0] == "7012"
    assert stage.web.wait_for(lambda told: [r.path for r in told].count("/action") == 2)
    told = [r for r in stage.web.requests if r.path == "/action"]
    assert {r.headers["idempotency-key"] for r in told} == {f"{a_leg.uuid}-dial-1-action"}
    assert told[0].params == told[1].params


def test_the_application_is_down(stage):
    stage.start({"answer": ""})
    stage.server._services.settings.apps[0]
    stage.web.stop()
    a_leg = stage.call(over=False)
    assert a_leg.wait(60)
    assert a_leg.sip_status == 503


def test_the_fallback_is_asked(stage):
    documents = {"answer": Answer("", "500 No"), "fallback": BYE}
    stage.call(documents=documents, fallback_url=stage.web.url("/fallback"))
    assert stage.told() == ["/answer StartApp", "/fallback StartApp", "/hangup Hangup"]
    assert ended(stage)[0] == "4010"


def test_the_fallback_is_not_asked_after_a_bad_document(stage):
    stage.call(documents={"answer": "OK?"}, fallback_url=stage.web.url("/fallback"))
    assert stage.told() == ["/answer StartApp", "/hangup Hangup"]


def test_redirects_do_not_go_on_for_ever(stage):
    settings = replace(SETTINGS, limits=Limits(redirects=3))
    stage.call("<Redirect>/answer</Redirect>", settings=settings)
    assert [line for line in stage.told() if "/answer" in line] == [
        "/answer StartApp",
        "/answer Redirect",
        "/answer Redirect",
        "/answer Redirect",
    ]
    assert ended(stage)[0] == "8014"


@pytest.mark.parametrize(
    ("document", "code", "sip", "answered"),
    [
        ("", "4010", 480, False),
        ("<Wait/>", "4010", 480, False),
        (BYE, "4010", 0, True),
        ("<Hangup/>", "4000", 480, False),
        ('<Hangup reason="busy"/>', "3010", 486, False),
        ('<Hangup reason="rejected"/>', "3020", 603, False),
        (BYE + "<Hangup/>" + BYE, "4000", 0, True),
        ('<Hangup schedule="2"/><Wait length="30"/>', "6000", 480, False),
    ],
)
def test_how_a_document_ends(stage, document, code, sip, answered):
    a_leg = stage.call(document)
    assert ended(stage)[0] == code
    assert bool(a_leg.answered_at) is answered
    if not answered:
        assert a_leg.sip_status == sip


@pytest.mark.parametrize(
    "document",
    [
        "<Wait length='60'/>",
        "<Play>tone_stream://%(60000,0,440)</Play>",
        "<Play loop='0'>tone_stream://%(100,0,440)</Play>",
        "<GetDigits timeout='60'/>",
    ],
)
def test_the_caller_may_leave_at_any_moment(stage, document):
    a_leg = stage.call(document, hangup_after=2, documents={"next": ""})
    assert stage.told() == ["/answer StartApp", "/hangup Hangup"]
    over = stage.request("/hangup")
    assert over["HangupSource"] == "Caller"
    assert over["HangupCauseCode"] == ("4000" if a_leg.answered_at else "1000")


def test_the_caller_leaves_while_the_document_is_fetched(stage):
    stage.call(documents={"answer": Answer("<Response/>", delay=1.6)}, hangup_after=0.5)
    assert stage.told() == ["/answer StartApp", "/hangup Hangup"]
    assert ended(stage)[0] == "1000"


def test_the_caller_leaves_during_the_action_request_which_is_told_once(stage):
    stage.call(
        ONE.format(""),
        {"1001": "answer:0.2:1"},
        documents={"action": Answer("<Response/>", delay=1.6)},
        hangup_after=2.2,
    )
    assert stage.told() == ["/answer StartApp", "/action DialAction", "/hangup Hangup"]


def test_keys_are_collected_and_a_key_interrupts_the_prompt(stage):
    document = (
        '<GetDigits action="/menu" numDigits="2"><Play loop="0">tone_stream://%(1000,0,440)</Play>'
        "</GetDigits>"
    )
    stage.call(document, documents={"menu": BYE}, press=((2.0, "4"), (3.0, "2")))
    assert stage.told("Digits") == ["/answer StartApp -", "/menu Redirect 42", "/hangup Hangup -"]


def test_keys_that_do_not_count(stage):
    document = (
        '<GetDigits action="/menu" validDigits="1" retries="2" timeout="2">'
        "<Speak>press one</Speak></GetDigits>"
    )
    stage.call(document + BYE, press=((1.0, "9#"),))
    assert stage.told() == ["/answer StartApp", "/hangup Hangup"]
    assert ended(stage)[0] == "4010"


def test_early_media_is_no_answer(stage):
    a_leg = stage.call(
        "<PreAnswer><Play>tone_stream://%(500,0,440)</Play></PreAnswer><Hangup reason='busy'/>"
    )
    assert not a_leg.answered_at
    assert any("183" in heard for _, heard in a_leg.heard)
    assert a_leg.sip_status == 486


def test_a_star_does_not_break_a_sound_off(stage):
    stage.call("<Play>tone_stream://%(4000,0,440)</Play>", press=((1.0, "*"),))
    assert int(stage.request("/hangup")["Duration"]) >= 4


@pytest.mark.parametrize(
    ("speak", "warning"),
    [
        ('<Speak language="fr-FR">bonjour</Speak>', "mod_flite speaks English only, not fr-FR"),
        ('<Speak type="NUMBER" language="fr-FR">7</Speak>', "it needs mod_say_fr"),
        ('<Speak type="NUMBER" language="fr-FR" loop="0">7</Speak>', "nothing was heard"),
    ],
)
def test_what_the_switch_cannot_say_is_logged_and_the_call_goes_on(stage, caplog, speak, warning):
    stage.clock = Clock(1)  # what is over within a tenth of a second was not heard
    stage.call(speak + "<Redirect>/next</Redirect>", documents={"next": ""})
    assert stage.told() == ["/answer StartApp", "/next Redirect", "/hangup Hangup"]
    assert warning in caplog.text


def test_a_number_is_said(stage, caplog):
    stage.call('<Speak type="NUMBER" method="ITERATED">42424242</Speak>')
    assert "nothing was heard" not in caplog.text


def test_the_hangup_report_names_what_is_wrong_with_a_document(stage):
    stage.call(documents={"answer": "<Response>\n<Wait/>\n<Sing/></Response>"})
    message = stage.request("/hangup")["ErrorMessage"]
    assert message.startswith("line 3: <Sing> is no element of Plivo's; expected one of")
