"""The other verbs of RCML and CallAPI."""

import pytest

from .rcml import BOTH, asked, paths, place

pytestmark = BOTH
TONE = "<Play>tone_stream://%(200,0,440)</Play>"


def test_a_call_that_is_talked_to(stage):
    document = '<Say voice="woman" loop="2">Hello</Say><Pause length="2"/><Hangup/>' + TONE
    a_leg = place(stage, document)
    assert a_leg.answered_at
    assert (a_leg.hangup_cause, paths(stage)) == ("NORMAL_CLEARING", ["/answer", "/hangup"])


def test_a_pause_before_the_call_is_picked_up(stage):
    a_leg = place(stage, '<Pause length="3"/><Reject reason="busy"/>')
    assert (a_leg.answered_at, a_leg.sip_status) == (None, 486)


@pytest.mark.parametrize(("reason", "status"), [("", 603), ('reason="busy"', 486)])
def test_reject(stage, reason, status):
    a_leg = place(stage, f"<Reject {reason}/>{TONE}")
    assert (a_leg.answered_at, a_leg.sip_status) == (None, status)


def test_gather(stage):
    document = f'<Gather action="/digits" numDigits="3">{TONE}</Gather>'
    place(stage, document, press=((0.5, "4#"),), documents={"digits": TONE})
    assert asked(stage, "/digits", "Digits", "CallStatus") == ["4 in-progress"]


def test_gather_asks_its_own_document_when_no_action_is_given(stage):
    gather = '<Gather numDigits="1" timeout="2"/>'
    place(stage, gather, documents={"answer": [f"<Response>{gather}</Response>", "<Response/>"]},
          press=((0.5, "4"),))  # fmt: skip
    assert asked(stage, "/answer", "Digits") == ["-", "4"]


def test_gather_without_a_key_goes_on(stage):
    place(stage, '<Gather timeout="1"/><Redirect>/after</Redirect>')
    assert paths(stage) == ["/answer", "/after", "/hangup"]


def test_record(stage):
    place(stage, '<Record action="/recorded" maxLength="2"/>', documents={"recorded": TONE})
    (told,) = [r.params for r in stage.web.requests if r.path == "/recorded"]
    assert told["RecordingUrl"].endswith(".wav")
    assert int(told["RecordingDuration"]) >= 1


def test_redirect(stage):
    place(stage, '<Redirect method="GET">after</Redirect>', documents={"after": TONE})
    assert [(r.method, r.path) for r in stage.web.requests][1] == ("GET", "/after")


def test_what_is_not_there_is_skipped(stage, caplog):
    place(stage, "<Sms>hi</Sms><Redirect>/after</Redirect>")
    assert paths(stage) == ["/answer", "/after", "/hangup"]
    assert "<Sms>: not supported" in caplog.text


def test_invalid_rcml_ends_the_call(stage, caplog):
    """CallLifecycleTest.testDialInvalidRCML."""
    a_leg = place(stage, "<Dail>1313</Dail>")
    assert "<Dail> is no element of" in caplog.text
    assert a_leg.sip_status == 503
