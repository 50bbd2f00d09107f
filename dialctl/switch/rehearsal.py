"""One daemon beside the built-in switch: calls are placed on it, and everything is written down.

The daemon, its HTTP and its event socket are the ones that run beside a FreeSWITCH. What is not on
the loopback interface is the application's own.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dialctl.clock import Clock
from dialctl.conf.rules import address
from dialctl.http.client import Answer, Client, RequestFailed
from dialctl.http.encoding import Params, texts
from dialctl.http.retry import quoted, shown
from dialctl.server import Server
from dialctl.settings import App, Http, NumberRoute, Routes, Settings, UserRoute, Web
from dialctl.switch import Switch
from dialctl.switch.ladder import Ladder

CALLER = "caller"
APPLICATION = "web application"
PATIENCE = 5.0  # seconds of call time until all is told of a call that is over
WORDS = {"created": "invited", "bridged": "talks"}  # the observer's, in a caller's ears


@dataclass(frozen=True, slots=True)
class Happened:
    """Something on the switch. ``at``: seconds of call time since the call was placed."""

    at: float
    who: str  # "caller", "callee 1" ...
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to the application. ``status`` is 0 where there was no answer: ``failure``."""

    at: float
    method: str
    url: str
    params: tuple[tuple[str, str], ...]
    status: int = 0
    failure: str = ""
    body: str = ""  # of the answer


@dataclass(slots=True)
class Story:
    """Of one call. ``over``: it came to its end, and all of it was told."""

    called: str
    happened: list[Happened] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    over: bool = False

    def ladder(self, telling: Sequence[str]) -> str:
        """``telling``: the parameters that are drawn beside a request's Event."""
        ladder = Ladder([CALLER, APPLICATION])
        ladder.add(0.0, CALLER, f"calls {self.called}")
        for one in self.happened:
            # Whom it talks to, or what was dialled, stands in the columns already.
            detail = "" if one.what in WORDS else quoted(one.detail)
            ladder.add(one.at, one.who, f"{WORDS.get(one.what, one.what)} {detail}".rstrip())
        for asked in self.asked:
            params = dict(asked.params)
            details = ", ".join(quoted(params[name]) for name in telling if params.get(name))
            path = "/" + asked.url.partition("://")[2].partition("?")[0].partition("/")[2]
            failed = "" if 200 <= asked.status < 300 else f" {asked.status or asked.failure}"
            names = ("Event", "CallStatus", "call_status")
            event = next((params[name] for name in names if name in params), "")
            text = f"{asked.method} {path:<9} {event} {details}{failed}"
            ladder.add(asked.at, APPLICATION, text.rstrip())
        return ladder.render()


class Rehearsal:
    """Of an application. ``app`` is as in apps.yaml; ``trunks`` are names that routes.yaml would
    have. Its requests have as much real time as ever, however fast the calls go.
    """

    def __init__(self, app: App, speed: float, trunks: Sequence[str] = ()) -> None:
        self._clock = Clock(speed)
        self._story = Story("")
        self._began = 0.0
        self._legs: dict[str, str] = {}
        self._state = tempfile.TemporaryDirectory(prefix="dialctl-")
        http = Http()
        http = replace(
            http,
            connect_timeout=http.connect_timeout * speed,
            read_timeout=http.read_timeout * speed,
            total_timeout=http.total_timeout * speed,
        )
        settings = Settings(
            listen="127.0.0.1:0",
            state_dir=self._state.name,
            web=Web(listen=""),
            stop_grace=2.0,
            http=http,
            apps=(app,),
            routes=Routes(
                numbers=(NumberRoute("", ("sofia/gateway/carrier/{number}",)),),
                users=(UserRoute("*", ("sofia/internal/{user}@{domain}",)),),
                clients=("user/{name}@clients",),
                trunks=tuple((name, (f"sofia/gateway/{name}/{{number}}",)) for name in trunks),
            ),
        )
        client = _Watched(self, settings, self._clock)
        self._server = Server(settings, self._clock, client)
        self._server.start()

    def call(
        self,
        called: str,
        callees: Mapping[str, str],
        *,
        patience: float,
        default: str = "answer:1",
        **caller: Any,
    ) -> Story:
        """Place a call and wait ``patience`` seconds of call time at most for its end.

        ``callees``, ``default`` and what ``caller`` does are as Switch and its place_call have
        them. Raises ScriptError.
        """
        where = address(self._server.address)
        self._story, self._legs = Story(called), {}
        switch = Switch(
            [where],
            callees,
            default=default,
            extensions=extensions(self._server.address),
            clock=self._clock,
            observer=self._observe,
        )
        self._began = self._clock.now()
        a_leg = switch.place_call(destination=called, **caller)
        self._story.over = a_leg.wait(patience) and self._server.idle(PATIENCE)
        switch.stop()
        return self._story

    def stop(self) -> None:
        self._server.stop()
        self._state.cleanup()

    def since(self) -> float:
        return self._clock.now() - self._began

    def tell(self, asked: Asked) -> None:
        self._story.asked.append(asked)

    def _observe(self, _seconds: float, who: str, what: str, detail: str) -> None:
        lane = CALLER
        if who != "A":
            lane = self._legs.setdefault(who, f"callee {len(self._legs) + 1}")
        self._story.happened.append(Happened(self.since(), lane, what, detail))


class _Watched(Client):
    """Tells of every request."""

    def __init__(self, rehearsal: Rehearsal, settings: Settings, clock: Clock) -> None:
        super().__init__(settings.http, clock, settings.limits.document_bytes)
        self._rehearsal = rehearsal

    def request(
        self, method: str, url: str, params: Params = (), *rest: Any, **more: Any
    ) -> Answer:
        said = Asked(self._rehearsal.since(), method, shown(url), tuple(texts(params)))
        try:
            answer = super().request(method, url, params, *rest, **more)
        except RequestFailed as failure:
            self._rehearsal.tell(replace(said, failure=str(failure)))
            raise
        body = answer.body.decode("utf-8", "replace")
        self._rehearsal.tell(replace(said, status=answer.status, body=body))
        return answer


def extensions(server: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """What freeswitch/dialctl.xml has for callees who are asked, by a daemon at ``server``."""
    return {
        "dialctl-confirm": (
            ("socket", f"{server} async full"),
            ("execute_extension", "dialctl-confirmed-${dialctl_confirmed} XML ${dialctl_context}"),
        ),
        "dialctl-confirmed-true": (("log", "DEBUG"),),
        "dialctl-confirmed-": (("hangup", "CALL_REJECTED"),),
    }
