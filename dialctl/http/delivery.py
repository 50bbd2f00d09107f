"""Callbacks out: each report to its URL, in order, without ever holding up the call.

A report leaves when nothing before it stands in its way: an earlier report of its call to the same
URL until that is settled (delivered, or failed for good), one to another URL until that has been
tried (answered, or failed once), the latter for HOLD seconds at most. ``Ledger`` decides that and
knows neither time nor HTTP; ``Delivery`` sends.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import gevent
from gevent.event import Event

from dialctl.clock import Clock
from dialctl.http.client import Answer, Client, RequestFailed
from dialctl.http.retry import RequestPlan, plan_request, shown
from dialctl.http.signing import Params
from dialctl.settings import Http

HOLD = 0.5  # seconds a report, or the call itself, waits for earlier ones to be tried
REPEATED = (408, 429)  # statuses that are worth another attempt, besides all 5xx


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that happened, as its receiver shall be told.

    ``url`` is absolute and may carry a retry fragment. ``key`` is the Idempotency-Key: the same
    for every attempt at this report, on every node, for ever.
    """

    call_uuid: str
    url: str
    method: str
    params: Params = field(repr=False)
    key: str
    auth_token: str = field(default="", repr=False)


@dataclass(slots=True, eq=False)
class Owed:
    """A report that is not settled. ``due``: when other URLs hold it back no longer."""

    report: Report
    plan: RequestPlan
    due: float
    left: bool = False
    tried: bool = False


class Ledger:
    """Who may leave now. Pure; times are seconds on any one clock that never steps."""

    def __init__(self) -> None:
        self._calls: dict[str, list[Owed]] = {}
        self.pending = 0  # reports that are not settled

    def add(self, report: Report, plan: RequestPlan, now: float) -> None:
        self.pending += 1
        self._calls.setdefault(report.call_uuid, []).append(Owed(report, plan, now + HOLD))

    def leave(self, call_uuid: str, now: float) -> list[Owed]:
        """The call's reports that may leave now, marked as having left."""
        leaving = []
        all_tried, urls = True, set()
        for owed in self._calls.get(call_uuid, ()):
            free = owed.plan.url not in urls and (all_tried or owed.due <= now)
            if free and not owed.left:
                owed.left = True
                leaving.append(owed)
            urls.add(owed.plan.url)
            all_tried = all_tried and owed.tried
        return leaving

    def next_due(self, call_uuid: str) -> float | None:
        """When the first report that only waits for other URLs may leave; None without one."""
        times = []
        urls = set()
        for owed in self._calls.get(call_uuid, ()):
            if not owed.left and owed.plan.url not in urls:
                times.append(owed.due)
            urls.add(owed.plan.url)
        return min(times, default=None)

    def settle(self, owed: Owed) -> None:
        """Delivered or failed for good: nothing waits for it, nothing remembers it."""
        owed.tried = True
        waiting = self._calls[owed.report.call_uuid]
        waiting.remove(owed)
        self.pending -= 1
        if not waiting:
            del self._calls[owed.report.call_uuid]

    def untried(self, call_uuid: str) -> list[Owed]:
        return [owed for owed in self._calls.get(call_uuid, ()) if not owed.tried]


class Delivery:
    """Sends reports. One greenlet for each report that is on its way, none for those that wait."""

    def __init__(self, client: Client, http: Http, clock: Clock, log: logging.Logger) -> None:
        self._client = client
        self._http = http
        self._clock = clock
        self._log = log
        self._ledger = Ledger()
        self._timers: dict[str, gevent.Greenlet[..., None]] = {}
        self._waiters: dict[str, list[tuple[list[Owed], Event]]] = {}
        self._idle = Event()
        self._idle.set()

    def deliver(self, report: Report) -> None:
        """Take a report on. Returns at once and never raises; a URL that is none is logged."""
        try:
            plan = plan_request(report.url, self._http)
        except ValueError as error:
            self._log.warning("report %s dropped: %s", report.key, error, extra=_extra(report))
            return
        for warning in plan.warnings:
            self._log.warning("%s", warning, extra=_extra(report))
        self._ledger.add(report, plan, self._clock.now())
        self._idle.clear()
        self._moved(report.call_uuid)

    def wait_tried(self, call_uuid: str, timeout: float = HOLD) -> None:
        """Wait until each report taken on for this call has been answered or has failed once.

        At most ``timeout`` seconds. The call does so before it requests an action URL.
        """
        untried = self._ledger.untried(call_uuid)
        if not untried:
            return
        waiter = (untried, Event())
        self._waiters.setdefault(call_uuid, []).append(waiter)
        try:
            waiter[1].wait(self._clock.real(timeout))
        finally:
            self._waiters[call_uuid].remove(waiter)
            if not self._waiters[call_uuid]:
                del self._waiters[call_uuid]

    def pending(self) -> int:
        """How many reports are neither delivered nor failed for good."""
        return self._ledger.pending

    def flush(self, timeout: float) -> int:
        """Wait at most ``timeout`` seconds until nothing is owed; returns how much still is."""
        until = self._clock.now() + timeout
        while self.pending() and (left := until - self._clock.now()) > 0:
            self._idle.wait(self._clock.real(left))
        return self.pending()

    def _moved(self, call_uuid: str) -> None:
        """Something of this call has changed: send what may leave now, wake who may go on."""
        now = self._clock.now()
        for owed in self._ledger.leave(call_uuid, now):
            gevent.spawn(self._send, owed)
        for untried, event in self._waiters.get(call_uuid, ()):
            if all(owed.tried for owed in untried):
                event.set()
        timer = self._timers.pop(call_uuid, None)
        if timer is not None:
            timer.kill(block=False)
        due = self._ledger.next_due(call_uuid)
        if due is not None:
            wait = self._clock.real(max(0.0, due - now))
            self._timers[call_uuid] = gevent.spawn_later(wait, self._overdue, call_uuid)
        if not self._ledger.pending:
            self._idle.set()

    def _overdue(self, call_uuid: str) -> None:
        del self._timers[call_uuid]  # it is this greenlet: _moved() must not kill it
        self._moved(call_uuid)

    def _send(self, owed: Owed) -> None:
        try:
            self._try(owed)
        except Exception:  # ours: one report is lost, those behind it are not
            report = owed.report
            self._log.exception("report %s was not sent", report.key, extra=_extra(report))
        finally:
            self._ledger.settle(owed)
            self._moved(owed.report.call_uuid)

    def _try(self, owed: Owed) -> None:
        report, plan = owed.report, owed.plan
        headers = {"Idempotency-Key": report.key}
        began = self._clock.now()
        attempts = 0
        pause: float | None = 0.0
        while pause is not None:
            if pause:
                self._clock.sleep(pause)
            elapsed = self._clock.now() - began
            result = self._client.attempt(
                plan, report.method, report.params, report.auth_token, elapsed, headers
            )
            attempts += 1
            elapsed = self._clock.now() - began
            pause = plan.pause_after(_retry_word(result), attempts, elapsed)
            if pause is not None and not owed.tried:
                owed.tried = True
                self._moved(report.call_uuid)
        self._tell(report, plan, result, f"attempts {attempts}, {elapsed:.2f} s")

    def _tell(
        self, report: Report, plan: RequestPlan, result: Answer | RequestFailed, effort: str
    ) -> None:
        delivered = 200 <= result.status < 300  # whatever became of the body: nobody reads it
        self._log.log(
            logging.DEBUG if delivered else logging.WARNING,
            "report %s %s: the web application at %s %s (%s)",
            report.key,
            "delivered" if delivered else "failed for good",
            shown(plan.url),
            result if isinstance(result, RequestFailed) else f"answered {result.status}",
            effort,
            extra=_extra(report),
        )


def _retry_word(result: Answer | RequestFailed) -> str:
    """The retry policy's word; '' for what another attempt would not change."""
    final = 0 < result.status < 500 and result.status not in REPEATED
    return "" if final else result.policy


def _extra(report: Report) -> Mapping[str, str]:
    return {"call_uuid": report.call_uuid}
