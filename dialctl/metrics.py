"""What monitoring is told of the daemon: counted as it happens, read by Prometheus at /metrics.

Names and units as Prometheus has them (prometheus.io/docs/practices/naming). No name, number or URL
of anybody's becomes a label.
"""

from collections.abc import Callable, Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from dialctl.dial.causes import PRECEDENCE
from dialctl.http.outbox.schedule import Verdict
from dialctl.model import EndReason

# Else each series has a line more, which says when it began.
disable_created_metrics()  # type: ignore[no-untyped-call]

Figures = Callable[[], Iterable[tuple[str, str, float]]]  # name, what it is, value

SETUP_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LEAVING_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
STATUSES = ("completed", *PRECEDENCE)  # how a Dial may end


class Metrics:
    """Of one daemon. Whatever is counted costs about a microsecond."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        calls = self._counter("dialctl_calls", "Calls that are over, by what ended them.", "end")
        self._calls = {reason: calls.labels(_label(reason.name)) for reason in EndReason}
        dials = self._counter("dialctl_dials", "Dials that are over, by their status.", "status")
        self._dials = {status: dials.labels(status) for status in STATUSES}
        sent = "Rounds of callbacks, actions and hangup reports, by what became of them."
        reports = self._counter("dialctl_report_rounds", sent, "result")
        self._reports = {verdict: reports.labels(verdict.value) for verdict in Verdict}
        away = "Requests to the control API without the right credentials, by what was wanted."
        refused = self._counter("dialctl_web_unauthorized", away, "scheme")
        self._unauthorized = {name: refused.labels(name) for name in ("bearer", "basic")}
        self._setup = Histogram(
            "dialctl_setup_seconds",
            "From a call's arrival to the first telephone that is rung for it.",
            buckets=SETUP_SECONDS,
            registry=self._registry,
        )
        self._leaving = Histogram(
            "dialctl_report_leaving_seconds",
            "From what happened on the switch to the request that tells of it.",
            buckets=LEAVING_SECONDS,
            registry=self._registry,
        )

    def call_over(self, reason: EndReason) -> None:
        self._calls[reason].inc()

    def dial_over(self, status: str) -> None:
        self._dials[status].inc()

    def turned_away(self, scheme: str) -> None:
        self._unauthorized[scheme].inc()

    def rang_after(self, seconds: float) -> None:
        self._setup.observe(seconds)

    def report_left_after(self, seconds: float) -> None:
        self._leaving.observe(seconds)

    def report_tried(self, verdict: Verdict) -> None:
        self._reports[verdict].inc()

    def totals(self) -> dict[str, dict[str, int]]:
        """Since the start: ``calls`` that are over, by their ends, ``callbacks`` by result."""
        calls = {reason.value: _value(counter) for reason, counter in self._calls.items()}
        rounds = {verdict.value: _value(counter) for verdict, counter in self._reports.items()}
        return {"calls": calls, "callbacks": rounds}

    def watch(self, figures: Figures) -> None:
        """Figures that somebody else keeps, asked for when they are read; a name that ends in
        ``_total`` only ever grows."""
        self._registry.register(_Watched(figures))

    def page(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, what: str, label: str) -> Counter:
        return Counter(name, what, (label,), registry=self._registry)


class _Watched:
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        for name, what, value in self._figures():
            if name.endswith("_total"):
                yield CounterMetricFamily(name.removesuffix("_total"), what, value)
            else:
                yield GaugeMetricFamily(name, what, value)


def _value(counter: Counter) -> int:
    (sample,) = (one for one in counter._samples() if one.name == "_total")
    return int(sample.value)


def _label(name: str) -> str:
    return name.lower().replace("_", "-")
