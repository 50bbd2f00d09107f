"""Whatever somebody asks the control API for, FreeSWITCH rings who was meant and nobody else.

As test_dial_strings: the built-in switch reads the command as FreeSWITCH does, and is the judge.
"""

import uuid

import pytest
from dialctl.control import asked
from dialctl.esl import commands, dialstring, records
from dialctl.esl.routing import legs
from dialctl.settings import App
from dialctl.switch import dialstring as judge
from hypothesis import example, given
from hypothesis import strategies as st

from hostile.test_dial_strings import ENDPOINT, ROUTES, hostile, mixed, tried

APP = App("a", "http://127.0.0.1/", call_out=("*",))
FIELDS = {
    "from": st.just("15551230000"),
    "to": st.sampled_from(("15550001", "sip:alice@example.com", "25550001<15550002")),
    "caller_name": st.just("Ann"),
    "send_digits": st.just("1w2"),
    "sip_headers": st.just("Color=blue,Size=9"),
}
KEPT = {"dialctl_app": "a", "dialctl_owner": "here_8084#a1"}
OURS = {"origination_uuid", "dialctl_leg", "execute_on_answer", "socket_resume", *KEPT}
SHARED = {
    "originate_timeout",
    "ignore_early_media",
    "origination_nested_vars",
    "api_reporting_hook",
}

requests = st.fixed_dictionaries(
    {"to": mixed(FIELDS["to"]), "from": FIELDS["from"]},
    optional={name: mixed(nice) for name, nice in FIELDS.items() if name not in ("to", "from")},
) | st.fixed_dictionaries({name: mixed(nice) for name, nice in FIELDS.items()})


@tried
@given(requests)
@example({"to": "15550001", "from": "15551230000", "caller_name": "a' x XML public"})
def test_exactly_those_who_were_meant_are_rung(fields):
    try:
        wanted = asked.read({**fields, "answer_url": "http://127.0.0.1/"}, APP)
    except asked.Unusable:
        return
    for leg in legs(wanted.targets, ROUTES, lambda *_: str(uuid.uuid4())):
        for attempt in leg.attempts:
            hook = records.call_hook("${uuid}")
            line = dialstring.originate(attempt, KEPT, hook, "public", 20, 3600)
            frame = commands.bgapi(line)
            assert frame.count(b"\n\n") == 1
            words = judge.separate(line.removeprefix("originate "), " ")
            assert words[1:] == ["dialctl-placed", "XML", "public"]
            (branch,) = judge.parse(words[0]).branches
            ((one,),) = branch.rounds
            assert f"{one.kind}/{one.address}" == attempt.endpoint
            assert ENDPOINT.fullmatch(attempt.endpoint)
            assert {name for name, _ in branch.variables} <= SHARED
            told = {name: value for name, value in one.variables if name not in OURS}
            assert told == dict(attempt.variables)


@given(hostile)
@pytest.mark.parametrize("where", ["to", "from"])
def test_a_party_is_a_number_or_an_address_or_nothing(where, text):
    fields = {"to": "15550001", "from": "15551230000", "answer_url": "http://127.0.0.1/"}
    try:
        wanted = asked.read({**fields, where: text}, APP)
    except asked.Unusable:
        return
    assert not set("',|[]{}^$\\ \n") & set(wanted.caller + wanted.targets[0].label)
