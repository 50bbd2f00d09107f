"""The control API on a real FreeSWITCH: what is asked of calls that are up."""

import json
import urllib.error
import urllib.request
from base64 import b64encode

import pytest
from plivo import RestClient
from plivo.rest import client

from .flow import ACCOUNT
from .numbers import DEAD_FIRST, response

PASSWORD = "a-token-of-the-tests"
TOKEN = "the-operators-token"
BY_REQUEST = ("MANAGER_REQUEST", "API Request")


@pytest.fixture
def api(live):
    """The daemon with the control API; asks it as the account of the tests."""
    settings = dict(live.daemon.settings)
    secret = live.daemon.folder / "token"
    secret.write_text(TOKEN)
    secret.chmod(0o600)
    settings["web"] = {**settings["web"], "control": True, "token_file": str(secret)}
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

    def operator(path, method="GET"):
        headers = {"Authorization": f"Bearer {TOKEN}"}
        url = f"http://{settings['web']['listen']}{path}"
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers, method=method), timeout=5
        ) as answer:
            said = answer.read()
        return json.loads(said) if said else None

    live.operator = operator
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


@pytest.fixture
def sdk(live, api, monkeypatch):
    base = f"http://{live.daemon.settings['web']['listen']}/v1/Account"
    for name in ("API_VOICE_BASE_URI", "PLIVO_API_BASE_URI"):
        monkeypatch.setattr(client, name, base)
    return RestClient(ACCOUNT, PASSWORD)


def made(live, sdk, number, **more):
    """The call's UUID, which is its request's."""
    urls = {
        "answer_url": live.url("/answer"),
        "ring_url": live.url("/ring"),
        "hangup_url": live.url("/ended"),
    }
    request = sdk.calls.create("+15550001111", number, **{**urls, **more}).request_uuid
    live.called_out(request)
    return request


def told(live, *names):
    return [
        (r.path, r.params["Event"], *(r.params.get(name, "-") for name in names))
        for r in live.heard()
    ]


def test_plivos_sdk_makes_a_call(live, sdk):
    live.script(response("<Speak>Hello</Speak><Wait length='10'/>"))
    request = made(live, sdk, "155510590", caller_name="Plivo, Inc. [x]")
    assert live.web.wait_for(1)
    assert sdk.live_calls.get(request).call_status == "ringing"
    assert live.web.wait_for(2)
    live.switch.events.wait_for(lambda: False, 0.3)
    (listed,) = sdk.calls.list().objects
    assert (listed.call_uuid, listed.call_direction) == (request, "outbound")
    assert sdk.live_calls.get(request).request_uuid == request
    assert sdk.live_calls.list_ids().calls == [request]
    sdk.calls.hangup(request)
    assert live.web.wait_for(3)
    names = ("CallStatus", "Direction", "From", "To", "RequestUUID", "HangupSource")
    common = ("outbound", "15550001111", "155510590", request)
    assert told(live, *names) == [
        ("/ring", "Ring", "ringing", *common, "-"),
        ("/answer", "StartApp", "in-progress", *common, "-"),
        ("/ended", "Hangup", "completed", *common, "API Request"),
    ]
    (callee,) = live.callees(1)
    assert callee["Caller-Caller-ID-Number"] == "+15550001111"


@pytest.mark.parametrize(
    ("number", "rang", "status", "cause", "code", "source"),
    [
        ("155520017", False, "busy", "USER_BUSY", "3010", "Callee"),
        ("155520321", True, "busy", "CALL_REJECTED", "3020", "Callee"),
        ("155520001", False, "failed", "UNALLOCATED_NUMBER", "3050", "Carrier"),
        ("sip:nobody@nowhere.example", False, "failed", "SUBSCRIBER_ABSENT", "2020", "Plivo"),
    ],
)
def test_a_call_that_fails_is_told(live, sdk, number, rang, status, cause, code, source):
    live.script()
    made(live, sdk, number)
    assert live.web.wait_for(1 + rang, 8)
    live.switch.events.wait_for(lambda: False, 0.3)
    names = ("CallStatus", "HangupCause", "HangupCauseCode", "HangupSource", "Duration")
    ring = [("/ring", "Ring", "ringing", "-", "-", "-", "-")] if rang else []
    assert told(live, *names) == [*ring, ("/ended", "Hangup", status, cause, code, source, "0")]


def test_the_next_carrier_is_tried(live, sdk):
    live.script(response("<Hangup/>"))
    sdk.calls.create(
        "15550001111", f"{DEAD_FIRST}155510190", live.url("/answer"), hangup_url=live.url("/ended")
    )
    assert live.web.wait_for(2)
    paths = [(r.path, r.params["CallStatus"]) for r in live.web.requests]
    assert paths == [("/answer", "in-progress"), ("/ended", "completed")]
    live.called_out(live.web.requests[0].params["CallUUID"])


@pytest.mark.parametrize(
    ("how", "status", "cause", "code", "source"),
    [
        ("request", "cancel", "MANAGER_REQUEST", "1000", "API Request"),
        ("call", "cancel", "MANAGER_REQUEST", "1000", "API Request"),
        ("hangup_on_ring", "cancel", "MANAGER_REQUEST", "1000", "API Request"),
        ("ring_timeout", "no-answer", "NO_ANSWER", "6010", "Plivo"),
    ],
)
def test_a_call_that_rings_is_given_up(live, sdk, api, how, status, cause, code, source):
    live.script()
    more = {how: 1} if how in ("hangup_on_ring", "ring_timeout") else {}
    request = made(live, sdk, "155530000", **more)
    assert live.web.wait_for(1)
    if how == "request":
        assert api("DELETE", f"Request/{request}/") == (204, None)
    if how == "call":
        sdk.calls.hangup(request)
    assert live.web.wait_for(2)
    names = ("CallStatus", "HangupCause", "HangupCauseCode", "HangupSource")
    assert told(live, *names)[1:] == [("/ended", "Hangup", status, cause, code, source)]


def test_the_callee_hangs_up_and_the_time_is_up(live, sdk):
    live.script(response("<Speak>Hello</Speak><Wait length='20'/>"))
    made(live, sdk, "155510105")
    assert live.web.wait_for(3)
    made(live, sdk, "155510190", time_limit=1)
    assert live.web.wait_for(6)
    names = ("HangupCause", "HangupCauseCode", "HangupSource")
    ends = [row[2:] for row in told(live, *names) if row[1] == "Hangup"]
    assert ends == [("NORMAL_CLEARING", "4000", "Callee"), ("ALLOTTED_TIMEOUT", "6000", "Plivo")]


def test_whom_the_app_may_not_call(live, api):
    body = {"from": "15550001111", "to": "19005551234", "answer_url": live.url("/answer")}
    status, said = api("POST", "Call/", body)
    assert (status, said["error"][:3]) == (403, "to:")


@pytest.mark.parametrize(
    ("document", "before"),
    [
        ("<Speak>Hello</Speak><Wait length='20'/>", []),
        ("<Play loop='0'>tone_stream://%(9000,0,440)</Play>", []),
        (
            "<Conference callbackUrl='{callback}'>r</Conference>",
            ["ConferenceEnter", "ConferenceExit"],
        ),
        ("{dial:155530000}", ["DialHangup", "DialAction"]),
        ("{dial:155510190}", ["DialAnswer", "DialConnected", "DialHangup", "DialAction"]),
    ],
    ids=["waiting", "playing", "in a room", "ringing", "talking"],
)
def test_a_call_is_transferred(live, sdk, document, before):
    number = document.partition(":")[2].rstrip("}") if document.startswith("{dial") else ""
    said = response(document.replace("{callback}", live.url("/callback")))
    live.script(live.told(number) if number else said, moved=response("<Hangup/>"), action="")
    call = live.call()
    assert live.web.wait_for(1)
    if number:
        live.callees(1)
    live.switch.events.wait_for(lambda: False, 1.0)
    moved = sdk.calls.transfer(call.call_uuid, legs="aleg", aleg_url=live.url("/moved"))
    assert moved.message == "call transferred"
    call.ended()
    assert live.web.wait_for(3 + len(before))
    events = [r.params["Event"] for r in live.heard()]
    assert events == ["StartApp", *before, "Transfer", "Hangup"]


def test_a_leg_is_cancelled_and_the_dial_goes_on(live, api):
    live.script(live.told("155530000", "155512010"), action=response(""))
    call = live.call()
    legs = live.callees(2)
    assert len(legs) == 2
    live.switch.events.wait_for(lambda: False, 0.3)
    story = live.operator(f"/api/calls/{call.call_uuid}")
    (ringing,) = [leg["uuid"] for leg in story["legs"] if leg["to"] == "155530000"]
    live.operator(f"/api/calls/{call.call_uuid}/legs/{ringing}", "DELETE")
    call.ended()
    assert live.web.wait_for(7)
    assert rows(live, call, "DialHangup") == [BY_REQUEST, ("NORMAL_CLEARING", "Callee")]
