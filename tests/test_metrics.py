"""What /metrics, /healthz and /readyz say."""

import urllib.error
import urllib.request
from dataclasses import replace

import pytest
from dialctl.http.outbox.schedule import Verdict
from dialctl.metrics import Metrics
from dialctl.model import EndReason
from dialctl.settings import Limits, Web

from flows.conftest import SETTINGS, stage  # noqa: F401  a fixture
from support.ports import free_port
from support.webapp import Answer


def figures(page):
    """Each sample, but for the buckets."""
    found = {}
    for line in page.decode().splitlines():
        name, _, value = line.rpartition(" ")
        if not line.startswith("#") and "_bucket" not in name:
            found[name] = float(value)
    return found


def test_it_counts_under_names_of_prometheus():
    metrics = Metrics()
    metrics.call_over(EndReason.END_OF_DOCUMENT)
    metrics.dial_over("no-answer")
    metrics.report_tried(Verdict.LATER)
    metrics.rang_after(0.2)
    metrics.report_left_after(0.01)
    metrics.watch(lambda: [("dialctl_calls_up", "Up.", 3), ("dialctl_x_total", "Only grows.", 2)])
    said = figures(metrics.page())
    assert said['dialctl_calls_total{end="end-of-document"}'] == 1
    assert said['dialctl_calls_total{end="caller"}'] == 0
    assert said['dialctl_dials_total{status="no-answer"}'] == 1
    assert said['dialctl_report_rounds_total{result="later"}'] == 1
    assert (said["dialctl_setup_seconds_count"], said["dialctl_setup_seconds_sum"]) == (1, 0.2)
    assert said["dialctl_report_leaving_seconds_count"] == 1
    assert (said["dialctl_calls_up"], said["dialctl_x_total"]) == (3, 2)


@pytest.fixture
def pages(stage):  # noqa: F811
    port = free_port()

    def ask(path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    stage.settings_of_pages = replace(SETTINGS, web=Web(listen=f"127.0.0.1:{port}"))
    ask.stage = stage
    return ask


DIAL = '<Dial callbackUrl="/callback" action="/action"><Number>1001</Number></Dial>'


def test_a_call_is_counted(pages):
    stage = pages.stage  # noqa: F811
    stage.call(DIAL, {"1001": "busy"}, settings=stage.settings_of_pages)
    status, page = pages("/metrics")
    said = figures(page)
    assert status == 200
    assert said['dialctl_calls_total{end="end-of-document"}'] == 1
    assert said['dialctl_dials_total{status="busy"}'] == 1
    assert said['dialctl_report_rounds_total{result="delivered"}'] == len(stage.web.requests) - 1
    assert said["dialctl_setup_seconds_count"] == 1
    assert (said["dialctl_calls_up"], said["dialctl_outbox_waiting"]) == (0, 0)
    assert said["dialctl_outbox_readable"] == 1


def test_what_waits_and_who_is_refused(pages):
    stage = pages.stage  # noqa: F811
    settings = replace(stage.settings_of_pages, limits=Limits(calls=1))
    documents = {"callback": Answer("", status="503 Busy")}
    stage.start({"answer": DIAL, **documents}, {"1001": "answer:1:4"}, settings=settings)
    a_leg = stage.call(over=False)
    assert stage.web.wait_for(2)
    assert stage.call(over=False).wait(5)
    said = figures(pages("/metrics")[1])
    assert (said["dialctl_calls_up"], said["dialctl_calls_refused_total"]) == (1, 1)
    assert a_leg.wait(60)
    assert stage.server.idle(20)
    said = figures(pages("/metrics")[1])
    assert said["dialctl_outbox_waiting"] == 3
    assert said["dialctl_outbox_oldest_seconds"] > 0


def test_health_and_readiness(pages):
    stage = pages.stage  # noqa: F811
    stage.start({"answer": DIAL}, settings=stage.settings_of_pages)
    assert pages("/healthz") == (200, b"200 OK\n")
    assert pages("/readyz") == (200, b"200 OK\n")
    stage.server._server.close()
    assert pages("/readyz") == (503, b"503 Service Unavailable\n")
    assert pages("/healthz")[0] == 200
