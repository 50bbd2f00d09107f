"""Whoever asks the control API in a test."""

import json
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import replace

from dialctl.settings import FreeSwitch

from support.ports import free_port

from .conftest import SETTINGS

TOKEN = "the-operators-token"
ACCOUNT = {"auth_id": "MAONE000000000000001", "auth_token": "the-token-of-one"}


def settings(**more):
    """With the control API on a port of its own."""
    web = replace(SETTINGS.web, listen=f"127.0.0.1:{free_port()}", token=TOKEN, control=True)
    freeswitch = FreeSwitch(event_socket=f"127.0.0.1:{free_port()}", password="a-password")
    return replace(SETTINGS, **{"web": web, "freeswitch": freeswitch, **more})


def basic(user, password):
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def ask(stage, method, path, body=None, *, auth=f"Bearer {TOKEN}", kind="application/json"):
    """Status, and the JSON that was answered, None for none."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": kind, **({"Authorization": auth} if auth else {})}
    url = f"http://{stage.settings.web.listen}{path}"
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            said = answer.read()
            return answer.status, json.loads(said) if said else None
    except urllib.error.HTTPError as error:
        said = error.read()
        return error.code, json.loads(said) if said.startswith(b"{") else None
