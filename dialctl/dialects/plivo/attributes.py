"""Attributes that several of Plivo's elements have: text in, typed values out.

What Plivo says of a value out of range is little; where it says nothing the documented default
is taken and a warning says so. A URL or method of an action or redirect has a hangup cause of
its own and is refused.
"""

from dialctl.dialects.xml import Reading
from dialctl.plan import Hook

MAX_NAME = 50


def method(reading: Reading, fault: str) -> str:
    text = reading.get("method") or "POST"
    if text not in ("GET", "POST"):
        raise reading.error(f"method={text!r} is neither GET nor POST", fault)
    return text


def action(reading: Reading) -> Hook | None:
    """action and method."""
    if not reading.get("action"):
        return None
    url = reading.url(reading.get("action"), "action url")
    return Hook(url, method(reading, "action method"))


def callback(reading: Reading) -> Hook | None:
    """callbackUrl and callbackMethod."""
    if not reading.get("callbackUrl"):
        return None
    url = reading.url(reading.get("callbackUrl"))
    return Hook(url, reading.choice("callbackMethod", ("GET", "POST"), "POST"))
