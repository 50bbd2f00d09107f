"""Callbacks out: each report to its URL, in order, without ever holding up the call.

A report is kept in the outbox before it is first attempted. ``Ledger`` says when it may leave,
``schedule`` when it is tried again; ``Delivery`` sends. What its URL's own quick retries do not
deliver goes on in the outbox, and what waits behind it too.
"""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import gevent
from gevent.event import Event

from dialctl.clock import Clock
from dialctl.http import answers
from dialctl.http.answers import Asker
from dialctl.http.attempts import Told
from dialctl.http.client import Client, RequestFailed
from dialctl.http.ledger import HOLD, WRITE_HOLD, Ledger, Owed
from dialctl.http.notes import BECAME, note
from dialctl.http.outbox.outbox import Outbox
from dialctl.http.outbox.schedule import Hosts, Verdict
from dialctl.http.outbox.store import Added, Entry, Placed, Report, State, Taken
from dialctl.http.retry import RequestPlan, plan_request
from dialctl.http.rounds import Rounds
from dialctl.http.waiters import Waiters
from dialctl.metrics import Metrics
from dialctl.settings import Http
from dialctl.story.request import Request
from dialctl.story.request import State as Noted

__all__ = ["HOLD", "Delivery", "Report", "Told"]

ASK_AGAIN = 0.25  # seconds until the outbox is asked again what another process has achieved


class Delivery:
    """Sends reports. One greenlet for each report that is on its way, none for those that wait.

    ``outbox`` is to be started with it, and closed after it. ``tokens`` are those of the apps, by
    name: they are looked up each time something is sent. ``noted``: a report in its call's story.
    """

    def __init__(
        self,
        client: Client,
        http: Http,
        outbox: Outbox,
        tokens: Mapping[str, str],
        clock: Clock,
        log: logging.Logger,
        metrics: Metrics,
        chance: Callable[[], float] = random.random,
        noted: Callable[[Report], Request | None] = lambda report: None,
    ) -> None:
        self._noted = noted
        self._metrics = metrics
        self._rounds = Rounds(client, tokens, clock, log, chance)
        self._http = http
        self._outbox = outbox
        self._clock = clock
        self._log = log
        self._ledger = Ledger()
        self._hosts = Hosts()
        self._timers: dict[str, gevent.Greenlet[..., None]] = {}
        self._waiters = Waiters(clock)
        self._askers: dict[Owed, list[Asker]] = {}
        self._idle = Event()
        self._idle.set()

    def deliver(self, report: Report) -> None:
        """Take a report on, unless its key is known; at once. A URL that is none is logged."""
        try:
            self._take_on(report)
        except ValueError as error:
            self._log.warning("report %s dropped: %s", report.key, error, extra=_extra(report))

    def ask(self, report: Report) -> Told:
        """Tell, and wait for the answer. ValueError, in plain words, if the URL is none.

        It leaves once each earlier report of its call has been answered or has failed once, HOLD
        seconds later at the latest, and is tried as often as its URL says; then the outbox goes on
        with it, for nobody. A key that is known is not told again: delivered, the answer is that
        of then; waiting or under way, its own; dead, its failure.
        """
        asker = Asker()
        self._take_on(report, asker)
        told = asker.wait()
        assert told is not None  # its key is known by now
        return told

    def claim(self, call_uuid: str, key: str) -> Told | None:
        """As ``ask``, with nothing but the key of what was to be told; None if it is unknown."""
        asker = Asker()
        until = self._clock.now() + self._http.total_timeout
        self._outbox.claim(key, partial(self._found, [asker], call_uuid, key, until))
        return asker.wait()

    def over(self, call_uuid: str) -> None:
        """The call is over: what was answered to it need not be kept."""
        self._outbox.over(call_uuid)

    def wait_tried(self, call_uuid: str, timeout: float = HOLD) -> None:
        """Wait until each report taken on for this call has been answered or has failed once.

        At most ``timeout`` seconds. The call does so before it requests an action URL.
        """
        owed = self._ledger.of(call_uuid)
        self._waiters.wait(call_uuid, owed, lambda owed: owed.tried, timeout)

    def wait_written(self, call_uuid: str) -> None:
        """Wait until what may leave of this call's reports has left; the disk must not hang."""
        owed = self._ledger.of(call_uuid)
        self._waiters.wait(call_uuid, owed, lambda owed: owed.written, WRITE_HOLD)

    def pending(self) -> int:
        """How many reports are under way, or wait for those. What failed waits in the outbox."""
        return self._ledger.pending

    def flush(self, timeout: float) -> int:
        """Wait at most ``timeout`` seconds until none is under way; returns how many still are."""
        until = self._clock.now() + timeout
        while self.pending() and (left := until - self._clock.now()) > 0:
            self._idle.wait(self._clock.real(left))
        return self.pending()

    # What the outbox hands out.

    def rooms(self) -> Mapping[str, int]:
        return self._hosts.rooms()

    def taken(self, taken: Taken) -> None:
        for entry in taken.given_up:
            report = entry.report
            self._log.warning("report %s: %s", report.key, entry.error, extra=_extra(report))
        for entry in taken.entries:
            try:
                self._hold(entry, plan_request(entry.report.url, self._http), waited=True)
            except ValueError as error:  # somebody has been at the file
                self._outbox.dead(replace(entry, error=str(error)))
        self._hosts.taken(taken.crowded)
        for call_uuid in dict.fromkeys(entry.report.call_uuid for entry in taken.entries):
            self._moved(call_uuid)

    def lost(self) -> None:
        for owed in self._ledger.not_left():
            if not owed.asked:
                self._forget(owed)
                self._moved(owed.report.call_uuid)

    def tick(self) -> None:
        # What waits for a disk that hangs may have waited long enough.
        waiting = [owed for owed in self._ledger.not_left() if not owed.written]
        for call_uuid in {owed.report.call_uuid for owed in waiting}:
            self._moved(call_uuid)

    # A report's way.

    def _take_on(self, report: Report, asker: Asker | None = None) -> None:
        plan = plan_request(report.url, self._http)
        for warning in plan.warnings:
            self._log.warning("%s", warning, extra=_extra(report))
        signed, asked = self._rounds.signs(report.app), asker is not None
        entry = self._outbox.entry(report, plan, signed=signed, asked=asked)
        owed = self._hold(entry, plan, asker)
        self._outbox.add(entry, partial(self._written, owed))

    def _hold(
        self, entry: Entry, plan: RequestPlan, *askers: Asker | None, waited: bool = False
    ) -> Owed:
        self._idle.clear()
        self._hosts.hold(entry.host)
        waiting = [asker for asker in askers if asker is not None]
        now = self._clock.now()
        owed = self._ledger.add(entry, plan, now, asked=bool(waiting), waited=waited)
        owed.noted = self._noted(entry.report)
        if waiting:
            self._askers[owed] = waiting
        return owed

    def _forget(self, owed: Owed) -> None:
        self._ledger.settle(owed)
        self._hosts.let_go(owed.entry.host)

    def _written(self, owed: Owed, added: Added) -> None:
        """It is in the outbox, or will not be."""
        if owed.gone or owed.left:
            return  # it went on with its line, or the disk had its time
        owed.written = True
        report = owed.report
        if owed.noted and added.is_known:
            owed.noted.close(Noted.TOLD_BEFORE)
        if added.placed is Placed.BEHIND or added.is_known:
            self._forget(owed)
        if added.placed is Placed.BEHIND:
            self._outbox.look()  # who is before it may be dead
        self._moved(report.call_uuid)
        if added.is_known and owed.asked:
            until = self._clock.now() + owed.plan.total_timeout
            self._found(self._askers.pop(owed), report.call_uuid, report.key, until, added)

    def _found(
        self, askers: list[Asker], call_uuid: str, key: str, until: float, added: Added | None
    ) -> None:
        """This is known of the key that ``askers`` wait for."""
        if added is None or added.placed is Placed.UNKEPT:
            answers.give(askers, None)
        elif added.row is None or added.row.state is State.DEAD:
            answers.give(askers, answers.kept(added))
        elif added.placed is Placed.HELD:
            entry = added.row.entry
            self._hold(entry, plan_request(entry.report.url, self._http), *askers, waited=True)
            self._moved(call_uuid)
        elif owed := self._ledger.find(call_uuid, key):
            owed.asked = True
            self._askers.setdefault(owed, []).extend(askers)
            self._moved(call_uuid)
        elif self._clock.now() < until:
            found = partial(self._found, askers, call_uuid, key, until)
            gevent.spawn_later(self._clock.real(ASK_AGAIN), self._outbox.claim, key, found)
        else:
            answers.give(askers, Told(RequestFailed("is being told by another process, still")))

    def _moved(self, call_uuid: str) -> None:
        """Something of this call has changed: send what may leave now, wake who may go on."""
        now = self._clock.now()
        while leaving := self._ledger.leave(call_uuid, now):
            for owed in leaving:
                self._leave(owed)
        self._waiters.moved(call_uuid)
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

    def _leave(self, owed: Owed) -> None:
        if owed.asked:
            gevent.spawn(self._send, owed)  # its call waits, so that it is one more at most
        elif self._hosts.enter(owed.entry.host, waited=owed.waited):
            gevent.spawn(self._send_in_turn, owed)
        else:
            self._put_off(owed, 0.0)

    def _send(self, owed: Owed) -> bool:
        """One round. Whether its host answered."""
        if not owed.waited:
            self._metrics.report_left_after(self._clock.now() - owed.added)
        failed = partial(self._failed, owed)
        outcome = self._rounds.make(owed.entry, owed.plan, owed.asked, self._outbox.now, failed)
        owed.entry = outcome.entry
        note(owed.noted, outcome.told, BECAME[outcome.verdict])
        self._metrics.report_tried(outcome.verdict)
        if outcome.verdict is Verdict.LATER:
            self._put_off(owed, outcome.pause)
        else:
            self._forget(owed)
            if outcome.verdict is Verdict.DEAD:
                self._outbox.dead(owed.entry)
            else:
                self._outbox.delivered(owed.entry, answers.to_keep(owed.entry, outcome.told))
        answers.give(self._askers.pop(owed, []), outcome.told)
        self._moved(owed.report.call_uuid)
        return outcome.told.result.status != 0

    def _failed(self, owed: Owed) -> None:
        if not owed.tried:
            owed.tried = True
            self._moved(owed.report.call_uuid)

    def _send_in_turn(self, owed: Owed) -> None:
        answered = self._send(owed)
        if self._hosts.left(owed.entry.host, answered=answered):
            self._outbox.look()

    def _put_off(self, owed: Owed, pause: float) -> None:
        """It goes on in the outbox, and what waits behind it."""
        going = self._ledger.let_go(owed)
        for one in going:
            self._hosts.let_go(one.entry.host)
        self._outbox.later([one.entry for one in going], pause)


def _extra(report: Report) -> Mapping[str, str]:
    return {"call_uuid": report.call_uuid}
