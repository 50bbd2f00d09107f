"""<Record>: what is recorded, for how long, and who is told."""

import pathlib

import pytest
from dialctl.dialects.plivo import parse
from dialctl.errors import DocumentError
from dialctl.plan import Dial, Hook, Record, RecordCall
from dialctl.settings import DialectLimits

SAMPLES = pathlib.Path(__file__).parent / "xml-samples"


def read(xml):
    return parse(f"<Response>{xml}</Response>".encode(), "http://x/", DialectLimits())


def step(xml):
    plan = read(xml)
    assert plan.warnings == ()
    return plan.steps[0]


def test_with_nothing():
    assert step("<Record/>") == Record(line=1, element="Record", action=None)


def test_with_everything():
    assert step(
        '<Record action="/a" method="GET" redirect="false" maxLength="9" timeout="3"'
        ' finishOnKey="#" playBeep="false" fileFormat="wav" callbackUrl="/c"'
        ' callbackMethod="GET" recordSession="false" startOnDialAnswer="false"/>'
    ) == Record(
        line=1,
        element="Record",
        action=Hook("http://x/a", "GET"),
        follow_action=False,
        max_length=9,
        silence=3,
        finish_on="#",
        beep=False,
        format="wav",
        callback=Hook("http://x/c", "GET"),
    )


def test_the_whole_call_with_nothing():
    assert step('<Record recordSession="true"/>') == RecordCall(
        line=1, element="Record", action=None
    )


def test_the_whole_call_with_everything():
    """timeout, finishOnKey and playBeep do not count, and nothing need be said of it."""
    assert step(
        '<Record recordSession="true" action="/a" method="GET" redirect="false" maxLength="9"'
        ' timeout="3" finishOnKey="#" playBeep="false" fileFormat="wav" callbackUrl="/c"'
        ' callbackMethod="GET" recordChannelType="mono"/>'
    ) == RecordCall(
        line=1,
        element="Record",
        action=Hook("http://x/a", "GET"),
        follow_action=False,
        max_length=9,
        stereo=False,
        format="wav",
        callback=Hook("http://x/c", "GET"),
    )


def test_once_a_dial_is_connected():
    assert step('<Record startOnDialAnswer="true" recordChannelType="stereo"/>') == RecordCall(
        line=1, element="Record", action=None, on_connection=True
    )


def test_plivos_own_example():
    document = (SAMPLES / "16_record_on_dial_answer.xml").read_bytes()
    record, dial = parse(document, "http://x/", DialectLimits()).steps
    assert isinstance(dial, Dial)
    assert record == RecordCall(
        line=2,
        element="Record",
        action=Hook("https://app.example.com/rec"),
        follow_action=False,
        on_connection=True,
        callback=Hook("https://app.example.com/rec_ready"),
    )


@pytest.mark.parametrize(
    ("xml", "warning"),
    [
        ('<Record fileFormat="ogg"/>', "fileFormat='ogg' is none of mp3, wav"),
        ('<Record finishOnKey="x"/>', "finishOnKey='x' is no key; 1234567890*# is taken"),
        ('<Record maxLength="90000"/>', "maxLength=90000 is cut to 86400"),
        ('<Record recordSession="yes"/>', "recordSession='yes' is neither true nor false"),
        ('<Record recordChannelType="mono"/>', "recordChannelType has no effect: only the caller"),
        (
            '<Record recordSession="true" recordChannelType="x"/>',
            "recordChannelType='x' is none of stereo, mono",
        ),
        (
            '<Record recordSession="true" startOnDialAnswer="true"/>',
            "startOnDialAnswer has no effect beside recordSession, which begins now",
        ),
        (
            '<Record transcriptionType="auto" transcriptionUrl="/t"/>',
            "transcriptionUrl has no effect: there is no transcription; it is recorded only",
        ),
    ],
)
def test_what_is_replaced(xml, warning):
    assert warning in " ".join(read(xml).warnings)


@pytest.mark.parametrize("session", ["true", "false"])
def test_an_action_that_is_none_is_refused(session):
    with pytest.raises(DocumentError) as caught:
        read(f'<Record recordSession="{session}" action="ftp://x/"/>')
    assert caught.value.fault == "action url"
