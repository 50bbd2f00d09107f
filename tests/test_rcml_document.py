"""RCML into plans, element by element; CallAPI is the same by another name."""

import pytest
from dialctl.dialects import callapi, rcml
from dialctl.errors import DocumentError
from dialctl.plan import (
    Announcement,
    Client,
    Conference,
    Dial,
    Gather,
    Hangup,
    Hook,
    Interview,
    Number,
    Play,
    Record,
    Redirect,
    Ringing,
    SendDigits,
    Speak,
    StatusCallback,
    Target,
    User,
    Wait,
)
from dialctl.settings import DialectLimits

BASE = "https://app.example.com/voice/start.xml?a=1"
LIMITS = DialectLimits(ring_timeout=30)


def parse(xml, dialect=rcml):
    return dialect.parse(f"<Response>{xml}</Response>".encode(), BASE, LIMITS)


def step(xml):
    """The one step, which is all that the document says without a warning."""
    plan = parse(xml)
    assert plan.warnings == ()
    (found,) = plan.steps
    return found


def warned(xml):
    """The one step, and the warnings in one text."""
    plan = parse(xml)
    (found,) = plan.steps
    return found, " ".join(plan.warnings)


def target(xml):
    (found,) = step(f"<Dial>{xml}</Dial>").targets
    return found


def at(element, line=1):
    return {"line": line, "element": element}


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<Say>Hello  you</Say>", Speak(text="Hello you", **at("Say"))),
        (
            '<Say voice="woman" language="fr" loop="0">x</Say>',
            Speak(text="x", voice="WOMAN", language="fr-FR", loop=0, **at("Say")),
        ),
        ("<Play>/a.wav</Play>", Play(source="https://app.example.com/a.wav", **at("Play"))),
        ("<Play>b.wav</Play>", Play(source="https://app.example.com/voice/b.wav", **at("Play"))),
        (
            '<Play loop="3">tone_stream://%(1,0,440)</Play>',
            Play(source="tone_stream://%(1,0,440)", loop=3, **at("Play")),
        ),
        ("<Pause/>", Wait(seconds=1, **at("Pause"))),
        ('<Pause length="5"/>', Wait(seconds=5, **at("Pause"))),
        ("<Hangup/>", Hangup(cause="NORMAL_CLEARING", **at("Hangup"))),
        ("<Reject/>", Hangup(cause="CALL_REJECTED", **at("Reject"))),
        ('<Reject reason="busy"/>', Hangup(cause="USER_BUSY", **at("Reject"))),
        (
            "<Redirect>next</Redirect>",
            Redirect(hook=Hook("https://app.example.com/voice/next"), **at("Redirect")),
        ),
        (
            '<Redirect method="get">http://x/</Redirect>',
            Redirect(hook=Hook("http://x/", "GET"), **at("Redirect")),
        ),
        (
            "<Gather/>",
            Gather(
                prompts=(),
                action=Hook(BASE),
                timeout=5,
                digit_timeout=5,
                valid="1234567890*#ABCD",
                **at("Gather"),
            ),
        ),
        (
            '<Gather action="/g" method="GET" timeout="9" finishOnKey="" numDigits="4">'
            "<Say>x</Say><Pause/></Gather>",
            Gather(
                prompts=(Speak(text="x", **at("Say")), Wait(seconds=1, **at("Pause"))),
                action=Hook("https://app.example.com/g", "GET"),
                timeout=9,
                digit_timeout=9,
                finish_on="",
                max_digits=4,
                valid="1234567890*#ABCD",
                **at("Gather"),
            ),
        ),
        (
            "<Record/>",
            Record(action=Hook(BASE), max_length=3600, silence=5, format="wav", **at("Record")),
        ),
        (
            '<Record action="/r" finishOnKey="-1" maxLength="9" timeout="2" playBeep="false"/>',
            Record(
                action=Hook("https://app.example.com/r"),
                max_length=9,
                silence=2,
                finish_on="",
                beep=False,
                format="wav",
                **at("Record"),
            ),
        ),
    ],
)
def test_verbs(xml, expected):
    assert step(xml) == expected


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<Say/><Pause/>", "it says nothing"),
        ('<Say language="xx">a</Say>', "language='xx' is none of"),
        ('<Pause length="x"/>', "length='x' is no whole number"),
        ('<Redirect method="PUT">/x</Redirect>', "neither GET nor POST; POST is taken"),
        ('<Gather input="dtmf speech"/>', "speech is not available"),
        ('<Gather finishOnKey="12"/>', "finishOnKey='12' is no key; # is taken"),
        ('<Record finishOnKey="x"/>', "any key ends it"),
        ('<Record transcribe="true"/>', "transcriptions are not available"),
        ('<Record transcribeCallback="/t"/>', "transcriptions are not available"),
        ('<Record media="video_only"/>', "there is no video"),
        ("<Sms>x</Sms><Pause/>", "not supported; it is skipped"),
        ('<Dial callrId="1">1</Dial>', "did you mean callerId?"),
        ('<Dial callerId="a b">1</Dial>', "is no telephone number; the caller's own is shown"),
        ('<Dial dialMusic="ftp://x/y.wav">1</Dial>', "dialMusic: "),
        ("<Dial>1<Number>2</Number></Dial>", "its text '1' beside its nouns is ignored"),
        ('<Dial><Number sendDigits="x">1</Number></Dial>', "nothing is sent"),
        ("<Dial><Sip>sip:a@b;x=1</Sip></Dial>", "its URI parameter 'x=1' is ignored"),
        ("<Dial><Sip>sip:a@b?Via=1</Sip></Dial>", "'Via' is no custom header"),
        ("<Dial><Sip>sip:a@b?P-Asserted-Identity=1</Sip></Dial>", "is no custom header"),
        ("<Dial><Sip>sip:a@b?X-A=%0aB</Sip></Dial>", "X-A holds what cannot be sent"),
        ("<Dial><Sip>sip:a@b?X-A=%5bB</Sip></Dial>", "X-A holds what cannot be sent"),
        (
            '<Dial><Number statusCallback="/s" statusCallbackEvent="rung">1</Number></Dial>',
            "'rung' is none of initiated, ringing, answered, completed",
        ),
        ("<Dial><Conference beep='x'>r</Conference></Dial>", "beep='x' is none of"),
        ("<Dial record='true'><Conference>r</Conference></Dial>", "is not recorded"),
        ("<Dial><Conference waitUrl='ftp://x'>r</Conference></Dial>", "nothing is heard"),
    ],
)
def test_what_is_warned_of(xml, words):
    _, warnings = warned(xml)
    assert words in warnings


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<Dail/>", "is no element of RCML's"),
        ("<Play>ftp://x/</Play>", "has no usable URL|is neither"),
        ("<Redirect/>", "names no URL"),
        ("<Hangup><Say>x</Say></Hangup>", "may not hold <Say>"),
        ('<Gather input="speech"/>', "asks for speech"),
        ("<Gather><Dial>1</Dial></Gather>", "may not hold <Dial>"),
        ("<Dial/>", "rings nobody"),
        ("<Dial>abc</Dial>", "'abc' is no telephone number"),
        ("<Dial>client:a b</Dial>", "is no client's name"),
        ("<Dial>a b@c</Dial>", "is no sip:user@host"),
        ("<Dial><User>sip:a@b</User></Dial>", "may not stand in <Dial>"),
        ("<Dial>" + "<Number>1</Number>" * 21 + "</Dial>", "at most 20 are allowed"),
        ("<Dial><Conference>r</Conference><Number>1</Number></Dial>", "nothing else may stand"),
        ("<Dial><Conference/></Dial>", "names no room"),
        ('<Dial><Sip username="u">sip:a@b</Sip></Dial>', "password must be 1 to 128"),
    ],
)
def test_what_is_refused(xml, words):
    with pytest.raises(DocumentError, match=words) as raised:
        parse(xml)
    assert raised.value.line == 1


def test_a_secret_is_not_quoted():
    with pytest.raises(DocumentError) as raised:
        parse('<Dial><Sip username="u" password="se;cret">sip:a@b</Sip></Dial>')
    assert "cret" not in str(raised.value)


def test_the_other_dialect_names_itself():
    with pytest.raises(DocumentError, match="is no element of CallAPI's"):
        parse("<Dail/>", callapi)
    assert parse("<Dial>1</Dial>", callapi) == parse("<Dial>1</Dial>")


@pytest.mark.parametrize("nothing", [b"", b" \r\n"])
def test_nothing_is_a_document(nothing):
    assert rcml.parse(nothing, BASE, LIMITS).steps == ()


def test_what_can_be_heard_of_a_document():
    plan = rcml.parse_sound(
        b"<Response><Say>a</Say><Dial>1</Dial><Pause/><Play>/x.wav</Play></Response>", BASE, LIMITS
    )
    assert [type(one) for one in plan.steps] == [Speak, Wait, Play]
    assert "<Dial>: is nothing to hear" in plan.warnings[0]


# Dial.


def test_a_plain_dial():
    assert step("<Dial>1-444-555-6666</Dial>") == Dial(
        targets=(Target(Number("14445556666"), "14445556666"),),
        ring_timeout=30,
        time_limit=14400,
        answer_first=True,
        **at("Dial"),
    )


def test_all_that_a_dial_says():
    dial = step(
        '<Dial action="/a" method="GET" timeout="7" timeLimit="60" callerId="client:thomas"'
        ' record="true" dialMusic="Disabled" sequential="true" hangupOnStar="true">1</Dial>'
    )
    assert dial == Dial(
        targets=(Target(Number("1"), "1"),),
        ring_timeout=7,
        time_limit=60,
        caller_id="thomas",
        record=True,
        music=Ringing.SILENCE,
        sequential=True,
        hangup_on_star=True,
        answer_first=True,
        action=Hook("https://app.example.com/a", "GET"),
        **at("Dial"),
    )


def test_music_is_a_sound():
    assert step('<Dial dialMusic="m.wav">1</Dial>').music == Play(
        source="https://app.example.com/voice/m.wav", **at("Dial")
    )


@pytest.mark.parametrize(
    ("xml", "destination", "label"),
    [
        ("<Number>+1 444</Number>", Number("1444"), "1444"),
        ("<Client>jane</Client>", Client("jane"), "client:jane"),
        ("<Client>client:jane</Client>", Client("jane"), "client:jane"),
        ("<Sip>sip:a@b:5080</Sip>", User("a", "b:5080"), "sip:a@b:5080"),
        ("<Uri>a@b</Uri>", User("a", "b"), "sip:a@b"),
        ("<Sip>sip:a@b;transport=TCP</Sip>", User("a", "b", "tcp"), "sip:a@b"),
        ("client:jane", Client("jane"), "client:jane"),
        ("a@b", User("a", "b"), "sip:a@b"),
        ("1 444", Number("1444"), "1444"),
    ],
)
def test_whom_it_rings(xml, destination, label):
    found = target(xml)
    assert (found.destination, found.label) == (destination, label)


@pytest.mark.parametrize("noun", ["Number>1", "Client>a", "Sip>sip:a@b"])
def test_custom_headers(noun):
    name = noun.partition(">")[0]
    found = target(f"<{noun}?X-One=1&amp;mine=a%20b</{name}>")
    assert found.headers == (("X-One", "1"), ("mine", "a b"))


def test_blanks_around_a_headers_value_are_no_part_of_it():
    assert target("<Sip>sip:a@b?X-One=%20a%20</Sip>").headers == (("X-One", "a"),)
    plan = parse("<Dial><Sip>sip:a@b?X-One=&amp;X-Two=%20</Sip></Dial>")
    assert plan.steps[0].targets[0].headers == ()
    assert len(plan.warnings) == 2


def test_keys_and_a_password():
    assert target('<Number sendDigits="ww12">1</Number>').send_digits == SendDigits("ww12")
    found = target('<Sip username="alice" password="se:cret">sip:a@b</Sip>')
    assert found.auth == ("alice", "se:cret")
    assert "cret" not in repr(found)


@pytest.mark.parametrize("noun", ["Number", "Client", "Sip"])
def test_a_document_on_the_callees_end(noun):
    text = {"Number": "1", "Client": "a", "Sip": "sip:a@b"}[noun]
    found = target(f'<{noun} url="s" method="GET">{text}</{noun}>')
    assert found.confirm == Interview(Hook("https://app.example.com/voice/s", "GET"), 120)


@pytest.mark.parametrize(
    ("said", "events"),
    [
        ("", {"completed"}),
        ("initiated, RINGING answered", {"initiated", "ringing", "answered"}),
    ],
)
def test_status_callbacks(said, events):
    found = target(
        f'<Number statusCallback="/s" statusCallbackMethod="get" statusCallbackEvent="{said}">'
        "1</Number>"
    )
    hook = Hook("https://app.example.com/s", "GET")
    assert found.status_callback == StatusCallback(hook, frozenset(events))


def test_who_is_connected_ends_a_sequence():
    plan = parse(
        "<Say>x</Say><Dial>1</Dial><Pause/><Dial>2</Dial><Dial><Conference>r</Conference></Dial>"
        "<Pause/><Say>y</Say><Dial>3</Dial>"
    )
    skips = [one.skips for one in plan.steps if isinstance(one, Dial | Conference)]
    assert skips == [4, 2, 1, 0]


# Conference.


def test_a_room():
    assert step("<Dial><Conference>My room</Conference></Dial>") == Conference(
        room="My room",
        on_enter=Announcement(beeps=1),
        on_exit=Announcement(beeps=1),
        max_members=40,
        time_limit=14400,
        **at("Dial"),
    )


def test_all_that_a_room_says():
    room = step(
        '<Dial action="/a" timeLimit="9" hangupOnStar="true"><Conference beep="onEnter"'
        ' muted="true" startConferenceOnEnter="false" endConferenceOnExit="true"'
        ' waitUrl="/w.wav?x=1" maxParticipants="7">r</Conference></Dial>'
    )
    assert room == Conference(
        room="r",
        muted=True,
        starts=False,
        ends=True,
        on_enter=Announcement(beeps=1),
        wait_sound=Announcement(source="https://app.example.com/w.wav?x=1"),
        max_members=7,
        time_limit=9,
        leave_on_star=True,
        action=Hook("https://app.example.com/a"),
        **at("Dial"),
    )


def test_a_document_is_heard_while_waiting():
    room = step(
        '<Dial><Conference waitUrl="w" waitMethod="GET" beep="onExit">r</Conference></Dial>'
    )
    assert room.wait_sound == Announcement(document=Hook("https://app.example.com/voice/w", "GET"))
    assert (room.on_enter, room.on_exit) == (None, Announcement(beeps=1))
