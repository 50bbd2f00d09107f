"""The control API on a real FreeSWITCH: what is asked of calls that are up."""

import json
import urllib.error
import urllib.request
from base64 import b64encode

import pytest

from .flow import ACCOUNT
from .numbers import response

PASSWORD = "a-token-of-the-tests"
BY_REQUEST = ("MANAGER_REQUEST", "API Request")


@pytest.fixture
def api(live):
    """The daemon with the control API; asks it as the account of the tests."""
    settings = dict(live.daemon.settings)
    settings["web"] = {**settings["web"], "control": True}
    settings["freeswitch"] = {
        "event_socket": f"127.0.0.1:{live.switch.event_port}",
        "password": "ClueCon",
    }
    live.daemon.stop()
    live.daemon.write("dialctl.yaml", settings)
    live.daemon.start()
    credentials = b64encode(f"{ACCOUNT}:{PASSWORD}".encode()).decode()

    def ask(method, path="", body=None):
        url = f"http://{settings['web']['listen']}/v1/Account/{ACCOUNT}/{path}"
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                said = answer.read()
                return answer.status, json.loads(said) if said else None
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    yield ask
    live.daemon.stop()
    live.daemon.write("dialctl.yaml", live.daemon.settings)
    live.daemon.start()


def rows(live, call, event):
    """HangupCause and source of what was told of it; B-legs' for DialHangup."""
    prefix = "DialBLeg" if event == "DialHangup" else ""
    told = [r.params for r in live.heard() if r.params["Event"] == event]
    return [(p[f"{prefix}HangupCause"], p[f"{prefix}HangupSource"]) for p in told]


@pytest.mark.parametrize(
    ("document", "legs"),
    [
        ("<Speak>Hello</Speak><Wait length='20'/>", 0),
        ("{dial:155530000}", 1),
        ("{dial:155510190}", 1),
    ],
    ids=["waiting", "ringing", "talking"],
)
def test_a_call_is_hung_up(live, api, document, legs):
    number = document.partition(":")[2].rstrip("}")
    live.script(live.told(number) if legs else response(document), action=response(""))
    call = live.call()
    assert live.web.wait_for(1)
    if legs:
        live.callees(1)
    live.switch.events.wait_for(lambda: False, 0.6)
    assert [c["call_uuid"] for c in api("GET", "Call/")[1]["objects"]] == [call.call_uuid]
    assert api("DELETE", f"Call/{call.call_uuid}/") == (204, None)
    call.ended()
    assert live.web.wait_for(2 + 2 * legs)
    live.switch.events.wait_for(lambda: bool(rows(live, call, "Hangup")), 5)
    assert rows(live, call, "Hangup") == [BY_REQUEST]
    assert rows(live, call, "DialHangup") == [BY_REQUEST] * legs
