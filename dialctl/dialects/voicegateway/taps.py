"""listen and transcribe, inside a dial: what is said in it, streamed or written down."""

import re

from dialctl.dialects.voicegateway.reading import Reading
from dialctl.http.retry import quoted
from dialctl.plan import MediaFork, Transcription

# It becomes a word of a command of the switch's: no blank, no quote, no backslash.
_WEBSOCKET = re.compile(r"wss?://[A-Za-z0-9._-]+(?::[0-9]{1,5})?(?:/[!#-&(-\[\]-~]*)?")
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{2,32}")


def listen(reading: Reading) -> MediaFork | None:
    given = reading.object("listen")
    if given is None:
        return None
    given.expect("metadata", "mixType", "sampleRate", "url")
    url = given.text("url")
    if not _WEBSOCKET.fullmatch(url):
        raise given.error("url", f"is {quoted(url)[:80]!r}, no ws:// or wss:// URL")
    return MediaFork(
        url=url,
        mix=given.choice("mixType", ("mono", "mixed", "stereo"), "mono"),
        sample_rate=given.whole("sampleRate", 8000, 8000, 48000),
        metadata=tuple(given.anything("metadata").items()),
    )


def transcribe(reading: Reading) -> Transcription | None:
    """Which engine it is the operator's module says, whatever vendor is named."""
    given = reading.object("transcribe")
    if given is None:
        return None
    given.expect("recognizer", "transcriptionHook")
    hook = given.hook("transcriptionHook")
    if hook is None:
        raise given.error("transcriptionHook", "is missing")
    recognizer = given.object("recognizer")
    if recognizer is None:
        return Transcription(hook)
    recognizer.expect("interim", "language", "vendor")
    language = recognizer.text("language", "en-US")
    if not _LANGUAGE.fullmatch(language):
        raise recognizer.error("language", f"is {quoted(language)[:40]!r}, no tag such as en-US")
    return Transcription(hook, language, recognizer.boolean("interim", False))
