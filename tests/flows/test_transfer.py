"""A call that is up goes on with another document, by request."""

import pytest

from support.webapp import Answer

from . import control
from .control import ACCOUNT, ask, basic

AUTH = basic(*ACCOUNT.values())
PLIVO = f"/v1/Account/{ACCOUNT['auth_id']}/Call/"
TOLD = 'callbackUrl="/callback" action="/action"'
DIAL = f'<Dial {TOLD}><Number>1001</Number></Dial><Wait length="9"/>'
ROOM = f'<Conference {TOLD}>room</Conference><Wait length="9"/>'
SPEAK = "<Speak>Hello</Speak>"
LEG = "/callback DialHangup in-progress MANAGER_REQUEST API Request"


@pytest.fixture
def call(stage):
    def placed(document, callee="answer:0.5", **more):
        documents = {"moved": f"{SPEAK}<Hangup/>", **more.pop("documents", {})}
        options = {"settings": control.settings(), "documents": documents, **ACCOUNT, **more}
        a_leg = stage.call(document, {"1001": callee}, over=False, **options)
        stage.clock.sleep(2)
        return a_leg

    return placed


def move(stage, a_leg, **more):
    body = {"legs": "aleg", "aleg_url": stage.web.url("/moved"), **more}
    return ask(stage, "POST", f"{PLIVO}{a_leg.uuid}/", body, auth=AUTH)


@pytest.mark.parametrize(
    ("document", "callee", "told"),
    [
        (f"{SPEAK}<Wait length='60'/>", "", []),
        ("<PreAnswer><Wait length='60'/></PreAnswer>", "", []),
        ("<Play loop='0'>https://127.0.0.1:1/x.wav</Play><Wait length='60'/>", "", []),
        ("<GetDigits timeout='60' action='/action'/>", "", []),
        (
            DIAL,
            "ring",
            [
                "/callback DialHangup ringing MANAGER_REQUEST API Request",
                "/action DialAction ringing - -",
            ],
        ),
        (
            DIAL,
            "answer:0.5",
            [
                "/callback DialAnswer ringing - -",
                "/callback DialConnected in-progress - -",
                LEG,
                "/action DialAction in-progress - -",
            ],
        ),
    ],
    ids=["waiting", "unanswered", "playing", "pressing", "ringing", "talking"],
)
def test_it_goes_on_with_the_other_document(stage, call, document, callee, told):
    a_leg = call(document, callee or "busy")
    status, said = move(stage, a_leg)
    assert (status, said["message"], said["call_uuids"]) == (202, "call transferred", [a_leg.uuid])
    stage.end(a_leg)
    rows = stage.told("CallStatus", "DialBLegHangupCause", "DialBLegHangupSource")
    assert rows[1:-2] == told
    assert rows[-2].startswith("/moved Transfer")
    assert rows[-1].startswith("/hangup Hangup")
    assert stage.request("/hangup")["HangupSource"] == "Answer XML"


def test_it_leaves_its_room(stage, call):
    a_leg = call(ROOM)
    assert move(stage, a_leg)[0] == 202
    stage.end(a_leg)
    rows = [row.split()[:2] for row in stage.told()]
    assert [path for path, _ in rows] == [
        "/answer",
        "/callback",
        "/callback",
        "/action",
        "/moved",
        "/hangup",
    ]


def test_the_rest_of_a_sequence_is_not_rung(stage, call):
    dial = DIAL.replace("<Dial", '<Dial sequential="true"').replace(
        "</Dial>", "<Number>1002</Number></Dial>"
    )
    a_leg = call(dial, "ring")
    assert move(stage, a_leg)[0] == 202
    stage.end(a_leg)
    assert not [row for row in stage.told("DialBLegTo") if "1002" in row]


def test_while_its_document_is_fetched(stage, call):
    a_leg = call("", documents={"answer": lambda _: Answer("<Response/>", delay=1.9)})
    move(stage, a_leg)
    stage.end(a_leg)


@pytest.mark.parametrize(
    ("moved", "code", "name"),
    [
        (500, "7013", "Error Reaching Transfer URL"),
        ("<Response><Nothing/></Response>", "8013", "Invalid Transfer XML"),
    ],
)
def test_the_other_document_is_of_no_use(stage, call, moved, code, name):
    answer = (lambda _: Answer("", status=moved)) if isinstance(moved, int) else moved
    a_leg = call(f"{SPEAK}<Wait length='60'/>", documents={"moved": answer})
    assert move(stage, a_leg)[0] == 202
    stage.end(a_leg)
    hangup = stage.request("/hangup")
    assert (hangup["HangupCauseCode"], hangup["HangupCauseName"]) == (code, name)


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"legs": "cleg"}, "legs"),
        ({"legs": "both"}, "legs"),
        ({"aleg_url": "nowhere"}, "aleg_url"),
        ({"aleg_method": "PUT"}, "aleg_method"),
        ({"url": "http://x/"}, "url"),
    ],
)
def test_what_is_wrong_is_named(stage, call, body, parameter):
    a_leg = call(f"{SPEAK}<Wait length='60'/>")
    status, said = ask(
        stage, "POST", f"/api/calls/{a_leg.uuid}", {"aleg_url": "http://127.0.0.1:1/", **body}
    )
    assert (status, said["parameter"]) == (400, parameter)
    assert ask(stage, "POST", "/api/calls/nobody", {"aleg_url": "http://x/"})[0] == 404
    a_leg.hangup()
    stage.end(a_leg)
