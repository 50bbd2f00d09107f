"""<Conference>: its attributes, and what is told of it."""

import pytest
from dialctl.conference.model import (
    ReportDigits,
    ReportEntered,
    ReportFloor,
    ReportLeft,
    ReportRecording,
    RoomSound,
    Stay,
)
from dialctl.dialects import plivo
from dialctl.errors import DocumentError
from dialctl.model import ALeg, CallStatus, CallView
from dialctl.plan import (
    Announcement,
    Conference,
    Hook,
    NextDocument,
    Notice,
    Recorded,
    RoomRecording,
    Stage,
)
from dialctl.settings import DialectLimits

BEEP = Announcement(beeps=1)
A_LEG = ALeg(
    uuid="a-leg",
    caller="+15551230000",
    called="15550001111",
    caller_name="José",
    sip_from="",
    sip_to="",
    created=1729865617.779297,
)
INSIDE = CallView(A_LEG, CallStatus.IN_PROGRESS, auth_id="MA1")
GONE = CallView(A_LEG, CallStatus.COMPLETED, auth_id="MA1")
CALLBACK = Hook("https://cb.example.com/x", "GET")
ACTION = Hook("https://cb.example.com/done")
ROOM = Conference(room="My Room", callback=CALLBACK, action=ACTION)
STAY = Stay(7, "c-1")
FIRST = Stay(7, "c-1", first=True)
RECORDED = Recorded("r-1", "https://cb.example.com/r-1.mp3", started=1000.5)


def read(attributes, text="My Room"):
    xml = f"<Response><Conference {attributes}>{text}</Conference></Response>"
    return plivo.parse(xml.encode(), "http://x/", DialectLimits())


def step(attributes):
    plan = read(attributes)
    assert plan.warnings == ()
    return plan.steps[0]


def test_a_name_is_enough():
    assert step("") == Conference(line=1, element="Conference", room="My Room")


def test_everything():
    assert step(
        'muted="true" enterSound="beep:1" exitSound="beep:2" startConferenceOnEnter="false"'
        ' endConferenceOnExit="true" stayAlone="false" waitSound="/wait" maxMembers="5"'
        ' record="true" recordFileFormat="wav" recordWhenAlone="true" timeLimit="60"'
        ' hangupOnStar="true" action="/done" method="GET" redirect="false" callbackUrl="/told"'
        ' callbackMethod="GET" digitsMatch="1,22" floorEvent="true" relayDTMF="false"'
        ' sendDigits="w1"'
    ) == Conference(
        line=1,
        element="Conference",
        room="My Room",
        muted=True,
        on_enter=BEEP,
        on_exit=Announcement(beeps=2),
        starts=False,
        ends=True,
        stays_alone=False,
        wait_sound=Announcement(document=Hook("http://x/wait")),
        max_members=5,
        record=RoomRecording("wav", when_alone=True),
        time_limit=60,
        leave_on_star=True,
        action=Hook("http://x/done", "GET"),
        follow_action=False,
        callback=Hook("http://x/told", "GET"),
        digits=("1", "22"),
        tell_floor=True,
        relay_digits=False,
        send_digits="w1",
    )


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("beep:1", BEEP),
        ("/sounds", Announcement(document=Hook("http://x/sounds"))),
        ("http://y/a.mp3", Announcement(source="http://y/a.mp3")),
        ("http://y/a.WAV?b=c", Announcement(source="http://y/a.WAV?b=c")),
        ("http://y/a?b=c.mp3", Announcement(document=Hook("http://y/a?b=c.mp3"))),
        ("http://y/$" + "{z}.wav", Announcement(source="http://y/$%7Bz%7D.wav")),
        ("", None),
    ],
)
def test_what_a_sound_may_be(text, sound):
    assert step(f'enterSound="{text}"').on_enter == sound


@pytest.mark.parametrize(
    ("attributes", "warning"),
    [
        ('enterSound="beep:3"', "enterSound='beep:3' is none of beep:1, beep:2, an http(s) URL"),
        ('exitSound="ftp://x/a.wav"', "exitSound='ftp://x/a.wav' is none of beep:1, beep:2"),
        ('waitSound="beep:1"', "waitSound='beep:1' is none of an http(s) URL"),
        ('maxMembers="0"', "maxMembers"),
        ('maxMembers="201"', "maxMembers"),
        ('timeLimit="0"', "timeLimit"),
        ('recordFileFormat="ogg"', "recordFileFormat"),
        ('muted="yes"', "muted"),
        ('digitsMatch="1,x"', "digitsMatch"),
        ('sendDigits="1x"', "sendDigits='1x' holds more than"),
        ('transcriptionType="auto"', "transcriptionType"),
        ('transcriptionUrl="/x"', "transcriptionUrl"),
        ('transcriptionMethod="GET"', "transcriptionMethod"),
        ('mute="true"', "mute"),
    ],
)
def test_what_is_wrong_is_named_and_the_rest_goes_on(attributes, warning):
    plan = read(attributes)
    assert warning in " ".join(plan.warnings)
    if "maxMembers" not in attributes:  # which is cut to its range
        assert plan.steps == (Conference(line=1, element="Conference", room="My Room"),)


def test_a_room_has_a_name():
    with pytest.raises(DocumentError, match="<Conference> names no room"):
        read("", text=" ")


# What is told.

STANDARD = {
    "BillRate": "0.00000",
    "CallStatus": "in-progress",
    "CallUUID": "a-leg",
    "CallerName": "José",
    "Direction": "inbound",
    "From": "15551230000",
    "ParentAuthID": "MA1",
    "STIRAttestation": "Not Applicable",
    "STIRVerification": "Not Applicable",
    "SessionStart": "2024-10-25 14:13:37.779297",
    "To": "15550001111",
}
OF_THE_ROOM = {
    "ConferenceName": "My Room",
    "ConferenceUUID": "c-1",
    "ConferenceMemberID": "7",
}


@pytest.mark.parametrize(
    ("report", "name", "fields"),
    [
        (
            ReportEntered(FIRST),
            "conference-2-enter",
            {
                "Event": "ConferenceEnter",
                "ConferenceAction": "enter",
                "ConferenceFirstMember": "true",
            },
        ),
        (
            ReportLeft(STAY, last=False),
            "conference-2-exit",
            {
                "Event": "ConferenceExit",
                "ConferenceAction": "exit",
                "ConferenceLastMember": "false",
            },
        ),
        (
            ReportLeft(STAY, last=None),
            "conference-2-exit",
            {"Event": "ConferenceExit", "ConferenceAction": "exit"},
        ),
        (
            ReportDigits(STAY, "12", 3),
            "conference-2-digits-3",
            {
                "Event": "ConferenceDigitsMatch",
                "ConferenceAction": "digits",
                "ConferenceDigitsMatch": "12",
            },
        ),
        (
            ReportFloor(STAY, 1),
            "conference-2-floor-1",
            {"Event": "ConferenceFloor", "ConferenceAction": "floor"},
        ),
    ],
)
def test_the_callbacks(report, name, fields):
    (notice,) = plivo.conference_notices(INSIDE, ROOM, 2, report)
    assert notice.hook is CALLBACK
    assert notice.name == name
    assert dict(notice.fields) == STANDARD | OF_THE_ROOM | fields


def test_a_recording_is_the_rooms_and_no_calls():
    report = ReportRecording("c-1", RECORDED, over=False)
    (began,) = plivo.conference_notices(INSIDE, ROOM, 2, report)
    assert began.name == "conference-2-record-r-1-start"
    assert dict(began.fields) == {
        "Event": "ConferenceRecordStart",
        "ConferenceAction": "record",
        "ConferenceName": "My Room",
        "ConferenceUUID": "c-1",
        "ParentAuthID": "MA1",
        "RecordUrl": RECORDED.url,
        "RecordingID": "r-1",
        "RecordingDuration": "-1",
        "RecordingDurationMs": "-1",
        "RecordingStartMs": "1000500",
        "RecordingEndMs": "-1",
    }
    over = Recorded("r-1", RECORDED.url, 4200, 1000.5, 1005.0, "")
    (ended,) = plivo.conference_notices(GONE, ROOM, 2, ReportRecording("c-1", over, over=True))
    assert ended.name == "conference-2-record-r-1-stop"
    assert dict(ended.fields) == dict(began.fields) | {
        "Event": "ConferenceRecordStop",
        "RecordingDuration": "5",
        "RecordingDurationMs": "4200",
        "RecordingEndMs": "1005000",
    }


def test_nobody_is_told_who_did_not_ask():
    told = Conference(room="r")
    assert plivo.conference_notices(INSIDE, told, 1, ReportFloor(STAY, 1)) == ()
    assert plivo.conference_ended(INSIDE, told, 1, STAY, None) is None


def test_the_action_is_followed():
    followed = plivo.conference_ended(INSIDE, ROOM, 2, STAY, RECORDED)
    assert isinstance(followed, NextDocument)
    assert (followed.hook, followed.stage, followed.name) == (
        ACTION,
        Stage.ACTION,
        "conference-2-action",
    )
    assert dict(followed.fields) == OF_THE_ROOM | {
        "Event": "Redirect",
        "RecordUrl": RECORDED.url,
        "RecordingID": "r-1",
    }


@pytest.mark.parametrize(
    ("view", "room"),
    [(GONE, ROOM), (INSIDE, Conference(room="My Room", action=ACTION, follow_action=False))],
    ids=["the caller is gone", "redirect=false"],
)
def test_the_action_is_only_told(view, room):
    told = plivo.conference_ended(view, room, 1, STAY, None)
    assert isinstance(told, Notice)
    assert (told.hook, told.name) == (ACTION, "conference-1-action")
    status = {"CallStatus": view.status.value}
    assert dict(told.fields) == STANDARD | status | OF_THE_ROOM | {"Event": "Redirect"}


@pytest.mark.parametrize(
    ("which", "named"),
    [
        (RoomSound.ENTER, "enterSound"),
        (RoomSound.EXIT, "exitSound"),
        (RoomSound.WAIT, "waitSound"),
    ],
)
def test_a_sound_is_asked_for_by_its_name(which, named):
    assert dict(plivo.room_sound(ROOM, which)) == {
        "Event": "ConferenceRemoteSounds",
        "ConferenceAction": named,
        "ConferenceName": "My Room",
        "ConferenceUUID": "",
        "ConferenceMemberID": "",
    }
