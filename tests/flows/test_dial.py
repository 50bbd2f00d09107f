"""Dials as the customer's web application sees them."""

import pytest

DIAL = '<Dial callbackUrl="/callback" action="/action" {}>{}</Dial>'


def dial(*numbers, more=""):
    return DIAL.format(more, "".join(f"<Number>{number}</Number>" for number in numbers))


def test_answered_and_the_callee_ends(stage):
    a_leg = stage.call(dial("1001"), {"1001": "answer:2:3"})
    assert stage.told("DialStatus", "DialBLegHangupCauseName") == [
        "/answer StartApp - -",
        "/callback DialAnswer - -",
        "/callback DialConnected - -",
        "/callback DialHangup - Normal Hangup",
        "/action DialAction completed -",
        "/hangup Hangup - -",
    ]
    ended = stage.request("/callback", "DialHangup")
    assert ended["DialBLegHangupSource"] == "Callee"
    assert ended["DialBLegDuration"] == "3"
    assert stage.request("/action")["DialBLegUUID"] == ended["DialBLegUUID"]
    over = stage.request("/hangup")
    assert (over["HangupCauseCode"], over["HangupSource"]) == ("4010", "Answer XML")
    assert a_leg.answered_at


def test_answered_and_the_caller_ends(stage):
    stage.call(dial("1001"), {"1001": "answer:1"}, hangup_after=3)
    assert stage.told("DialStatus", "CallStatus") == [
        "/answer StartApp - ringing",
        "/callback DialAnswer - ringing",
        "/callback DialConnected - in-progress",
        "/callback DialHangup - in-progress",
        "/action DialAction completed completed",
        "/hangup Hangup - completed",
    ]
    assert stage.request("/callback", "DialHangup")["DialBLegHangupSource"] == "Caller"
    assert stage.request("/hangup")["HangupCauseCode"] == "4000"


@pytest.mark.parametrize(
    ("script", "status", "cause", "code", "sip"),
    [
        ("busy", "busy", "USER_BUSY", "3010", 486),
        ("reject", "busy", "CALL_REJECTED", "3020", 603),
        ("unallocated", "failed", "UNALLOCATED_NUMBER", "3050", 404),
        ("dead", "failed", "NORMAL_TEMPORARY_FAILURE", "3090", 503),
        ("ring", "no-answer", "NO_ANSWER", "6010", 480),
        ("silent", "no-answer", "NO_ANSWER", "6010", 480),
    ],
)
def test_nobody_answers(stage, script, status, cause, code, sip):
    a_leg = stage.call(dial("1001", more='timeout="2"'), {"1001": script})
    assert stage.told("DialStatus", "DialHangupCause", "DialBLegHangupCauseCode") == [
        "/answer StartApp - - -",
        f"/callback DialHangup - - {code}",
        f"/action DialAction {status} {cause} -",
        "/hangup Hangup - - -",
    ]
    assert stage.request("/action")["DialBLegUUID"] == ""
    assert a_leg.sip_status == sip
    assert not a_leg.answered_at


def test_the_caller_leaves_while_it_rings(stage):
    stage.call(dial("1001"), {"1001": "ring"}, hangup_after=2)
    assert stage.told("DialStatus", "DialBLegHangupCause") == [
        "/answer StartApp - -",
        "/callback DialHangup - ORIGINATOR_CANCEL",
        "/action DialAction cancel -",
        "/hangup Hangup - -",
    ]
    assert stage.request("/action")["DialHangupCause"] == "ORIGINATOR_CANCEL"
    assert stage.request("/hangup")["HangupCauseCode"] == "1000"


def test_several_ring_at_once(stage):
    stage.call(dial("1001", "1002", "1003"), {"1001": "ring", "1002": "answer:1:1", "1003": "busy"})
    assert stage.told("DialBLegPosition", "DialBLegHangupCause") == [
        "/answer StartApp - -",
        "/callback DialHangup 3 USER_BUSY",
        "/callback DialAnswer 2 -",
        "/callback DialConnected 2 -",
        "/callback DialHangup 1 LOSE_RACE",
        "/callback DialHangup 2 NORMAL_CLEARING",
        "/action DialAction - -",
        "/hangup Hangup - -",
    ]


def test_early_media_of_one_does_not_end_the_race(stage):
    stage.call(dial("1001", "1002"), {"1001": "early:9", "1002": "answer:2:1"})
    connected = stage.request("/callback", "DialConnected")
    assert connected["DialBLegPosition"] == "2"


@pytest.mark.parametrize("number", ["19990001111", "42", "sip:nobody@example.com"])
def test_nobody_there_to_be_rung(stage, number):
    target = f"<User>{number}</User>" if "@" in number else f"<Number>{number}</Number>"
    stage.call(f'<Dial callbackUrl="/callback" action="/action">{target}</Dial>')
    assert [line.split()[:2] for line in stage.told()] == [
        ["/answer", "StartApp"],
        ["/callback", "DialHangup"],
        ["/action", "DialAction"],
        ["/hangup", "Hangup"],
    ]
    assert stage.request("/action")["DialStatus"] == "failed"
    code = stage.request("/callback")["DialBLegHangupCauseCode"]
    assert code == ("2020" if "@" in number else "5020")


@pytest.mark.parametrize(
    ("first", "status", "reports"),
    [("dead", "completed", 1), ("busy", "busy", 1), ("ring", "no-answer", 1)],
)
def test_the_next_gateway_only_after_a_network_failure(stage, first, status, reports):
    callees = {"a/18880001111": first, "b/18880001111": "answer:1:1"}
    stage.call(dial("18880001111", more='timeout="3"'), callees)
    assert stage.request("/action")["DialStatus"] == status
    assert sum("DialHangup" in line for line in stage.told()) == reports


def test_failover_inside_a_fork(stage):
    callees = {"a/18880001111": "dead", "b/18880001111": "answer:2:1", "1002": "ring"}
    a_leg = stage.call(dial("18880001111", "1002"), callees)
    assert stage.request("/callback", "DialConnected")["DialBLegPosition"] == "1"
    assert any("180" in heard for _, heard in a_leg.heard)


def test_one_after_the_other(stage):
    stage.call(
        dial("1001", "1002", more='sequential="true" timeout="2"'),
        {"1001": "ring", "1002": "answer:1:1"},
    )
    assert stage.told("DialBLegPosition") == [
        "/answer StartApp -",
        "/callback DialHangup 1",
        "/callback DialAnswer 2",
        "/callback DialConnected 2",
        "/callback DialHangup 2",
        "/action DialAction -",
        "/hangup Hangup -",
    ]


def test_the_time_limit_ends_the_conversation_and_the_call_goes_on(stage):
    a_leg = stage.call(
        '<Dial callbackUrl="/callback" timeLimit="2"><Number>1001</Number></Dial>'
        "<Play>tone_stream://%(500,0,440)</Play>",
        {"1001": "answer:1"},
    )
    ended = stage.request("/callback", "DialHangup")
    assert ended["DialBLegHangupCauseCode"] == "6000"
    assert stage.request("/hangup")["HangupCauseCode"] == "4010"
    assert a_leg.hangup_cause == "NORMAL_CLEARING"


def test_star_ends_the_conversation_and_the_call_goes_on(stage):
    stage.call(
        '<Dial callbackUrl="/callback" hangupOnStar="true"><Number>1001</Number></Dial>'
        "<Speak>back again</Speak>",
        {"1001": "answer:1"},
        press=((2.0, "*"),),
    )
    ended = stage.request("/callback", "DialHangup")
    assert (ended["DialBLegHangupCause"], ended["DialBLegHangupSource"]) == (
        "NORMAL_CLEARING",
        "Caller",
    )
    assert stage.request("/hangup")["HangupCauseCode"] == "4010"


def test_keys_in_the_conversation(stage):
    stage.call(
        '<Dial callbackUrl="/callback" digitsMatch="12" digitsMatchBLeg="3">'
        "<Number>1001</Number></Dial>",
        {"1001": "answer:1:4;press=1:3"},
        press=((2.0, "12"),),
    )
    pressed = [
        (r.params["DialDigitsMatch"], r.params["DialDigitsPressedBy"])
        for r in stage.web.requests
        if r.params["Event"] == "DialDigitsMatch"
    ]
    assert pressed == [("3", "BLeg"), ("12", "ALeg")]


def test_what_the_callee_is_shown(stage):
    stage.call(
        '<Dial callbackUrl="/callback" callerId="+1777" sipHeaders="a=1">'
        '<Number sipHeaders="b=2">1001</Number></Dial>',
        {"1001": "answer:1:1"},
    )
    told = stage.request("/callback", "DialAnswer")
    assert told["DialBLegFrom"] == "+1777"
    assert (told["X-PH-a"], told["X-PH-b"]) == ("1", "2")
