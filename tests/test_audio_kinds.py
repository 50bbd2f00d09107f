"""Which kind of sound an answer is."""

import pytest
from dialctl.audio.kinds import MP3, WAV, kind

RIFF = b"RIFF\x24\x00\x00\x00WAVE"
FRAME = b"\xff\xfb\x90\x64" + bytes(8)
ID3 = b"ID3\x03" + bytes(8)
PAGE = b"<!DOCTYPE ht"


@pytest.mark.parametrize(
    ("content_type", "url", "head", "found"),
    [
        # what the server says goes first
        ("audio/x-wav", "http://x/a.mp3", ID3, WAV),
        ("Audio/MPEG; charset=binary", "http://x/a.wav", RIFF, MP3),
        # then the extension
        ("application/octet-stream", "http://x/a.WAV?b=c.mp3", ID3, WAV),
        ("", "http://x/a.mp3", RIFF, MP3),
        # then the bytes
        ("binary/x", "http://x/play", RIFF, WAV),
        ("", "http://x/play.php", ID3, MP3),
        ("", "http://x/", FRAME, MP3),
        ("", "http://x/", b"\xff\xf3\x40\xc0", MP3),
        # a reserved version; layer II; too short; nothing
        ("", "http://x/", b"\xff\xea\x90\x64", ""),
        ("", "http://x/", b"\xff\xfd\x90\x64", ""),
        ("", "http://x/", b"\xff", ""),
        ("", "http://x/", b"", ""),
        ("", "http://x/", b"RIFF\x24\x00\x00\x00AVI ", ""),
        # a page is no sound, whatever its URL; but some servers call everything a text
        ("text/html; charset=utf-8", "http://x/a.wav", PAGE, ""),
        ("application/json", "http://x/a.mp3", b'{"error": 1}', ""),
        ("text/plain", "http://x/a.mp3", RIFF, WAV),
    ],
)
def test_kind(content_type, url, head, found):
    assert kind(content_type, url, head) == found
