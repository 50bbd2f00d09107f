"""Whose number and name the callee sees, and that no text of anyone's rings somebody else."""

import pytest

from .expected import ANY, UUID, Form
from .flow import END_OF_DOCUMENT
from .numbers import answers, dial, number, response

HOSTILE = [
    "a]b|c{d}<e>$${x}",
    "a[b",
    "${uuid}",
    "x,origination_caller_id_number=666",
    "x;origination_caller_id_number=666",
    "x',origination_caller_id_number=666,y='",
    "x]sofia/gateway/carrier_a/155530009,[y",
    ",sofia/gateway/carrier_a/155530009",
    "|sofia/gateway/carrier_a/155530009",
    ":_:sofia/gateway/carrier_a/155530009",
    "^^:leg_timeout=1:x",
    'say "hello"',
    "back\\slash\\",
    "line\nbreak\n\nexecute-app-name: hangup",
    "x" * 300,
]


def seen_by(callee):
    return callee["Caller-Caller-ID-Number"], callee["Caller-Caller-ID-Name"]


def run(live, call, bob, caller=None, name="Caller"):
    """The call goes through as ever; what the one callee saw of the caller."""
    flow = live.flow(call, name=name)
    live.expect(
        flow.start(),
        flow.answer(bob, caller=caller),
        flow.connected(bob, caller=caller),
        flow.leg_ended(bob, "NORMAL_CLEARING", caller=caller, talked=True),
        flow.hangup(END_OF_DOCUMENT),
    )
    assert call.story() == ["180", "200", "BYE"]
    (callee,) = live.callees()
    assert callee["Caller-Destination-Number"] == bob
    return seen_by(callee)


def test_the_callers_own_unless_the_dial_says_otherwise(live):
    bob = answers(0.1, 0.2)
    live.script(response(dial(bob, callbackUrl=live.url("/callback"))))
    assert run(live, live.call(), bob) == ("15551230000", "Caller")


@pytest.mark.parametrize("name", ["Acme, Inc.", "O'Brien", "José", "A & B <sales>"])
def test_caller_id_and_name_of_the_dial(live, name):
    bob = answers(0.1, 0.2)
    urls = {"callbackUrl": live.url("/callback")}
    live.script(response(dial(bob, callerId="15557654321", callerName=name, **urls)))
    seen = run(live, live.call(), bob, caller="15557654321")
    assert seen == ("15557654321", name)


@pytest.mark.parametrize("name", ["Acme, Inc.", "O'Brien", "José", "a]b[c"])
def test_the_callers_own_name_reaches_application_and_callee(live, name):
    bob = answers(0.1, 0.2)
    live.script(response(dial(bob, callbackUrl=live.url("/callback"))))
    call = live.call(name=name)
    from_number, seen = run(live, call, bob, name=name)
    assert from_number == "15551230000"
    if "[" not in name:  # what cannot be passed inside a dial string may be left out
        assert seen == name


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:20].encode("unicode_escape"))
def test_a_hostile_caller_name_changes_nothing_but_the_name(live, name):
    """The one callee is rung, with the right number; nothing is expanded, nobody else is rung."""
    bob = answers(0.1, 0.2)
    urls = {"callbackUrl": live.url("/callback")}
    live.script(response(dial(bob, callerId="15557654321", callerName=name, **urls)))
    call = live.call()
    from_number, seen = run(live, call, bob, caller="15557654321")
    assert from_number == "15557654321"
    assert not Form(f"(?s).*{UUID}.*").fits(seen, {}), f"a variable was expanded: {seen!r}"


@pytest.mark.parametrize("caller_id", ["1555,leg_timeout=1", "]sofia/gateway/carrier_a/155530009"])
def test_a_caller_id_that_is_no_number_sets_nothing(live, caller_id):
    """Whether it fails the document or is left out is open; what it says is never obeyed."""
    bob = answers(0.1, 0.2)
    live.script(response(dial(bob, callerId=caller_id)))
    call = live.call()
    assert live.web.wait_for(2)
    assert call.story()
    called = [callee["Caller-Destination-Number"] for callee in live.callees()]
    assert called in ([], [bob])
    assert all(callee["Caller-Caller-ID-Number"].isdigit() for callee in live.callees())


@pytest.mark.parametrize(
    "text",
    [
        f"{answers()},sofia/gateway/carrier_a/155530009",
        f"{answers()}|155530009",
        "[origination_uuid=x]155530009",
        "15551${uuid}",
        "155530009:_:155530009",
    ],
)
def test_a_number_that_is_none_rings_nobody_of_its_own_choice(live, text):
    """Whether it fails the document or the leg is open."""
    live.script(response(dial(number(text))))
    call = live.call()
    flow = live.flow(call)
    assert live.web.wait_for(2)
    assert call.story()
    assert [callee["Caller-Destination-Number"] for callee in live.callees()] in ([], [answers()])
    live.expect(flow.start(), flow.hangup((ANY, ANY, ANY), answered=bool(live.callees())))


def test_headers_of_the_callers_invite(live):
    live.script(response('<Hangup reason="busy"/>'))
    call = live.call(headers={"P-Attestation-Indicator": "B", "X-PH-Test": "Sample"})
    call.ended()
    assert live.web.wait_for(2)
    for request in live.web.requests:
        assert request.params["STIRAttestation"] == "B"
        assert request.params["X-PH-Test"] == "Sample"
        assert request.params["SIP-H-To"].startswith(f"<sip:{call.number}@127.0.0.1:")
