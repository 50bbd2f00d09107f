"""``a:_:b``: every branch is rung by a thread of its own, and the first that wins takes the call.

The legs have no originator: no Other-Leg, a Channel-Call-UUID of their own, and the caller hears
nothing of their ringing, but at once what his variable ringback names. The winner is noticed when
the main thread comes by: it sleeps 10 ms for each branch. Source: switch_ivr_originate.c,
switch_ivr_enterprise_originate(). **Seen.**
"""

from collections.abc import Callable

import gevent
from gevent.event import Event

from dialctl.switch import api, sip
from dialctl.switch.channel import Channel
from dialctl.switch.dialstring import Branch, DialString, Variables
from dialctl.switch.given import exported, ringback
from dialctl.switch.legs import Origin, know_originator
from dialctl.switch.originate import Originate, Outcome
from dialctl.switch.thread import TICK, Thread

_ROUND = 0.01  # seconds that the main thread sleeps at each branch
_QUIET_CAUSES = ("LOSE_RACE", "NO_PICKUP", "SUCCESS")


class BranchThread:
    """The thread of one branch: it has no commands to run and no digits to read."""

    def __init__(self, thread: Thread, branch: Branch, common: Variables) -> None:
        a_leg = thread.channel
        self._clock = a_leg.switch.clock
        self._woken = Event()
        self._tell = thread.wake
        self.outcome: Outcome | None = None
        origin = Origin(a_leg, branch=True, common=common + branch.variables, early_ok=False)
        self._originate = Originate(self, origin, branch)
        self._greenlet = gevent.spawn(self._run)

    @property
    def ready(self) -> bool:
        return True  # what ends it comes as a cancel

    def wake(self) -> None:
        self._woken.set()

    def wait(self, done: Callable[[], bool], seconds: float, *, breakable: bool = True) -> bool:
        deadline = self._clock.now() + seconds
        while not done():
            left = deadline - self._clock.now()
            if left <= 0:
                return False
            self._woken.clear()
            if self._woken.wait(self._clock.real(left)):
                self._clock.sleep(min(TICK, left))
        return True

    def result(self) -> Outcome:
        """Once it has come to one."""
        self._greenlet.join()
        assert self.outcome
        return self.outcome

    def cancel(self, cause: str) -> None:
        """It rings for nothing from now on; a leg of its that has won already is let go."""
        self._originate.cancel_cause = cause
        self.wake()
        self._greenlet.join()
        if self.outcome and self.outcome.leg:
            self.outcome.leg.variables.set("group_dial_status", "loser")
            api.kill(self.outcome.leg, "LOSE_RACE")

    def _run(self) -> None:
        self.outcome = self._originate.run()
        self._tell()


def originate(thread: Thread, dial: DialString) -> Outcome:
    """Ring all branches from the A-leg's thread; its commands wait meanwhile."""
    a_leg = thread.channel
    common = _common(a_leg, dial)
    branches = [BranchThread(thread, branch, common) for branch in dial.branches]
    if sound := ringback(a_leg):
        sip.pre_answer(a_leg)
        a_leg.tell("ringback", sound)
    with thread.locked():
        thread.wait(lambda: _settled(branches), breakable=False)
    if thread.ready:
        a_leg.switch.clock.sleep(_ROUND * len(branches))
    winner = next((one for one in branches if one.outcome and one.outcome.leg), None)
    if not thread.ready:
        winner = None
    causes = [one.outcome.cause for one in branches if one.outcome]
    for branch in branches:
        if branch is not winner:
            branch.cancel("LOSE_RACE" if winner else "ORIGINATOR_CANCEL")
    outcome = (winner and winner.outcome) or Outcome(None, _cause(causes, thread.ready))
    _write(a_leg, outcome)
    return outcome


def _settled(branches: list[BranchThread]) -> bool:
    outcomes = [branch.outcome for branch in branches]
    return all(outcomes) or any(outcome and outcome.leg for outcome in outcomes)


def _cause(causes: list[str], ready: bool) -> str:
    """The last branch's cause that differs from the one before."""
    loud = [cause for cause in causes if cause not in _QUIET_CAUSES]
    if loud:
        return loud[-1]
    return "NO_ANSWER" if ready else "NONE"


def _write(a_leg: Channel, outcome: Outcome) -> None:
    if not outcome.leg:
        a_leg.variables.set("originate_disposition", "failure")
        a_leg.variables.set("hangup_cause", outcome.cause)
        return
    a_leg.variables.set("originate_disposition", "success")
    know_originator(outcome.leg, a_leg)


def _common(a_leg: Channel, dial: DialString) -> Variables:
    variables = a_leg.variables
    own = tuple(
        (f"origination_caller_id_{what}", text)
        for what in ("name", "number")
        if (text := variables.get(f"effective_caller_id_{what}"))
    )
    first = (("ent_originate_aleg_uuid", a_leg.uuid), *exported(a_leg), *own)
    return (*first, *dial.variables, ("ignore_early_media", "true"))
