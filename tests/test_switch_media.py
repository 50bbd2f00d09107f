"""How long sounds last."""

import pytest
from dialctl.switch import media

from support.sounds import wav

MODULES = ("mod_shout",)


@pytest.mark.parametrize(
    ("sound", "seconds"),
    [
        ("silence_stream://1500", 1.5),
        ("silence_stream://300,1400", 0.3),
        ("silence_stream://-1", media.ENDLESS),
        ("tone_stream://%(2000,0,440)", 2.0),
        ("tone_stream://%(400,200,400,450)", 0.6),
        ("tone_stream://%(100,100,440);loops=3", 0.6),
        ("tone_stream://L=3;%(100,100,440)", 0.6),
        ("tone_stream://%(100,0,440);%(200,0,440)", 0.3),
        ("tone_stream://%(100,0,440);loops=-1", media.ENDLESS),
        # A semicolon inside the brackets ends the tone there. Seen: it lasts no time.
        ("tone_stream://%(500;0;440)", 0.0),
        ("{loops=2}silence_stream://100", 0.1),
        ("file_string://silence_stream://100!silence_stream://250", 0.35),
        ("local_stream://moh", media.ENDLESS),
        ("http://127.0.0.1/hello.wav", media.DEFAULT),
        ("hello.wav", media.DEFAULT),
        ("/sounds/nobody/has.wav", 0.0),
        ("", 0.0),
        ("silence_stream://", 0.0),
    ],
)
def test_a_sound_s_length(sound: str, seconds: float) -> None:
    assert media.seconds(sound) == pytest.approx(seconds)


def test_a_file_has_its_own_length(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav(0.3))
    assert media.seconds(str(path)) == pytest.approx(0.3)
    assert media.found(str(path), MODULES)
    (tmp_path / "b.mp3").write_bytes(b"ID3")
    assert media.seconds(f"file_string://{path}!{tmp_path}/b.mp3") == pytest.approx(1.3)


def test_what_cannot_be_opened(tmp_path):
    (tmp_path / "page.wav").write_text("<html>")
    assert not media.found(str(tmp_path / "page.wav"), MODULES)
    assert not media.found(str(tmp_path / "none.mp3"), MODULES)
    (tmp_path / "b.mp3").write_bytes(b"ID3")
    assert not media.found(str(tmp_path / "b.mp3"), ())
    assert media.found("ivr/of-the-switchs-own.wav", MODULES)


def test_speech_is_as_long_as_its_text() -> None:
    assert media.speech("Hello there my friend") == pytest.approx(1.5, abs=0.1)
    assert media.speech("") == 0
