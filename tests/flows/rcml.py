"""RCML's call flows: its parties, its documents, and what its application was told.

The cast is that of Restcomm's test suite: bob calls; alice is a client, henrique a SIP address,
george a telephone, fotini another client.
"""

from dataclasses import replace

import gevent
import pytest
from dialctl.settings import UserRoute

from .conftest import ROUTES, SETTINGS

ALICE, FOTINI = "<Client>alice</Client>", "<Client>bob</Client>"
HENRIQUE = "<Sip>sip:henrique@sip.example.org</Sip>"
GEORGE = "<Number>1313</Number>"
ALL = ALICE + HENRIQUE + GEORGE

SETTINGS = replace(
    SETTINGS,
    routes=replace(
        ROUTES,
        users=(
            UserRoute("sip.example.org", ("sofia/internal/{user}@{domain}",)),
            *ROUTES.users,
        ),
        clients=("user/{name}@example.com",),
    ),
)


# Of a module whose flows are the same in both dialects.
BOTH = pytest.mark.parametrize("stage", ["rcml", "callapi"], indirect=True)


def dial(targets, action="/action", **attributes):
    """One Dial; no action: ``action=None``."""
    told = {"action": action, **attributes} if action else attributes
    said = "".join(f' {name}="{value}"' for name, value in told.items())
    return f"<Dial{said}>{targets}</Dial>"


def callees(**scripts):
    """By who they are in the cast."""
    names = {
        "alice": "alice@example.com",
        "fotini": "bob@example.com",
        "henrique": "henrique@sip.example.org",
        "george": "1313",
    }
    return {names.get(name, name): script for name, script in scripts.items()}


def place(stage, document, dialect="", documents=None, scripts=None, leaves=None, **more):
    """Bob calls, and the call runs to its end.

    ``leaves``: Bob hangs up as soon as that has happened to every leg that is up: ``ringing``
    or ``answered``.
    """
    more = {"settings": SETTINGS, "dialect": dialect or stage.dialect or "rcml", **more}
    if leaves:
        more["over"] = False
    a_leg = stage.call(document, callees(**(scripts or {})), documents=documents or {}, **more)
    if leaves:
        happens(stage, leaves)
        a_leg.hangup()
        stage.end(a_leg)
    return a_leg


def happens(stage, what):
    """Wait until that has happened to all legs that are up, and a little longer."""
    with gevent.Timeout(10):
        while not _all(stage, what):
            gevent.sleep(0.005)
    gevent.sleep(0.05)


def _all(stage, what):
    legs = {who for who, _, _ in stage.seen if who != "A"} & set(stage.switch.channels)
    return legs and all(any(seen[:2] == (leg, what) for seen in stage.seen) for leg in legs)


def asked(stage, path, *names):
    """The requests to a path, in order: each the values of these parameters."""
    found = [r.params for r in stage.web.requests if r.path == path]
    return [" ".join(params.get(name, "-") for name in names) for params in found]


def action(stage):
    """The one action request's parameters."""
    (found,) = [r for r in stage.web.requests if r.path == "/action"]
    return found.params


def outcome(stage):
    """Of the one action: status, seconds of ringing, seconds of talk."""
    told = action(stage)
    return told["DialCallStatus"], told["DialRingDuration"], told["DialCallDuration"]


def paths(stage):
    return [request.path for request in stage.web.requests]


def ends(stage):
    """The hangup causes of all legs, in the order in which they ended."""
    return [detail for who, what, detail in stage.seen if what == "hung up" and who != "A"]
