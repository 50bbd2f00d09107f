"""mod_conference in words: hostile names in, commands out; events in, what they mean out."""

import re

import pytest
from dialctl.conference.model import Dismissed, Entered, FloorTaken, Joined, Left, Parted, Stay
from dialctl.esl import conference as words
from dialctl.esl.frames import Headers
from dialctl.plan import Conference

STAY = Stay(7, "c-1")


def step(**attributes):
    return Conference(room="r", **attributes)


def event(action, **headers):
    lines = {
        "Event-Name": "CUSTOM",
        "Event-Subclass": words.SUBCLASS,
        "Conference-Name": "dialctl-main-r",
        "Conference-Size": "2",
        "Conference-Unique-ID": "c-1",
        "Action": action,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Headers("".join(f"{name}: {value}\n" for name, value in lines.items()).encode())


@pytest.mark.parametrize(
    "room",
    [
        "r",
        "R",
        "my room",
        "a-b",
        "a_2db",
        "x@default+1234+flags{endconf}",
        "$" + "{system(id)}",
        "' ;\n|\\",
        "café",
        "cafe\u0301",
        "\u202e",
        "r" * 500,
        "r" * 501,
    ],
)
def test_a_rooms_name_is_harmless(room):
    assert re.fullmatch(r"dialctl-[a-z0-9_-]{1,92}", words.room_name("main", room))


def test_no_two_rooms_have_one_name():
    texts = ["r", "R", "_52", "a b", "a_b", "a-b", "a_2db", "é", "e", "r" * 500, "r" * 501, "-", ""]
    names = {words.room_name(app, room) for app in texts for room in texts}
    assert len(names) == len(texts) ** 2


def test_a_room_as_it_is_entered():
    assert words.arguments("dialctl-main-r", step()) == (
        "dialctl-main-r@dialctl+flags{wait-mod|moderator|dist-dtmf}"
    )
    quiet = step(starts=False, ends=True, muted=True, relay_digits=False)
    assert words.arguments("r", quiet) == "r@dialctl+flags{wait-mod|endconf|mute}"


@pytest.mark.parametrize(("most", "said"), [(20, "20"), (2, "2"), (1, "")])
def test_what_is_set_before(most, said):
    assert words.variables(step(max_members=most)) == (
        f"^^;conference_controls=none;conference_max_members={said};hangup_after_conference=false;"
        "conference_uuid="
    )


def test_commands():
    assert words.size("r") == "conference r get count"
    assert words.is_missing("-ERR conference Command not found!")
    assert not words.is_missing("-ERR Conference r not found")
    assert words.waits("r") == "conference r get wait_mod"
    assert words.variable("u", "conference_uuid") == "uuid_getvar u conference_uuid"
    assert words.leave("r", 7) == "conference r hup 7"
    assert words.close("r") == "conference r hup all"
    assert words.record("r", "/var/my calls/it's.mp3") == (
        "conference r record '/var/my calls/it\\'s.mp3'"
    )
    assert words.turn_recording("r", "pause", "/a\\b") == "conference r recording pause '/a\\\\b'"


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        (
            event(
                "add-member",
                Unique_ID="me",
                Member_ID="7",
                Member_Type="moderator",
                Event_Date_Timestamp="1500000",
            ),
            Entered(Stay(7, "c-1", since=1.5), 2, open=True),
        ),
        (
            event(
                "add-member",
                Unique_ID="me",
                Member_ID="7",
                Member_Type="member",
                Conference_Size="1",
            ),
            Entered(Stay(7, "c-1", first=True), 1, open=False),
        ),
        (
            event("add-member", Unique_ID="you", Member_Type="moderator"),
            Joined(2, starts=True),
        ),
        (event("add-member", Unique_ID="you", Member_Type="member"), Joined(2, starts=False)),
        (event("del-member", Unique_ID="me"), Left(2)),
        (event("del-member", Unique_ID="you"), Parted(2)),
        (event("hup-member", Unique_ID="me"), Dismissed()),
        (event("kick-member", Unique_ID="me"), Dismissed()),
        (event("hup-member", Unique_ID="you"), None),
        (event("floor-change", New_ID="7", Speak="true"), FloorTaken()),
        (event("floor-change", New_ID="7", Speak="false"), None),
        (event("floor-change", New_ID="8", Speak="true"), None),
        (event("floor-change", New_ID="none"), None),
        (event("conference-create"), None),
    ],
)
def test_what_an_event_says(said, meaning):
    assert words.room_event(said, "me", STAY) == meaning


def test_nobody_has_the_floor_before_the_room_is_entered():
    assert words.room_event(event("floor-change", New_ID="7", Speak="true"), "me", None) is None


def test_whose_event_it_is():
    assert words.is_of(event("add-member"), "dialctl-main-r")
    assert not words.is_of(event("add-member"), "dialctl-main-s")
    assert not words.is_of(event("add-member", Event_Subclass="callcenter::info"), "dialctl-main-r")


def test_a_sound_that_cannot_be_played():
    broken = event("play-file", File="http://x/caf\u00e9.wav", Error="File not found")
    assert words.file_problem(broken) == "http://x/caf?.wav"
    assert words.file_problem(event("play-file", File="http://x/ok.wav")) == ""
    assert words.file_problem(event("play-file-done", File="http://x/ok.wav")) == ""


def test_a_room_is_listened_to_and_left_alone():
    assert words.subscription("r", keys=True) == (
        b"filter Conference-Name r\n\n",
        b"filter Action -start-talking\n\n",
        b"filter Action -stop-talking\n\n",
        b"event plain CUSTOM conference::maintenance\n\n",
        b"event plain DTMF\n\n",
    )
    assert words.unsubscription("r", keys=True) == (
        b"filter delete Conference-Name r\n\n",
        b"filter delete Action -start-talking\n\n",
        b"filter delete Action -stop-talking\n\n",
        b"nixevent CUSTOM conference::maintenance\n\n",
        b"nixevent DTMF\n\n",
    )
    assert b"DTMF" not in b"".join(words.subscription("r", keys=False))
    assert b"DTMF" not in b"".join(words.unsubscription("r", keys=False))
