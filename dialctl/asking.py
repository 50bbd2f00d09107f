"""Whom a Dial holds back before it connects them: the questions to its legs, while it lasts."""

from typing import TYPE_CHECKING

from dialctl.callee import Question
from dialctl.dial.model import Leg, Report, ReportAnswered, ReportParty
from dialctl.plan import Dial

if TYPE_CHECKING:
    from dialctl.call import Call


class Asking:
    """Of one Dial. Callees come for their questions on sockets of their own (``callee``).

    ``hold``: seconds in which it becomes known whether a callee is a machine; 0: nobody asks.
    """

    def __init__(self, call: "Call", dial: Dial, legs: tuple[Leg, ...], hold: float) -> None:
        self._offered = call.questions
        self._attempts: list[str] = []
        self._questions: dict[str, Question] = {}  # by an attempt's or a channel's UUID
        for leg, target in zip(legs, dial.targets, strict=True):
            if target.confirm or hold:
                shown = target.caller_id or dial.caller_id
                question = Question(target.confirm, leg, shown, call.customer, call.log, hold)
                self._questions |= {attempt.uuid: question for attempt in leg.attempts}
        self._attempts = list(self._questions)
        self._offered.update(self._questions)

    def created(self, uuid: str, attempt: str) -> None:
        """A channel has been made for an attempt; '': that of the same UUID."""
        if question := self._questions.get(attempt):
            self._questions[uuid] = question

    def asks(self, uuid: str) -> bool:
        """Whether this channel's party is held back."""
        return uuid in self._questions

    def confirms(self, uuid: str) -> bool:
        """Whether it is asked to confirm."""
        question = self._questions.get(uuid)
        return question is not None and question.confirm is not None

    def was_not_asked(self, uuid: str) -> bool:
        """Whether it should have been, and did not come to be."""
        question = self._questions.get(uuid)
        return question is not None and uuid not in question.asked

    def reported(self, report: Report) -> None:
        """Its answer has been told, so it may be asked now; or what it is."""
        question = self._questions.get(report.uuid)
        match report:
            case ReportAnswered(uuid=uuid) if question:
                question.answered(uuid).set()
            case ReportParty(uuid=uuid, party=party) if question:
                question.known(uuid, party)

    def close(self) -> None:
        for attempt in self._attempts:
            if self._offered.get(attempt) is self._questions[attempt]:
                del self._offered[attempt]
