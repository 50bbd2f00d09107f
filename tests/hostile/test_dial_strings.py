"""Whatever a document, a caller or a callee writes, FreeSWITCH dials who was meant and nobody else.

The built-in switch reads commands, arguments and dial strings as FreeSWITCH does (it is held to
recordings of one), so it is the judge: from the bytes that are written back to legs and variables.
``DIALCTL_HOSTILE=100000`` sets how many inputs are tried; 500 without it. test_masses tries more of
them in less time.
"""

import os
import re

from dialctl.dial.forking import rounds
from dialctl.dialects import callapi, plivo
from dialctl.errors import DocumentError
from dialctl.esl import commands, records
from dialctl.esl.commands import literal
from dialctl.esl.dialstring import bridge_variables, caller_name_variable, dial_string
from dialctl.esl.routing import legs
from dialctl.settings import DialectLimits, NumberRoute, Routes, UserRoute
from dialctl.switch import dialstring as judge
from dialctl.switch.expand import expand
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

TRIES = int(os.environ.get("DIALCTL_HOSTILE", "500"))
tried = settings(
    max_examples=TRIES, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
CALL = "5c6fdd2a-ea4b-4993-bffd-7e93601d18da"
ROUTES = Routes(
    numbers=(
        NumberRoute("2", ("sofia/gateway/a/{number}", "sofia/gateway/b/{number}")),
        NumberRoute("", ("sofia/gateway/a/{number}",)),
    ),
    users=(
        UserRoute("sip.example", ("sofia/internal/{user}@{domain}",)),
        UserRoute("*", ("user/{user}@{domain}",)),
    ),
    clients=("user/{name}@example.com",),
)

# A route's endpoint, or one that the document's own gateways attribute may name.
ENDPOINT = re.compile(
    r"sofia/gateway/[A-Za-z0-9_.-]+/[0-9]{1,20}|sofia/[A-Za-z0-9_.-]+/[0-9]{1,20}|user/[0-9]{1,20}"
    r"|user/[A-Za-z0-9_.!~*+-]+@[A-Za-z0-9.:-]+"
    r"|sofia/internal/[A-Za-z0-9_.!~*+-]+@sip\.example(;transport=(udp|tcp|tls|ws|wss))?"
)

# What could end or widen something, whole and in pieces, among what is harmless.
NASTY = (
    *",|:_:[]{}<>'\"\\^$;=%&#*\n\r\t\0\x01\x02/@ +?!~`()",
    "^^",
    "^^;",
    "${",
    "$${",
    ":_:",
    "${system(reboot)}",
    "\\,",
    "\\n",
    "\\s",
    "]sofia/gateway/x/1",
    ",sofia/gateway/evil/900",
    "|user/evil",
    "\n\nsendmsg\n",
    "Event-UUID: x",
    "é",
    "\u2028",
    "\ud7ff",
)
hostile = st.lists(
    st.one_of(st.sampled_from(NASTY), st.text("abc019 ", max_size=3), st.characters(codec="utf-8")),
    max_size=12,
).map("".join)
in_xml = hostile.map(lambda text: "".join(c for c in text if c >= " " and c not in "\ufffe\uffff"))
digits = st.text("0123456789", min_size=1, max_size=15)
DIAL = ("callerId", "callerName", "sipHeaders", "confirmKey", "digitsMatch", "timeout")
NUMBER = (
    "callerId",
    "callerName",
    "sendDigits",
    "sipHeaders",
    "gateways",
    "gatewayCodecs",
    "extraDialString",
    "sendDigitsMode",
    "sendOnPreanswer",
)
USER = ("callerId", "callerName", "sendDigits", "sipHeaders", "sipAuthUsername", "sipAuthPassword")


SIP = (
    "sip:alice@example.com",
    "sip:alice@sip.example;transport=tcp",
    "sip:alice@sip.example?X-One=1&mine=a%20b",
)


def mixed(nice):
    """A value as it should be, with something hostile before, behind or in place of it."""
    return st.one_of(
        nice,
        in_xml,
        st.builds("".join, st.tuples(nice, in_xml)),
        st.builds("".join, st.tuples(in_xml, nice)),
    )


@st.composite
def of_plivo(draw):
    response = etree.Element("Response")
    dial = etree.SubElement(response, "Dial", draw(st.dictionaries(st.sampled_from(DIAL), in_xml)))
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            names, text = NUMBER, mixed(digits)
            kind = "Number"
        else:
            kind, names, text = "User", USER, mixed(st.just("sip:alice@example.com"))
        attributes = draw(st.dictionaries(st.sampled_from(names), in_xml, max_size=4))
        etree.SubElement(dial, kind, attributes).text = draw(text)
    return plivo, etree.tostring(response)


@st.composite
def of_restcomm(draw):
    response = etree.Element("Response")
    attributes = draw(st.dictionaries(st.sampled_from(("callerId", "timeout")), in_xml))
    dial = etree.SubElement(response, "Dial", attributes)
    dial.text = draw(in_xml)
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["Number", "Client", "Sip"]))
        names = ("username", "password") if kind == "Sip" else ("sendDigits",)
        element = etree.SubElement(
            dial, kind, draw(st.dictionaries(st.sampled_from(names), in_xml))
        )
        element.text = draw(
            {
                "Number": mixed(digits),
                "Client": mixed(st.just("alice")),
                "Sip": mixed(st.sampled_from(SIP)),
            }[kind]
        )
    return callapi, etree.tostring(response)


documents = st.one_of(of_plivo(), of_restcomm())


class Caller:
    """The A-leg, whose own variables are hostile too."""

    profile = None

    class variables:  # noqa: N801
        @staticmethod
        def get(name):
            return "),sofia/gateway/evil/1${destination_number}"


def argument_of(frame, application):
    """What FreeSWITCH gives to the application: one command, and its argument expanded."""
    assert frame.count(b"\n\n") == 1, frame
    lines = frame.decode().rstrip("\n").split("\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    assert [line.split(": ")[0] for line in lines[1:]] == [
        "call-command",
        "execute-app-name",
        "execute-app-arg",
        "Event-UUID",
    ]
    assert headers["execute-app-name"] == application
    return expand(Caller, headers["execute-app-arg"])


def names():
    count = iter(range(1000))
    return lambda *_: f"00000000-0000-4000-8000-{next(count):012d}"


def dials(document):
    dialect, text = document
    return dialect.parse(text, "http://app.example/", DialectLimits(20, 20, 20, False)).steps


@tried
@given(documents)
def test_exactly_those_who_were_meant_are_rung(document):
    rings_whom_it_means(document)


def rings_whom_it_means(document):
    """Whether it rings anybody: a document that is refused does not."""
    try:
        (dial,) = dials(document)
    except DocumentError:
        return False
    meant = legs(dial.targets, ROUTES, names())
    hook = records.leg_hook(CALL)
    for round in rounds(meant, sequential=dial.sequential):
        text = dial_string(round, dial.ring_timeout, dial.time_limit, "public", hook)
        read = judge.parse(argument_of(commands.execute("bridge", text, "u", hook), "bridge"))
        rung = [
            (f"{one.kind}/{one.address}", dict(one.variables))
            for branch in read.branches
            for group in branch.rounds
            for one in group
        ]
        attempts = [attempt for leg in round.legs for attempt in leg.attempts]
        assert [endpoint for endpoint, _ in rung] == [attempt.endpoint for attempt in attempts]
        shared = {
            name for branch in read.branches for name, _ in (*read.variables, *branch.variables)
        }
        assert shared <= {
            "originate_timeout",
            "ignore_early_media",
            "fail_on_single_reject",
            "origination_nested_vars",
            "api_reporting_hook",
        }
        for (endpoint, variables), attempt in zip(rung, attempts, strict=True):
            assert ENDPOINT.fullmatch(endpoint), endpoint
            own = {"origination_uuid", "dialctl_leg", "leg_timeout", "execute_on_answer"}
            told = {name: value for name, value in variables.items() if name not in own}
            assert told == {name: value for name, value in attempt.variables if name not in own}
    return True


@tried
@given(documents)
def test_the_callers_own_variables_hold_what_was_said_and_no_more(document):
    sets_what_was_said(document)


def sets_what_was_said(document):
    try:
        (dial,) = dials(document)
    except DocumentError:
        return
    text = argument_of(commands.execute("multiset", bridge_variables(dial), "u"), "multiset")
    assert text.startswith("^^;")
    pairs = dict(pair.split("=", 1) for pair in text[3:].split(";"))
    assert set(pairs) == {
        "continue_on_fail",
        "hangup_after_bridge",
        "socket_resume",
        "originate_disposition",
        "sip_ignore_remote_cause",
        "bridge_terminate_key",
        "effective_caller_id_number",
        "transfer_ringback",
    }
    assert pairs["effective_caller_id_number"] == (dial.caller_id or "")


@tried
@given(hostile)
def test_text_that_is_heard_or_shown_expands_nothing(text):
    for application, argument in (
        ("speak", f"flite|kal|{literal(text).replace('|', ' ')}"),
        ("set", caller_name_variable(text)),
    ):
        told = argument_of(commands.execute(application, argument, "u"), application)
        assert "evil" not in told.replace("evil", "", text.count("evil"))
        assert "destination_number" not in told


@tried
@given(hostile, hostile)
def test_no_text_ends_a_command(text, other):
    for build in (
        commands.api,
        commands.bgapi,
        commands.hangup,
        commands.filter_uuid,
        commands.auth,
    ):
        try:
            frame = build(text)
        except ValueError:
            assert set("\n\r\0") & set(text)
        else:
            assert frame.count(b"\n\n") == 1
            assert frame.endswith(b"\n\n")
    try:
        frame = commands.execute("log", text, other)
    except ValueError:
        assert set("\n\r\0") & set(text + other) or "${" in text
    else:
        assert frame.count(b"\n\n") == 1


@tried
@given(hostile)
def test_a_caller_who_chooses_the_calls_uuid_chooses_nothing_else(uuid):
    """With inbound-use-callid-as-uuid the UUID of a call is the caller's Call-ID."""
    hook = records.leg_hook(uuid)
    assert hook in ("", f"hash insert/{uuid}/${{uuid}}/{hook.rpartition('/')[2]}")
    if hook:
        assert re.fullmatch(r"[A-Za-z0-9_.@-]+", uuid)
