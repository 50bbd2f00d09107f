"""Callees who are asked to confirm; tests/live/test_confirm.py holds a real switch to the same."""

from support.webapp import Answer

DIAL = (
    '<Dial callbackUrl="/callback" action="/action" confirmSound="/confirm" {}>'
    "<Number>1001</Number><Number>1002</Number></Dial>"
)
SOUND = "<Play>tone_stream://%({},0,440)</Play>"


def call(stage, attributes, first, second="ring", sound=None, **more):
    sound = SOUND.format(20000) if sound is None else sound
    document = DIAL.format(attributes)
    stage.call(document, {"1001": first, "1002": second}, documents={"confirm": sound}, **more)
    return [
        (r.params["DialAction"], r.params["DialBLegPosition"])
        for r in stage.web.requests
        if r.path == "/callback"
    ]


def code(stage, position):
    return next(
        r.params["DialBLegHangupCauseCode"]
        for r in stage.web.requests
        if r.params.get("DialAction") == "hangup" and r.params["DialBLegPosition"] == position
    )


def test_the_first_to_confirm_is_connected(stage):
    told = call(stage, 'confirmKey="5"', "answer:1", "answer:2:4;press=1:5")
    assert told[:2] == [("answer", "1"), ("answer", "2")]
    assert told[2] == ("connected", "2")
    assert (code(stage, "1"), code(stage, "2")) == ("9000", "4000")


def test_another_key_is_no_confirmation(stage):
    told = call(stage, 'confirmKey="5" confirmTimeout="4" timeout="3"', "answer:1;press=1:7")
    assert told == [("answer", "1"), ("hangup", "2"), ("hangup", "1")]
    assert (code(stage, "1"), code(stage, "2")) == ("9110", "6010")
    assert stage.request("/action")["DialStatus"] == "no-answer"


def test_without_a_key_who_hears_it_out_is_connected(stage):
    told = call(stage, "", "answer:1:4", sound=SOUND.format(500))
    assert told == [("answer", "1"), ("connected", "1"), ("hangup", "2"), ("hangup", "1")]


def test_the_sound_cannot_be_had(stage):
    told = call(stage, 'confirmKey="5" timeout="3"', "answer:1", sound=Answer("", "500 No"))
    assert ("connected", "1") not in told
    assert code(stage, "1") == "9110"


def test_nobody_is_connected_who_could_not_be_asked(stage, caplog):
    told = call(stage, 'confirmKey="5" timeout="3"', "answer:1", guarded=False)
    assert ("connected", "1") not in told
    assert code(stage, "1") == "9110"
    assert "the dialplan has no extension dialctl-confirm" in caplog.text
