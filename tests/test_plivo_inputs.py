"""<GetDigits>, <GetInput>, <DTMF>, <PreAnswer> and a scheduled <Hangup>."""

import pytest
from dialctl.dialects.plivo import parse
from dialctl.errors import DocumentError
from dialctl.plan import Gather, Hangup, Hook, PreAnswer, PressKeys, Speak, Wait
from dialctl.settings import DialectLimits


def read(xml):
    return parse(f"<Response>{xml}</Response>".encode(), "http://x/", DialectLimits())


def step(xml):
    plan = read(xml)
    assert plan.warnings == ()
    return plan.steps[0]


def test_get_digits_with_nothing():
    assert step("<GetDigits/>") == Gather(line=1, element="GetDigits", prompts=(), action=None)


def test_get_digits_with_everything():
    gather = step(
        '<GetDigits action="/a" method="GET" timeout="7" digitTimeout="3" finishOnKey="*"'
        ' numDigits="4" retries="2" redirect="false" playBeep="true" validDigits="123"'
        ' invalidDigitsSound="http://x/no.wav" log="false"><Speak>Press 1</Speak></GetDigits>'
    )
    assert gather == Gather(
        line=1,
        element="GetDigits",
        prompts=(Speak(line=1, element="Speak", text="Press 1"),),
        action=Hook("http://x/a", "GET"),
        follow_action=False,
        timeout=7,
        digit_timeout=3,
        finish_on="*",
        max_digits=4,
        valid="123",
        invalid_sound="http://x/no.wav",
        tries=2,
        beep=True,
        secret=True,
    )


def test_get_input():
    assert step('<GetInput action="/a" digitEndTimeout="4" executionTimeout="9"/>') == Gather(
        line=1,
        element="GetInput",
        prompts=(),
        action=Hook("http://x/a"),
        timeout=9,
        digit_timeout=4,
        max_digits=32,
        fields=(("InputType", "dtmf"),),
    )
    assert step('<GetInput action="/a" digitEndTimeout="auto"/>').digit_timeout == 2


@pytest.mark.parametrize(("given", "keys"), [("", ""), ("none", ""), ("#", "#"), ("5", "5")])
def test_keys_that_end_it(given, keys):
    assert step(f'<GetDigits finishOnKey="{given}"/>').finish_on == keys


def test_keys_to_press():
    assert step("<DTMF>1w2#</DTMF>") == PressKeys(line=1, element="DTMF", digits="1w2#")
    assert step('<DTMF async="false">1</DTMF>').wait


def test_early_media():
    assert step('<PreAnswer><Wait length="2"/></PreAnswer>') == PreAnswer(
        line=1, element="PreAnswer", steps=(Wait(line=1, element="Wait", seconds=2),)
    )


def test_a_hangup_later():
    assert step('<Hangup schedule="60"/><Wait/>') == Hangup(
        line=1, element="Hangup", cause="ALLOTTED_TIMEOUT", after=60
    )
    assert step('<Hangup schedule="60" reason="busy"/><Wait/>').cause == "USER_BUSY"
    assert step('<Hangup schedule="60"/>') == Hangup(
        line=1, element="Hangup", cause="NORMAL_CLEARING"
    )


@pytest.mark.parametrize(
    ("xml", "warning"),
    [
        ('<GetDigits validDigits="1a"/>', "validDigits='1a' holds more than 0-9 * #"),
        ('<GetDigits finishOnKey="##"/>', "finishOnKey='##' is no key; # is taken"),
        (
            '<GetInput action="/a" inputType="dtmf speech"/>',
            "speech is not available: no recognizer is configured; keys are collected",
        ),
        ('<GetInput action="/a" digitEndTimeout="1"/>', "digitEndTimeout='1' is no whole number"),
    ],
)
def test_what_is_replaced(xml, warning):
    assert warning in " ".join(read(xml).warnings)


@pytest.mark.parametrize(
    ("xml", "message", "fault"),
    [
        ("<GetDigits><Dial/></GetDigits>", "<GetDigits> may not hold <Dial>; expected Play", ""),
        ("<PreAnswer><Dial/></PreAnswer>", "<PreAnswer> may not hold <Dial>", ""),
        ("<DTMF>abc</DTMF>", "'abc' holds more than 0-9 A-D * # w W", ""),
        ("<DTMF/>", "'' holds more than", ""),
        ('<GetInput inputType="speech" action="/a"/>', "asks for speech, which is not", ""),
        ("<GetInput/>", "has no action, which it must have", "action url"),
        ('<GetDigits invalidDigitsSound="x"/>', "neither an http(s) URL nor a sound", ""),
        ('<GetDigits action="/a" method="PUT"/>', "neither GET nor POST", "action method"),
    ],
)
def test_what_is_refused(xml, message, fault):
    with pytest.raises(DocumentError) as caught:
        read(xml)
    assert message in str(caught.value)
    assert caught.value.fault == fault
