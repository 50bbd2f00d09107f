"""What somebody shall hear, as FreeSWITCH is told."""

import pytest
from dialctl.esl import sounds
from dialctl.plan import Hangup, Play, Say, Speak, Wait
from dialctl.settings import Speech

FLITE = Speech()
HELLO = Play(source="http://x/hello.wav")
WORLD = Play(source="http://x/world!.wav", loop=2)


@pytest.mark.parametrize(
    ("step", "application"),
    [
        (HELLO, ("playback", "http://x/hello.wav")),
        (Wait(seconds=1.5), ("playback", "silence_stream://1500")),
        (Speak(text="a|b $" + "{c}", voice="MAN"), ("speak", "flite|kal|a b  c")),
        (Speak(text="a", voice="x"), ("speak", f"flite|{FLITE.voice}|a")),
        (
            Say(text="4'2", kind="NUMBER", method="ITERATED", language="fr"),
            ("say", "fr NUMBER ITERATED '4 2'"),
        ),
    ],
)
def test_a_channel_hears(step, application):
    assert sounds.application(step, FLITE) == application


def test_other_engines_have_voices_of_their_own():
    other = Speech(engine="unimrcp", voice="eva")
    assert sounds.application(Speak(text="a", voice="MAN"), other)[1] == (
        "unimrcp|eva|{voice-gender=male}a"
    )


def test_nobody_hears_a_hangup():
    with pytest.raises(ValueError, match="<Hangup> is nothing to hear"):
        sounds.application(Hangup(cause="", element="Hangup"), FLITE)


def test_beeps():
    assert sounds.beeps(1) == "tone_stream://%(300,200,700)"
    assert sounds.beeps(2) == "tone_stream://L=2;%(300,200,700)"


def test_a_room_hears_sounds_in_one_command_and_each_text_in_its_own():
    steps = (HELLO, WORLD, Speak(text="#1 [two]", voice="WOMAN", loop=2), HELLO)
    assert sounds.in_room("r", steps, FLITE) == (
        "conference r play 'file_string://"
        "http://x/hello.wav!http://x/world%21.wav!http://x/world%21.wav'",
        "conference r say {tts_engine=flite,tts_voice=slt} 1 [two]",
        "conference r say {tts_engine=flite,tts_voice=slt} 1 [two]",
        "conference r play 'http://x/hello.wav'",
    )


def test_nothing_is_for_ever_in_a_room():
    for_ever = (Play(source="a.wav", loop=0), Wait(seconds=1))
    assert sounds.in_room("r", for_ever, FLITE) == (
        "conference r play 'file_string://a.wav!silence_stream://1000'",
    )
    (said,) = sounds.in_room("r", (Speak(text="a", loop=0),), FLITE)
    assert said.endswith("} a")


def test_a_room_is_spoken_to_what_it_cannot_be_said():
    other = Speech(engine="other", voice="{language}")
    say = Say(text="42", kind="NUMBER", method="PRONOUNCED", language="fr")
    assert sounds.in_room("r", (say,), other) == (
        "conference r say {tts_engine=other,tts_voice=fr} 42",
    )


def test_a_room_hears_no_more_than_freeswitch_takes():
    many = (Play(source="a.wav", loop=1000),)
    (command,) = sounds.in_room("r", many, FLITE)
    assert command.count("a.wav") == sounds.MOST_PARTS
    assert len(sounds.in_room("r", (Speak(text="a", loop=99),), FLITE)) == 10
