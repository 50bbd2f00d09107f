"""CallAPI's Number, as its page has it: a document on the callee's end, and status callbacks."""

from email.utils import parsedate_to_datetime

import pytest

from support.webapp import Answer

from .rcml import asked, dial, ends, outcome, paths, place

EVENTS = 'statusCallbackEvent="initiated,ringing,answered,completed" statusCallback="/status"'
SAY = "<Play>tone_stream://%(300,0,440)</Play>"


def number(attributes="", digits="1313"):
    return f"<Number {attributes}>{digits}</Number>"


def call(stage, targets, *scripts, documents=None, **more):
    """Numbers 1313, 1414, 1515 do as the scripts say."""
    callees = dict(zip(("1313", "1414", "1515"), scripts, strict=False))
    more.setdefault("dialect", "callapi")
    return place(stage, dial(targets), scripts=callees, documents=documents or {}, **more)


def told(stage, position=""):
    """The status callbacks: CallStatus and SequenceNumber."""
    return asked(stage, f"/status{position}", "CallStatus", "SequenceNumber")


# The document on the callee's end.


def screened(stage, document, script="answer:1:9", **more):
    call(stage, number('url="/screen"'), script, documents={"screen": document}, **more)
    return outcome(stage)[0]


def test_who_hears_it_out_is_connected(stage):
    assert screened(stage, SAY, "answer:1:3") == "completed"
    assert paths(stage) == ["/answer", "/screen", "/action", "/hangup"]


def test_what_its_request_says(stage):
    number_ = '<Number url="/screen">1313</Number>'
    place(
        stage,
        dial(number_, callerId="+1777"),
        "callapi",
        {"screen": SAY},
        {"1313": "answer:1:3"},
        auth_id="AC1",
    )
    (screen,) = [r for r in stage.web.requests if r.path == "/screen"]
    told = screen.params
    answer = next(r.params for r in stage.web.requests if r.path == "/answer")
    assert screen.method == "POST"
    assert told["ParentCallSid"] == answer["CallSid"] != told["CallSid"]
    assert told["SipCallId"]
    assert {name: told[name] for name in ("From", "To", "CallStatus", "Direction")} == {
        "From": "+1777",
        "To": "1313",
        "CallStatus": "in-progress",
        "Direction": "outbound-dial",
    }


def test_its_request_by_get(stage):
    call(stage, number('url="/screen" method="GET"'), "answer:1:2", documents={"screen": SAY})
    assert [r.method for r in stage.web.requests if r.path == "/screen"] == ["GET"]


def test_a_hangup_declines(stage):
    assert screened(stage, "<Hangup/>") == "no-answer"
    assert outcome(stage)[2] == "0"


@pytest.mark.parametrize(("key", "status"), [("1", "completed"), ("2", "no-answer")])
def test_a_gather_lets_the_callee_decide(stage, key, status):
    """The application answers the keys with a document of its own, as a switchboard would."""
    gather = f'<Gather numDigits="1" action="/pressed" timeout="3">{SAY}</Gather><Hangup/>'
    pressed = [lambda r: "" if r.params["Digits"] == "1" else "<Response><Hangup/></Response>"]
    call(
        stage,
        number('url="/screen"'),
        f"answer:1:6;press=1:{key}",
        documents={"screen": gather, "pressed": pressed},
    )
    assert outcome(stage)[0] == status
    (asked_,) = [r.params for r in stage.web.requests if r.path == "/pressed"]
    assert (asked_["Digits"], asked_["Direction"]) == (key, "outbound-dial")


def test_a_gather_without_a_key_goes_on_to_the_hangup(stage):
    document = f'<Gather numDigits="1" timeout="2">{SAY}</Gather><Hangup/>'
    assert screened(stage, document) == "no-answer"


def test_a_dial_in_it_is_an_error_and_the_callee_is_not_connected(stage, caplog):
    assert screened(stage, f"{SAY}<Dial>1414</Dial>") == "no-answer"
    assert "may not stand in a document on a callee's end" in caplog.text


@pytest.mark.parametrize("answer", [Answer("", "404 Not Found"), "<Nonsense/>"])
def test_a_document_that_cannot_be_had_declines(stage, answer):
    assert screened(stage, answer) == "no-answer"


def test_one_that_says_nothing_lets_the_callee_through(stage):
    assert screened(stage, Answer(""), "answer:1:2") == "completed"


def test_the_callee_hangs_up_in_it(stage):
    assert screened(stage, "<Pause length='20'/>", "answer:1:2") == "no-answer"


def test_the_caller_hangs_up_meanwhile(stage):
    screened(stage, "<Pause length='60'/>", "answer:1", hangup_after=15)
    assert outcome(stage)[0] == "canceled"
    assert ends(stage) == ["ORIGINATOR_CANCEL"]


def test_documents_without_end_are_cut_off(stage):
    screened(stage, "<Pause length='1'/><Redirect>/screen</Redirect>", "answer:1")
    assert outcome(stage)[0] == "no-answer"


def test_the_others_ring_on_and_the_first_to_be_let_through_is_connected(stage):
    targets = number('url="/screen"') + number(digits="1414")
    documents = {"screen": "<Pause length='20'/>"}
    call(stage, targets, "answer:1", "answer:6:2", documents=documents)
    assert outcome(stage)[0] == "completed"
    assert ends(stage) == ["LOSE_RACE", "NORMAL_CLEARING"]


# Status callbacks.


def test_every_event_of_a_leg(stage):
    call(stage, number(EVENTS), "answer:1:3.4")
    assert told(stage) == ["initiated 0", "ringing 1", "in-progress 2", "completed 3"]


def test_what_a_status_callback_says(stage):
    call(stage, number(EVENTS), "answer:1:3.4", auth_id="AC1")
    callbacks = [r.params for r in stage.web.requests if r.path == "/status"]
    answer = next(r.params for r in stage.web.requests if r.path == "/answer")
    assert len({one["CallSid"] for one in callbacks}) == 1
    for one in callbacks:
        assert parsedate_to_datetime(one["Timestamp"]).utcoffset().total_seconds() == 0
        assert one["ParentCallSid"] == answer["CallSid"]
        assert one["CallbackSource"] == "call-progress-events"
        assert (one["AccountSid"], one["To"], one["Direction"]) == ("AC1", "1313", "outbound-dial")
        assert one["ApiVersion"] == "2012-04-24"
    assert [one.get("CallDuration") for one in callbacks] == [None, None, None, "3"]
    (action,) = [r.params for r in stage.web.requests if r.path == "/action"]
    assert action["DialCallSid"] == callbacks[0]["CallSid"]


@pytest.mark.parametrize(
    ("wanted", "events"),
    [
        ("", ["completed 3"]),
        ("initiated answered", ["initiated 0", "in-progress 2"]),
        ("Ringing, COMPLETED", ["ringing 1", "completed 3"]),
        ("initiated,,nonsense", ["initiated 0"]),
        ("nonsense", ["completed 3"]),
    ],
)
def test_only_what_is_wanted_and_counted_all_the_same(stage, wanted, events):
    attributes = f'statusCallback="/status" statusCallbackEvent="{wanted}"'
    call(stage, number(attributes), "answer:1:1")
    assert told(stage) == events


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("busy", "busy 1"),
        ("fail:USER_BUSY:1", "busy 2"),
        ("reject", "busy 1"),
        ("unallocated", "failed 1"),
        ("refuse:480", "no-answer 1"),
    ],
)
def test_the_end_of_a_leg_that_nobody_answered(stage, script, status):
    call(stage, number(EVENTS), script)
    assert told(stage)[-1] == status


def test_by_get(stage):
    attributes = 'statusCallback="/status" statusCallbackMethod="GET"'
    call(stage, number(attributes), "busy")
    assert [r.method for r in stage.web.requests if r.path == "/status"] == ["GET"]


def test_three_legs_and_one_winner(stage):
    """Ten requests: the losers are canceled and were never answered."""
    at = 'statusCallbackEvent="initiated ringing answered completed" statusCallback="/status{}"'
    targets = "".join(
        number(at.format(at_), digits) for at_, digits in enumerate(("1313", "1414", "1515"))
    )
    call(stage, targets, "ring", "answer:3:1", "ring")
    loser = ["initiated 0", "ringing 1", "canceled 2"]
    assert told(stage, 0) == loser
    assert told(stage, 1) == ["initiated 0", "ringing 1", "in-progress 2", "completed 3"]
    assert told(stage, 2) == loser


def test_who_is_told_is_told_before_the_action(stage):
    call(stage, number(EVENTS), "answer:1:1")
    assert paths(stage)[-2:] == ["/action", "/hangup"]


def test_a_number_that_nobody_can_reach(stage):
    call(stage, number(EVENTS, "42"))
    assert told(stage) == ["initiated 0", "failed 1"]


def test_a_callee_who_declines_has_been_there(stage):
    """CallStatus is about the leg, which was answered; DialCallStatus about the Dial."""
    documents = {"screen": "<Hangup/>"}
    call(stage, number(EVENTS + ' url="/screen"'), "answer:1", documents=documents)
    assert told(stage) == ["initiated 0", "ringing 1", "in-progress 2", "completed 3"]
    assert outcome(stage)[0] == "no-answer"
