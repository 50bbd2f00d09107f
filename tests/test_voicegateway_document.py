"""The Voice Gateway's documents: literal JSON in, plan or plain words out."""

import json

import pytest
from dialctl.dialects.voicegateway import parse
from dialctl.errors import DocumentError
from dialctl.plan import (
    Dial,
    Gather,
    Hangup,
    Hook,
    Interview,
    MediaFork,
    Number,
    OnMachine,
    Play,
    PreAnswer,
    Redirect,
    Refuse,
    Ringing,
    Speak,
    Target,
    Transcription,
    User,
    Wait,
)
from dialctl.settings import DialectLimits

BASE = "https://app.example.com/voice/answer?tenant=1"
LIMITS = DialectLimits(ring_timeout=60, targets=3)


def read(*verbs):
    return parse(json.dumps(verbs).encode(), BASE, LIMITS)


def step(verb, **more):
    plan = read({"verb": verb, **more})
    assert plan.warnings == ()
    (only,) = plan.steps
    return only


def dial(**more):
    return step("dial", **{"answerOnBridge": True, "target": [BOB], **more})


def target(**given):
    (only,) = dial(target=[given]).targets
    return only


def warned(verb, **more):
    """The steps, and what the log says of them."""
    plan = read({"verb": verb, **more})
    return plan.steps, " ".join(plan.warnings)


def warned_dial(**more):
    (found,), words = warned("dial", **{"answerOnBridge": True, "target": [BOB], **more})
    return found, words


def refused(document):
    with pytest.raises(DocumentError) as caught:
        parse(document if isinstance(document, bytes) else document.encode(), BASE, LIMITS)
    return caught.value


def wrong(verb, **more):
    """What is said of a value that no document can have, without its line."""
    return str(refused(json.dumps([{"verb": verb, **more}]))).removeprefix("line 1: ")


def wrong_dial(**more):
    return wrong("dial", **{"target": [BOB], **more})


BOB = {"type": "user", "name": "bob@pbx.example.com"}


# The document as a whole.


def test_one_verb_may_stand_without_a_list():
    plan = parse(b'\n{"verb": "pause", "length": 1}', BASE, LIMITS)
    assert plan.steps == (Wait(seconds=1, line=2, element="pause"),)


@pytest.mark.parametrize("text", ["[]", "{}", " [ ] ", "\ufeff[]"])
def test_a_document_without_verbs(text):
    assert parse(text.encode(), BASE, LIMITS).steps == ()


def test_each_step_has_the_line_of_its_verb():
    text = '[{"verb": "pause",\n"length": 1},\n\n {"verb": "hangup"}\t,{"verb": "hangup"}\n]'
    steps = parse(text.encode(), BASE, LIMITS).steps
    assert [(one.element, one.line) for one in steps] == [
        ("pause", 1),
        ("hangup", 4),
        ("hangup", 4),
    ]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "line 1: column 1: not well-formed JSON: Expecting value"),
        ('[{"verb": "hangup"},\n]', "line 2: column 1: not well-formed JSON: "),
        ('[{"verb": "hangup"}]\n {}', "line 2: column 2: not well-formed JSON: Extra data"),
        (b'[\n "\xff"]', "line 2: column 3: not UTF-8"),
        ("[" * 100_000, "line 1: the document is nested too deep"),
        ("9" * 5000, "not usable JSON: "),
        ('[{"verb": "pause", "length": NaN}]', "not usable JSON: NaN is no number"),
        ("null", "line 1: the document must be a list of verbs"),
        ('"dial"', "line 1: the document must be a list of verbs"),
        ('[\n"dial"]', "line 2: [0] must be an object with a verb"),
        ("[{}]", "line 1: [0].verb is missing"),
        ('{"target": []}', "line 1: verb is missing"),
        ('[{"verb": 5}]', "line 1: [0].verb must be a text; it is a number, 5"),
        ('[{"verb": "enqueue"}]', "line 1: [0].verb is 'enqueue', no verb here; expected dial, "),
        ('{"verb": "pause"}', "line 1: pause.length is missing"),
    ],
)
def test_a_document_that_is_none_says_where(document, words):
    assert str(refused(document)).startswith(words)


THE_PAGES_EXAMPLE = """{
"verb": "dial",
"actionHook": "dial",
"callerId": "+491173331212",
"answerOnBridge": true,
"dtmfCapture": ["*2", "*3"],
"dtmfHook": {
"url": "/dtmf",
"method": "GET"
},
"amd": {
"actionHook": "amd",
"recognizer": {
"vendor": "microsoft",
"language": "en-US",
}
},
"target": [
{
"type": "phone",
"number": "+49XXXXXXXXXXX",
"trunk": "Twilio"
},
{
"type": "sip",
"sipUri": "sip:49XXXXXXXXXXX@sip.myTrunk.com",
"auth": {
"username": "John",
"password": "Doe"
}
},
{
"type": "user",
"name": "jane@sip.example.com"
}
]
}"""


def test_the_pages_own_example_is_refused_where_its_comma_is():
    """A comma behind the last property of an object is no JSON."""
    words = str(refused(THE_PAGES_EXAMPLE))
    assert words.startswith("line 16: column 1: not well-formed JSON")


def test_the_pages_own_example_once_its_comma_and_its_number_are_mended():
    mended = THE_PAGES_EXAMPLE.replace('"en-US",', '"en-US"').replace("XXXXXXXXXXX", "30123")
    plan = parse(mended.encode(), BASE, LIMITS)
    (dial,) = plan.steps
    assert dial == Dial(
        targets=(
            Target(Number("4930123", "Twilio"), "+4930123"),
            Target(
                User("4930123", "sip.myTrunk.com"),
                "sip:4930123@sip.myTrunk.com",
                auth=("John", "Doe"),
            ),
            Target(User("jane", "sip.example.com"), "jane@sip.example.com"),
        ),
        ring_timeout=60,
        time_limit=86400,
        caller_id="+491173331212",
        on_machine=OnMachine.TELL,
        on_machine_hook=Hook("https://app.example.com/voice/amd"),
        action=Hook("https://app.example.com/voice/dial"),
        callback=Hook("https://app.example.com/dtmf", "GET"),
        digits_of_caller=("*2", "*3"),
        digits_of_callee=("*2", "*3"),
        digits_at_once=True,
        line=1,
        element="dial",
    )
    assert plan.warnings == ("line 1: dial.amd.recognizer has no effect here",)


# dial.


def test_a_dial_answers_first_unless_it_says_otherwise():
    (first,) = read({"verb": "dial", "target": [BOB]}).steps
    assert first.answer_first
    assert not dial(answerOnBridge=True).answer_first


def test_an_unknown_property_is_named():
    _, words = warned_dial(timeOut=5, quack=1)
    assert "[0].dial.timeOut has no effect here; did you mean timeout?" in words
    assert "[0].dial.quack has no effect here" in words
    assert warned_dial(id="mine", anchorMedia=None)[1] == (
        "line 1: [0].dial.anchorMedia has no effect here"
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"target": {}}, "[0].dial.target.type is ''; expected phone, sip or user"),
        ({"target": None}, "[0].dial.target rings nobody"),
        ({"target": []}, "[0].dial.target rings nobody"),
        ({"target": "bob"}, '[0].dial.target must be a list; it is a text, "bob"'),
        ({"target": [[]]}, "[0].dial.target[0] must be an object; it is a list"),
        ({"timeout": "60"}, '[0].dial.timeout must be a number; it is a text, "60"'),
        ({"timeout": True}, "[0].dial.timeout must be a number; it is true or false, true"),
        ({"answerOnBridge": 1}, "[0].dial.answerOnBridge must be true or false; it is a number, 1"),
        ({"callerId": 49}, "[0].dial.callerId must be a text; it is a number, 49"),
        ({"actionHook": 5}, "[0].dial.actionHook must be a text; it is a number, 5"),
        ({"actionHook": {}}, "[0].dial.actionHook.url is missing"),
        ({"actionHook": {"url": ["a"]}}, "[0].dial.actionHook.url must be a text; it is a list"),
        ({"actionHook": "ftp://x"}, "[0].dial.actionHook is no usable URL: "),
        ({"headers": ["X"]}, "[0].dial.headers must be an object; it is a list"),
        ({"headers": {"X-A": 1}}, "[0].dial.headers.X-A must be a text; it is a number, 1"),
        ({"dtmfCapture": "12"}, '[0].dial.dtmfCapture must be an object; it is a text, "12"'),
        ({"dtmfCapture": [1]}, "[0].dial.dtmfCapture[0] must be a text; it is a number, 1"),
        ({"amd": {}}, "[0].dial.amd.actionHook is missing"),
        ({"listen": {}}, "[0].dial.listen.url is '', no ws:// or wss:// URL"),
        ({"listen": {"url": "https://a"}}, "[0].dial.listen.url is 'https://a', no ws://"),
        ({"listen": {"url": "ws://a/b c"}}, "[0].dial.listen.url is 'ws://a/b c', no ws://"),
        ({"transcribe": {}}, "[0].dial.transcribe.transcriptionHook is missing"),
        (
            {"transcribe": {"transcriptionHook": "t", "recognizer": {"language": "en US"}}},
            "[0].dial.transcribe.recognizer.language is 'en US', no tag such as en-US",
        ),
    ],
)
def test_a_wrong_value_says_where_it_is(more, words):
    assert wrong_dial(**more).startswith(words)


@pytest.mark.parametrize(
    ("more", "ring_timeout", "time_limit", "words"),
    [
        ({}, 60, 86400, ""),
        ({"timeout": None}, 60, 86400, ""),
        ({"timeout": 2.5, "timeLimit": 30}, 2.5, 30, ""),
        ({"timeout": 0}, 60, 86400, "[0].dial.timeout is 0, less than 1; 60 is taken"),
        ({"timeout": 4000}, 3600, 86400, "[0].dial.timeout is 4000 and is cut to 3600"),
        ({"timeLimit": -1}, 60, 86400, "[0].dial.timeLimit is -1, less than 1; 86400 is taken"),
        ({"timeLimit": 1e300}, 60, 86400, "[0].dial.timeLimit is 1e+300 and is cut to 86400"),
    ],
)
def test_times(more, ring_timeout, time_limit, words):
    found, said = warned_dial(**more)
    assert (found.ring_timeout, found.time_limit) == (ring_timeout, time_limit)
    assert said == (f"line 1: {words}" if words else "")


@pytest.mark.parametrize(
    ("given", "hook"),
    [
        (None, Hook("https://app.example.com/voice/dial")),
        ("/over?a=b", Hook("https://app.example.com/over?a=b")),
        ("http://other.example.com/x", Hook("http://other.example.com/x")),
        ({"url": "x", "method": "GET"}, Hook("https://app.example.com/voice/x", "GET")),
        ({"url": "x", "method": "POST"}, Hook("https://app.example.com/voice/x")),
    ],
)
def test_action_hook(given, hook):
    assert dial(actionHook=given).action == hook


def test_an_empty_action_hook_is_none():
    assert dial(actionHook="").action is None


def test_the_method_of_a_hook():
    found, words = warned_dial(actionHook={"url": "x", "method": "PUT", "username": "u"})
    assert found.action == Hook("https://app.example.com/voice/x")
    assert "[0].dial.actionHook.method is PUT, none of POST, GET; POST is taken" in words
    assert "[0].dial.actionHook.username has no effect here" in words


@pytest.mark.parametrize("given", ["+491173331212", "4911", "anonymous", ""])
def test_caller_id(given):
    assert dial(callerId=given).caller_id == (given or None)


def test_a_caller_id_that_is_none_is_not_shown():
    found, words = warned_dial(callerId="Bob\r\nX: y")
    assert found.caller_id is None
    assert "[0].dial.callerId is 'Bob" in words


def test_confirm_hook_of_the_dial_and_of_a_target():
    bob, ann = dial(
        target=[BOB, {"type": "user", "name": "a@b", "confirmHook": {"url": "/own"}}],
        confirmHook="all",
    ).targets
    assert bob.confirm == _interview("https://app.example.com/voice/all")
    assert ann.confirm == _interview("https://app.example.com/own")
    only = dial(target=[BOB, {"type": "user", "name": "a@b", "confirmHook": "own"}]).targets
    assert [one.confirm for one in only] == [None, _interview("https://app.example.com/voice/own")]


def _interview(url):
    return Interview(Hook(url), 120, may_be_empty=True)


def test_dial_music():
    url = "https://app.example.com/ring.mp3"
    assert dial(dialMusic=url).music == Play(source=url, loop=0, line=1, element="dial")
    assert dial().music is dial(dialMusic="").music is Ringing.REAL
    assert wrong_dial(dialMusic="/ring").startswith("[0].dial.dialMusic is /ring: neither a URL")


def test_refer_hook():
    hook = {"url": "/refer", "method": "GET"}
    assert dial(referHook=hook).refer == Hook("https://app.example.com/refer", "GET")
    assert dial().refer is None


def test_dtmf_capture():
    both = dial(dtmfHook="k", dtmfCapture=["*2", "A#"])
    assert both.digits_of_caller == both.digits_of_callee == ("*2", "A#")
    each = dial(dtmfHook="k", dtmfCapture={"parentCall": ["1"], "childCall": ["2", "3"]})
    assert (each.digits_of_caller, each.digits_of_callee) == (("1",), ("2", "3"))
    one = dial(dtmfHook="k", dtmfCapture={"childCall": ["2"]})
    assert (one.digits_of_caller, one.digits_of_callee) == ((), ("2",))
    assert dial(dtmfHook="k", dtmfCapture={}).digits_of_caller == ()


def test_dtmf_capture_that_cannot_be():
    found, words = warned_dial(dtmfCapture=["1"])
    assert found.digits_of_caller == ()
    assert words == "line 1: [0].dial.dtmfCapture has no effect without a dtmfHook"
    found, words = warned_dial(dtmfHook="k", dtmfCapture=["1", "", "x"])
    assert found.digits_of_caller == ("1",)
    assert "[0].dial.dtmfCapture holds 'x', which is no keys 0-9 A-D * #" in words


def test_amd_listen_transcribe():
    found = dial(
        amd={"actionHook": {"url": "amd", "method": "GET"}},
        listen={"url": "wss://ears.example.com:8443/in?a=b", "metadata": {"a": [1, None]}},
        transcribe={"transcriptionHook": "/t"},
    )
    assert found.on_machine is OnMachine.TELL
    assert found.on_machine_hook == Hook("https://app.example.com/voice/amd", "GET")
    assert found.fork == MediaFork(
        "wss://ears.example.com:8443/in?a=b", "mono", 8000, (("a", [1, None]),)
    )
    assert found.transcription == Transcription(Hook("https://app.example.com/t"))


def test_transcribe_in_a_language():
    recognizer = {"vendor": "google", "language": "de-DE", "interim": True}
    found = dial(transcribe={"transcriptionHook": "t", "recognizer": recognizer})
    hook = Hook("https://app.example.com/voice/t")
    assert found.transcription == Transcription(hook, "de-DE", interim=True)


def test_listen_out_of_range():
    given = {"url": "ws://a", "mixType": "dolby", "sampleRate": 1}
    found, words = warned_dial(listen=given)
    assert found.fork == MediaFork("ws://a", "mono", 8000)
    assert "mixType is dolby, none of mono, mixed, stereo; mono is taken" in words
    assert "sampleRate is 1, less than 8000; 8000 is taken" in words


# Targets.


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (
            {"type": "phone", "number": " +49 (30) 123-45 ", "trunk": "T"},
            Target(Number("493012345", "T"), "+493012345"),
        ),
        ({"type": "phone", "number": "100"}, Target(Number("100"), "100")),
        ({"type": "user", "name": "a@b"}, Target(User("a", "b"), "a@b")),
        ({"type": "user", "name": "sip:a@b:5070"}, Target(User("a", "b:5070"), "sip:a@b:5070")),
        (
            {"type": "sip", "sipUri": "sips:a@b", "auth": {"username": "u", "password": "p#"}},
            Target(User("a", "b"), "sip:a@b", auth=("u", "p#")),
        ),
    ],
)
def test_target(given, found):
    assert target(**given) == found


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"type": "teams"}, "type is 'teams'; expected phone, sip or user"),
        ({"type": "phone"}, "number is missing"),
        ({"type": "phone", "number": "  "}, "number is missing"),
        ({"type": "phone", "number": 49}, "number must be a text; it is a number, 49"),
        ({"type": "phone", "number": "49XXX"}, "number is '49XXX', which is no telephone number"),
        ({"type": "user"}, "name is missing"),
        ({"type": "user", "name": "bob"}, "name is 'bob', which is no SIP address user@host"),
        ({"type": "sip", "sipUri": "a@b"}, "sipUri is 'a@b', which is no SIP address user@host"),
        ({"type": "sip", "sipUri": "sip:a@b,c"}, "sipUri is 'sip:a@b,c', which is no SIP address"),
        ({"type": "sip", "sipUri": "sip:a@b", "auth": {"username": "u"}}, "auth.password is miss"),
        (
            {"type": "sip", "sipUri": "sip:a@b", "auth": {"username": "u;x=y", "password": "p"}},
            "auth.username holds a sign that FreeSWITCH would take apart",
        ),
    ],
)
def test_a_target_that_is_none_says_where(given, words):
    assert wrong_dial(target=[BOB, given]).startswith(f"[0].dial.target[1].{words}")


def test_a_password_is_in_no_message():
    auth = {"username": "u", "password": "se;cret"}
    words = wrong_dial(target=[{"type": "sip", "sipUri": "sip:a@b", "auth": auth}])
    assert "auth.password holds a sign" in words
    assert "cret" not in words


def test_parameters_of_an_address_are_ignored():
    found, words = warned_dial(target=[{"type": "sip", "sipUri": "sip:a@b;transport=tcp"}])
    assert found.targets == (Target(User("a", "b"), "sip:a@b"),)
    assert "[0].dial.target[0].sipUri has URI parameters or headers, which are ignored" in words


def test_duplicates_and_those_beyond_the_limit_are_dropped():
    numbers = ["1", "+1", "2", "3", "4"]
    found, words = warned_dial(target=[{"type": "phone", "number": n} for n in numbers])
    assert [one.label for one in found.targets] == ["1", "2", "3"]
    assert "[0].dial.target[1] is there already and is dropped" in words
    assert "[0].dial.target[4] is one more than 3 targets and is dropped" in words


def test_headers_of_the_target_come_before_those_of_the_dial():
    own = {**BOB, "headers": {"X-B": " own "}}
    found = dial(target=[own], headers={"X-A": "a", "X-B": "b"})
    assert found.targets[0].headers == (("X-A", "a"), ("X-B", "own"))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("X A", "a", "headers.X A is no name of a SIP header"),
        ("X-A\r\nY", "a", "headers.X-A\\r\\nY is no name of a SIP header"),
        ("\u00e4", "a", "headers.\\xe4 is no name of a SIP header"),
        ("Call-ID", "a", "headers.Call-ID is a header of the SIP stack's own"),
        ("X-A", "a\r\nY: b", "headers.X-A has a value that FreeSWITCH would take apart"),
        ("X-A", "${x}", "headers.X-A has a value that FreeSWITCH would take apart"),
        ("X-A", "  ", "headers.X-A has a value that FreeSWITCH would take apart"),
        ("X-A", "a:_:b", "headers.X-A has a value that FreeSWITCH would take apart"),
        ("X-A", "a]b", "headers.X-A has a value that FreeSWITCH would take apart"),
    ],
)
def test_a_header_that_cannot_be_sent_is_left_out(name, value, words):
    found, said = warned_dial(headers={name: value})
    assert found.targets[0].headers == ()
    assert f"[0].dial.{words}" in said


# The verbs beside it.


def test_say():
    assert step("say", text=" one \n two ") == Speak(text="one two", line=1, element="say")
    said = step("say", text=["a", "b"], loop="forever", synthesizer={"gender": "FEMALE"})
    assert said == Speak(text="a b", voice="WOMAN", loop=0, line=1, element="say")


def test_say_what_cannot_be_said():
    steps, words = warned("say", text=" <speak>a &amp; <b>b</b></speak>")
    assert steps == (Speak(text="a & b", line=1, element="say"),)
    assert "[0].say.text is SSML, whose markup is left out" in words
    assert warned("say", text=" ") == (
        (),
        "line 1: [0].say.text says nothing and is skipped",
    )
    assert "[0].say.synthesizer has no effect" in warned("say", text="a", synthesizer={})[1]
    assert wrong("say") == "[0].say.text is missing"
    assert wrong("say", text=[]) == "[0].say.text is missing"
    assert warned("say", text=" ", earlyMedia=True)[0] == ()


def test_play():
    url = "https://app.example.com/a%20b.wav"
    assert step("play", url=url, loop=2) == Play(source=url, loop=2, line=1, element="play")
    both = read({"verb": "play", "url": ["tone_stream://%(200,0,440)", url], "loop": 2}).steps
    assert [one.source for one in both] == ["tone_stream://%(200,0,440)", url] * 2
    assert len(read({"verb": "play", "url": [url, url], "loop": "forever"}).steps) == 1000
    early = step("play", url=url, earlyMedia=True)
    heard = Play(source=url, line=1, element="play")
    assert early == PreAnswer(steps=(heard,), line=1, element="play")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/etc/passwd", "[0].play.url is /etc/passwd: neither a URL nor a sound of the switch's"),
        ("https://", "[0].play.url is no usable URL: "),
        (7, "[0].play.url must be a text; it is a number, 7"),
    ],
)
def test_play_what_cannot_be_played(url, words):
    assert wrong("play", url=url).startswith(words)


def test_a_brace_in_a_url_is_encoded():
    found = step("play", url="https://app.example.com/${a}")
    assert found.source == "https://app.example.com/$%7Ba%7D"


def test_gather():
    assert step("gather", actionHook="m") == Gather(
        prompts=(),
        action=Hook("https://app.example.com/voice/m"),
        timeout=15,
        digit_timeout=15,
        finish_on="",
        max_digits=99,
        valid="0123456789*#ABCD",
        line=1,
        element="gather",
    )
    found = step(
        "gather",
        input=["digits"],
        timeout=0,
        interDigitTimeout=2,
        minDigits=2,
        numDigits=4,
        finishOnKey="#",
        say={"text": "a"},
        play={"url": "tone_stream://x"},
    )
    assert (found.timeout, found.digit_timeout, found.finish_on) == (86400, 2, "#")
    assert (found.min_digits, found.max_digits, found.action) == (2, 4, None)
    assert [type(one) for one in found.prompts] == [Speak, Play]
    assert step("gather", maxDigits=5).max_digits == 5


def test_gather_is_for_keys():
    assert wrong("gather", input=["speech"]) == (
        "[0].gather.input asks for speech alone, which is not available"
    )
    steps, words = warned(
        "gather", input=["speech", "digits"], dtmfBargein=False, finishOnKey="##", recognizer={}
    )
    assert steps[0].finish_on == ""
    for said in ("input asks for speech too", "dtmfBargein has no effect", "finishOnKey is no key"):
        assert f"[0].gather.{said}" in words
    assert "recognizer" not in words  # of speech, said once


def test_redirect_pause_hangup():
    hook = Hook("https://app.example.com/voice/n", "GET")
    given = {"url": "n", "method": "GET"}
    assert step("redirect", actionHook=given) == Redirect(hook=hook, line=1, element="redirect")
    assert wrong("redirect") == "[0].redirect.actionHook is missing"
    assert step("pause", length=0.5) == Wait(seconds=0.5, line=1, element="pause")
    assert step("hangup") == Hangup(cause="NORMAL_CLEARING", line=1, element="hangup")
    assert "[0].hangup.headers has no effect here" in warned("hangup", headers={})[1]


def test_sip_decline():
    found = step("sip:decline", status=486, reason="Later", headers={"Retry-After": "5"})
    headers = (("Retry-After", "5"),)
    assert found == Refuse(
        status=486, reason="Later", headers=headers, line=1, element="sip:decline"
    )


@pytest.mark.parametrize("status", [None, 200, 399, 700, 486.5])
def test_sip_decline_with_another_status(status):
    words = "[0].sip:decline.status must be a SIP status from 400 to 699"
    if status == 486.5:
        assert step("sip:decline", status=status).status == 486
    else:
        assert wrong("sip:decline", status=status) == words
