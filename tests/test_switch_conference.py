"""Rooms of the double, beyond what the recordings replay."""

import pytest

from traces.controller import Lab


@pytest.fixture
def lab():
    with Lab() as made:
        yield made


def enter(lab, arguments="r", listens="Conference-Name r", **variables):
    """A call in a room, whose controller hears of that room."""
    a_leg, talk = lab.call(variables=variables)
    talk.start(f"Unique-ID {a_leg.uuid}", listens)
    talk.ask("event plain CUSTOM conference::maintenance")
    talk.execute("answer")
    talk.execute("conference", arguments, "c")
    return a_leg, talk


def room_event(talk, action):
    return talk.wait(lambda frame: frame.event == "CUSTOM" and frame.headers["Action"] == action)


def test_whoever_listens_hears_of_all_members(lab):
    _, one = enter(lab)
    first = room_event(one, "add-member").headers
    _, two = enter(lab, "r@p+flags{moderator}")
    second = room_event(one, "add-member").headers
    assert (first["Member-Type"], second["Member-Type"]) == ("member", "moderator")
    assert (first["Conference-Size"], second["Conference-Size"]) == ("1", "2")
    assert first["Conference-Unique-ID"] == second["Conference-Unique-ID"]
    assert int(second["Member-ID"]) == int(first["Member-ID"]) + 1
    assert two.reply("api conference r get count") == "2"


def test_a_filter_does_not_know_small_from_big_letters(lab):
    """Why the names of rooms that differ only so must differ otherwise too."""
    _, one = enter(lab, "x", "Conference-Name r")
    enter(lab, "R", "Conference-Name x")
    assert [room_event(one, "add-member").headers["Conference-Name"] for _ in "12"] == ["x", "R"]


def test_a_minus_keeps_events_away(lab):
    _, one = enter(lab)
    one.ask("filter Action -del-member")
    room_event(one, "add-member")
    two, _ = enter(lab)
    room_event(one, "add-member")
    two.hangup()
    one.ask("api conference r hup all")
    room_event(one, "hup-member")
    one.done("c")
    actions = [frame.headers["Action"] for frame in one.frames if frame.event == "CUSTOM"]
    assert "del-member" not in actions


def test_it_starts_with_a_moderator(lab):
    _, one = enter(lab, "r+flags{wait-mod}")
    room_event(one, "add-member")
    assert one.reply("api conference r get wait_mod") == "true"
    enter(lab, "r+flags{moderator}")
    room_event(one, "add-member")
    assert one.reply("api conference r get wait_mod") == "-ERR no reply\n"


def test_a_full_room_lets_nobody_in(lab):
    most = {"conference_max_members": "2"}
    for _ in range(2):
        _, inside = enter(lab, **most)
        room_event(inside, "add-member")
    _, late = enter(lab, **most)
    late.done("c")
    assert inside.reply("api conference r get count") == "2"


@pytest.mark.parametrize(("stays", "over"), [("false", False), ("", True)])
def test_who_ends_it_hangs_the_others_up_unless_they_said_otherwise(lab, stays, over):
    ann, one = enter(lab, hangup_after_conference=stays)
    room_event(one, "add-member")
    moderator, two = enter(lab, "r+flags{endconf}")
    room_event(two, "add-member")
    moderator.hangup()
    one.done("c")
    assert ann.wait(1) is over


def test_one_member_is_let_go_with_a_word(lab):
    _, one = enter(lab)
    number = room_event(one, "add-member").headers["Member-ID"]
    assert one.reply(f"api conference r hup {number}") == f"+OK hup {number}\n"
    one.done("c")
    room_event(one, "conference-destroy")


def test_what_is_played_is_over_in_its_time(lab):
    _, one = enter(lab)
    room_event(one, "add-member")
    sound = "tone_stream://%(500,0,440)"
    assert one.reply(f"api conference r play '{sound}'") == f"+OK (play) Playing file {sound}\n"
    assert room_event(one, "play-file-done").headers["milliseconds"] == "500"


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("conference x get count", "-ERR Conference x not found\n"),
        ("conference r", "Conference command, not specified.\nTry 'help'\n"),
        ("conference r dance", "-ERR Conference command 'dance' not found.\n"),
        ("conference r hup 99999", "-ERR Non-Existant ID 99999\n"),
        (
            "conference r recording pause /x",
            "+OK Pause recording file /x\n-ERR non-existant recording '/x'\n",
        ),
    ],
)
def test_commands_that_cannot_be(lab, command, reply):
    _, one = enter(lab)
    room_event(one, "add-member")
    assert one.reply(f"api {command}") == reply
