"""What the flows of the Voice Gateway's dialect share: JSON answers, and what was told."""

import json
from dataclasses import replace

from dialctl.settings import DialectLimits, Dialects

from support.rawserver import eventually
from support.webapp import Answer

from .conftest import SETTINGS

LIMITS = DialectLimits(ring_timeout=60, targets=10)
TRUNKS = (("Twilio", ("sofia/gateway/b/{number}",)),)
VG = replace(
    SETTINGS,
    dialects=Dialects(voicegateway=LIMITS),
    routes=replace(SETTINGS.routes, trunks=TRUNKS),
)


def verbs(*given, **answer):
    """A document of these verbs, as an application answers it."""
    return Answer(json.dumps(given), content_type="application/json", **answer)


def phone(number, **more):
    return {"type": "phone", "number": number, **more}


def dial(*targets, **more):
    """A dial of the caller who hears the callee's own ringing, unless ``more`` says otherwise."""
    return {"verb": "dial", "answerOnBridge": True, "target": list(targets), **more}


def call(stage, *given, callees=None, documents=None, answer=None, **more):
    """Place a call to an application that answers with these verbs, and see it through."""
    more = {"settings": VG, "dialect": "voicegateway", "documents": documents or {}, **more}
    return stage.call(answer or verbs(*given), callees, **more)


def told(stage, *names):
    """Each request as a line: path, call_status, and the values named."""
    names = ("call_status", *names)
    return [
        " ".join([r.path, *(str(r.params.get(name, "-")) for name in names)])
        for r in stage.web.requests
    ]


def the(stage, path):
    """What the one request to this path said."""
    (found,) = [r for r in stage.web.requests if r.path == path]
    return found.params


def legs(stage, count=1):
    """The channels that were made for callees, once there are that many."""

    def made():
        return [channel for channel in stage.switch.channels.values() if not channel.inbound]

    assert eventually(lambda: len(made()) >= count)
    return made()
