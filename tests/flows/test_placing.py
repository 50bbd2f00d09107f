"""Calls that are asked for: rung, answered, handed to the controller, and told."""

import pytest
from dialctl.settings import FreeSwitch, Limits
from plivo import RestClient
from plivo.rest import client

from . import control
from .control import ACCOUNT, ask

CALLED = "15550002222"
URLS = ("ring", "hangup")
NAMES = ("CallStatus", "HangupCause", "HangupCauseCode", "HangupSource")


@pytest.fixture
def sdk(stage, monkeypatch):
    """Plivo's own, once the stage has started."""

    def start(document, callee, settings=None, **more):
        app = {**ACCOUNT, "call_out": ("1555*", "1888*", "1999*", "sip:*"), **more}
        callees = callee if isinstance(callee, dict) else {CALLED: callee}
        chosen = settings or control.settings()
        stage.start({"answer": document, "ring": "", "ended": ""}, callees, chosen, **app)
        base = f"http://{stage.settings.web.listen}/v1/Account"
        monkeypatch.setattr(client, "API_VOICE_BASE_URI", base)
        return RestClient(ACCOUNT["auth_id"], ACCOUNT["auth_token"])

    return start


def make(stage, sdk, to=CALLED, **more):
    urls = {"ring_url": stage.web.url("/ring"), "hangup_url": stage.web.url("/ended")}
    return sdk.calls.create("15550001111", to, stage.web.url("/answer"), **{**urls, **more})


def test_a_call_is_made_listed_and_hung_up(stage, sdk):
    plivo = sdk("<Speak>Hello</Speak><Wait length='60'/>", "answer:1")
    request = make(stage, plivo, caller_name="Plivo, Inc.").request_uuid
    stage.clock.sleep(0.5)
    assert plivo.live_calls.get(request).call_status == "ringing"
    stage.clock.sleep(2)
    assert plivo.live_calls.get(request).call_status == "in-progress"
    (listed,) = plivo.calls.list().objects
    assert (listed.call_uuid, listed.from_number, listed.to_number) == (
        request,
        "15550001111",
        CALLED,
    )
    assert plivo.live_calls.list_ids().calls == [request]
    plivo.calls.hangup(request)
    assert stage.web.wait_for(3)
    common = f"outbound 15550001111 {CALLED} {request} {request}"
    names = ("CallStatus", "Direction", "From", "To", "CallUUID", "RequestUUID", "HangupSource")
    assert stage.told(*names) == [
        f"/ring Ring ringing {common} -",
        f"/answer StartApp in-progress {common} -",
        f"/ended Hangup completed {common} API Request",
    ]
    assert stage.server.idle(5)
    assert not stage.switch.hash.dump("db dialctl").startswith("D/")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("busy", "busy USER_BUSY 3010 Callee"),
        ("reject", "busy CALL_REJECTED 3020 Callee"),
        ("unallocated", "failed UNALLOCATED_NUMBER 3050 Carrier"),
        ("dead", "failed NORMAL_TEMPORARY_FAILURE 3090 Carrier"),
        ("refuse:503", "failed NORMAL_TEMPORARY_FAILURE 3090 Carrier"),
    ],
)
def test_a_call_that_fails_is_told(stage, sdk, script, told):
    make(stage, sdk("", script))
    assert stage.web.wait_for(1)
    assert stage.told(*NAMES)[-1] == f"/ended Hangup {told}"
    assert stage.request("/ended")["Duration"] == "0"


def test_there_is_no_such_gateway_or_user(stage, sdk):
    plivo = sdk("", {})
    make(stage, plivo, "19990001111")
    assert stage.web.wait_for(1)
    make(stage, plivo, "sip:nobody@example.com")
    assert stage.web.wait_for(2)
    assert stage.told(*NAMES) == [
        "/ended Hangup failed INVALID_GATEWAY 5020 Plivo",
        "/ended Hangup failed SUBSCRIBER_ABSENT 2020 Plivo",
    ]


def test_the_next_carrier_is_tried_after_a_network_failure_alone(stage, sdk):
    plivo = sdk("<Hangup/>", {"a/18880001111": "dead", "b/18880001111": "answer:1:9"})
    make(stage, plivo, "18880001111")
    assert stage.web.wait_for(3)
    assert stage.told("CallStatus") == [
        "/ring Ring ringing",
        "/answer StartApp in-progress",
        "/ended Hangup completed",
    ]


@pytest.mark.parametrize("how", ["request", "call", "hangup_on_ring", "ring_timeout"])
def test_a_call_that_rings_is_given_up(stage, sdk, how):
    plivo = sdk("", "ring")
    more = {how: 3} if how in ("hangup_on_ring", "ring_timeout") else {}
    request = make(stage, plivo, **more).request_uuid
    assert stage.web.wait_for(1)
    if how == "request":
        own = f"/v1/Account/{ACCOUNT['auth_id']}/Request/{request}/"
        auth = control.basic(*ACCOUNT.values())
        assert ask(stage, "DELETE", own, auth=auth) == (204, None)
    if how == "call":
        plivo.calls.hangup(request)
    assert stage.web.wait_for(2)
    by_time = "no-answer NO_ANSWER 6010 Plivo"
    told = by_time if how == "ring_timeout" else "cancel MANAGER_REQUEST 1000 API Request"
    assert stage.told(*NAMES)[1:] == [f"/ended Hangup {told}"]
    assert ask(stage, "DELETE", f"/api/requests/{request}")[0] == 404


def test_several_at_once(stage, sdk):
    plivo = sdk("<Hangup/>", {CALLED: "answer:1", "15550003333": "busy"})
    made = make(stage, plivo, f"{CALLED}<15550003333")
    assert (made.message, len(set(made.request_uuid))) == ("calls fired", 2)
    assert stage.web.wait_for(4)
    ends = sorted(row for row in stage.told("CallStatus") if "Hangup" in row)
    assert ends == ["/ended Hangup busy", "/ended Hangup completed"]


def test_its_time_is_limited(stage, sdk):
    make(stage, sdk("<Speak>Hello</Speak><Wait length='60'/>", "answer:0.1"), time_limit=5)
    assert stage.web.wait_for(3)
    assert stage.told(*NAMES)[-1] == "/ended Hangup completed ALLOTTED_TIMEOUT 6000 Plivo"
    assert stage.request("/ended")["Duration"] in ("5", "6")


def test_the_callee_hangs_up(stage, sdk):
    make(stage, sdk("<Speak>Hello</Speak><Wait length='60'/>", "answer:0.1:3"))
    assert stage.web.wait_for(3)
    assert stage.told(*NAMES)[-1] == "/ended Hangup completed NORMAL_CLEARING 4000 Callee"


def test_it_dials_somebody_else(stage, sdk):
    dial = '<Dial callbackUrl="/callback" action="/action"><Number>1001</Number></Dial>'
    make(stage, sdk(dial, {CALLED: "answer:0.1", "1001": "answer:1:2"}))
    assert stage.web.wait_for(7)
    assert [row for row in stage.told("CallStatus") if "Dial" in row] == [
        "/callback DialAnswer in-progress",
        "/callback DialConnected in-progress",
        "/callback DialHangup in-progress",
        "/action DialAction in-progress",
    ]


def test_a_controller_that_stops_leaves_it_to_the_next(stage, sdk):
    """It rings on, is answered, and comes to whoever is there then."""
    request = make(stage, sdk("<Hangup/>", "answer:8")).request_uuid
    assert stage.web.wait_for(1)
    stage.server.stop()
    stage.restart()
    assert stage.web.wait_for(3)
    rows = stage.told("CallStatus", "CallUUID")
    assert rows[1:] == [
        f"/answer StartApp in-progress {request}",
        f"/ended Hangup completed {request}",
    ]


def test_a_controller_that_stops_leaves_its_end_to_the_next(stage, sdk):
    request = make(stage, sdk("", "fail:USER_BUSY:8")).request_uuid
    assert stage.web.wait_for(1)
    stage.server.stop()
    stage.clock.sleep(9)
    stage.restart()
    assert stage.web.wait_for(2, 60)
    assert stage.told("CallStatus", "CallUUID")[1:] == [f"/ended Hangup busy {request}"]


@pytest.mark.parametrize(
    ("change", "status", "parameter"),
    [
        ({"to": "19005550000"}, 403, "to"),
        ({"to": "15550002222<19005550000"}, 403, "to"),
        ({"to": "sip:a@b;x=[y]"}, 400, "to"),
        ({"to": "1555}{x"}, 400, "to"),
        ({"to": ""}, 400, "to"),
        ({"from": "nobody"}, 400, "from"),
        ({"answer_url": "ftp://x/"}, 400, "answer_url"),
        ({"answer_url": ""}, 400, "answer_url"),
        ({"ring_url": "http://[x"}, 400, "ring_url"),
        ({"hangup_method": "PUT"}, 400, "hangup_method"),
        ({"time_limit": 0}, 400, "time_limit"),
        ({"ring_timeout": "soon"}, 400, "ring_timeout"),
        ({"send_digits": "1;2"}, 400, "send_digits"),
        ({"send_on_preanswer": "yes"}, 400, "send_on_preanswer"),
        ({"sip_headers": "a=b\r\nX"}, 400, "sip_headers"),
        ({"caller_name": "x" * 51}, 400, "caller_name"),
        ({"machine_detection": "true"}, 400, "machine_detection"),
        ({"anser_url": "http://x/"}, 400, "anser_url"),
        ({"to": ["1"]}, 400, "to"),
        ({"to": "\ud800"}, 400, "to"),
        ({"to": "15550002222<" * 1001}, 400, "to"),
    ],
)
def test_what_is_wrong_is_named(stage, sdk, change, status, parameter):
    sdk("", "busy")
    body = {"app": "main", "from": "15550001111", "to": CALLED, "answer_url": "http://x/"}
    told = ask(stage, "POST", "/api/calls", {**body, **change})
    assert (told[0], told[1]["parameter"]) == (status, parameter)


def test_beyond_the_limits_nobody_is_called(stage, sdk):
    plivo = sdk("", "ring", control.settings(limits=Limits(calls_per_second=1)))
    body = {"app": "main", "from": "15550001111", "answer_url": "http://x/"}
    assert ask(stage, "POST", "/api/calls", {**body, "to": f"{CALLED}<{CALLED}"})[0] == 429
    request = make(stage, plivo).request_uuid
    assert ask(stage, "POST", "/api/calls", {**body, "to": CALLED})[0] == 429
    assert ask(stage, "DELETE", f"/api/requests/{request}") == (204, None)
    assert stage.web.wait_for(1)


def test_an_app_calls_nobody_unless_it_says_whom(stage, sdk):
    sdk("", "busy", call_out=())
    body = {"app": "main", "from": "15550001111", "to": CALLED, "answer_url": "http://x/"}
    assert ask(stage, "POST", "/api/calls", body)[0] == 403
    assert ask(stage, "POST", "/api/calls", {**body, "app": "nobody"})[1]["parameter"] == "app"


def test_without_the_switchs_event_socket_no_call_is_placed(stage, sdk):
    sdk("", "busy", control.settings(freeswitch=FreeSwitch()))
    body = {"app": "main", "from": "15550001111", "to": CALLED, "answer_url": "http://x/"}
    assert ask(stage, "POST", "/api/calls", body)[0] == 503


def test_the_switch_is_gone(stage, sdk):
    plivo = sdk("", "ring")
    stage.switch.event_socket.stop()
    make(stage, plivo)
    assert stage.web.wait_for(1)
    assert stage.told("CallStatus") == ["/ended Hangup failed"]


def test_what_the_callee_is_sent(stage, sdk):
    plivo = sdk("", "ring")
    request = make(
        stage, plivo, send_digits="1w2", sip_headers="Color=blue, Size=9", caller_name="A, [b]"
    ).request_uuid
    assert stage.web.wait_for(1)
    variables = stage.switch.channels[request].variables
    assert variables.get("sip_h_X-PH-Color") == "blue"
    assert variables.get("execute_on_answer_2") == "send_dtmf 1w2"
    assert variables.get("origination_caller_id_name") == "A,  b"
    plivo.calls.hangup(request)
    assert stage.web.wait_for(2)


@pytest.mark.parametrize(
    ("dialect", "named"),
    [("rcml", "Direction outbound-api"), ("voicegateway", "direction outbound")],
)
def test_other_dialects_say_whither_it_goes(stage, sdk, dialect, named):
    plivo = sdk("", "answer:1", dialect=dialect)
    make(stage, plivo)
    assert stage.web.wait_for(2)
    name, _, value = named.partition(" ")
    assert next(r.params for r in stage.web.requests if r.path == "/answer")[name] == value
    assert stage.server.idle(5)
