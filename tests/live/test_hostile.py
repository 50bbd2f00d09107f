"""The worst that callers and documents can say, through a real FreeSWITCH: whom it rings, and with
which variables, is what a harmless call makes of it."""

import json
import subprocess
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import pytest

from .conftest import RCML_DELAY_APP, VOICEGATEWAY_APP
from .live import CALLED
from .numbers import answers, dial, number, response, user
from .rawcaller import RawCaller

BOB = answers(0.0, 0.1)
EVIL = "155530009"
# What could end or widen a value, a command or a header, whole and in pieces.
WORST = [
    f",sofia/gateway/carrier_a/{EVIL}",
    f"|sofia/gateway/carrier_a/{EVIL}",
    f":_:sofia/gateway/carrier_a/{EVIL}",
    f"]sofia/gateway/carrier_a/{EVIL},[y",
    f"}}sofia/gateway/carrier_a/{EVIL},{{y",
    f">sofia/gateway/carrier_a/{EVIL},<y",
    "x',leg_timeout=1,y='",
    "x;leg_timeout=1;y",
    "^^:leg_timeout=1:x",
    "\\,leg_timeout=1\\",
    "${uuid}",
    "$${uuid}",
    "$\\{uuid}",
    "${system(touch was-here)}",
    "%0a%0aexecute-app-name: hangup",
    "' \" ` % & = + ~ # * ( ) ! ?",
    "x" * 900,
    "é\u2028\u200b\uffee",
]
ids = [text[:18].encode("unicode_escape").decode() for text in WORST]


@pytest.fixture
def caller(live):
    made = RawCaller(live.switch.internal_port)
    yield made
    made.close()
    live.switch.events.wait_for(lambda: not live.switch.events.open_channels(), 5)
    assert not Path("was-here").exists(), "the switch ran a program"  # its folder is ours


def rung(live):
    """Whom the switch called, and the names of the variables of each of these legs."""
    events = live.switch.events
    assert events.wait_for(
        lambda: events.of_name("CHANNEL_CREATE") and not events.open_channels(), 10
    ), f"channels are left: {events.open_channels()}"
    return [
        (
            event["Caller-Destination-Number"],
            {name for name in event if name.startswith("variable_")},
        )
        for event in events.of_name("CHANNEL_HANGUP_COMPLETE")
        if event["Call-Direction"] == "outbound"
    ]


def channels(live):
    """How many channels the switch made: the caller's, the leg's, the callee's own side of it."""
    return len(live.switch.events.of_name("CHANNEL_CREATE"))


def told_of(live, call_id):
    """The switch's account of the caller's own channel."""
    return next(
        event
        for event in live.switch.events.of_name("CHANNEL_HANGUP_COMPLETE")
        if event.get("variable_sip_call_id") == call_id and event["Call-Direction"] == "inbound"
    )


@pytest.fixture(scope="module")
def harmless(stand):
    """The variables of the leg of a call without malice."""
    stand.begin()
    stand.script(response(dial(BOB, callerName="Ann", sipHeaders="Test=a")))
    ann = RawCaller(stand.switch.internal_port)
    ann.invite(CALLED, headers=["X-Test: a"])
    try:
        assert ann.final() == 200
        ((called, names),) = rung(stand)
        assert called == BOB
        assert channels(stand) == 3
        return names
    finally:
        ann.close()
        stand.end()


def only_bob(live, harmless):
    """Bob was rung and nobody else, and his leg has the variables that it should have."""
    ((called, names),) = rung(live)
    assert called == BOB
    assert channels(live) == 3
    assert meant(names) <= meant(harmless)


def meant(names):
    """Without the headers that FreeSWITCH hands on to the leg, each as a variable of its own."""
    handed_on = ("variable_sip_h_X-", "variable_sip_h_P-", "variable_sip_h_Diversion")
    return {name for name in names if not name.startswith(handed_on)}


@pytest.mark.parametrize("text", WORST, ids=ids)
def test_a_callers_name(live, caller, harmless, text):
    live.script(response(dial(BOB)))
    caller.invite(CALLED, display=text)
    assert caller.final() == 200, live.log()
    only_bob(live, harmless)


@pytest.mark.parametrize("text", WORST, ids=ids)
@pytest.mark.parametrize("escaped", [False, True])
def test_a_callers_number(live, caller, harmless, text, escaped):
    """FreeSWITCH refuses it, or cannot call Bob on its behalf, or does; nobody else is called."""
    live.script(response(dial(BOB)))
    caller.invite(CALLED, user=quote(text, safe="") if escaped else text)
    if caller.final(2.0) == 200:
        only_bob(live, harmless)
    else:
        live.switch.events.wait_for(lambda: not live.switch.events.open_channels(), 5)
        assert rung_by_anybody(live) in ([], [BOB])


def rung_by_anybody(live):
    """Whom the switch called, whatever became of it."""
    return [
        event["Caller-Destination-Number"]
        for event in live.switch.events.of_name("CHANNEL_CREATE")
        if event["Call-Direction"] == "outbound"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "X-Test",
        "P-Asserted-Identity",
        "P-Preferred-Identity",
        "Remote-Party-ID",
        "Diversion",
        "History-Info",
        "Call-Info",
        "Alert-Info",
        "Subject",
        "User-Agent",
        "P-Charging-Vector",
        "P-Key-Flags",
        "Reason",
        "Replaces",
    ],
)
def test_headers_of_the_invite(live, caller, harmless, name):
    """One call for each header, X-Test for all of the texts."""
    live.script(response(dial(BOB)))
    as_uri = ("Identity", "Party", "Diversion", "Info")
    form = '"{}" <sip:1@127.0.0.1>' if name.rpartition("-")[2].endswith(as_uri) else "{}"
    many = name == "X-Test"
    texts = [form.format(text[:300].replace('"', "")) for text in WORST]
    headers = [f"{name}{at if many else ''}: {text}" for at, text in enumerate(texts)]
    caller.invite(CALLED, headers=headers if many else headers[:1])
    if caller.final(3.0) == 200:
        only_bob(live, harmless)
    else:
        assert rung_by_anybody(live) == []


@pytest.mark.parametrize(
    "name",
    ["dialctl_confirmed", "dialctl_app", "origination_uuid", "Unique-ID", "api_reporting_hook"],
)
def test_headers_that_are_called_like_variables(live, caller, harmless, name):
    live.script(response(dial(BOB)))
    prefixes = ("", "X-", "variable_", "sip_h_", "P-")
    caller.invite(CALLED, headers=[f"{prefix}{name}: forged" for prefix in prefixes])
    assert caller.final() == 200
    only_bob(live, harmless)
    a_leg = told_of(live, caller.call_id)
    assert a_leg.get(f"variable_{name}") != "forged"
    assert a_leg["Unique-ID"] != "forged"
    assert {r.params["CallUUID"] for r in live.web.requests} == {a_leg["Unique-ID"]}


@pytest.mark.parametrize(
    "forged",
    [
        b"a=x:y%0aUnique-ID: forged%0a%0a\r\n",
        b"Unique-ID: forged\r\nContent-Length: 9\r\n",
        b"a=x:y\nUnique-ID: forged\n\n\nUnique-ID: forged\n",
        b"a=" + b"x" * 3000 + b"\r\n",
    ],
    ids=["encoded", "lines", "blank lines", "long"],
)
def test_an_sdp_that_looks_like_headers(live, caller, harmless, forged):
    """What is no SDP FreeSWITCH refuses itself."""
    live.script(response(dial(BOB)))
    caller.invite(CALLED, sdp=forged)
    assert caller.final() in (200, 400)
    if caller.statuses[-1] == 200:
        only_bob(live, harmless)
        uuid = told_of(live, caller.call_id)["Unique-ID"]
        assert {r.params["CallUUID"] for r in live.web.requests} == {uuid}
    else:
        assert live.web.requests == []


@pytest.mark.parametrize("text", WORST, ids=ids)
def test_a_called_number_that_is_none(live, caller, text):
    """The dialplan takes digits alone."""
    live.script(response(dial(BOB)))
    caller.invite(quote(CALLED + text, safe=""))
    caller.final(1.0)
    live.switch.events.wait_for(lambda: not live.switch.events.open_channels(), 5)
    assert rung_by_anybody(live) == []
    assert live.web.requests == []


@pytest.mark.parametrize("text", [*WORST, "a\nb", "a\r\n\r\nX: y"], ids=[*ids, "lf", "crlf"])
def test_values_of_a_document(live, caller, harmless, text):
    """In each attribute that goes to the switch."""
    bob = number(BOB, sendDigits=text)
    live.script(response(dial(bob, callerName=text, sipHeaders=f"T={text}")))
    caller.invite(CALLED)
    caller.final(5.0)
    legs = rung(live) if rung_by_anybody(live) else []
    assert [called for called, _ in legs] in ([], [BOB])
    for _, names in legs:
        assert meant(names) <= meant(harmless)


@pytest.mark.parametrize("text", [*WORST, "a\nb", "a\0b"], ids=[*ids, "lf", "nul"])
def test_values_of_a_json_document(live, caller, harmless, text):
    target = {
        "type": "phone",
        "number": BOB,
        "headers": {"X-PH-Test": text, text[:100]: "a"},
    }
    document = json.dumps([{"verb": "dial", "target": [target], "callerId": text}])
    live.web.script({"/vg/answer": document, "/vg/hangup": "", "/dial": "[]"})
    caller.invite(VOICEGATEWAY_APP)
    caller.final(5.0)
    legs = rung(live) if rung_by_anybody(live) else []
    assert [called for called, _ in legs] in ([], [BOB])
    for _, names in legs:
        assert meant(names) <= meant(harmless)


@pytest.mark.parametrize("text", [*WORST, "a\nb"], ids=[*ids, "lf"])
@pytest.mark.parametrize("password", [False, True], ids=["headers", "password"])
def test_values_of_an_rcml_document(live, caller, harmless, text, password):
    address = f"sip:{BOB}@127.0.0.1:{live.switch.callee_port}?X-Test={quote(text, safe='')}"
    given = {"username": "ann", "password": text} if password else {}
    said = "".join(f" {name}={quoteattr(value)}" for name, value in given.items())
    target = f"<Sip{said}>{escape(address)}</Sip>"
    document = response(f"<Dial callerId={quoteattr(text)}>{target}</Dial>")
    live.web.script({"/rcml/answer": document, "/rcml/hangup": ""})
    caller.invite(RCML_DELAY_APP)
    caller.final(5.0)
    legs = rung(live) if rung_by_anybody(live) else []
    assert [called for called, _ in legs] in ([], [BOB])
    for _, names in legs:
        assert meant(names) <= meant(harmless) | {
            *("variable_sip_auth_username", "variable_sip_auth_password"),
            "variable_confirm_blind_transfer",  # for the app's refer_url
        }


@pytest.mark.parametrize("text", WORST, ids=ids)
def test_targets_of_a_document(live, caller, text):
    """A number or a user that is none is not rung, and its words are not obeyed."""
    live.script(response(dial(number(BOB + text), user(f"sip:alice{text}@lab.local"))))
    caller.invite(CALLED)
    caller.final(5.0)
    live.switch.events.wait_for(lambda: not live.switch.events.open_channels(), 5)
    assert set(rung_by_anybody(live)) <= {BOB}


def test_no_secret_is_in_the_process_list(live):
    """Of the daemon, nor of anything that it might have started."""
    told = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert " serve --config " in told
    assert "a-token-of-the-tests" not in told
