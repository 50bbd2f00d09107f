"""Which kind of sound an answer is: wav or mp3, what Plivo's Play takes. Pure.

What the server says goes first, then the URL's extension, then the first bytes. FreeSWITCH goes
by the extension of a file's name, so the kind becomes that.
"""

from urllib.parse import urlsplit

WAV = "wav"
MP3 = "mp3"
KINDS = (WAV, MP3)

_BY_TYPE = {
    "audio/wav": WAV,
    "audio/wave": WAV,
    "audio/x-wav": WAV,
    "audio/x-pn-wav": WAV,
    "audio/vnd.wave": WAV,
    "audio/mpeg": MP3,
    "audio/mpeg3": MP3,
    "audio/x-mpeg": MP3,
    "audio/x-mpeg-3": MP3,
    "audio/mp3": MP3,
    "audio/x-mp3": MP3,
    "audio/mpg": MP3,
}
_BY_EXTENSION = {"wav": WAV, "wave": WAV, "mp3": MP3}
_TEXTS = ("text/", "application/json", "application/xml", "application/xhtml")

HEAD = 12  # bytes that tell a kind


def kind(content_type: str, url: str, head: bytes) -> str:
    """WAV or MP3; '' for what is no sound. ``head`` holds the first HEAD bytes."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in _BY_TYPE:
        return _BY_TYPE[media_type]
    if media_type.startswith(_TEXTS):
        return _by_bytes(head)  # a page that says "not found" is no sound, whatever its URL
    return _BY_EXTENSION.get(_extension(url), "") or _by_bytes(head)


def _extension(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2].rpartition(".")[2].lower()


def _by_bytes(head: bytes) -> str:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return WAV
    # ISO/IEC 11172-3: eleven bits of sync, a version that is not the reserved one, layer III.
    synced = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[1] & 0x18 != 0x08
    return MP3 if synced or head[:3] == b"ID3" else ""
