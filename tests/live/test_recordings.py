"""Recordings in the background, what the daemon serves of them, and a switch that cannot write."""

import urllib.request
import wave
from io import BytesIO

import pytest

from .numbers import answers, dial, refuses, response

BYE = "<Speak>bye</Speak>"


def record(live, **attributes):
    told = {"action": live.url("/record"), "callbackUrl": live.url("/ready"), "redirect": "false"}
    text = "".join(f' {name}="{value}"' for name, value in {**told, **attributes}.items())
    return f"<Record{text}/>"


def stories(live, call):
    """Once the call's end is told: what came, as path and Event."""
    over = live.web.wait_for(lambda got: [r for r in got if r.path == "/hangup"], 20)
    assert over, live.log()
    return [
        (r.path, r.params["Event"])
        for r in live.web.requests
        if r.params["CallUUID"] == call.call_uuid
    ]


def of(live, path):
    return [r.params for r in live.web.requests if r.path == path]


def fetched(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.headers["Content-Type"], answer.read()


def samples(url):
    """Channels and milliseconds of a wav that the daemon serves."""
    kind, body = fetched(url)
    assert kind == "audio/wav"
    with wave.open(BytesIO(body)) as file:
        return file.getnchannels(), file.getnframes() / 8


TOLD = [
    ("/answer", "StartApp"),
    ("/record", "Record"),
    ("/ready", "RecordStop"),
    ("/hangup", "Hangup"),
]


@pytest.mark.parametrize(("kind", "channels"), [("stereo", 2), ("mono", 1)])
def test_the_whole_call(live, kind, channels):
    """Through a bridge, until the caller hangs up; the last report but the hangup's."""
    document = record(live, recordSession="true", fileFormat="wav", recordChannelType=kind)
    live.script(response(document, dial(answers(0.2, 9))))
    call = live.call()
    call.answered()
    call.speaks(5)
    call.after(2.5, call.hang_up)
    assert stories(live, call) == TOLD
    (begun,), (ready,) = of(live, "/record"), of(live, "/ready")
    figures = ["RecordingDuration", "RecordingDurationMs", "RecordingStartMs", "RecordingEndMs"]
    assert {begun[name] for name in figures} == {"-1"}
    assert begun["RecordUrl"] == ready["RecordUrl"]
    assert ready["CallStatus"] == "completed"
    length = int(ready["RecordingDurationMs"])
    assert 1500 < length < 3200
    assert samples(ready["RecordUrl"]) == (channels, length)
    took = int(ready["RecordingEndMs"]) - int(ready["RecordingStartMs"])
    assert took == pytest.approx(length, abs=800)  # half a second may be held back (seen)


def test_mp3(live):
    live.script(response(record(live, recordSession="true"), '<Wait length="2"/>'))
    call = live.call()
    assert stories(live, call) == TOLD
    (ready,) = of(live, "/ready")
    kind, body = fetched(ready["RecordUrl"])
    assert kind == "audio/mpeg"
    assert len(body) > 1000


def test_our_clock_ends_it_in_a_bridge(live):
    """maxLength, while the two talk on."""
    document = record(live, recordSession="true", fileFormat="wav", maxLength="2")
    live.script(response(document, dial(answers(0.2, 4))))
    call = live.call()
    call.answered()
    call.speaks(6)
    assert stories(live, call) == TOLD
    (ready,) = of(live, "/ready")
    assert ready["CallStatus"] == "in-progress"
    took = int(ready["RecordingEndMs"]) - int(ready["RecordingStartMs"])
    assert took == pytest.approx(2000, abs=150)
    assert call.ended().at - call.answered().at > 4


def test_what_is_said_once_a_dial_is_connected(live):
    """Not the ringing, and not the Dial that nobody answers."""
    document = record(live, startOnDialAnswer="true", fileFormat="wav")
    live.script(response(document, dial(refuses()), dial(answers(1.5, 2.0))))
    call = live.call()
    call.answered()
    call.speaks(5)
    assert stories(live, call) == TOLD
    (ready,) = of(live, "/ready")
    channels, length = samples(ready["RecordUrl"])
    assert channels == 2
    assert length == pytest.approx(2000, abs=600)
    began = int(ready["RecordingStartMs"]) / 1000
    callee = live.callees(2)[-1]
    answered = live.switch.events.of(callee.uuid, "CHANNEL_ANSWER")[0].at
    assert began - answered == pytest.approx(0.05, abs=0.1)


def test_nobody_is_connected(live):
    live.script(response(record(live, startOnDialAnswer="true"), dial(refuses())))
    call = live.call()
    assert stories(live, call) == [TOLD[0], TOLD[1], TOLD[3]]
    assert "200" not in call.story()
    live.said("nobody was connected, nothing is recorded")


def test_two_at_once(live):
    """Each has its own file, length and reports."""
    first = record(live, recordSession="true", fileFormat="wav", maxLength="1")
    second = record(live, recordSession="true", fileFormat="wav", recordChannelType="mono")
    live.script(response(first, second, '<Wait length="3"/>'))
    call = live.call()
    assert [path for path, _ in stories(live, call)] == [
        "/answer",
        "/record",
        "/record",
        "/ready",
        "/ready",
        "/hangup",
    ]
    short, long = of(live, "/ready")
    assert int(short["RecordingDurationMs"]) < 1200
    assert int(long["RecordingDurationMs"]) > 2000
    assert [samples(ready["RecordUrl"])[0] for ready in (short, long)] == [2, 1]
    assert short["RecordingID"] != long["RecordingID"]


def test_the_actions_document_is_followed_while_it_records(live):
    document = record(live, recordSession="true", redirect="true")
    live.script(response(document, dial(answers())), record=response(BYE))
    call = live.call()
    assert stories(live, call) == TOLD
    assert not live.callees()


@pytest.fixture
def without_mp3(live):
    assert "+OK" in live.switch.events.api("unload mod_shout")
    yield
    assert "+OK" in live.switch.events.api("load mod_shout")


@pytest.mark.usefixtures("without_mp3")
@pytest.mark.parametrize("session", ["true", "false"])
def test_mp3_where_mod_shout_is_not_loaded(live, session):
    """Without it FreeSWITCH's own record application would end the call (seen)."""
    document = record(live, recordSession=session, maxLength="1", playBeep="false")
    live.script(response(document, '<Wait length="1"/>'))
    call = live.call()
    told = stories(live, call)
    assert sorted(told) == sorted(TOLD)
    (ready,) = of(live, "/ready")
    assert samples(ready["RecordUrl"])[1] == int(ready["RecordingDurationMs"])
    live.said("<Record>: FreeSWITCH has not loaded mod_shout and cannot write mp3; it is a wav")
