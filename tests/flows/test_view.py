"""The live view of real calls, as any client that asks for it gets it."""

import json
import re
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from support.ports import free_port
from support.webapp import Answer

from .conftest import SETTINGS
from .control import basic

TOKEN = "the-operators-token"
FORK = """<Dial callbackUrl="/callback" action="/action"><Number>1001</Number>
<Number>1002</Number></Dial>"""
CALLEES = {"1001": "answer:2:5", "1002": "ring"}
HOSTILE = "<script>alert(1)</script>\"'&"


def settings(**more):
    web = replace(SETTINGS.web, **{"listen": f"127.0.0.1:{free_port()}", "view": True, **more})
    return replace(SETTINGS, web=web)


def get(stage, path, **headers):
    """Status, headers, text."""
    url = f"http://{stage.settings.web.listen}{path}"
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_calls_that_are_up_and_calls_that_are_over(stage):
    stage.start({"answer": FORK}, CALLEES, settings=settings())
    a_leg = stage.call(over=False)
    stage.clock.sleep(1)
    assert "1 call is up" in words(get(stage, "/")[2])
    stage.clock.sleep(2)
    page = words(get(stage, "/")[2])
    assert "15551230000" in page
    assert "1001 talking" in page
    assert "1002 somebody else was connected first" in page
    parts = json.loads(get(stage, "/?parts=1")[2])
    assert parts["status"] == "1 call is up"
    stage.end(a_leg)
    parts = json.loads(get(stage, "/?parts=1")[2])
    assert "No call is up" in parts["live"]
    assert "1001 connected, hung up" in words(parts["recent"])
    assert "Calls in the last minute 1" in words(parts["rates"])


def test_a_calls_page_has_its_requests_and_answers(stage):
    stage.start({"answer": FORK}, CALLEES, settings=settings())
    a_leg = stage.call()
    status, _, page = get(stage, f"/calls/{a_leg.uuid}")
    assert status == 200
    said = words(page)
    for words_ in (
        "POST StartApp → 200",
        "calls 15550009999",
        "line 1: Dial",
        "called: 1001",
        "is gone: end of the document",
        "POST DialAction → 200",
        "DialBLegTo 1001",
    ):
        assert words_ in said
    leg = stage.server.stories.find(a_leg.uuid).legs[0]
    assert get(stage, f"/calls/{leg.uuid}?parts=1")[0] == 200
    assert get(stage, "/calls/nobody")[0] == 404


def test_search(stage):
    stage.start({"answer": FORK}, CALLEES, settings=settings())
    a_leg = stage.call()
    for wanted in ("1002", "555-123", a_leg.uuid[:8]):
        assert f"1 call with {wanted}" in words(get(stage, f"/search?q={wanted}")[2])
    assert "None that is up" in get(stage, "/search?q=1009")[2]
    assert get(stage, "/search")[0] == 200


def test_what_waits_in_the_outbox(stage):
    gone = {"callback": Answer(status="503 Service Unavailable")}
    stage.start({"answer": FORK, **gone}, CALLEES, settings=settings())
    a_leg = stage.switch.place_call(destination="15550009999")
    assert a_leg.wait(60)
    stage.clock.sleep(3)
    said = words(json.loads(get(stage, "/?parts=1")[2])["outbox"])
    assert "Waiting 4" in said
    assert "answered 503" in said


def test_nothing_that_somebody_wrote_becomes_html(stage):
    stage.start({"answer": FORK}, CALLEES, settings=settings())
    a_leg = stage.call(caller_name=HOSTILE, caller=HOSTILE)
    for path in ("/", f"/calls/{a_leg.uuid}", f"/search?q={'%3Cscript%3E'}", "/calls/%3Cscript%3E"):
        _, headers, page = get(stage, path)
        assert "<script>" not in page
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert not re.search(r" (style|on\w+)=", page)
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": basic("anybody", "wrong")}, 401),
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Authorization": basic("anybody", TOKEN)}, 200),
    ],
)
@pytest.mark.parametrize("path", ["/", "/static/view.js", "/static/view.css", "/search?q=1"])
def test_with_a_token_it_is_needed(stage, path, headers, status):
    stage.start({"answer": FORK}, settings=settings(token=TOKEN))
    got, said, _ = get(stage, path, **headers)
    assert got == status
    assert status == 200 or said["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8190", 200),
        ("localhost", 200),
        ("[::1]:8190", 200),
        ("rebound.example", 403),
        ("127.0.0.1.example", 403),
        ("[", 403),
    ],
)
def test_without_a_token_only_this_machine_is_asked(stage, host, status):
    stage.start({"answer": FORK}, settings=settings())
    assert get(stage, "/", Host=host)[0] == status


def test_it_is_off_unless_it_is_wanted(stage):
    stage.start({"answer": FORK}, settings=settings(view=False))
    assert [get(stage, path)[0] for path in ("/", "/calls/x", "/static/view.js")] == [404] * 3
