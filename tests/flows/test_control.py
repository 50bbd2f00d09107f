"""What is asked of calls from outside while they are up."""

import urllib.error
import urllib.request

import pytest
from dialctl.settings import App, Web

from . import control
from .conftest import SETTINGS
from .control import ACCOUNT, ask, basic

PLIVO = f"/v1/Account/{ACCOUNT['auth_id']}/Call/"
OWN = basic(ACCOUNT["auth_id"], "the-token-of-one")
TOLD = 'callbackUrl="/callback" action="/action"'
TWO = f"<Dial {TOLD}><Number>1001</Number><Number>1002</Number></Dial><Wait length='30'/>"
CAUSE = ("DialBLegHangupCause", "DialBLegHangupCauseCode", "DialBLegHangupSource")


@pytest.fixture
def call(stage):
    """Places one, waits until it has been so long up."""

    def placed(document, callees=None, after=1.0, **more):
        options = {"settings": control.settings(), **ACCOUNT, **more}
        a_leg = stage.call(document, callees, over=False, **options)
        stage.clock.sleep(after)
        return a_leg

    return placed


def leg_of(stage, number):
    """The channel that rings a number."""
    return next(who for who, what, detail in stage.seen if what == "created" and number in detail)


def end_of(stage):
    hangup = stage.request("/hangup")
    names = ("HangupCause", "HangupCauseCode", "HangupCauseName", "HangupSource")
    return tuple(hangup[name] for name in names)


def test_without_control_there_is_nothing(stage):
    settings = control.settings()
    off = Web(listen=settings.web.listen, token=control.TOKEN)
    stage.start({"answer": ""}, settings=control.replace(settings, web=off), **ACCOUNT)
    for path in (
        "/api/calls",
        PLIVO,
        f"{PLIVO}x/",
    ):
        assert ask(stage, "GET", path, auth=OWN) == (404, None)
        assert ask(stage, "POST", path, {"to": "1"}, auth=OWN)[0] == 400  # nobody takes a body
    assert SETTINGS.web.control is False


@pytest.mark.parametrize(
    ("path", "auth"),
    [
        ("/api/calls", None),
        ("/api/calls", "Bearer wrong"),
        ("/api/calls", "Bearer "),
        ("/api/calls", OWN),
        (PLIVO, None),
        (PLIVO, f"Bearer {control.TOKEN}"),
        (PLIVO, basic(ACCOUNT["auth_id"], "wrong")),
        (PLIVO, basic(ACCOUNT["auth_id"], "")),
        ("/v1/Account/MATWO/Call/", OWN),
        (PLIVO, "Basic %%%"),
        (PLIVO, "Basic /////w=="),
    ],
)
def test_nobody_is_let_in_without_the_right_credentials(stage, call, path, auth):
    call("<Wait length='3'/>")
    status, told = ask(stage, "GET", path, auth=auth)
    assert (status, "error" in told) == (401, True)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://{stage.settings.web.listen}{path}")
    scheme = "Bearer" if path.startswith("/api") else "Basic"
    assert refused.value.headers["WWW-Authenticate"].startswith(f'{scheme} realm="dialctl"')
    counted = f'dialctl_web_unauthorized_total{{scheme="{scheme.lower()}"}} 2.0'
    page = urllib.request.urlopen(f"http://{stage.settings.web.listen}/metrics").read().decode()
    assert counted in page


def test_an_operator_without_a_token_is_nobody(stage):
    web = Web(listen=control.settings().web.listen, control=True)
    stage.start({"answer": ""}, settings=control.replace(SETTINGS, web=web))
    assert ask(stage, "GET", "/api/calls", auth="Bearer ")[0] == 401


def test_calls_that_are_up_are_listed(stage, call):
    a_leg = call("<Speak>Hello</Speak><Wait length='9'/>")
    status, told = ask(stage, "GET", "/api/calls")
    (one,) = told["calls"]
    assert (status, told["total"], one["uuid"], one["app"]) == (200, 1, a_leg.uuid, "main")
    assert (one["caller"], one["called"], one["status"]) == (
        "15551230000",
        "15550009999",
        "in-progress",
    )
    status, story = ask(stage, "GET", f"/api/calls/{a_leg.uuid}")
    assert (status, story["state"], [step["element"] for step in story["steps"]]) == (
        200,
        "in-progress",
        ["Speak", "Wait"],
    )
    assert ask(stage, "GET", "/api/calls?limit=0") == (
        400,
        {"error": "expected a whole number from 1 to 500", "parameter": "limit"},
    )
    a_leg.hangup()
    stage.end(a_leg)
    assert ask(stage, "GET", f"/api/calls/{a_leg.uuid}")[1]["state"] == "over"
    assert ask(stage, "GET", "/api/calls/nobody")[0] == 404
    (over,) = ask(stage, "GET", PLIVO, auth=OWN)[1]["objects"]
    assert (over["call_uuid"], over["hangup_cause"]) == (a_leg.uuid, "NORMAL_CLEARING")
    assert ask(stage, "GET", f"{PLIVO}{a_leg.uuid}/", auth=OWN)[1]["call_state"] == "ANSWER"
    assert ask(stage, "GET", f"{PLIVO}{a_leg.uuid}/?status=live", auth=OWN)[0] == 404


def test_an_app_sees_its_own_calls_only(stage):
    other = App("other", stage.web.url("/answer"), auth_id="MATWO", auth_token="another-token")
    stage.start({"answer": "<Wait length='9'/>"}, settings=control.settings(), **ACCOUNT)
    stage.server.stop()
    stage.restart(other)
    a_leg = stage.call(over=False)
    stage.clock.sleep(1)
    two = basic("MATWO", "another-token")
    assert ask(stage, "GET", PLIVO, auth=OWN)[1]["meta"]["total_count"] == 1
    assert ask(stage, "GET", "/v1/Account/MATWO/Call/", auth=two)[1]["meta"]["total_count"] == 0
    path = f"/v1/Account/MATWO/Call/{a_leg.uuid}/"
    assert ask(stage, "GET", path, auth=two)[0] == 404
    assert ask(stage, "DELETE", path, auth=two)[0] == 404
    assert ask(stage, "GET", path, auth=OWN)[0] == 401
    a_leg.hangup()
    stage.end(a_leg)


@pytest.mark.parametrize(
    ("document", "end"),
    [
        (
            "<Speak>Hello</Speak><Wait length='60'/>",
            ("MANAGER_REQUEST", "4000", "Normal Hangup", "API Request"),
        ),
        (
            "<PreAnswer><Wait length='60'/></PreAnswer>",
            ("MANAGER_REQUEST", "1000", "Canceled", "API Request"),
        ),
    ],
)
def test_a_call_is_hung_up(stage, call, document, end):
    a_leg = call(document)
    assert ask(stage, "DELETE", f"/api/calls/{a_leg.uuid}") == (204, None)
    stage.end(a_leg)
    assert end_of(stage) == end
    assert ask(stage, "DELETE", f"/api/calls/{a_leg.uuid}")[0] == 404


def test_a_call_is_hung_up_while_it_rings(stage, call):
    a_leg = call(TWO, {"1001": "ring", "1002": "ring"})
    assert ask(stage, "DELETE", f"/api/calls/{a_leg.uuid}") == (204, None)
    stage.end(a_leg)
    assert stage.told(*CAUSE) == [
        "/answer StartApp - - -",
        "/callback DialHangup MANAGER_REQUEST 1000 API Request",
        "/callback DialHangup MANAGER_REQUEST 1000 API Request",
        "/action DialAction - - -",
        "/hangup Hangup - - -",
    ]
    assert stage.request("/action")["DialStatus"] == "cancel"
    assert end_of(stage) == ("MANAGER_REQUEST", "1000", "Canceled", "API Request")


def test_a_leg_that_rings_is_cancelled_alone(stage, call):
    a_leg = call(TWO, {"1001": "ring", "1002": "answer:3:2"})
    leg = leg_of(stage, "1001")
    assert ask(stage, "DELETE", f"/api/calls/{a_leg.uuid}/legs/{leg}") == (204, None)
    assert ask(stage, "DELETE", f"/api/calls/{a_leg.uuid}/legs/{leg}")[0] == 404
    stage.clock.sleep(6)
    assert stage.told("DialBLegTo", *CAUSE)[1:] == [
        "/callback DialHangup 1001 MANAGER_REQUEST 1000 API Request",
        "/callback DialAnswer 1002 - - -",
        "/callback DialConnected 1002 - - -",
        "/callback DialHangup 1002 NORMAL_CLEARING 4000 Callee",
        "/action DialAction - - - -",
        "/hangup Hangup - - - -",
    ]
    stage.end(a_leg)


def test_the_winner_is_hung_up_and_the_call_goes_on(stage, call):
    a_leg = call(TWO, {"1001": "answer:0.5", "1002": "ring"}, 2.0, documents={"action": "<Wait/>"})
    leg = leg_of(stage, "1001")
    assert ask(stage, "DELETE", f"/api/calls/{a_leg.uuid}/legs/{leg}") == (204, None)
    stage.end(a_leg)
    assert stage.told(*CAUSE)[-3:] == [
        "/callback DialHangup MANAGER_REQUEST 4000 API Request",
        "/action DialAction - - -",
        "/hangup Hangup - - -",
    ]
    assert stage.request("/action")["DialStatus"] == "completed"
    assert end_of(stage)[1:] == ("4010", "End Of XML Instructions", "Answer XML")


def test_a_leg_is_no_call_and_no_leg_of_another(stage, call):
    a_leg = call(TWO, {"1001": "ring", "1002": "ring"})
    leg = leg_of(stage, "1001")
    for path in (f"/api/calls/{leg}", f"/api/calls/{a_leg.uuid}/legs/{a_leg.uuid}"):
        assert ask(stage, "DELETE", path)[0] == 404
    a_leg.hangup()
    stage.end(a_leg)


@pytest.mark.parametrize("whole", [False, True])
def test_rcml_calls_it_canceled(stage, call, whole):
    document = '<Dial action="/action"><Number statusCallback="/callback">1001</Number></Dial>'
    a_leg = call(document, {"1001": "ring"}, dialect="rcml")
    where = "" if whole else f"/legs/{leg_of(stage, '1001')}"
    assert ask(stage, "DELETE", f"/api/calls/{a_leg.uuid}{where}") == (204, None)
    stage.end(a_leg)
    found = {r.path: r.params for r in stage.web.requests}
    assert found["/callback"]["CallStatus"] == found["/action"]["DialCallStatus"] == "canceled"
