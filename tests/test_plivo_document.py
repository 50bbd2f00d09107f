"""Plivo documents: literal XML in, plan or plain words out."""

import pathlib

import pytest
from dialctl.dialects.plivo import parse, parse_sound
from dialctl.errors import DocumentError
from dialctl.plan import (
    Confirm,
    Dial,
    Hangup,
    Hook,
    Number,
    OnMachine,
    Play,
    Redirect,
    Speak,
    Target,
    User,
    Wait,
)
from dialctl.settings import DialectLimits

BASE = "https://app.example.com/voice/answer?tenant=1"
LIMITS = DialectLimits(ring_timeout=120, targets=3)


def read(xml, base=BASE):
    text = f"<Response>{xml}</Response>"
    return parse(text.encode(), base, LIMITS)


def step(xml):
    plan = read(xml)
    assert plan.warnings == ()
    (only,) = plan.steps
    return only


def warned(xml):
    plan = read(xml)
    return plan.steps, " ".join(plan.warnings)


def refused(xml):
    with pytest.raises(DocumentError) as caught:
        read(xml)
    return caught.value


ONE = Target(Number("15550001111"), "15550001111")


def test_dial_with_everything():
    dial = step(
        '<Dial action="/done" method="GET" timeout="20" timeLimit="60" callerId="+15551230000"'
        ' callerName="Acme, Inc." redirect="false" callbackUrl="https://cb.example.com/x#rc=2"'
        ' callbackMethod="GET" hangupOnStar="true">'
        "<Number> +1 (555) 000-1111 </Number><User>sip:bob@pbx.example.com:5070</User></Dial>"
    )
    user = Target(User("bob", "pbx.example.com:5070"), "sip:bob@pbx.example.com:5070")
    assert dial == Dial(
        line=1,
        element="Dial",
        targets=(ONE, user),
        ring_timeout=20,
        time_limit=60,
        caller_id="+15551230000",
        caller_name="Acme, Inc.",
        hangup_on_star=True,
        action=Hook("https://app.example.com/done", "GET"),
        follow_action=False,
        callback=Hook("https://cb.example.com/x#rc=2", "GET"),
    )


def test_keys_to_hear_of():
    dial = step(
        '<Dial callbackUrl="/x" digitsMatch=" 1, 22,,*#" digitsMatchBLeg="9">'
        "<Number>1</Number></Dial>"
    )
    assert dial.digits_of_caller == ("1", "22", "*#")
    assert dial.digits_of_callee == ("9",)


def test_a_callee_who_must_confirm():
    dial = step(
        '<Dial confirmSound="/c" confirmKey="#" confirmTimeout="9"><Number>1</Number></Dial>'
    )
    assert dial.targets[0].confirm == Confirm(Hook("https://app.example.com/c"), "#", 9)
    assert (
        step('<Dial confirmSound="/c"><Number>1</Number></Dial>').targets[0].confirm.timeout == 120
    )


def test_a_document_of_things_to_hear():
    text = b"<Response><Dial/><Speak>hi</Speak><Sing/><Wait/></Response>"
    plan = parse_sound(text, BASE, LIMITS)
    assert [step.element for step in plan.steps] == ["Speak", "Wait"]
    assert [w.partition(": ")[2] for w in plan.warnings] == [
        "<Dial>: is nothing to hear and is ignored",
        "<Sing>: is nothing to hear and is ignored",
    ]
    with pytest.raises(DocumentError, match="begins with <html>"):
        parse_sound(b"<html/>", BASE, LIMITS)


def test_dial_with_nothing():
    assert step("<Dial><Number>15550001111</Number></Dial>") == Dial(
        line=1, element="Dial", targets=(ONE,), ring_timeout=120, time_limit=14400
    )


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (
            "<Speak>Hello  there\n you</Speak>",
            Speak(line=1, element="Speak", text="Hello there you"),
        ),
        (
            '<Speak voice="MAN" loop="0">x</Speak>',
            Speak(line=1, element="Speak", text="x", voice="MAN", loop=0),
        ),
        (
            '<Play loop="2">https://cdn.example.com/a.mp3#rc=1</Play>',
            Play(line=1, element="Play", source="https://cdn.example.com/a.mp3", loop=2),
        ),
        (
            "<Play>http://cdn.example.com/${system(id)}.wav</Play>",
            Play(line=1, element="Play", source="http://cdn.example.com/$%7Bsystem(id)%7D.wav"),
        ),
        (
            "<Play>tone_stream://%(500,0,440)</Play>",
            Play(line=1, element="Play", source="tone_stream://%(500,0,440)"),
        ),
        ("<Play>ivr/hold.wav</Play>", Play(line=1, element="Play", source="ivr/hold.wav")),
        ("<Wait/>", Wait(line=1, element="Wait", seconds=1)),
        ('<Wait length="7"/>', Wait(line=1, element="Wait", seconds=7)),
        (
            '<Wait length="9" silence="true"/>',
            Wait(line=1, element="Wait", seconds=9, silence=2.0),
        ),
        (
            '<Wait length="9" silence="true" minSilence="350"/>',
            Wait(line=1, element="Wait", seconds=9, silence=0.35),
        ),
        ('<Wait minSilence="350"/>', Wait(line=1, element="Wait", seconds=1)),
        ('<Wait beep="true"/>', Wait(line=1, element="Wait", seconds=1, beep=True)),
        ("<Hangup/>", Hangup(line=1, element="Hangup", cause="NORMAL_CLEARING")),
        ('<Hangup reason="busy"/>', Hangup(line=1, element="Hangup", cause="USER_BUSY")),
        ('<Hangup reason="rejected"/>', Hangup(line=1, element="Hangup", cause="CALL_REJECTED")),
        (
            '<Redirect method="GET">next?a=b</Redirect>',
            Redirect(
                line=1,
                element="Redirect",
                hook=Hook("https://app.example.com/voice/next?a=b", "GET"),
            ),
        ),
    ],
)
def test_elements(xml, expected):
    assert step(xml) == expected


@pytest.mark.parametrize(
    ("attributes", "on_machine"),
    [
        ("", None),
        ('machineDetection="false" callbackUrl="/x"', None),
        ('machineDetection="true"', None),
        ('machineDetection="true" callbackUrl="/x"', OnMachine.TELL),
        ('machineDetection="hangup"', OnMachine.HANG_UP),
    ],
)
def test_what_becomes_of_a_machine(attributes, on_machine):
    (dial,), _ = warned(f"<Dial {attributes}><Number>1</Number></Dial>")
    assert dial.on_machine is on_machine


def test_what_ends_a_wait_beside_what_does_not():
    (silence,), _ = warned('<Wait silence="true" minSilence="10" beep="true"/>')
    assert (silence.silence, silence.beep) == (0.01, False)
    (beep,), _ = warned('<Wait beep="duration=300,threshold=256"/>')
    assert (beep.silence, beep.beep) == (0.0, True)


def test_an_empty_document_has_no_steps():
    assert read("").steps == ()
    assert read("<!-- nothing --><?pi x?>").steps == ()


@pytest.mark.parametrize(
    ("xml", "warning"),
    [
        ('<Wait length="0"/>', "length='0' is no whole number from 1; 1 is taken"),
        ('<Wait length="abc"/>', "length='abc' is no whole number"),
        ('<Wait length="99999"/>', "length=99999 is cut to 86400"),
        ('<Wait silence="true"/>', "minSilence=2000 is not shorter than the length of 1 s"),
        ('<Wait silence="true" beep="true"/>', "beep has no effect beside silence"),
        ('<Wait beep="duration=300"/>', "any beep ends it; how it shall sound is ignored"),
        ('<Wait beep="loud"/>', "beep='loud' is neither true nor false; false is taken"),
        ('<Wait lenght="2"/>', "lenght is no attribute of it and is ignored; did you mean length?"),
        ('<Wait foo="2"/>', "foo is no attribute of it and is ignored"),
        ('<Hangup reason="bored"/>', "reason='bored' is none of rejected, busy"),
        (
            '<Dial callType="whatsapp"><Number>1</Number></Dial>',
            "callType='whatsapp' is not available; it is a voice call",
        ),
        ("<Speak></Speak>", "it says nothing and is skipped"),
        ("<Speak><emphasis>x</emphasis></Speak>", "its SSML markup is read as plain text"),
        ("<Message>hi</Message>", "not supported; it is skipped and the call goes on"),
        ('<Dial timeLimit="-1"><Number>1</Number></Dial>', "timeLimit='-1' is no whole number"),
        ('<Dial timeLimit="90000"><Number>1</Number></Dial>', "timeLimit=90000 is cut to 86400"),
        (
            '<Dial redirect="True"><Number>1</Number></Dial>',
            "neither true nor false; true is taken",
        ),
        ('<Dial callbackMethod="PUT"><Number>1</Number></Dial>', ""),
        (
            '<Dial callbackUrl="/x" callbackMethod="PUT"><Number>1</Number></Dial>',
            "callbackMethod='PUT' is none of GET, POST",
        ),
        ('<Dial callerId="a b"><Number>1</Number></Dial>', "callerId='a b' is no telephone number"),
        (
            f'<Dial callerName="{"n" * 51}"><Number>1</Number></Dial>',
            "callerName is cut to 50 characters",
        ),
        (
            '<Dial callbackUrl="/x" digitsMatch="1,x"><Number>1</Number></Dial>',
            "digitsMatch: 'x' holds more than 0-9 A-D * # and is ignored",
        ),
        (
            '<Dial digitsMatch="1"><Number>1</Number></Dial>',
            "digitsMatch has no effect without a callbackUrl",
        ),
        (
            '<Dial confirmKey="1"><Number>1</Number></Dial>',
            "confirmKey has no effect without a confirmSound",
        ),
        (
            '<Dial confirmSound="/x" confirmTimeout="0"><Number>1</Number></Dial>',
            "confirmTimeout='0' is no whole number from 1; 120 is taken",
        ),
        (
            '<Dial dialMusic="ftp://x/"><Number>1</Number></Dial>',
            "dialMusic: line 1: <Dial> has no usable URL: URL ftp://x/ is neither http:// nor"
            " https://; the callee's own ringing is heard",
        ),
        (
            '<Dial machineDetection="true"><Number>1</Number></Dial>',
            'machineDetection="true" has no effect without a callbackUrl',
        ),
        (
            '<Dial machineDetection="yes"><Number>1</Number></Dial>',
            "machineDetection='yes' is none of true, hangup, false",
        ),
        ("<Dial><User>sip:a@b;transport=tcp</User></Dial>", "'transport=tcp' are ignored"),
    ],
)
def test_nothing_is_ignored_in_silence(xml, warning):
    _, warnings = warned(xml)
    assert warning in warnings
    assert bool(warnings) == bool(warning)


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<Sing/>", "<Sing> is no element of Plivo's; expected one of Conference, DTMF"),
        ("<Conference> </Conference>", "<Conference> names no room"),
        ("<Hangup><Speak/></Hangup>", "<Hangup> may not hold <Speak>"),
        ("<Dial/>", "<Dial> rings nobody"),
        (
            '<Dial confirmSound="/c" confirmKey="12"><Number>1</Number></Dial>',
            "confirmKey='12' is no key; expected one of 0-9 * #",
        ),
        ("<Dial><Sip>x</Sip></Dial>", "<Sip> may not stand in <Dial>; expected <Number> or <User>"),
        ("<Dial>" + 4 * "<Number>1</Number>" + "</Dial>", "has 4 destinations; at most 3"),
        (
            "<Dial><Number>1,user/eve</Number></Dial>",
            "<Number> '1,user/eve' is no telephone number",
        ),
        ("<Dial><Number></Number></Dial>", "'' is no telephone number"),
        ("<Dial><Number>1|2</Number></Dial>", "is no telephone number"),
        ("<Dial><Number>\u0661\u0662</Number></Dial>", "is no telephone number"),
        ("<Dial><User>bob</User></Dial>", "<User> 'bob' is no sip:user@host"),
        ("<Dial><User>sip:a,b@c</User></Dial>", "is no sip:user@host"),
        ("<Dial><User>sip:${x}@c</User></Dial>", "is no sip:user@host"),
        ("<Dial><User>sip:a@b]c</User></Dial>", "is no sip:user@host"),
        ("<Play></Play>", "'' is neither an http(s) URL nor a sound"),
        ("<Play>{x=y}a.wav</Play>", "is neither an http(s) URL nor a sound"),
        ("<Play>../../etc/a.wav</Play>", "is neither an http(s) URL nor a sound"),
        ("<Play>/etc/passwd</Play>", "is neither an http(s) URL nor a sound"),
        ("<Play>http://a b/c.wav</Play>", "<Play> has no usable URL"),
        ("<Play>ftp://a/b.wav</Play>", "is neither an http(s) URL nor a sound"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_by_name(xml, message):
    error = refused(xml)
    assert message in str(error)
    assert error.line == 1
    assert error.element
    assert error.fault == ""


@pytest.mark.parametrize(
    ("xml", "fault"),
    [
        ('<Dial action="ftp://x"><Number>1</Number></Dial>', "action url"),
        ('<Dial action="/x" method="PUT"><Number>1</Number></Dial>', "action method"),
        ("<Redirect>javascript:x</Redirect>", "redirect url"),
        ("<Redirect></Redirect>", "redirect url"),
        ('<Redirect method="get">/x</Redirect>', "redirect method"),
    ],
)
def test_urls_and_methods_of_documents_have_causes_of_their_own(xml, fault):
    assert refused(xml).fault == fault


def test_the_line_is_the_documents():
    with pytest.raises(DocumentError, match="^line 3: <Sing> is no element") as caught:
        parse(b"<Response>\n<Wait/>\n<Sing/>\n</Response>", BASE, LIMITS)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "the document is empty"),
        (b"OK", "not well-formed XML"),
        (b"<Response><Dial></Response>", "not well-formed XML"),
        (b"<html><body>no</body></html>", "the document begins with <html>"),
        (b"<response/>", "the document begins with <response>; it must be a <Response>"),
        (
            b'<!DOCTYPE r [<!ENTITY a "b">]><Response><Speak>&a;</Speak></Response>',
            "a document type declaration is not allowed",
        ),
        (
            b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><Response/>',
            "a document type declaration is not allowed",
        ),
        (b"<Response>" + b"<Speak>" * 300, "not well-formed XML"),
    ],
)
def test_what_is_no_document(text, message):
    with pytest.raises(DocumentError, match=message):
        parse(text, BASE, LIMITS)


SAMPLES = pathlib.Path(__file__).parent / "xml-samples"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_documents_of_plivos_own_sdk(path):
    steps = parse(path.read_bytes(), BASE, DialectLimits()).steps
    assert bool(steps) == (path.stem != "20_empty_response")
