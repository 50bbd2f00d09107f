"""What is asked of the switch to hear a party, and what its events say."""

import pytest
from dialctl.dial.heard import BeepHeard, ListeningBegan, ListeningEnded, ListeningFailed
from dialctl.esl import hearing
from dialctl.esl.frames import Headers

FILE = "/tmp/dialctl-listens-u1.wav"


def event(name, file=FILE, **more):
    pairs = {"Event-Name": name, "Unique-ID": "u1", "Event-Date-Timestamp": "1500000"}
    pairs |= {"Record-File-Path": file, **more}
    return Headers(
        "\n".join(f"{key.replace('_', '-')}: {text}" for key, text in pairs.items()).encode()
    )


def test_a_recording_that_nobody_wants():
    assert hearing.scratch_file("/tmp/", "u1") == hearing.scratch_file("/tmp", "u1") == FILE
    app, argument = hearing.listen(FILE, 0.25, 1.2, 200, 10.85)
    assert app == "record_session"
    assert argument == (
        f"{FILE} +16 {{RECORD_READ_ONLY=true,RECORD_INITIAL_TIMEOUT_MS=250,"
        "RECORD_FINAL_TIMEOUT_MS=1200,RECORD_SILENCE_THRESHOLD=200,RECORD_PRE_BUFFER_FRAMES=0,"
        "RECORD_USE_THREAD=false,RECORD_MIN_SEC=100000}"
    )
    assert hearing.stop(FILE) == ("stop_record_session", FILE)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (event("RECORD_START"), ListeningBegan("u1", 1.5)),
        (
            event("RECORD_STOP", Record_Completion_Cause="success-silence"),
            ListeningEnded("u1", 1.5, spoke=True),
        ),
        (
            event("RECORD_STOP", Record_Completion_Cause="no-input-timeout"),
            ListeningEnded("u1", 1.5, spoke=False),
        ),
        (
            event("RECORD_STOP", Record_Completion_Cause="uri-failure"),
            ListeningFailed("u1", "uri-failure"),
        ),
        # It has hung up: the end of the leg says more.
        (
            event("RECORD_STOP", Record_Completion_Cause="input-too-short", Answer_State="hangup"),
            None,
        ),
        # A recording that somebody wants, and another channel's.
        (event("RECORD_START", file="/var/rec/u1.wav"), None),
        (event("RECORD_STOP", file="/tmp/dialctl-listens-u2.wav"), None),
        (event("CHANNEL_ANSWER", file=""), None),
        (event("CHANNEL_EXECUTE"), None),
        (event("CUSTOM", file="", Event_Subclass="avmd%3A%3Abeep"), BeepHeard("u1")),
        (event("CUSTOM", file="", Event_Subclass="google_transcribe%3A%3Atranscription"), None),
    ],
)
def test_what_an_event_says(told, meant):
    assert hearing.heard(told) == meant
