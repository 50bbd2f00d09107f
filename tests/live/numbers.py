"""Callees by what they do, and documents that dial them. Seconds in steps of 0.1, at most 9.9."""

from xml.sax.saxutils import escape, quoteattr

# the first three digits choose a route in dialctl (see conftest.py); the callee does not mind them
DEAD = "661"  # a gateway on a closed port, and no other
UNKNOWN = "662"  # a gateway that the switch does not have
DEAD_FIRST = "663"  # the dead gateway, then carrier_b
TWO_CARRIERS = "664"  # carrier_a, then carrier_b
UNKNOWN_FIRST = "665"  # the unknown gateway, then carrier_b
NO_ROUTE = "4930123456"

# how a callee refuses: causes of Q.850, which the switch sends as 486, 603, 404, 503, 408, 480
BUSY, REJECTED, UNALLOCATED, UNAVAILABLE, TIMED_OUT, AWAY = 17, 21, 1, 41, 18, 19


def _tenths(seconds):
    return f"{round(seconds * 10):02d}"


def answers(ring=0.2, talk=0.5, route=""):
    return f"{route}15551{_tenths(ring)}{_tenths(talk)}"


def refuses(cause=BUSY, ring=0.0, route=""):
    return f"{route}15552{_tenths(ring)}{cause:02d}"


def rings(n=0, route=""):
    return f"{route}15553{n:04d}"


def silent(n=0):
    return f"15554{n:04d}"


def early_media(ring=0.3, talk=0.5):
    return f"15555{_tenths(ring)}{_tenths(talk)}"


def presses_five(ring=0.2, talk=1.0):
    """Answers, presses 5 half a second later, and talks for as long again as ``talk``."""
    return f"15556{_tenths(ring)}{_tenths(talk)}"


def refuses_with(status, ring=0.2):
    """With any SIP status, and a header of its own."""
    return f"15559{_tenths(ring)}{status}"


def speaks(greeting=0.5, silent=3.0, beep=0.0):
    """Answers at once, speaks after half a second, beeps half a second later, stays silent."""
    return f"15558{_tenths(greeting)}{_tenths(silent)}{_tenths(beep)}"


def early_media_for_ever():
    return "155570000"


def number(digits, **attributes):
    return f"<Number{_attributes(attributes)}>{escape(digits)}</Number>"


def user(uri):
    return f"<User>{escape(uri)}</User>"


def dial(*targets, **attributes):
    inner = "".join(t if t.startswith("<") else number(t) for t in targets)
    return f"<Dial{_attributes(attributes)}>{inner}</Dial>"


def response(*elements):
    return "<Response>" + "".join(elements) + "</Response>"


def _attributes(attributes):
    return "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
