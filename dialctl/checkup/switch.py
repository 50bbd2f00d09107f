"""What FreeSWITCH says of itself, and what that means for us. Pure.

Source: mod_commands.c (module_exists, strepoch), sofia.c (sofia status gateway, profile).
"""

import re
from collections.abc import Iterator

from dialctl.checkup.model import Finding, ok, unknown, wrong
from dialctl.settings import Routes, Settings

SKEW = 1.0  # seconds that two clocks may differ
LOAD = "load it: conf/autoload_configs/modules.conf.xml, `fs_cli -x 'load {}'`"
# Without those nothing works; the others are missed by what they are for.
NEEDED = ("mod_commands", "mod_dialplan_xml", "mod_dptools", "mod_event_socket", "mod_sofia")
WANTED = (
    ("mod_hash", "a call that changes its controller is told of without durations"),
    ("mod_tone_stream", "no beep and no ringing tone is heard"),
    ("mod_sndfile", "no wav is played or recorded"),
    ("mod_shout", "no mp3 is played; recordings are wav"),
    ("mod_conference", "<Conference> is skipped"),
    ("mod_say_en", '<Speak type="..."> is not heard'),
)
_ENDPOINT = re.compile(r"sofia/(?:gateway/(?P<gateway>[^/{}]+)|(?P<profile>[^/{}]+))/")


def clock(theirs: str, ours: float) -> Finding:
    """``theirs`` is ``strepoch``'s answer; it has whole seconds."""
    if not re.fullmatch(r"\d{1,12}", theirs):
        return unknown(f"clocks: FreeSWITCH does not tell its own: {theirs[:60]!r}")
    skew = int(theirs) + 0.5 - ours
    if abs(skew) > SKEW + 0.5:
        remedy = "FreeSWITCH took its time from another clock; `fs_cli -x 'fsctl sync_clock'`"
        return wrong(f"clocks: FreeSWITCH's differs by {skew:+.0f} s from this machine's", remedy)
    return ok("clocks: FreeSWITCH's is this machine's")


def modules(settings: Settings) -> Iterator[tuple[str, str]]:
    """Those that are looked for, and what is lost without each; '' everything."""
    yield from ((name, "") for name in NEEDED)
    yield from WANTED
    engine = settings.speech.engine
    if engine == "flite":
        yield "mod_flite", "<Speak> is not heard"
    if settings.modules.machine_detection:
        yield f"mod_{settings.modules.machine_detection}", "no beep of a machine is heard"


def module(name: str, lost: str, said: str) -> Finding:
    if said == "true":
        return ok(f"module: {name}")
    remedy = LOAD.format(name)
    if not lost:
        return wrong(f"module: {name} is not loaded, and nothing works without it", remedy)
    return wrong(f"module: {name} is not loaded: {lost}", remedy)


def ways(routes: Routes) -> list[tuple[str, str]]:
    """The gateways and profiles that routes.yaml names: kind and name, each once."""
    endpoints = [
        *(endpoint for route in routes.numbers for endpoint in route.endpoints),
        *(endpoint for route in routes.users for endpoint in route.endpoints),
        *(endpoint for _, endpoints in routes.trunks for endpoint in endpoints),
        *routes.clients,
    ]
    found = []
    for endpoint in endpoints:
        if match := _ENDPOINT.match(endpoint):
            kind = "gateway" if match["gateway"] else "profile"
            found.append((kind, match[kind]))
    return list(dict.fromkeys(found))


def way(kind: str, name: str, said: str) -> Finding:
    """What ``sofia status`` says of it."""
    if said.startswith(("Invalid", "-ERR")):
        remedy = f"write it into FreeSWITCH's SIP profiles, or another {kind} into routes.yaml"
        return wrong(f"routes.yaml: FreeSWITCH knows no {kind} {name}", remedy)
    status, state = (re.search(rf"^{word}\s+(\S+)", said, re.M) for word in ("Status", "State"))
    if status and status[1] != "UP":
        remedy = "every Dial through it fails over or fails (5020) until it answers"
        return wrong(f"routes.yaml: {kind} {name} is {status[1]}", remedy)
    if state and state[1] not in ("REGED", "NOREG"):
        remedy = "calls through it may be refused until it is registered"
        return wrong(f"routes.yaml: {kind} {name} is not registered: {state[1]}", remedy)
    return ok(f"routes.yaml: {kind} {name}")
