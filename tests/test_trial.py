"""``dialctl try``: what it draws and tells of a document, and the exit status."""

import json

import pytest
from dialctl import cli

from support.webapp import WebApp

DIAL = '<Dial action="done" callbackUrl="told"><Number>1001</Number><Number>1002</Number></Dial>'
FAST = ("--speed", "20")


@pytest.fixture
def attempt(tmp_path, capsys):
    def run(documents, *options):
        for name, text in documents.items():
            (tmp_path / name).write_text(text)
        status = cli.main(["try", str(tmp_path / next(iter(documents))), *FAST, *options])
        return status, capsys.readouterr().out

    return run


def events(told):
    return [(one["who"], one["what"], one["detail"]) for one in told["happened"]]


def asked(told, *names):
    """Path, status and these parameters of each request."""
    return [
        " ".join(
            [
                one["url"].rpartition("/")[2],
                str(one["status"]),
                *(dict(map(tuple, one["params"])).get(name, "-") for name in names),
            ]
        )
        for one in told["asked"]
    ]


def test_a_call_is_drawn_and_every_request_shown(attempt):
    callees = ("--callee", "1001=answer:1:2", "--callee", "1002=busy")
    status, said = attempt({"doc.xml": f"<Response>{DIAL}</Response>"}, *callees)
    assert status == 0
    ladder, requests = said.split("\nEvery request:\n")
    heads = ladder.splitlines()[0].split("  ")
    assert [head.strip() for head in heads if head] == [
        *("seconds", "caller", "callee 1", "callee 2", "web application"),
    ]
    assert "POST /doc.xml  StartApp" in ladder
    assert "hung up USER_BUSY" in ladder
    assert "POST /done     DialAction completed" in ladder
    assert "     DialBLegHangupCauseName=Busy Line\n" in requests
    assert requests.count("     Event=DialHangup\n") == 2
    assert requests.count("     To=15550000001\n") == 1  # what all of them say stands there once


def test_documents_beside_it_are_reached_and_keys_pressed(attempt):
    documents = {
        "doc.xml": '<Response><GetDigits action="next.xml" numDigits="1"><Speak>One?</Speak>'
        "</GetDigits></Response>",
        "next.xml": "<Response><Speak>Good bye</Speak></Response>",
    }
    status, said = attempt(documents, "--press", "0.5:1", "--json")
    told = json.loads(said)
    assert (status, told["over"], told["log"]) == (0, True, [])
    assert asked(told, "Event", "Digits") == [
        "doc.xml 200 StartApp -",
        "next.xml 200 Redirect 1",
        "hangup 200 Hangup -",
    ]
    heard = [detail for who, what, detail in events(told) if (who, what) == ("caller", "hears")]
    assert heard == ["One?", "Good bye"]


def test_everybody_else_and_a_caller_who_leaves(attempt):
    document = {"doc.xml": f"<Response>{DIAL}</Response>"}
    status, said = attempt(document, "--callee", "*=ring", "--hangup", "3", "--json")
    told = json.loads(said)
    assert status == 0
    assert [what for who, what, _ in events(told) if who == "callee 2"] == [
        *("created", "ringing", "hung up"),
    ]
    assert asked(told, "DialStatus")[-2:] == ["done 200 cancel", "hangup 200 -"]


def test_what_a_document_says_cannot_steer_a_terminal(attempt):
    status, said = attempt({"doc.xml": "<Response><Speak>a\x9b31mb</Speak></Response>"})
    assert status == 0
    assert "\x9b" not in said
    assert "hears a" in said


def test_a_document_with_a_mistake(attempt):
    status, said = attempt({"doc.xml": "<Response><Dail/></Response>"})
    assert status == 1
    assert "error: answer document of app try: line 1: <Dail> is no element of Plivo's" in said


def test_a_call_that_does_not_end(attempt):
    document = {"doc.xml": '<Response><Wait length="60"/></Response>'}
    status, said = attempt(document, "--seconds", "2")
    assert status == 1
    assert "the call is not over" in said


def test_the_voice_gateways(attempt):
    dial = {"verb": "dial", "actionHook": "after", "target": [{"type": "phone", "number": "1001"}]}
    dial["target"][0]["trunk"] = "carrier_x"
    document = {"doc.json": json.dumps([dial])}
    options = ("--trunk", "carrier_x", "--callee", "1001=reject", "--json")
    status, said = attempt(document, *options)
    assert status == 0
    assert asked(json.loads(said), "dial_status") == [
        *("doc.json 200 -", "after 200 failed", "hangup 200 -"),
    ]


def test_an_application_of_ones_own(capsys):
    web = WebApp().start()
    redirect = "<Response><Redirect>next</Redirect></Response>"
    web.script({"/answer": redirect, "/next": "<Response/>"})
    assert cli.main(["try", web.url("/answer"), *FAST]) == 0
    assert "POST /next" in capsys.readouterr().out
    told = [(r.method, r.path) for r in web.requests]
    assert told == [("POST", "/answer"), ("POST", "/next")]
    web.stop()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--callee", "1001"), "'1001': write WHO=SCRIPT"),
        (("--press", "x:1"), "'x:1': write SECONDS:KEYS"),
    ],
)
def test_options_that_cannot_be_read(attempt, capsys, options, words):
    with pytest.raises(SystemExit):
        attempt({"doc.xml": "<Response/>"}, *options)
    assert words in capsys.readouterr().err


def test_a_script_that_is_none(tmp_path, capsys):
    document = tmp_path / "doc.xml"
    document.write_text("<Response/>")
    assert cli.main(["try", str(document), "--callee", "1001=sleeps"]) == 1
    assert "--callee: 'sleeps': 'sleeps' is no script; known are" in capsys.readouterr().err
