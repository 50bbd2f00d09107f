"""Attributes that several elements have: text in, typed values out.

A method may be written in any case, as Restcomm reads it; what is neither GET nor POST is POST.
"""

from dialctl.dialects.xml import Reading
from dialctl.plan import Hook

MAX_SECONDS = 3600


def hook(reading: Reading, url: str, method: str) -> Hook | None:
    """The URL that attribute ``url`` has, to be asked as attribute ``method`` says."""
    text = reading.get(url)
    return Hook(reading.url(text), method_of(reading, method)) if text else None


def action(reading: Reading) -> Hook:
    """action and method; the document's own URL is the default."""
    url = reading.get("action")
    return Hook(
        reading.url(url) if url else reading.base_url,
        method_of(reading, "method"),
    )


def method_of(reading: Reading, name: str) -> str:
    text = reading.get(name)
    if text.upper() in ("GET", "POST"):
        return text.upper()
    if text:
        reading.warn(f"{name}={text[:40]!r} is neither GET nor POST; POST is taken")
    return "POST"


def sound(reading: Reading, text: str) -> str:
    """A sound's URL, relative or not, or a tone or stream of the switch's."""
    own = "://" in text and not text.lower().startswith(("http:", "https:"))
    return reading.sound(text if own else reading.url(text))
