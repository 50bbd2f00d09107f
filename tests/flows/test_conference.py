"""Calls that meet in a room; tests/live/test_conference.py holds a real switch to the same."""

import pathlib
from dataclasses import replace

import pytest
from dialctl.server import Server
from dialctl.settings import Media
from dialctl.switch import api

from flows.conftest import SETTINGS
from support.rawserver import eventually
from support.sounds import MP3, wav
from support.webapp import Answer

ANN, BOB, EVE = "15550000001", "15550000002", "15550000003"
CONFERENCE = '<Conference callbackUrl="/callback" action="/action" {}>room</Conference>'
MUSIC = "<Play>tone_stream://%(400,0,440)</Play>"
ROOM = "dialctl-main-room"  # at the switch
SAMPLE = pathlib.Path(__file__).parent.parent / "xml-samples" / "21_conference.xml"


def room(**attributes):
    return CONFERENCE.format(" ".join(f'{name}="{text}"' for name, text in attributes.items()))


def meet(stage, *rooms, late="", settings=SETTINGS, **documents):
    """ANN, BOB and EVE enter, each when the one before is in. ``late``: what others are told."""
    answers = dict(zip((ANN, BOB, EVE), rooms, strict=False))

    def answer(request):
        return f"<Response>{answers.get(request.params['From'], late)}</Response>"

    stage.start({**documents, "answer": answer}, settings=settings)
    return [enter(stage, caller) for caller in answers]


def enter(stage, caller):
    a_leg = stage.call(over=False, caller=caller)
    assert stage.web.wait_for(lambda _: "enter" in actions(stage, caller)), "not let in"
    return a_leg


def over(stage, *a_legs):
    """Wait until all is told of these calls; others may go on."""
    for a_leg in a_legs:
        assert a_leg.wait(60), "the call is still up"
        assert stage.web.wait_for(
            lambda got, uuid=a_leg.uuid: [
                r for r in got if r.path == "/hangup" and r.params["CallUUID"] == uuid
            ]
        )


def hang_up(stage, *a_legs):
    for a_leg in a_legs:
        a_leg.hangup()
        over(stage, a_leg)


def actions(stage, caller):
    """What was told of a caller after its document was fetched."""
    return [
        r.params.get("ConferenceAction") or r.params["Event"]
        for r in stage.web.requests
        if r.params.get("From") == caller and r.path != "/answer"
    ]


def told(stage, caller, action):
    (found,) = [
        r.params
        for r in stage.web.requests
        if r.params.get("From") == caller and r.params.get("ConferenceAction") == action
    ]
    return found


def of_recordings(stage):
    return [r.params for r in stage.web.requests if r.params.get("ConferenceAction") == "record"]


@pytest.fixture
def asked(stage, monkeypatch):
    """What the switch is asked for, once it has been started."""
    commands = []
    start = stage.start

    def listen(*arguments, **more):
        start(*arguments, **more)
        api = stage.switch.api
        monkeypatch.setattr(
            stage.switch, "api", lambda *words: commands.append(" ".join(words)) or api(*words)
        )

    monkeypatch.setattr(stage, "start", listen)
    return commands


def test_alone_until_the_caller_hangs_up(stage):
    (ann,) = meet(stage, room())
    hang_up(stage, ann)
    assert stage.told("ConferenceAction", "CallStatus") == [
        "/answer StartApp - ringing",
        "/callback ConferenceEnter enter in-progress",
        "/callback ConferenceExit exit completed",
        "/action Redirect - completed",
        "/hangup Hangup - completed",
    ]
    came, went = told(stage, ANN, "enter"), told(stage, ANN, "exit")
    assert came["ConferenceFirstMember"] == went["ConferenceLastMember"] == "true"
    action = stage.request("/action")
    for name in ("ConferenceName", "ConferenceUUID", "ConferenceMemberID"):
        assert action[name] == came[name] == went[name] != ""
    assert eventually(lambda: not stage.switch.rooms)
    assert stage.request("/hangup")["HangupSource"] == "Caller"


def test_all_that_is_told_has_a_key_of_its_own(stage):
    (ann,) = meet(stage, 2 * room(digitsMatch="1", hangupOnStar="true", redirect="false"))
    ann.press("11*")
    assert stage.web.wait_for(lambda _: actions(stage, ANN).count("enter") == 2)
    hang_up(stage, ann)
    keys = [r.headers.get("idempotency-key", "-") for r in stage.web.requests]
    assert [key.removeprefix(f"{ann.uuid}-") for key in keys] == [
        "-",
        "conference-1-enter",
        "conference-1-digits-1",
        "conference-1-digits-2",
        "conference-1-exit",
        "conference-1-action",
        "conference-2-enter",
        "conference-2-exit",
        "conference-2-action",
        "hangup",
    ]


def test_two_meet_and_one_leaves(stage):
    ann, bob = meet(stage, room(), room())
    assert told(stage, BOB, "enter")["ConferenceFirstMember"] == "false"
    hang_up(stage, bob)
    assert told(stage, BOB, "exit")["ConferenceLastMember"] == "false"
    assert actions(stage, ANN) == ["enter"]
    hang_up(stage, ann)
    ids = {r.params["ConferenceUUID"] for r in stage.web.requests if "ConferenceUUID" in r.params}
    assert len(ids) == 1


def test_star_leaves_and_the_action_says_what_comes_next(stage):
    (ann,) = meet(stage, room(hangupOnStar="true"), action="<Redirect>/next</Redirect>", next="")
    ann.press("*")
    over(stage, ann)
    assert actions(stage, ANN) == ["enter", "exit", "Redirect", "Redirect", "Hangup"]
    assert stage.told()[-2:] == ["/next Redirect", "/hangup Hangup"]


def test_without_an_action_the_next_element_runs(stage):
    leaves = '<Conference hangupOnStar="true" callbackUrl="/callback">r</Conference>'
    (ann,) = meet(stage, leaves + "<Redirect>/next</Redirect>", next="")
    ann.press("*")
    over(stage, ann)
    assert stage.told()[-2:] == ["/next Redirect", "/hangup Hangup"]


def test_digits_that_match_are_told(stage):
    (ann,) = meet(stage, room(digitsMatch="1,12"))
    ann.press("312")
    assert stage.web.wait_for(lambda _: "digits" in actions(stage, ANN))
    ann.press("1")
    hang_up(stage, ann)
    assert told(stage, ANN, "digits")["ConferenceDigitsMatch"] == "12"


def test_a_moderator_starts_it_and_ends_it(stage):
    waits = room(startConferenceOnEnter="false", waitSound="/wait")
    callers = meet(stage, waits, waits, room(endConferenceOnExit="true"), wait=MUSIC)
    assert all(party.wait(1) is False for party in callers)
    hang_up(stage, callers[2])
    for a_leg, caller in zip(callers[:2], (ANN, BOB), strict=True):
        over(stage, a_leg)
        assert actions(stage, caller) == ["waitSound", "enter", "exit", "Redirect", "Hangup"]
        assert told(stage, caller, "waitSound")["ConferenceUUID"] == ""


def test_the_wait_sound_is_heard_until_somebody_comes(stage, asked):
    (ann,) = meet(stage, room(waitSound="/wait"), wait=MUSIC.replace("400", "60000"))
    assert f"uuid_break {ann.uuid}" not in asked
    bob = stage.call(over=False, caller=ANN)
    assert stage.web.wait_for(lambda _: actions(stage, ANN).count("enter") == 2)
    assert f"uuid_break {ann.uuid}" in asked
    hang_up(stage, ann, bob)


def test_sounds_of_urls_are_files_of_ours(stage, asked, caplog):
    """One of them cannot be had, and is left out."""
    good, bad = (f"<Play>{stage.web.url(f'/files/{name}.wav')}</Play>" for name in ("a", "b"))
    stage.web.files["/files/a.wav"] = Answer(wav(60), content_type="audio/wav")
    sounds = {"wait": bad + good, "enter": good + bad}
    (ann,) = meet(stage, room(waitSound="/wait", enterSound="/enter"), **sounds)
    kept = f"{stage.state_dir}/media/"
    assert eventually(lambda: stage.switch.channels[ann.uuid].last_app[1].startswith(kept))
    assert [text for text in asked if text.startswith(f"conference {ROOM} play ") and kept in text]
    hang_up(stage, ann)
    assert caplog.text.count("answered 404") == 2


def test_a_wait_sound_that_cannot_be_had_keeps_nobody_out(stage, caplog):
    (ann,) = meet(stage, room(waitSound="/wait"), wait=Answer("", "500 No"))
    hang_up(stage, ann)
    assert "wait sound: " in caplog.text


def test_enter_and_exit_sounds_are_for_the_room(stage, asked):
    stage.web.files["/files/bye.mp3"] = Answer(MP3, content_type="audio/mpeg")
    ann, bob = meet(
        stage,
        room(enterSound="beep:1"),
        room(enterSound="/hello", exitSound=stage.web.url("/files/bye.mp3")),
        hello="<Speak>Hello</Speak><Wait length='1'/>",
    )
    hang_up(stage, bob)
    hang_up(stage, ann)
    *before, bye = [command for command in asked if " play " in command or " say " in command]
    assert before == [
        f"conference {ROOM} play 'tone_stream://%(300,200,700)'",
        f"conference {ROOM} say {{tts_engine=flite,tts_voice=kal}} Hello",
        f"conference {ROOM} play 'silence_stream://1000'",
    ]
    assert bye.startswith(f"conference {ROOM} play '{stage.state_dir}/media/")
    assert bye.endswith(".mp3'")


def test_digits_are_sent_once_it_is_in(stage, asked):
    (ann,) = meet(stage, room(sendDigits="w12"))
    hang_up(stage, ann)
    assert f"uuid_send_dtmf {ann.uuid} w12" in asked


def test_the_time_limit_closes_the_room(stage):
    ann, bob = meet(stage, room(timeLimit="3"), room())
    over(stage, ann, bob)
    assert actions(stage, ANN) == actions(stage, BOB) == ["enter", "exit", "Redirect", "Hangup"]
    assert ROOM not in stage.switch.rooms


def test_left_alone(stage):
    ann, bob = meet(stage, room(stayAlone="false"), room())
    hang_up(stage, bob)
    over(stage, ann)
    assert actions(stage, ANN) == ["enter", "exit", "Redirect", "Hangup"]


@pytest.mark.parametrize("most", ["1", "2"])
def test_a_full_room_is_skipped_and_its_action_too(stage, most):
    full = room(maxMembers=most)
    inside = meet(stage, *int(most) * [full], late=full)
    late = stage.call(over=False, caller=EVE)
    over(stage, late)
    assert actions(stage, EVE) == ["Hangup"]
    assert not late.answered_at
    hang_up(stage, *inside)


def test_a_switch_without_conferences(stage, caplog, monkeypatch):
    """The application would hang up the call."""
    monkeypatch.delitem(api.APIS, "conference")
    stage.call(room() + "<Redirect>/next</Redirect>", documents={"next": ""})
    assert stage.told() == ["/answer StartApp", "/next Redirect", "/hangup Hangup"]
    assert "has not loaded mod_conference" in caplog.text


def test_who_has_the_floor(stage):
    ann, bob = meet(stage, room(floorEvent="true"), room(floorEvent="true"))
    assert stage.web.wait_for(lambda _: "floor" in actions(stage, ANN))
    hang_up(stage, ann)
    assert stage.web.wait_for(lambda _: "floor" in actions(stage, BOB))
    hang_up(stage, bob)
    assert told(stage, BOB, "floor")["Event"] == "ConferenceFloor"


# Recordings.


def recorded(tmp_path):
    media = Media(recordings_dir=str(tmp_path), recordings_url="http://x/recordings")
    return replace(SETTINGS, media=media)


def test_the_conversation_is_recorded_and_told_once(stage, tmp_path, asked):
    attributes = {"record": "true", "recordFileFormat": "wav"}
    settings = recorded(tmp_path)
    ann, bob = meet(stage, room(**attributes), room(**attributes), settings=settings)
    assert stage.web.wait_for(lambda _: of_recordings(stage))
    ann.wait(2)
    hang_up(stage, ann)
    again = stage.call(over=False, caller=ANN)
    assert stage.web.wait_for(lambda _: actions(stage, ANN).count("enter") == 2)
    hang_up(stage, bob, again)
    assert stage.web.wait_for(lambda _: len(of_recordings(stage)) == 2)
    began, over = of_recordings(stage)
    assert (began["Event"], over["Event"]) == ("ConferenceRecordStart", "ConferenceRecordStop")
    assert int(over["RecordingDurationMs"]) > 1500
    turned = [command.split(" ")[3] for command in asked if " recording " in command]
    assert turned == ["pause", "resume", "pause"]


def test_alone_only_if_that_is_wanted(stage, tmp_path):
    wanted = room(record="true", recordWhenAlone="true")
    (ann,) = meet(stage, wanted, settings=recorded(tmp_path))
    assert stage.web.wait_for(lambda _: of_recordings(stage))
    hang_up(stage, ann)
    assert len(of_recordings(stage)) == 2
    action = stage.request("/action")
    assert action["RecordUrl"] == of_recordings(stage)[0]["RecordUrl"]
    assert action["RecordUrl"].startswith("http://x/recordings/")
    assert action["RecordUrl"].endswith(".mp3")


def test_who_come_at_the_same_moment_begin_one_recording(stage, tmp_path):
    wanted = room(record="true", recordWhenAlone="true")
    stage.start({"answer": f"<Response>{wanted}</Response>"}, settings=recorded(tmp_path))
    calls = [stage.call(over=False, caller=caller) for caller in (ANN, BOB, EVE)]
    assert stage.web.wait_for(lambda _: all("enter" in actions(stage, c) for c in (ANN, BOB, EVE)))
    hang_up(stage, *calls)
    events = [told["Event"] for told in of_recordings(stage)]
    assert events == ["ConferenceRecordStart", "ConferenceRecordStop"]


def test_without_mod_shout_it_is_a_wav(stage, tmp_path, caplog):
    wanted = room(record="true", recordWhenAlone="true")
    stage.call(wanted, modules=(), over=False, settings=recorded(tmp_path), caller=ANN)
    assert stage.web.wait_for(lambda _: of_recordings(stage))
    assert of_recordings(stage)[0]["RecordUrl"].endswith(".wav")
    assert "cannot write mp3; it is a wav" in caplog.text


def test_a_recording_that_cannot_be_written_is_told_to_the_operator(stage, tmp_path, caplog):
    file = tmp_path / "file"
    file.write_text("no folder")
    wanted = room(record="true", recordWhenAlone="true")
    (ann,) = meet(stage, wanted, settings=recorded(file / "below"))
    hang_up(stage, ann)
    assert of_recordings(stage) == []
    assert "RecordUrl" not in stage.request("/action")
    assert "could not be opened for recording" in caplog.text


def test_a_document_of_plivos_own_sdk(stage, asked):
    text = SAMPLE.read_text().replace("https://app.example.com", "")
    text = text.replace("<Conference ", '<Conference callbackUrl="/callback" ')
    (ann,) = meet(stage, text.partition("<Response>")[2].partition("</Response>")[0], wait=MUSIC)
    ann.press("*")
    over(stage, ann)
    assert actions(stage, ANN) == ["waitSound", "enter", "exit", "Hangup"]
    assert told(stage, ANN, "enter")["ConferenceName"] == "My Room"
    assert "conference dialctl-main-_4dy_20_52oom get wait_mod" in asked


def test_another_controller_tells_what_is_owed_and_goes_on(stage):
    ann, bob = meet(stage, room(), room(endConferenceOnExit="true"), action="<Hangup/>")
    listen = stage.server.address
    stage.server.stop()
    bob.hangup()
    stage.server = Server(replace(stage.settings, listen=listen), stage.clock)
    stage.server.start()
    over(stage, ann)
    keys = [
        r.headers["idempotency-key"].removeprefix(f"{ann.uuid}-")
        for r in stage.web.requests
        if r.params["CallUUID"] == ann.uuid and r.path != "/answer"
    ]
    assert list(dict.fromkeys(keys)) == [
        "conference-1-enter",
        "conference-1-exit",
        "conference-1-action",
        "hangup",
    ]
    assert keys.count("conference-1-action") == 1
    assert told(stage, ANN, "exit")["ConferenceLastMember"] == "true"
    action = stage.request("/action")
    assert action["ConferenceUUID"] == told(stage, ANN, "exit")["ConferenceUUID"]
    assert stage.web.requests[-1].params["HangupCauseCode"] == "4000"
