"""While two parties talk: the key sequences that a Dial's document wants to hear of.

The keys reach the other party all the same; FreeSWITCH tells of them besides.
"""

from dialctl.dial.digits import INTERDIGIT_SECONDS, DigitMatcher
from dialctl.dial.model import ReportConnected, ReportDigits
from dialctl.esl.frames import Headers
from dialctl.plan import Dial

EVENTS = ("DTMF",)


class Pressed:
    """Of one Dial. Timers are named ``caller keys`` and ``callee keys``."""

    def __init__(self, dial: Dial) -> None:
        self.wanted = bool(dial.digits_of_caller or dial.digits_of_callee)
        self._matchers = {
            "caller keys": DigitMatcher(dial.digits_of_caller),
            "callee keys": DigitMatcher(dial.digits_of_callee),
        }
        self._connected: ReportConnected | None = None
        self._count = 0

    def connected(self, report: ReportConnected) -> None:
        """From now on keys count: they are pressed at each other."""
        self._connected = report

    def key(self, event: Headers, a_leg_uuid: str) -> tuple[str, tuple[ReportDigits, ...]]:
        """A DTMF event: the timer to start (INTERDIGIT_SECONDS) or '', and what to report."""
        uuid, key = event.get("Unique-ID"), event.get("DTMF-Digit")
        if self._connected is None or uuid not in (a_leg_uuid, self._connected.uuid):
            return "", ()
        timer = "caller keys" if uuid == a_leg_uuid else "callee keys"
        matcher = self._matchers[timer]
        reports = self._reports(timer, matcher.press(key))
        return timer if matcher.waiting else "", reports

    def timeout(self, timer: str) -> tuple[ReportDigits, ...]:
        """A timer of ours has fired; one of another's changes nothing."""
        matcher = self._matchers.get(timer)
        return self._reports(timer, matcher.timeout()) if matcher else ()

    def _reports(self, timer: str, matches: tuple[str, ...]) -> tuple[ReportDigits, ...]:
        reports = []
        for digits in matches:
            assert self._connected is not None  # no key counts before
            self._count += 1
            leg, uuid = self._connected.leg, self._connected.uuid
            by_caller = timer == "caller keys"
            reports.append(ReportDigits(leg, uuid, digits, by_caller, self._count))
        return tuple(reports)


__all__ = ["EVENTS", "INTERDIGIT_SECONDS", "Pressed"]
