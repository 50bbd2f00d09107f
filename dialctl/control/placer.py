"""Who places calls: how many at once, and which are under way until they are answered."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import gevent
from gevent import socket
from gevent.queue import Queue

from dialctl.call import Call
from dialctl.conf.rules import address
from dialctl.control.asked import Wanted
from dialctl.control.orders import Done, LiveCall
from dialctl.control.placing import Placing
from dialctl.dial.model import Leg
from dialctl.esl import routing
from dialctl.esl.session import InboundSession
from dialctl.gate import Gate
from dialctl.placement import Placement
from dialctl.plan import Target
from dialctl.services import Services
from dialctl.settings import App

CONNECT_SECONDS = 5.0


class Placer:
    """One for the daemon. ``begin`` makes a Call that has no socket."""

    def __init__(self, services: Services, gate: Gate, begin: Callable[[None], Call]) -> None:
        self._services = services
        self._gate = gate
        self._begin = begin
        self._placing: dict[str, Placing] = {}  # by the request's UUID

    @property
    def able(self) -> bool:
        """Whether the switch's own event socket is known, through which calls are placed."""
        return bool(self._services.settings.freeswitch.event_socket)

    def unserved(self, wanted: Wanted) -> str:
        """Whom no route serves, of those that are to be called; '' for nobody."""
        routes = self._services.settings.routes
        targets = (t for t in wanted.targets if not routing.endpoints(t.destination, routes))
        return next((target.label for target in targets), "")

    def place(self, app: App, wanted: Wanted) -> tuple[str, ...]:
        """The requests' UUIDs; none if there is no room for so many calls now."""
        now, up = self._services.clock.now(), len(self._services.calls) + len(self._placing)
        if not self._gate.admits(now, up, len(wanted.targets)):
            return ()
        return tuple(self._place(app, wanted, target) for target in wanted.targets)

    def cancel(self, request: str, apps: Sequence[App]) -> Done:
        """A call that is not answered yet, of one of these apps."""
        placing = self._placing.get(request)
        if placing is None or placing.app not in apps:
            return Done.NO_CALL
        placing.cancel()
        return Done.DONE

    def cancel_call(self, uuid: str) -> Done:
        """As ``cancel``, by the UUID of the channel that is rung."""
        for placing in tuple(self._placing.values()):
            if placing.uuid == uuid:
                placing.cancel()
                return Done.DONE
        return Done.NO_CALL

    def calls(self) -> list[LiveCall]:
        """Those that are rung."""
        return [
            LiveCall(
                uuid=one.uuid,
                app=one.app.name,
                caller=one.placement.caller,
                called=one.placement.called,
                caller_name=one.placement.caller_name,
                status="ringing",
                outbound=True,
                request=one.placement.request,
                created=one.came,
            )
            for one in tuple(self._placing.values())
        ]

    def _place(self, app: App, wanted: Wanted, target: Target) -> str:
        request = str(uuid.uuid4())
        leg = self._leg(request, target)
        placement = Placement(
            request=request,
            app=app.name,
            caller=wanted.caller,
            called=target.label,
            answer=wanted.answer,
            caller_name=wanted.caller_name,
            fallback=wanted.fallback,
            hangup=wanted.hangup,
            ring=wanted.ring,
            ring_timeout=wanted.ring_timeout,
            time_limit=wanted.time_limit,
            hangup_on_ring=wanted.hangup_on_ring,
        )
        placing = Placing(self._services, self._connect, self._begin, app, placement, leg)
        self._placing[request] = placing
        gevent.spawn(placing.run).link(lambda _: self._placing.pop(request, None))
        return request

    def _leg(self, request: str, target: Target) -> Leg:
        def name(position: int, number: int) -> str:
            """The first channel is the request's: its call has the same UUID then."""
            return request if not number else str(uuid.uuid4())

        (leg,) = routing.legs((target,), self._services.settings.routes, name)
        return leg

    def _connect(self, inbox: "Queue[Any]") -> InboundSession:
        """Raises OSError."""
        freeswitch = self._services.settings.freeswitch
        target = address(freeswitch.event_socket)
        sock = socket.create_connection(target, timeout=CONNECT_SECONDS)
        sock.settimeout(None)
        return InboundSession(sock, inbox, "", freeswitch.password)
