"""Dial engine: given what happened, what to do next. No socket, no clock, no HTTP.

    IDLE --start--> RINGING --connected--> TALKING --RoundEnded--> ENDED
                     |  ^  |                                        ^
                     |  |  +---- RoundEnded, no rounds left --------+
                     +--+ RoundEnded, rounds left

CallerGone ends it from any state. FreeSWITCH runs the race inside a round and the failover
from one endpoint of a leg to its next; the engine keeps the order of rounds, the clocks and
the account of who has been told what.

Every leg is reported ended exactly once, whatever the order in which FreeSWITCH says so, and
also if it never had a channel. The engine is done when it has ended and owes no such report.
Late events are normal in telephony: what no longer matters changes nothing and raises nothing.
"""

import enum

from dialctl.dial import causes
from dialctl.dial.account import LegAccount
from dialctl.dial.model import (
    CallerGone,
    CallerMoved,
    Command,
    Event,
    KillLeg,
    LegAnswered,
    LegBridged,
    LegCreated,
    LegEnded,
    LegRinging,
    Outcome,
    ReportAnswered,
    ReportConnected,
    ReportDialled,
    ReportEnded,
    ReportRinging,
    RingCaller,
    RingRound,
    Round,
    RoundEnded,
    StartTimer,
    StopTimer,
    SwitchGone,
)
from dialctl.model import ChannelEnd

RING = "ring"  # nobody was connected in time
TALK = "talk"  # the time limit of the conversation
SETTLE = "settle"  # a leg's end is owed and FreeSWITCH does not send it

# A leg's hangup event follows the end of its round within a media tick or two (facts: seen 20 ms
# late); two seconds later it will not come any more.
SETTLE_SECONDS = 2.0
# FreeSWITCH makes the channels of a user's telephones within a millisecond or two.
EXPAND_SECONDS = 0.2


class State(enum.Enum):
    IDLE, RINGING, TALKING, ENDED = range(4)


class DialEngine:
    """Feed it events and perform the commands it returns until it is done."""

    def __init__(self, rounds: tuple[Round, ...], ring_timeout: float, time_limit: float) -> None:
        self.state = State.IDLE
        self._waiting = list(rounds)
        self._ring_timeout = ring_timeout
        self._time_limit = time_limit
        self._accounts: list[LegAccount] = []  # of every leg tried so far, in document order
        self._round: list[LegAccount] = []  # those of the round that rings
        self._fork = False  # several legs ring together
        self._channels: dict[str, LegAccount] = {}  # by a channel's or an attempt's UUID
        self._winner: LegAccount | None = None
        self._caller_gone = False
        self._out_of_time = False
        self._caller_rings = False

    @property
    def done(self) -> bool:
        return self.state is State.ENDED and all(account.told for account in self._accounts)

    def start(self) -> list[Command]:
        return self._next_round()

    def handle(self, event: Event) -> list[Command]:
        match event:
            case LegCreated():
                return self._created(event)
            case LegRinging() | LegAnswered() | LegBridged() | LegEnded():
                account = self._channels.get(event.uuid)
                return self._leg(account, event) if account else []
            case RoundEnded(cause):
                return self._round_ended(cause)
            case CallerGone():
                return self._caller_left()
            case CallerMoved():
                return [*self._kill_all(), *self._caller_left()]
            case SwitchGone(at):
                return self._switch_gone(at)
            case _:
                return self._timer(event.timer)

    def outcome(self) -> Outcome:
        """How it ended; meaningful once it is done."""
        rang = any(account.rang or account.answered for account in self._accounts)
        legs = tuple(ReportEnded(a.leg, a.uuid, a.end) for a in self._accounts if a.end)
        if self._winner:
            end = self._winner.end
            return Outcome("completed", end.cause if end else "", self._winner.uuid, rang, legs)
        if self._caller_gone:
            return Outcome("cancel", causes.CANCELLED, "", rang, legs)
        for status in causes.PRECEDENCE:
            for leg in legs:
                if causes.status(leg.end) == status:
                    return Outcome(status, leg.end.cause, "", rang, legs)
        return Outcome("failed", causes.NO_ROUTE, "", rang, legs)

    # What happened to a leg.

    def _created(self, event: LegCreated) -> list[Command]:
        attempt = event.attempt or event.uuid
        account = self._channels.get(attempt)
        if account is None:
            return []
        self._channels[event.uuid] = account
        account.created(event.uuid, attempt, event.at)
        # A failover that began as we ended its leg: the new attempt must end too.
        return self._kill_unanswered() if self._out_of_time else []

    def _leg(
        self, account: LegAccount, event: LegRinging | LegAnswered | LegBridged | LegEnded
    ) -> list[Command]:
        match event:
            case LegRinging(uuid):
                return [*self._ringing(account, uuid), *self._ring_caller()]
            case LegAnswered(uuid, at):
                return self._answered(account, uuid, at)
            case LegBridged(uuid):
                account.bridged, account.uuid = True, uuid
                return self._connected_if_both(account, uuid)
            case _:
                account.ended(event.uuid, event.end)
                return self._leg_ended(account)

    @staticmethod
    def _ringing(account: LegAccount, uuid: str) -> list[Command]:
        if account.rang or account.answered or account.told:
            return []
        account.rang = True
        return [ReportRinging(account.leg, uuid)]

    def _leg_ended(self, account: LegAccount) -> list[Command]:
        """Told at once, unless FreeSWITCH may still try to reach the same target."""
        if account.live:
            return []  # another telephone of the same user rings on
        if self.state is State.RINGING and not self._out_of_time:
            if account.may_fail_over:
                return []  # FreeSWITCH goes on to the leg's next endpoint
            if account.end and account.end.cause == causes.LOST_RACE:
                return []  # told after the winner, whose connection FreeSWITCH tells later
            if account.may_expand:
                return [StartTimer(account.leg.uuid, EXPAND_SECONDS)]
        return self._tell_end(account)

    def _answered(self, account: LegAccount, uuid: str, at: float) -> list[Command]:
        if account.answered or account.told:
            return []
        answered = ReportAnswered(account.leg, uuid, account.count)
        account.answered, account.uuid, account.answered_at = True, uuid, at
        return [answered, *self._connected_if_both(account, uuid)]

    def _connected_if_both(self, account: LegAccount, uuid: str) -> list[Command]:
        """Connected is the later of answer and bridge: early media is bridged unanswered."""
        if not (account.answered and account.bridged) or self.state is not State.RINGING:
            return []
        self.state, self._winner = State.TALKING, account
        lost = [
            command
            for other in self._round
            if other is not account and not other.live
            for command in self._tell_end(other)
        ]
        return [
            StopTimer(RING),
            StartTimer(TALK, self._time_limit),
            ReportConnected(account.leg, uuid),
            *lost,
        ]

    def _tell_end(self, account: LegAccount) -> list[Command]:
        """The one report of a leg's end, from what is known by now."""
        if account.told:
            return []
        account.told = True
        end = account.end = account.end or ChannelEnd(account.unsaid_cause())
        return [ReportEnded(account.leg, account.uuid, end, account.count), *self._settled()]

    def _ring_caller(self) -> list[Command]:
        """In a fork FreeSWITCH does not: early media is ignored there, and 180 with it (seen)."""
        if self._caller_rings or self.state is not State.RINGING or not self._fork:
            return []
        self._caller_rings = True
        return [RingCaller()]

    # What happened to the round, the caller, the clock.

    def _next_round(self) -> list[Command]:
        if not self._waiting:
            return self._end()
        self.state, self._out_of_time = State.RINGING, False
        round = self._waiting.pop(0)
        self._round = [LegAccount(leg) for leg in round.legs]
        self._accounts += self._round
        told: list[Command] = [ReportDialled(leg, leg.uuid) for leg in round.legs]
        for account in self._round:
            self._channels |= {attempt.uuid: account for attempt in account.leg.attempts}
            if not account.leg.attempts:
                account.end = ChannelEnd(causes.NO_ROUTE)
                told += self._tell_end(account)
        served = Round(tuple(leg for leg in round.legs if leg.attempts))
        if not served.legs:
            return told + self._next_round()
        self._fork = len(served.legs) > 1
        return [*told, StartTimer(RING, self._ring_timeout), RingRound(served)]

    def _round_ended(self, cause: str) -> list[Command]:
        if self.state not in (State.RINGING, State.TALKING):
            return []
        talked = self.state is State.TALKING
        told = self._tell_unmade(cause)
        stop: list[Command] = [StopTimer(TALK if talked else RING)]
        return [*stop, *told, *(self._end() if talked else self._next_round())]

    def _tell_unmade(self, cause: str) -> list[Command]:
        """Legs whose channel never came, or whose failover ended before its next channel."""
        alone = len(self._round) == 1  # only then does the round's cause speak of this leg
        commands: list[Command] = []
        for account in self._round:
            account.close()
            if account.live or account.told:
                continue
            if alone and not account.end and cause.upper() != "SUCCESS":
                account.end = ChannelEnd(cause)
            commands += self._tell_end(account)
        return commands

    def _caller_left(self) -> list[Command]:
        if self.state is State.ENDED:
            return []
        self._caller_gone = self._winner is None
        for account in self._round:
            if not account.live and not account.end:
                account.end = ChannelEnd(causes.CANCELLED)
        told = self._tell_unmade(causes.CANCELLED)
        return [StopTimer(RING), StopTimer(TALK), *told, *self._end()]

    def _switch_gone(self, at: float) -> list[Command]:
        for account in self._round:
            if account.live:
                account.cut_off(at)
        left = self._caller_left()
        return [*left, *(command for a in self._accounts for command in self._tell_end(a))]

    def _timer(self, timer: str) -> list[Command]:
        if timer == RING and self.state is State.RINGING:
            self._out_of_time = True
            return self._kill_unanswered()
        if timer == TALK and self.state is State.TALKING and self._winner:
            return [KillLeg(self._winner.uuid, causes.TIME_LIMIT)]
        if timer == SETTLE:
            # One that was connected has been transferred: it is somebody else's call now.
            left = [
                KillLeg(uuid, causes.CANCELLED)
                for a in self._accounts
                if not a.bridged
                for uuid in a.live
            ]
            return [*left, *(command for a in self._accounts for command in self._tell_end(a))]
        account = self._channels.get(timer)  # EXPAND_SECONDS of a leg
        return self._tell_end(account) if account and not account.live else []

    def _kill_unanswered(self) -> list[Command]:
        return [
            KillLeg(uuid, causes.RING_TIMEOUT)
            for account in self._round
            if not account.answered
            for uuid in account.live
        ]

    def _kill_all(self) -> list[Command]:
        return [KillLeg(uuid, causes.BY_REQUEST) for a in self._round for uuid in sorted(a.live)]

    def _end(self) -> list[Command]:
        self.state, self._waiting = State.ENDED, []
        return [] if self.done else [StartTimer(SETTLE, SETTLE_SECONDS)]

    def _settled(self) -> list[Command]:
        return [StopTimer(SETTLE)] if self.done else []
