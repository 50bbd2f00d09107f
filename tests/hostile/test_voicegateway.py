"""Whatever a JSON document says: it is carried out as it was meant, or refused in plain words."""

import json
from dataclasses import replace

from dialctl.dial.forking import rounds
from dialctl.dialects import voicegateway
from dialctl.errors import DocumentError
from dialctl.esl import commands, modules, records
from dialctl.esl.dialstring import dial_string
from dialctl.esl.routing import legs
from dialctl.plan import Dial, Play, Refuse
from dialctl.settings import DialectLimits
from dialctl.switch import dialstring as judge
from hypothesis import given
from hypothesis import strategies as st

from .test_dial_strings import CALL, ROUTES, argument_of, digits, hostile, mixed, names, tried

LIMITS = DialectLimits(60, 120, 10, False)
TRUNKS = replace(ROUTES, trunks=(("T", ("sofia/gateway/t/{number}",)),))
OWN = {"origination_uuid", "dialctl_leg", "leg_timeout", "execute_on_answer"}

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), hostile)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(hostile, inner, max_size=3)
    ),
    max_leaves=6,
)
hooks = st.one_of(hostile, st.just("/hook"), st.fixed_dictionaries({"url": hostile}), anything)
headers = st.dictionaries(mixed(st.sampled_from(["X-A", "Via"])), mixed(st.just("a b")), max_size=3)
keys = st.lists(mixed(st.text("0123456789*#", max_size=4)), max_size=3)
WS = mixed(st.just("wss://ears.example.com/in?a=b"))


def _object(needed, **optional):
    return st.fixed_dictionaries(needed, optional=optional)


targets = st.one_of(
    _object(
        {"type": st.just("phone"), "number": mixed(digits)},
        trunk=mixed(st.just("T")),
        headers=headers,
    ),
    _object(
        {"type": st.just("sip"), "sipUri": mixed(st.just("sip:alice@example.com"))},
        headers=headers,
        auth=_object({"username": mixed(st.just("u")), "password": mixed(st.just("p"))}),
    ),
    _object({"type": st.just("user"), "name": mixed(st.just("alice@example.com"))}),
    anything,
)
dials = _object(
    {"verb": st.just("dial"), "target": st.lists(targets, min_size=1, max_size=3)},
    actionHook=hooks,
    callerId=hostile,
    dialMusic=mixed(st.just("https://a.example/b.wav")),
    dtmfCapture=st.one_of(keys, st.fixed_dictionaries({"childCall": keys})),
    dtmfHook=hooks,
    headers=headers,
    listen=_object({"url": WS}, metadata=st.dictionaries(hostile, anything, max_size=3)),
    referHook=hooks,
    timeout=st.one_of(st.floats(), anything),
    timeLimit=st.one_of(st.integers(), anything),
)
others = st.one_of(
    _object({"verb": st.just("say"), "text": hostile}, synthesizer=anything, loop=anything),
    _object({"verb": st.just("play"), "url": mixed(st.just("https://a.example/b.wav"))}),
    _object({"verb": st.just("gather")}, actionHook=hooks, finishOnKey=hostile, say=anything),
    _object({"verb": st.just("redirect"), "actionHook": hooks}),
    _object(
        {"verb": st.just("sip:decline"), "status": st.integers(0, 999)},
        reason=hostile,
        headers=headers,
    ),
    _object({"verb": hostile}),
    anything,
)


def steps(document):
    """Those of a document; none of one that is refused."""
    try:
        return voicegateway.parse(document, "https://app.example/", LIMITS).steps
    except DocumentError:
        return ()


@tried
@given(st.one_of(st.binary(max_size=60), hostile.map(str.encode)))
def test_any_bytes(document):
    steps(document)


@tried
@given(st.one_of(anything, others, st.lists(st.one_of(dials, others), max_size=3)))
def test_any_json(document):
    for step in steps(json.dumps(document).encode()):
        if isinstance(step, Play):
            assert not set('{}<>"\\^ \n') & set(step.source.partition("://")[2])
        if isinstance(step, Refuse):
            assert 400 <= step.status <= 699


@tried
@given(dials)
def test_exactly_those_who_were_meant_are_rung(document):
    rings_whom_it_means(document)


def rings_whom_it_means(document):
    """Whether it rings anybody: a document that is refused does not."""
    found = steps(json.dumps([document]).encode())
    for dial in found:
        meant = legs(dial.targets, TRUNKS, names())
        hook = records.leg_hook(CALL)
        for round in rounds(meant, sequential=dial.sequential):
            if not any(leg.attempts for leg in round.legs):
                continue  # no such trunk
            served = replace(round, legs=tuple(leg for leg in round.legs if leg.attempts))
            text = dial_string(served, dial.ring_timeout, dial.time_limit, "public", hook)
            read = judge.parse(argument_of(commands.execute("bridge", text, "u", hook), "bridge"))
            rung = [one for branch in read.branches for group in branch.rounds for one in group]
            attempts = [attempt for leg in served.legs for attempt in leg.attempts]
            reached = [f"{one.kind}/{one.address}" for one in rung]
            assert reached == [attempt.endpoint for attempt in attempts]
            for one, attempt in zip(rung, attempts, strict=True):
                told = {name: value for name, value in one.variables if name not in OWN}
                assert told == {n: v for n, v in attempt.variables if n not in OWN}
    return bool(found)


@tried
@given(dials)
def test_a_stream_is_one_command_of_seven_words(document):
    for dial in steps(json.dumps([document]).encode()):
        if isinstance(dial, Dial) and dial.fork:
            frame = modules.start_fork("fork", "a-leg", dial.fork, dict(dial.fork.metadata))
            assert frame.count(b"\n") == 2
            words = frame.decode().split()
            assert words[:4] == ["api", "fork", "a-leg", "start"]
            assert words[4] == dial.fork.url
            assert json.loads(words[7]).keys() == dict(dial.fork.metadata).keys()
            assert len(words) == 8
