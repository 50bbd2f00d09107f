"""What is said to modules that stream and transcribe, and what they tell."""

import json

import pytest
from dialctl.esl import modules
from dialctl.esl.frames import Headers
from dialctl.plan import Hook, MediaFork, Transcription

HOOK = Hook("https://app.example.com/said")


def line(sent):
    """The one command among these bytes."""
    return sent.decode().splitlines()[0]


@pytest.mark.parametrize(("rate", "word"), [(8000, "8k"), (16000, "16k"), (24000, "24000")])
def test_a_stream_begins(rate, word):
    fork = MediaFork("wss://ears/in", "stereo", rate)
    command = f"api uuid_audio_fork a-leg start wss://ears/in stereo {word} "
    assert line(modules.start_fork("uuid_audio_fork", "a-leg", fork, {"a": 1})) == (
        command + '{"a":1}'
    )


@pytest.mark.parametrize(
    "text", ["it's 5 $", 'say "a"', "back\\slash", "a\nb\tc\rd\be\f", "José", "\\u0041", "${x}"]
)
def test_metadata_is_one_word_that_the_switch_does_not_take_apart(text):
    fork = MediaFork("wss://ears", "mono", 8000)
    word = line(modules.start_fork("fork", "a", fork, {text: text})).split(" ", 7)[7]
    assert not set(" '$\n") & set(word)
    assert '\\"' not in word
    assert "\\\\" not in word
    assert json.loads(word) == {text: text}


@pytest.mark.parametrize(("interim", "word"), [(False, ""), (True, " interim")])
def test_a_transcription_begins(interim, word):
    begun = modules.start_transcription("uuid_x", "a", Transcription(HOOK, "de-DE", interim))
    assert line(begun) == f"api uuid_x a start de-DE{word}"


def test_it_ends():
    assert line(modules.stop("uuid_x", "a")) == "bgapi uuid_x a stop"


def told(subclass, body):
    head = f"Event-Name: CUSTOM\nEvent-Subclass: {subclass}\nContent-Length: {len(body)}"
    return Headers(f"{head}\n\n{body}".encode())


def test_a_transcript():
    event = told("google_transcribe::transcription", '{"is_final": true}')
    assert modules.transcript(event, "uuid_google_transcribe") == {"is_final": True}
    assert modules.transcript(event, "uuid_aws_transcribe") is None


@pytest.mark.parametrize("body", ["", "no JSON", "[]"])
def test_a_transcript_that_is_none(body):
    with pytest.raises(ValueError, match=r"JSON|Expecting"):
        modules.transcript(told("x::transcription", body), "uuid_x")
