"""What the lab's parties did in the recordings, as far as the recordings do not tell."""

import re

from traces.recording import Frame, Row

# Its users, and where they were registered.
USERS = {"alice@lab.local": "ans-1-3@127.0.0.1:15080", "bob@lab.local": "ringing@127.0.0.1:15080"}
GATEWAYS = {"carrier"}

# Its callees, by the first word of their number, as scripts.
_SCRIPTS = {
    "ans": "answer:{0}:{1}",
    "em": "early:{0}:{1}",
    "rej": "fail:{0}",
    "ringrej": "fail:{1}:{0}",
    "ringing": "ring",
    "silent": "silent",
    # After RING and DELAY it presses DIGITS and talks on.
    "key": "answer:{0}:{talk};press={1}:{2}",
    # Half a second after the answer it speaks, then beeps.
    "says": "answer:{0}:{talk};says=0.5:0.6;beep=1.6:0.4",
    "x": "dead",
}
_DIALLED = re.compile(r"sofia/(?:internal|gateway/\w+)/([\w-]+)")

# (connection, seconds on the recording's clock, what A does); "kill" was said on the console.
ACTIONS: dict[str, tuple[tuple[int, float, str], ...]] = {
    "a-cancels-while-ringing": ((1, 1.70, "hangup NO_ANSWER"),),
    "single-answered-a-hangs-up": ((1, 5.34, "hangup"),),
    "hangup-on-star": ((1, 4.34, "press *"),),
    "digits-a-leg": ((1, 4.34, "press 123"),),
    "play-and-get-digits": ((1, 3.33, "press 4"), (1, 3.85, "press 2"), (1, 4.37, "press #")),
    "user-known": ((2, 8.03, "kill"),),
    "early-media-a-hangs-up": ((1, 2.84, "hangup"),),
    "enterprise-a-cancels": ((1, 1.775, "hangup NO_ANSWER"),),
    "reconnect": ((1, 1.6, "close"),),
    "conference-alone": ((1, 3.62, "press 5"),),
    "conference-full": ((2, 2.66, "hangup"),),
    "conference-two": ((1, 4.75, "hangup"),),
    "recordings-until-hangup": ((1, 4.27, "hangup"),),
}


def callees(rows: list[Row]) -> dict[str, str]:
    """Scripts for everybody whom a recording dials."""
    found = {}
    contacts = [f"sofia/internal/{contact}" for contact in USERS.values()]
    for text in (*contacts, *(row.text for row in rows if row.out)):
        for number in _DIALLED.findall(text):
            word, *arguments = number.split("-")
            if word in _SCRIPTS:
                talk = 0.0
                if word == "key":
                    talk = float(arguments[1]) + float(arguments[3])
                elif word == "says":
                    talk = 2.0 + float(arguments[1])
                found[number] = _SCRIPTS[word].format(*arguments, talk=talk)
    return found


def calls(rows: list[Row]) -> list[tuple[float, dict[str, str]]]:
    """When which call came in, as ``place_call`` takes it: what the switch told at each connect."""
    found: dict[str, tuple[float, dict[str, str]]] = {}
    for row in rows:
        told = Frame(row.text).headers
        if told.get("Event-Name") != "CHANNEL_DATA" or told["Call-Direction"] != "inbound":
            continue
        call = {
            "caller": told["Caller-Caller-ID-Number"],
            "destination": told["Caller-Destination-Number"],
            "caller_name": told.get("variable_sip_from_display", ""),
        }
        found.setdefault(told["Unique-ID"], (row.t, call))
    return list(found.values())
