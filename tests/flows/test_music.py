"""dialMusic; tests/live/test_music.py holds a real switch to the same."""

import os

import pytest

from support.sounds import MP3, wav
from support.webapp import Answer

DIAL = (
    '<Dial callbackUrl="/callback" action="/action" dialMusic="/music" {}>'
    "<Number>1001</Number>{}</Dial>"
)
TWO = "<Number>1002</Number>"
TONE = "<Play>tone_stream://%(400,100,440)</Play>"
LIST = "file_string://tone_stream://%(400,100,440)!silence_stream://250"


def call(stage, callees, more="", music=TONE, attributes="", **given):
    documents = {"music": music}
    return stage.call(DIAL.format(attributes, more), callees, documents=documents, **given)


def heard(a_leg):
    return [what for _, what in a_leg.heard]


def actions(stage):
    return [
        (r.params["DialAction"], r.params["DialBLegPosition"])
        for r in stage.web.requests
        if r.path == "/callback"
    ]


def test_heard_from_the_start(stage):
    a_leg = call(stage, {"1001": "answer:1:2"})
    assert heard(a_leg) == ["183 early media", f"ringback {LIST}", "200 answered"]
    (request,) = [r for r in stage.web.requests if r.path == "/music"]
    assert request.method == "POST"
    assert request.params["Event"] == "DialRemoteSounds"
    assert actions(stage) == [("answer", "1"), ("connected", "1"), ("hangup", "1")]


def test_a_fork_rings_the_caller_no_more(stage):
    a_leg = call(stage, {"1001": "answer:2:2", "1002": "early:5"}, TWO)
    assert heard(a_leg) == ["183 early media", f"ringback {LIST}", "200 answered"]
    assert actions(stage)[:2] == [("answer", "1"), ("connected", "1")]


def test_an_answered_caller_whose_dialplan_has_music_of_its_own(stage):
    stage.start(
        {"answer": "<Speak>hi</Speak>" + DIAL.format("", ""), "music": TONE}, {"1001": "answer:1:2"}
    )
    a_leg = stage.call(variables={"transfer_ringback": "local_stream://moh"})
    assert heard(a_leg) == ["200 answered", f"ringback {LIST}"]


def test_silence(stage):
    document = DIAL.replace('"/music"', '"none"').format("", "")
    a_leg = stage.call(document, {"1001": "answer:1:2"})
    silence = "file_string://silence_stream://-1!silence_stream://250"
    assert heard(a_leg) == ["183 early media", f"ringback {silence}", "200 answered"]


def test_sounds_and_pauses_and_how_often(stage):
    stage.web.files["/files/a.wav"] = Answer(wav(0.5), content_type="audio/wav")
    music = (
        f'<Play loop="2">{stage.web.url("/files/a.wav")}</Play><Wait length="2"/>'
        '<Play loop="0">ivr/hold.wav</Play><Play>never/heard.wav</Play>'
    )
    a_leg = call(stage, {"1001": "answer:1:2"}, music=music)
    first, second, *rest = heard(a_leg)[1].removeprefix("ringback file_string://").split("!")
    assert first == second
    assert first.startswith(f"{stage.state_dir}/media/")
    assert rest == ["silence_stream://2000", "ivr/hold.wav", "silence_stream://250"]


def test_a_text_is_spoken_by_the_voice_of_the_first(stage):
    music = '<Speak voice="WOMAN">Hold, please!</Speak><Speak voice="MAN">Or not</Speak>'
    a_leg = call(stage, {"1001": "answer:1:2"}, music=music)
    spoken = "silence_stream://250!say:Hold, please.!say:Or not"
    assert heard(a_leg)[:2] == ["183 early media", f"ringback {spoken}"]
    assert actions(stage) == [("answer", "1"), ("connected", "1"), ("hangup", "1")]


@pytest.mark.parametrize("music", [TONE, "<Speak>hold</Speak>"])
@pytest.mark.parametrize(
    ("number", "callee", "status", "cause"),
    [
        ("1001", "busy", "busy", "USER_BUSY"),
        ("1001", "ring", "no-answer", "NO_ANSWER"),
        ("19991", "ring", "failed", "INVALID_GATEWAY"),
    ],
)
def test_a_failure_is_told_as_without_it(stage, music, number, callee, status, cause):
    document = DIAL.replace("1001", number).format('timeout="3"', "")
    stage.call(document, {"1001": callee}, documents={"music": music})
    action = stage.request("/action")
    assert (action["DialStatus"], action["DialHangupCause"]) == (status, cause)
    assert actions(stage) == [("hangup", "1")]


def test_each_round_has_it_and_it_is_fetched_once(stage):
    callees = {"1001": "fail:USER_BUSY:1", "1002": "answer:1:1"}
    a_leg = call(stage, callees, TWO, attributes='sequential="true"')
    assert heard(a_leg).count(f"ringback {LIST}") == 2
    assert stage.told().count("/music DialRemoteSounds") == 1


def test_the_next_dial_has_its_own(stage):
    a_leg = stage.call(
        DIAL.format('redirect="false"', "") + "<Dial><Number>1002</Number></Dial>",
        {"1001": "fail:USER_BUSY:1", "1002": "answer:1:1"},
        documents={"music": TONE},
    )
    assert [what for what in heard(a_leg) if what.startswith("ringback")] == [f"ringback {LIST}"]
    assert a_leg.answered_at


@pytest.mark.parametrize(
    ("music", "why"),
    [
        (Answer("", "404 Not Found"), "answered 404"),
        (Answer("OK"), "not well-formed"),
        ("", "there is nothing to hear"),
        (Answer("<Response/>", delay=6.0), "it did not come within 3 s"),
        ("<Play>/files/none.wav</Play>", "there is nothing to hear"),
        ("<Play>http://127.0.0.1:1/a.wav</Play>", "could not be reached"),
    ],
)
def test_what_cannot_be_had_is_the_callee_s_own_ringing(stage, caplog, music, why):
    if why == "there is nothing to hear" and music:
        music = f"<Play>{stage.web.url('/files/none.wav')}</Play>"
        why = "answered 404"
    attributes = 'dialMusic="/music#rt=9000"'
    document = DIAL.replace('dialMusic="/music"', attributes).format("", "")
    a_leg = stage.call(document, {"1001": "answer:1:2"}, documents={"music": music})
    assert heard(a_leg) == ["180 ringing", "200 answered"]
    assert "line 1: <Dial>: dialMusic: " in caplog.text
    assert why in caplog.text
    assert stage.request("/action")["DialStatus"] == "completed"


def test_an_mp3_that_the_switch_cannot_play(stage, caplog):
    stage.web.files["/files/a.mp3"] = Answer(MP3, content_type="audio/mpeg")
    music = f"<Play>{stage.web.url('/files/a.mp3')}</Play>"
    stage.start({"answer": DIAL.format("", ""), "music": music}, {"1001": "answer:1:1"})
    assert any(".mp3!" in what for what in heard(stage.call()))
    stage.switch.modules = ()
    assert "180 ringing" in heard(stage.call())
    assert "the switch plays mp3 only with mod_shout" in caplog.text


def test_more_sounds_than_the_switch_takes(stage, caplog):
    music = '<Play loop="90">ivr/a.wav</Play><Play loop="90">ivr/b.wav</Play>'
    a_leg = call(stage, {"1001": "answer:1:1"}, music=music)
    assert heard(a_leg)[1].count("!") == 100
    assert "180 sounds are cut to 100" in caplog.text


def test_a_folder_whose_name_the_switch_would_take_apart(stage, caplog):
    stage.state_dir += "/a!b"
    os.mkdir(stage.state_dir)
    stage.web.files["/files/a.wav"] = Answer(wav(0.5), content_type="audio/wav")
    music = f"<Play>{stage.web.url('/files/a.wav')}</Play>"
    a_leg = call(stage, {"1001": "answer:1:1"}, music=music)
    assert heard(a_leg)[0] == "180 ringing"
    assert "not safe in a list of sounds" in caplog.text


def test_the_caller_leaves_while_it_is_fetched(stage):
    """The Dial has begun and is told of; nobody was rung."""
    call(stage, {"1001": "ring"}, music=Answer("<Response/>", delay=2.4), hangup_after=1.0)
    assert stage.told("DialStatus") == [
        "/answer StartApp -",
        "/music DialRemoteSounds -",
        "/action DialAction cancel",
        "/hangup Hangup -",
    ]


def test_the_caller_leaves_during_it(stage):
    call(stage, {"1001": "ring"}, hangup_after=2.0)
    assert actions(stage) == [("hangup", "1")]
    assert stage.request("/action")["DialStatus"] == "cancel"
