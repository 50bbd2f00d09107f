"""One round of attempts at a report: its URL's own quick retries, and what becomes of it then."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from dialctl.clock import Clock
from dialctl.http import attempts
from dialctl.http.attempts import Told
from dialctl.http.client import Answer, Client, RequestFailed
from dialctl.http.outbox.schedule import REPEATED, Verdict, pause, verdict
from dialctl.http.outbox.store import Entry
from dialctl.http.retry import RequestPlan, shown


@dataclass(frozen=True, slots=True)
class Outcome:
    """``entry`` as it is kept now; ``pause`` are seconds until the next round, if there is one."""

    told: Told
    verdict: Verdict
    entry: Entry
    pause: float = 0.0


class Rounds:
    """``tokens`` are those of the apps, by name: they sign, and are never kept anywhere else."""

    def __init__(
        self,
        client: Client,
        tokens: Mapping[str, str],
        clock: Clock,
        log: logging.Logger,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._tokens = tokens
        self._clock = clock
        self._log = log
        self._chance = chance
        self._missed: set[str] = set()  # apps whose tokens are gone

    def signs(self, app: str) -> bool:
        return bool(self._tokens.get(app))

    def make(
        self,
        entry: Entry,
        plan: RequestPlan,
        asked: bool,
        now: Callable[[], float],
        failed: Callable[[], None],
    ) -> Outcome:
        """Make a round. ``asked``: a call waits for the answer, as patiently as for a document.

        ``now`` gives the outbox's time; ``failed`` is called when an attempt failed and another
        one follows. Raises nothing.
        """
        try:
            told = self._told(entry, plan, asked, failed)
        except Exception as error:  # ours: one report is not sent, those behind it are
            extra = {"call_uuid": entry.report.call_uuid}
            self._log.exception("report %s was not sent", entry.report.key, extra=extra)
            told = Told(RequestFailed("was not asked, by a fault of dialctl's own"))
            dead = replace(entry, error=f"a fault of dialctl's own: {error!r}")
            return Outcome(told, Verdict.DEAD, dead)
        tried = replace(entry, attempts=entry.attempts + told.attempts, error=_error(told))
        decided = verdict(told.result.status)
        if decided is not Verdict.LATER:
            return self._log_of(Outcome(told, decided, tried), plan)
        tried = replace(tried, rounds=entry.rounds + 1)
        if now() >= entry.until:
            tried = replace(tried, error=f"given up; {tried.error}")
            return self._log_of(Outcome(told, Verdict.DEAD, tried), plan)
        wait = pause(tried.rounds, self._chance)
        return self._log_of(Outcome(told, decided, tried, wait), plan)

    def _told(
        self, entry: Entry, plan: RequestPlan, asked: bool, failed: Callable[[], None]
    ) -> Told:
        report = entry.report
        token = self._tokens.get(report.app, "")
        if entry.signed and not token:
            return Told(RequestFailed(self._unsigned(report.app)))
        return attempts.request(
            self._client,
            self._clock,
            plan,
            report.method,
            report.params,
            token,
            {"Idempotency-Key": report.key},
            attempts.policy if asked else _retry_word,
            failed,
            report.encoding,
        )

    def _unsigned(self, app: str) -> str:
        """Unsigned it would be refused, and dead; this way the operator has a day."""
        why = f"app {app} has no auth_token in apps.yaml any more"
        if app not in self._missed:
            self._missed.add(app)
            self._log.error("%s: its reports cannot be signed, and wait in the outbox", why)
        return f"is not asked: {why}"

    def _log_of(self, outcome: Outcome, plan: RequestPlan) -> Outcome:
        entry, told = outcome.entry, outcome.told
        result = told.result
        level, became = logging.WARNING, "failed for good"
        if outcome.verdict is Verdict.DELIVERED:
            level, became = logging.INFO if entry.rounds else logging.DEBUG, "delivered"
        elif outcome.verdict is Verdict.LATER:
            # One line a report that has to wait; a day of retries would drown all else.
            level = logging.WARNING if entry.rounds == 1 else logging.DEBUG
            became = f"failed, next attempt in {outcome.pause:.1f} s"
        self._log.log(
            level,
            "report %s %s: the web application at %s %s (%s)",
            entry.report.key,
            became,
            shown(plan.url),
            result if isinstance(result, RequestFailed) else f"answered {result.status}",
            told.effort,
            extra={"call_uuid": entry.report.call_uuid},
        )
        return outcome


def _error(told: Told) -> str:
    result = told.result
    return str(result) if isinstance(result, RequestFailed) else f"answered {result.status}"


def _retry_word(result: Answer | RequestFailed) -> str:
    """The retry policy's word; '' for what another attempt would not change."""
    final = 0 < result.status < 500 and result.status not in REPEATED
    return "" if final else result.policy
