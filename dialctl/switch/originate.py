"""Ringing: the rounds of one branch, until somebody answers or nobody is left.

    ring all legs of a round -> first answer (or first confirmed, or first early media) wins
                             -> all gone: the next round
                             -> the caller leaves, time is up, a fatal refusal: no next round

Source: switch_ivr_originate.c (switch_ivr_originate, check_channel_status,
check_per_channel_timeouts). Its timers compare whole clock seconds: ``leg_timeout`` comes up to a
second late, ``call_timeout`` up to a second early. **Seen.**
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from dialctl.switch import confirm, legs, party, sip, users
from dialctl.switch.channel import Channel
from dialctl.switch.dialstring import Branch, Endpoint, Variables, value
from dialctl.switch.given import ringback
from dialctl.switch.legs import Origin
from dialctl.switch.partners import pass_callee
from dialctl.switch.variables import is_true

DEFAULT_TIMEOUT = 60  # seconds: SWITCH_DEFAULT_TIMEOUT

_DIALSTATUS = {
    "ORIGINATOR_CANCEL": "CANCEL",
    "USER_BUSY": "BUSY",
    "NO_ANSWER": "NOANSWER",
    "DESTINATION_OUT_OF_ORDER": "INVALIDARGS",
    "INVALID_PROFILE": "INVALIDARGS",
    "CALL_REJECTED": "DONTCALL",
}


class Waiter(Protocol):
    """Whose time it is: the A-leg's thread, or a branch's own."""

    def wait(self, done: Callable[[], bool], seconds: float, *, breakable: bool = ...) -> bool: ...

    def wake(self) -> None: ...

    @property
    def ready(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """``leg`` is who won, None when nobody did; then ``cause`` says why."""

    leg: Channel | None
    cause: str


@dataclass(slots=True)
class Ringing:
    leg: Channel
    step: confirm.Step | None = None  # asked to confirm
    endless: bool = False  # its own timeout does not count any more


class Originate:
    def __init__(self, waiter: Waiter, origin: Origin, branch: Branch) -> None:
        self._waiter = waiter
        self._origin = origin
        self._branch = branch
        endpoints = [endpoint for round_ in branch.rounds for endpoint in round_]
        self._lone_user = len(endpoints) == 1 and endpoints[0].kind == "user"
        self._a_leg = origin.a_leg
        self._switch = origin.a_leg.switch
        variables = origin.common
        self._seconds = self._time_limit(variables)
        self._fatal = value(variables, "fail_on_single_reject")
        self._announces = not origin.branch and not is_true(value(variables, "ignore_ring_ready"))
        self._ringing: list[Ringing] = []
        self._alone = False  # one leg was asked for in this round
        self._plays = False  # the caller hears a sound of the switch's
        self._winner: Ringing | None = None
        self._end = ""  # timeout, rejected or cancel
        self.cancel_cause = ""  # set from outside: another branch has won, or the caller has left

    def run(self) -> Outcome:
        if not self._branch.rounds:
            return Outcome(None, "DESTINATION_OUT_OF_ORDER")
        outcome = Outcome(None, "ORIGINATOR_CANCEL")
        for endpoints in self._branch.rounds:
            if not self._waiter.ready or self.cancel_cause:
                break
            refused = self._ring(endpoints)
            if self._is_fatal(refused):
                self._forget_round()
                return Outcome(None, refused)
            self._launch()
            self._watch()
            self._end_round()
            outcome = self._outcome(refused)
            self._write(outcome)
            if outcome.leg and self._lone_user:
                users.take_over(self._origin, endpoints[0], outcome.leg)
                if not self._origin.branch:
                    users.won(self._a_leg, outcome.leg)
            if outcome.leg or self._end in ("timeout", "cancel") or self._any_fatal():
                break
        return outcome

    def _time_limit(self, variables: Variables) -> int:
        limit = "" if self._origin.branch else self._a_leg.variables.get("call_timeout")
        own = value(variables, "originate_timeout")
        for text in (own, limit):
            if text.isdigit() and int(text) > 0:
                return int(text)
        return DEFAULT_TIMEOUT

    # -- a round ------------------------------------------------------------------------------

    def _ring(self, endpoints: tuple[Endpoint, ...]) -> str:
        """Make the round's legs. The cause of the last that could not be made, "" if all could."""
        self._ringing, self._winner, self._end = [], None, ""
        self._alone = len(endpoints) == 1
        refused = ""
        for endpoint in endpoints:
            self._note_user(endpoint)
            leg = legs.create(self._origin, endpoint)
            if isinstance(leg, Channel):
                if endpoint.kind == "user" and not self._lone_user:
                    users.take_over(self._origin, endpoint, leg)
                self._ringing.append(Ringing(leg))
                continue
            refused = leg
            if self._is_fatal(leg):
                break
        return refused

    def _forget_round(self) -> None:
        """Legs that were made and will never be dialled."""
        for ringing in self._ringing:
            self._switch.channels.pop(ringing.leg.uuid, None)

    def _note_user(self, endpoint: Endpoint) -> None:
        if endpoint.kind == "user" and not self._origin.branch:
            user, _, domain = endpoint.address.partition("@")
            if self._switch.registered(endpoint.address):
                self._a_leg.variables.set("dialed_user", user)
                self._a_leg.variables.set("dialed_domain", domain)
                self._begin()

    def _begin(self) -> None:
        self._a_leg.variables.set("originate_disposition", "failure")
        self._a_leg.variables.set("DIALSTATUS", "INVALIDARGS")

    def _launch(self) -> None:
        for ringing in self._ringing:
            leg = ringing.leg
            leg.watchers.add(self._waiter.wake)
            legs.invite(self._origin, leg)
            leg.publish("CHANNEL_CREATE")
            leg.tell("created", leg.name)
            leg.state = "CS_CONSUME_MEDIA"
            limit = leg.variables.get("leg_timeout")
            if limit.isdigit() and int(limit):
                seconds = self._switch.until_second(int(limit) + 1)
                leg.later(seconds, partial(self._leg_timeout, ringing))
            party.dial(leg)
        if is_true(value(self._origin.common, "instant_ringback")):
            self._play_ringback()

    def _leg_timeout(self, ringing: Ringing) -> None:
        if ringing in self._ringing and not ringing.endless:
            ringing.leg.hang_up("ALLOTTED_TIMEOUT")
            ringing.leg.finish()

    def _watch(self) -> None:
        """Until the round is decided."""
        if not self._ringing:
            return
        seconds = self._switch.until_second(self._seconds)
        decided = self._waiter.wait(self._decided, seconds, breakable=False)
        if not self._waiter.ready or self.cancel_cause:
            self._winner, self._end = None, "cancel"
        elif not decided and not self._winner:
            self._end = "timeout"

    def _decided(self) -> bool:
        if self.cancel_cause:
            return True
        down = 0
        for ringing in self._ringing:
            down += not ringing.leg.up
            if ringing.leg.up and self._look_at(ringing):
                self._winner = ringing
                return True
        if down == len(self._ringing):
            return True
        if down and self._fatal and self._any_fatal():
            self._end = "rejected"
            return True
        return False

    def _look_at(self, ringing: Ringing) -> bool:
        """Pass its ringing on, ask it to confirm; has it won?"""
        leg = ringing.leg
        if leg.ringing and self._announces:
            self._pass_on_ringing(leg)
        if ringing.step:
            return ringing.step.won
        if not (leg.answered or (leg.early and self._origin.early_ok)):
            return False
        step = confirm.step(leg, self._origin.common)
        if not step:
            return True
        ringing.step, ringing.endless = step, step.endless
        step.start()
        return False

    def _pass_on_ringing(self, leg: Channel) -> None:
        if self._play_ringback():
            return  # the caller hears that instead
        if self._alone:
            pass_callee(leg, self._a_leg)
        sip.ring(self._a_leg)

    def _play_ringback(self) -> bool:
        """What the A-leg's variable names, if it names anything: its media must be up for it."""
        sound = ringback(self._a_leg)
        if sound and not (self._origin.branch or self._plays):
            self._plays = True
            sip.pre_answer(self._a_leg)
            self._a_leg.tell("ringback", sound)
        return bool(sound)

    # -- its end ------------------------------------------------------------------------------

    def _end_round(self) -> None:
        for ringing in self._ringing:
            leg = ringing.leg
            leg.watchers.discard(self._waiter.wake)
            if ringing is not self._winner and leg.up:
                cause = self._loser_cause()
                if cause == "LOSE_RACE":
                    leg.variables.set("group_dial_status", "loser")
                leg.hang_up(cause)
                leg.finish(soon=not self._winner)
        if self._winner:
            if self._winner.step:
                confirm.forget(self._winner.leg)
            if not self._origin.branch:
                self._take(self._winner.leg)

    def _loser_cause(self) -> str:
        if self._end == "cancel":
            return self.cancel_cause or "ORIGINATOR_CANCEL"
        return "LOSE_RACE" if self._winner else "NO_ANSWER"

    def _take(self, leg: Channel) -> None:
        """The caller gets what the winner has: an answer, or early media."""
        a_leg = self._a_leg
        if leg.answered and not a_leg.answered:
            pass_callee(leg, a_leg)
            if a_leg.variables.get("ringback") and a_leg.has_media:
                # The tone had changed the codec that is read; now it changes back.
                a_leg.variables.set("read_codec", "PCMU")
                a_leg.variables.set("read_rate", "8000")
            sip.answer(a_leg)
        elif not leg.answered:
            pass_callee(leg, a_leg)
            sip.pre_answer(a_leg)

    def _outcome(self, refused: str) -> Outcome:
        if self._winner:
            return Outcome(self._winner.leg, "SUCCESS")
        if self._end == "cancel":
            return Outcome(None, "ORIGINATOR_CANCEL")
        if self._end:
            return Outcome(None, "NO_ANSWER")
        return Outcome(None, self._ringing[0].leg.cause if self._ringing else refused)

    def _write(self, outcome: Outcome) -> None:
        """What the A-leg's variables say of the round."""
        if self._origin.branch:
            return
        variables = self._a_leg.variables
        variables.set("originate_disposition", outcome.cause)
        variables.set("DIALSTATUS", _DIALSTATUS.get(outcome.cause, outcome.cause))
        for ringing in self._ringing:
            variables.push("originate_causes", f"{ringing.leg.uuid};{ringing.leg.cause or 'NONE'}")

    def _any_fatal(self) -> bool:
        return any(self._is_fatal(ringing.leg.cause) for ringing in self._ringing)

    def _is_fatal(self, cause: str) -> bool:
        """fail_on_single_reject: true, names in any spelling of a list, or ``!`` and names."""
        if not self._fatal or not cause:
            return False
        if is_true(self._fatal):
            return True
        # switch_stristr: the name anywhere in the text, so any separator will do. Seen.
        listed = cause.lower() in self._fatal.lower()
        return not listed if self._fatal.startswith("!") else listed
