"""<Speak>: text to be heard, or, with the engine's legacy type, a number, an amount, a time."""

from dialctl.dialects.xml import Reading
from dialctl.plan import Say, Speak, Step

ATTRIBUTES = frozenset({"language", "loop", "method", "type", "voice"})
MAX_LOOP = 1000  # of one Play or Speak; 0 stands for ever
MAX_TEXT = 3000  # characters, Plivo's own limit
LANGUAGES = (
    "da-DK",
    "nl-NL",
    "en-AU",
    "en-GB",
    "en-US",
    "fr-FR",
    "fr-CA",
    "de-DE",
    "it-IT",
    "pl-PL",
    "pt-PT",
    "pt-BR",
    "ru-RU",
    "es-ES",
    "es-US",
    "sv-SE",
)
# What FreeSWITCH's say modules know (mod_say_en.c, choose_callback), and how it is said.
KINDS = (
    "NUMBER",
    "ITEMS",
    "PERSONS",
    "MESSAGES",
    "CURRENCY",
    "TIME_MEASUREMENT",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_DATE_TIME",
    "SHORT_DATE_TIME",
    "TELEPHONE_NUMBER",
    "IP_ADDRESS",
    "NAME_SPELLED",
    "NAME_PHONETIC",
)
METHODS = ("PRONOUNCED", "ITERATED", "COUNTED")


def read(reading: Reading) -> Step | None:
    text = " ".join("".join(reading.element.itertext()).split())
    if len(reading.element):
        reading.note("its SSML markup is read as plain text")
    if not text:
        reading.warn("it says nothing and is skipped")
        return None
    if len(text) > MAX_TEXT:
        reading.warn(f"its text of {len(text)} characters is cut to {MAX_TEXT}")
        text = text[:MAX_TEXT]
    language = _language(reading)
    loop = reading.whole("loop", 1, 0, MAX_LOOP)
    kind = reading.choice("type", KINDS, "")
    method = reading.choice("method", METHODS, "PRONOUNCED")
    if kind:
        module = language.partition("-")[0] or "en"
        return Say(text=text, kind=kind, method=method, language=module, loop=loop, **reading.at)
    return Speak(text=text, voice=_voice(reading), language=language, loop=loop, **reading.at)


def _voice(reading: Reading) -> str:
    if reading.get("voice").startswith("Polly."):
        reading.note(f"voice={reading.get('voice')[:40]!r} is Amazon's; the configured one speaks")
        return ""
    return reading.choice("voice", ("WOMAN", "MAN"), "")


def _language(reading: Reading) -> str:
    """The engine's own documents say ``en``, without a country."""
    text = reading.get("language")
    return text if text == "en" else reading.choice("language", LANGUAGES, "")
