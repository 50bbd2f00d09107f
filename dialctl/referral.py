"""A callee's REFER: the customer says whether the caller is transferred, and what becomes of him.

The switch has answered it 202 by then, taken the caller out of the bridge and parked the callee
(docs/freeswitch.md). The NOTIFY tells the callee what was decided.

    they talk --REFER--> asked --2xx--> confirmed: the callee is hung up, the Dial is over
        ^                  |
        +------ else ------+
"""

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gevent

from dialctl.dial.heard import Heard
from dialctl.dial.model import (
    CallerGone,
    Event,
    KeyPressed,
    LegEnded,
    ReportConnected,
    RoundEnded,
)
from dialctl.errors import DialctlError, FetchError
from dialctl.esl import bridging, commands, events
from dialctl.esl.frames import Headers
from dialctl.model import Transfer
from dialctl.plan import Carried, Dial, NextDocument

if TYPE_CHECKING:
    from dialctl.call import Call
    from dialctl.documents import Worker

Happening = Event | KeyPressed | Heard

TRANSFERRED = "BLIND_TRANSFER"
TALKED_ON = "NORMAL_CLEARING"
UNREACHABLE = 503  # told to a callee where the application said nothing
# Within which the A-leg comes back by itself when they have talked on. It does not if the callee
# hangs up just as it is told (seen).
RETURN_SECONDS = 1.0


class Referral:
    """Of one Dial. ``following``: the document that the caller is to go on with, if any."""

    def __init__(self, call: "Call", dial: Dial) -> None:
        self.following: Carried | None = None
        self._call = call
        self._dial = dial
        self._connected: ReportConnected | None = None
        self._callee_left = False
        self._request: NextDocument | None = None
        self._transfer: Transfer | None = None
        self._asked: Worker | None = None
        self._accepted = False
        self._telling = ""  # the number of the application that tells the callee
        self._talk_on = False  # in a bridge that is not the Dial's own

    def connected(self, report: ReportConnected) -> None:
        self._connected = report

    def hear(self, event: Headers, happened: tuple[Happening, ...]) -> tuple[Happening, ...]:
        """What is left for the Dial of what has happened: the end of its bridge has to wait."""
        if self._dial.refer is None or self._connected is None:
            return happened
        leg, a_leg = self._connected.uuid, self._call.channel.uuid
        if any(isinstance(one, LegEnded) and one.uuid == leg for one in happened):
            self._callee_left = True
            self._await_return()
        transfer = events.transfer(event, a_leg)
        if transfer and not self._undecided:
            self._ask(transfer, self._connected)
        elif self._telling and event.get("Application-UUID") == self._telling:
            return self._told(happened)
        elif self._talk_on and events.arrived(event, a_leg):
            self._talk_on = False
            return (*happened, RoundEnded(TALKED_ON))
        if self._undecided:
            if any(isinstance(one, CallerGone) for one in happened):
                self._post(commands.bgapi(f"uuid_kill {leg}"))  # it is parked
            return tuple(one for one in happened if not isinstance(one, RoundEnded))
        return happened

    @property
    def _undecided(self) -> bool:
        return self._asked is not None or self._telling != ""

    def _ask(self, transfer: Transfer, connected: ReportConnected) -> None:
        customer = self._call.customer
        self._talk_on = False
        callee = self._dial.targets[connected.leg.position - 1]
        shown = callee.caller_id or self._dial.caller_id or self._call.a_leg.caller
        transfer = replace(transfer, callee=connected.leg.label, shown=shown)
        self._transfer = transfer
        self._request = customer.dialect.referred(customer.view(), self._dial, connected, transfer)
        self._asked = customer.asked(self._request)
        self._call.channel.busy += 1  # no other controller knows of it

    def answered(self, item: Any) -> tuple[Happening, ...]:
        """Something else has come into the inbox: the answer, or that the A-leg did not come."""
        if item is self and self._talk_on:
            self._post(bridging.bring_back(self._call.a_leg))
        if self._asked is None or self._request is None or item is not self._asked:
            return ()
        self._asked = None
        self._call.channel.busy -= 1
        status = 0
        try:
            self.following = self._call.customer.answered(self._request, item)
        except DialctlError as error:
            self._call.log.warning("a callee's REFER is refused: %s", error)
            status = error.status if isinstance(error, FetchError) else 0
            status = status if 400 <= status <= 699 else UNREACHABLE
        self._accepted = not status
        if self._accepted:
            self._call.customer.transfer = self._transfer
            self._call.course.advance(transfer=self._transfer)
        if self._callee_left:
            return (RoundEnded(TRANSFERRED if self._accepted else TALKED_ON),)
        self._telling = str(uuid.uuid4())
        if self._accepted:
            self._post(*bridging.accept_transfer(self._telling))
        else:
            context = self._call.a_leg.context
            refusal = bridging.refuse_transfer(status, context, self._telling)
            self._post(commands.events(events.ARRIVALS), *refusal)
        return ()

    def _told(self, happened: tuple[Happening, ...]) -> tuple[Happening, ...]:
        assert self._connected
        self._telling = ""
        if self._accepted:
            self._call.log.info("the caller has been transferred by the callee")
            self._post(commands.bgapi(f"uuid_kill {self._connected.uuid} {TRANSFERRED}"))
            return (*happened, RoundEnded(TRANSFERRED))
        self._talk_on = True
        self._await_return()
        return happened

    def _await_return(self) -> None:
        if self._talk_on and self._callee_left:
            seconds = self._call.clock.real(RETURN_SECONDS)
            gevent.spawn_later(seconds, self._call.channel.inbox.put, self)

    def _post(self, *lines: bytes) -> None:
        # Whether the socket has ended is seen by whoever waits for what comes next.
        self._call.channel.post(*lines)

    def closing(self) -> tuple[bytes, ...]:
        """What ends it with the Dial."""
        # Of an earlier controller, which cannot say any more what it wanted.
        parked = "" if self._dial.refer is None else events.referrer(self._call.channel.data)
        if self._asked is not None:
            self._asked.kill(block=False)
            self._asked = None
            self._call.channel.busy -= 1
        deaf = () if self._dial.refer is None else (commands.no_events(events.ARRIVALS),)
        return (*deaf, commands.bgapi(f"uuid_kill {parked}")) if parked else deaf
