"""The daemon under many calls, too many calls, and at its end."""

import contextlib
import sqlite3
from dataclasses import replace
from urllib.parse import parse_qsl

import gevent
from dialctl.apps import choose
from dialctl.esl import records
from dialctl.server import Server
from dialctl.settings import App, Limits

from support.webapp import Answer

from .conftest import SETTINGS

DIAL = '<Dial callbackUrl="/callback" action="/action"><Number>1001</Number></Dial>'


def test_calls_beside_each_other(stage):
    stage.start({"answer": DIAL}, {"1001": "answer:1:2"})
    calls = [stage.call(over=False) for _ in range(50)]
    for a_leg in calls:
        stage.end(a_leg)
    for a_leg in calls:
        events = [
            r.params["Event"] for r in stage.web.requests if r.params["CallUUID"] == a_leg.uuid
        ]
        assert events == [
            "StartApp",
            "DialAnswer",
            "DialConnected",
            "DialHangup",
            "DialAction",
            "Hangup",
        ]


def test_a_slow_application_delays_its_own_call_only(stage):
    slow = iter([True])
    stage.start(
        {
            "answer": lambda _request: Answer(
                "<Response><Hangup/></Response>", delay=1.8 if next(slow, False) else 0
            )
        }
    )
    first = stage.call(over=False)
    assert stage.web.wait_for(1)
    second = stage.call(over=False)
    assert second.wait(1.5), "the second call waited for the first one's application"
    stage.end(first)


def test_beyond_its_limits_calls_are_refused_with_503(stage):
    settings = replace(SETTINGS, limits=Limits(calls=2))
    stage.start({"answer": "<Wait length='5'/>"}, settings=settings)
    calls = [stage.call(over=False) for _ in range(3)]
    for a_leg in calls:
        stage.end(a_leg)
    assert sorted(a_leg.sip_status for a_leg in calls) == [480, 480, 503]
    assert {r.params["CallUUID"] for r in stage.web.requests} == {
        a_leg.uuid for a_leg in calls if a_leg.sip_status == 480
    }


def test_too_many_calls_in_a_second(stage):
    settings = replace(SETTINGS, limits=Limits(calls_per_second=2))
    stage.start({"answer": "<Hangup/>"}, settings=settings)
    calls = [stage.call(over=False) for _ in range(4)]
    for a_leg in calls:
        assert a_leg.wait(5)
    assert sorted(a_leg.sip_status for a_leg in calls) == [480, 480, 503, 503]
    assert stage.server.idle(5)


def test_no_app_takes_the_call(stage):
    a_leg = stage.call(match=("1444*",))
    assert a_leg.sip_status == 404
    assert stage.web.requests == []


def test_a_channel_variable_names_the_app(stage):
    stage.call(match=("1444*",), variables={"dialctl_app": "main"})
    assert stage.told()[0] == "/answer StartApp"
    assert choose((App("a", "http://x/"),), "1", "b") is None


def test_requests_are_signed(stage):
    stage.call(auth_id="MA1", auth_token="secret", documents={"answer": "<Hangup/>"})
    for request in stage.web.requests:
        assert request.headers["x-plivo-signature-v3"]
        assert request.headers["x-plivo-signature-v2"]
        assert request.params["ParentAuthID"] == "MA1"
    assert stage.web.requests[-1].headers["idempotency-key"].endswith("-hangup")


def test_what_is_told_has_a_key_of_its_own(stage):
    a_leg = stage.call(DIAL, {"1001": "answer:0.5:0.5"})
    assert [r.headers.get("idempotency-key", "-") for r in stage.web.requests] == [
        "-",
        f"{a_leg.uuid}-dial-1-1-answer",
        f"{a_leg.uuid}-dial-1-1-connected",
        f"{a_leg.uuid}-dial-1-1-hangup",
        f"{a_leg.uuid}-dial-1-action",
        f"{a_leg.uuid}-hangup",
    ]


def test_the_switch_keeps_its_records_until_all_is_written(stage, monkeypatch):
    """A controller that dies sooner leaves the next one what it needs to tell it again."""
    known, forget = [], records.forget

    def forgets(*what):
        with contextlib.closing(sqlite3.connect(f"{stage.state_dir}/outbox.sqlite3")) as outbox:
            waits = outbox.execute("SELECT count(*) FROM reports").fetchone()[0]
            known.append(waits + outbox.execute("SELECT count(*) FROM told").fetchone()[0])
        return forget(*what)

    monkeypatch.setattr(records, "forget", forgets)
    stage.call(DIAL, {"1001": "busy"})
    assert known == [len(stage.web.requests) - 1]  # the answer request is none of them


def test_stopping_leaves_calls_to_the_next_controller(stage):
    stage.start({"answer": "<Wait length='3'/><Hangup/>"})
    a_leg = stage.call(over=False)
    assert stage.web.wait_for(1)
    gevent.sleep(0.01)
    listen = stage.server.address
    stage.server.stop()
    assert stage.told() == ["/answer StartApp"]
    stage.server = Server(replace(stage.settings, listen=listen), stage.clock)
    stage.server.start()
    stage.end(a_leg)
    assert stage.told() == ["/answer StartApp", "/hangup Hangup"]
    assert stage.request("/hangup")["HangupCauseCode"] == "4000"


def test_stopping_leaves_a_long_call_to_the_switch(stage):
    stage.start({"answer": DIAL}, {"1001": "answer:0.5:20"})
    a_leg = stage.call(over=False)
    assert stage.web.wait_for(3)
    stage.server.stop()
    assert not a_leg.wait(2), "the call was cut"
    stage.server = None


def test_nothing_is_left_of_a_call(stage):
    stage.start({"answer": DIAL}, {"1001": "answer:0.2:0.2"})
    stage.call()
    before = _greenlets()
    for _ in range(5):
        stage.call()
    assert _greenlets() <= before


def _greenlets():
    import gc

    gc.collect()
    return sum(isinstance(thing, gevent.Greenlet) and not thing.dead for thing in gc.get_objects())


def test_plivos_own_sdk_accepts_every_request(stage):
    """The vendor's validators, as an application written for Plivo calls them."""
    from plivo.utils import validate_signature
    from plivo.utils.signature_v3 import validate_v3_signature

    document = (
        '<Dial callbackUrl="/callback?x=1&amp;a=%20b" action="/action" method="GET">'
        "<Number>1001</Number></Dial>"
    )
    stage.call(
        document,
        {"1001": "answer:0.5:1"},
        auth_id="MA1",
        auth_token="token77",
        hangup_method="GET",
        caller_name="Ann & Co",
    )
    assert len(stage.web.requests) == 6
    for request in stage.web.requests:
        headers, url = request.headers, stage.web.url(request.path)
        query = f"{url}?{request.query}" if request.query else url
        asked = len(parse_qsl(request.query, keep_blank_values=True))
        form = {} if request.method == "GET" else dict(request.pairs[asked:])
        assert validate_v3_signature(
            request.method,
            query,
            headers["x-plivo-signature-v3-nonce"],
            "token77",
            headers["x-plivo-signature-v3"],
            form,
        ), f"V3 of {request.method} {query}"
        assert validate_signature(
            url, headers["x-plivo-signature-v2-nonce"], headers["x-plivo-signature-v2"], "token77"
        ), f"V2 of {request.method} {query}"
