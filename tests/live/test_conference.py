"""Calls that meet in a room."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from .conftest import GET_APP
from .ear import Ear
from .live import TOLERANCE
from .numbers import response

WAIT = "<Play>tone_stream://%(5000,0,1000)</Play>"
BYE = "<Play>tone_stream://%(300,0,700)</Play>"
# what the shipped profile of conference.conf would play; see conf/freeswitch.xml
SHIPPED = (1900, 500, 300)


def conference(live, room="room", **attributes):
    urls = {"callbackUrl": live.url("/callback"), "action": live.url("/action")}
    text = "".join(f" {name}={quoteattr(value)}" for name, value in {**urls, **attributes}.items())
    return f"<Conference{text}>{room}</Conference>"


def start(live, *documents, **others):
    """One call for each document, in turn: the next one calls when the last one is in."""
    live.script([response(document) for document in documents], **others)
    calls = []
    for _ in documents:
        calls.append(live.call(from_number=f"1555000000{len(calls)}"))
        told(live, calls[-1], "enter")
    return calls


def told(live, call, action, path="/callback"):
    found = live.web.wait_for(
        lambda got: [
            r
            for r in got
            if r.path == path
            and r.params.get("CallUUID") == call.call_uuid
            and r.params.get("ConferenceAction") in (action, None)
        ],
        10,
    )
    assert found, f"{action} did not come to {path}:\n{live.log()}"
    return found[-1].params


def actions(live, call):
    """What the application was told of this call, in order, and how often."""
    return [
        r.params.get("ConferenceAction", r.params["Event"])
        for r in live.web.requests
        if r.params.get("CallUUID") == call.call_uuid and r.path != "/answer"
    ]


def hung_up(live, call):
    found = live.web.wait_for(
        lambda got: [
            r for r in got if r.path == "/hangup" and r.params["CallUUID"] == call.call_uuid
        ],
        10,
    )
    assert found, live.log()
    return found[0].params


def talk(live, call, tone, milliseconds=600):
    live.switch.events.api(
        f"uuid_broadcast {call.uuid} tone_stream://%({milliseconds},0,{tone}) aleg"
    )


def ear(live, call, name):
    return Ear(live.switch, call, live.recordings / f"ear-{name}.wav")


def test_alone_with_a_wait_sound_until_the_caller_hangs_up(live):
    document = conference(live, "My Room", waitSound=live.url("/wait"), enterSound="beep:1")
    (ann,) = start(live, document, wait=response(WAIT))
    hears = ear(live, ann, "alone")
    ann.after(1.5, ann.hang_up)
    ann.ended()
    over = hung_up(live, ann)
    assert (over["HangupSource"], over["HangupCauseCode"]) == ("Caller", "4000")
    assert actions(live, ann) == ["waitSound", "enter", "exit", "Redirect", "Hangup"]
    came, went = told(live, ann, "enter"), told(live, ann, "exit")
    assert came["ConferenceFirstMember"] == went["ConferenceLastMember"] == "true"
    ids = {name: came[name] for name in ("ConferenceName", "ConferenceUUID", "ConferenceMemberID")}
    action = told(live, ann, None, "/action")
    assert ids["ConferenceName"] == "My Room"
    assert ids.items() <= went.items()
    assert ids.items() <= action.items()
    assert action["CallStatus"] == "completed"
    heard = hears.heard(1000, *SHIPPED)
    assert heard[1000] > 1
    assert not any(heard[tone] for tone in SHIPPED), heard


def test_two_meet_and_one_leaves(live):
    ann, bob = start(
        live, *[conference(live, waitSound=live.url("/wait"))] * 2, wait=response(WAIT)
    )
    hears = ear(live, ann, "two")
    assert told(live, bob, "enter")["ConferenceFirstMember"] == "false"
    talk(live, bob, 440)
    bob.after(1.2, bob.hang_up)
    assert told(live, bob, "exit")["ConferenceLastMember"] == "false"
    ann.after(1.0, ann.hang_up)
    assert told(live, ann, "exit")["ConferenceLastMember"] == "true"
    hung_up(live, ann), hung_up(live, bob)
    heard = hears.heard(440, 1000)
    assert heard[440] > 0.3
    assert 0.5 < heard[1000] < 1.4  # once bob has gone


def test_a_moderator_starts_it_and_ends_it(live):
    waiting = conference(
        live, startConferenceOnEnter="false", waitSound=live.url("/wait"), stayAlone="true"
    )
    moderator = conference(live, endConferenceOnExit="true")
    ann, bob, mod = start(
        live, waiting, waiting, moderator, wait=response(WAIT), action=response(BYE)
    )
    hears = ear(live, ann, "moderated")
    talk(live, bob, 440)
    mod.after(1.2, mod.hang_up)
    for call in (ann, bob):
        assert hung_up(live, call)["HangupCauseCode"] == "4010"
        assert actions(live, call) == ["waitSound", "enter", "exit", "Redirect", "Hangup"]
    heard = hears.heard(440, 700, 1000)
    assert heard[440] > 0.3
    assert heard[700] > 0.1  # the action's document
    assert heard[1000] < 0.3


def test_nobody_is_heard_before_it_starts(live):
    ann, bob = start(live, *[conference(live, startConferenceOnEnter="false")] * 2)
    hears = ear(live, ann, "waiting")
    talk(live, bob, 440)
    ann.after(1.0, ann.hang_up)
    bob.after(1.0, bob.hang_up)
    hung_up(live, ann), hung_up(live, bob)
    assert hears.heard(440, *SHIPPED)[440] == 0


def test_who_comes_later_does_not_wait(live):
    """Also when whoever started it has left again."""
    waits = {"waitSound": live.url("/wait")}
    documents = [
        conference(live),
        conference(live),
        conference(live, startConferenceOnEnter="false", **waits),
    ]
    ann, mod = start(live, *documents[:2], wait=response(WAIT))
    mod.hang_up()
    hung_up(live, mod)
    live.web.script({"/answer": response(documents[2]), "/wait": response(WAIT)})
    late = live.call(from_number="15550000009")
    told(live, late, "enter")
    hears = ear(live, late, "late")
    talk(live, ann, 440)
    late.after(1.2, late.hang_up)
    hung_up(live, late)
    ann.hang_up()
    hung_up(live, ann)
    heard = hears.heard(440, 1000)
    assert heard[440] > 0.3
    assert heard[1000] == 0


@pytest.mark.parametrize("relay", ["true", "false"])
def test_digits_and_star(live, relay):
    ann, bob = start(
        live,
        conference(live, digitsMatch="12,#0", hangupOnStar="true", relayDTMF=relay),
        conference(live),
        action=response(BYE),
    )
    ann.press("3")
    ann.after(0.6, ann.press, "12")
    assert told(live, ann, "digits")["ConferenceDigitsMatch"] == "12"
    ann.after(0.2, ann.press, "*")
    assert hung_up(live, ann)["HangupCauseCode"] == "4010"
    assert actions(live, ann) == ["enter", "digits", "exit", "Redirect", "Hangup"]
    keys = [key["DTMF-Digit"] for key in live.switch.events.of(bob.uuid, "DTMF")]
    assert keys[:1] == (["3"] if relay == "true" else [])
    bob.hang_up()
    hung_up(live, bob)


def test_muted_and_who_has_the_floor(live):
    ann, bob = start(
        live, conference(live, floorEvent="true"), conference(live, muted="true", floorEvent="true")
    )
    hears = ear(live, ann, "muted")
    told(live, ann, "floor")
    talk(live, bob, 440)
    talk(live, ann, 600)
    bob.after(1.2, bob.hang_up)
    ann.after(1.2, ann.hang_up)
    hung_up(live, ann), hung_up(live, bob)
    assert "floor" not in actions(live, bob)
    assert hears.heard(440)[440] == 0


def test_enter_and_exit_sounds_are_heard_in_the_room(live):
    spoken = '<Play>tone_stream://%(300,0,1000)</Play><Wait length="1"/><Speak>gone</Speak>'
    ann, bob = start(
        live,
        conference(live, enterSound="beep:2", exitSound="beep:1"),
        conference(live, enterSound="beep:1", exitSound=live.url("/gone")),
        gone=response(spoken),
    )
    hears = ear(live, ann, "sounds")
    bob.after(0.8, bob.hang_up)
    hung_up(live, bob)
    ann.after(3.0, ann.hang_up)
    hung_up(live, ann)
    heard = hears.heard(700, 1000, *SHIPPED)
    assert heard[700] >= 0.1
    assert heard[1000] >= 0.2
    assert heard[""] > 0.2  # the spoken word
    assert "exitSound" in actions(live, bob)


@pytest.mark.parametrize("alone", ["true", "false"])
def test_the_room_is_recorded(live, alone):
    document = conference(
        live, record="true", recordFileFormat="wav", recordWhenAlone=alone, redirect="false"
    )
    ann, bob = start(live, document, conference(live))
    talk(live, bob, 440, 900)
    ann.after(1.2, ann.hang_up)  # whoever began it
    hung_up(live, ann)
    action = told(live, ann, None, "/action")
    bob.after(0.5, bob.hang_up)
    hung_up(live, bob)
    records = live.web.wait_for(
        lambda got: (
            len(found := [r.params for r in got if r.params.get("ConferenceAction") == "record"])
            > 1
            and found
        )
    )
    assert records, live.log()
    begun, over = records
    assert (begun["Event"], over["Event"]) == ("ConferenceRecordStart", "ConferenceRecordStop")
    assert action["RecordUrl"] == begun["RecordUrl"] == over["RecordUrl"]
    assert action["RecordingID"] == over["RecordingID"]
    assert "CallUUID" not in over
    assert over["ConferenceUUID"] == action["ConferenceUUID"]
    assert "RecordUrl" not in told(live, bob, None, "/action")
    length = int(over["RecordingDurationMs"])
    assert length > (1500 if alone == "true" else 900)
    assert len(records) == 2
    file = Path(live.recordings, Path(over["RecordUrl"]).name)
    assert file.stat().st_size == pytest.approx(length * 16, rel=0.1, abs=2000)


def test_its_time_is_up(live):
    ann, bob = start(live, conference(live, timeLimit="2"), conference(live), action=response(BYE))
    came, left = None, None
    assert hung_up(live, ann)["HangupCauseCode"] == "4010"
    assert hung_up(live, bob)["HangupCauseCode"] == "4010"
    at = {
        (r.params.get("ConferenceAction"), r.params["CallUUID"]): r.at
        for r in live.web.requests
        if r.path == "/callback"
    }
    came, left = at["enter", ann.call_uuid], at["exit", ann.call_uuid]
    assert left - came == pytest.approx(2.0, abs=TOLERANCE)


def test_left_alone(live):
    ann, bob = start(live, conference(live, stayAlone="false"), conference(live))
    bob.hang_up()
    assert hung_up(live, ann)["HangupCauseCode"] == "8012"  # the action answers nothing
    assert actions(live, ann) == ["enter", "exit", "Redirect", "Hangup"]
    hung_up(live, bob)


def test_a_full_room_is_skipped(live):
    document = conference(live, maxMembers="1") + BYE
    (ann,) = start(live, document)
    live.web.script({"/answer": response(document)})
    bob = live.call(from_number="15550000002")
    assert hung_up(live, bob)["HangupCauseCode"] == "4010"
    assert actions(live, bob) == ["Hangup"]
    ann.hang_up()
    hung_up(live, ann)


def test_rooms_of_one_name_in_two_apps_are_two_rooms(live):
    live.script(response(conference(live)))
    ann, bob = live.call(), live.call(GET_APP)
    came = [told(live, call, "enter") for call in (ann, bob)]
    assert [one["ConferenceFirstMember"] for one in came] == ["true", "true"]
    assert len({one["ConferenceUUID"] for one in came}) == 2
    for call in (ann, bob):
        call.hang_up()
        hung_up(live, call)
