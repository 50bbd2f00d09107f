"""/api/calls: whoever has the operator's token sees every call, and may act on it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dialctl.control import asked
from dialctl.control.orders import Desk, Done, HangUp, LiveCall, Transfer
from dialctl.control.placer import Placer
from dialctl.settings import App
from dialctl.web import Environ, Response, Route
from dialctl.web.auth import Bearer
from dialctl.web.openapi import description
from dialctl.web.replies import MOST_BODY, Refusal, given, query, reply, whole, word

MOST = 500  # calls in one answer
_ID = r"[A-Za-z0-9_.@-]{1,128}"

Act = Callable[[Environ, re.Match[str]], Response]


class Control:
    def __init__(self, desk: Desk, placer: Placer, apps: Sequence[App], bearer: Bearer) -> None:
        self._desk = desk
        self._placer = placer
        self._apps = apps
        self._bearer = bearer

    def routes(self) -> tuple[Route, ...]:
        one = rf"/api/calls/(?P<uuid>{_ID})"
        return (
            # It names nobody, and whoever writes a client has no token yet.
            Route(re.compile(r"/api/openapi\.json"), lambda *_: reply(200, description())),
            self._route(r"/api/calls/?", ("GET", "HEAD"), self._list),
            self._route(rf"{one}/?", ("GET", "HEAD"), self._one),
            self._route(rf"{one}/?", ("DELETE",), self._hang_up),
            self._route(rf"{one}/?", ("POST",), self._transfer),
            self._route(r"/api/calls/?", ("POST",), self._place),
            self._route(rf"/api/requests/(?P<uuid>{_ID})/?", ("DELETE",), self._cancel),
            self._route(rf"{one}/legs/(?P<leg>{_ID})/?", ("DELETE",), self._hang_up),
        )

    def _route(self, path: str, methods: tuple[str, ...], act: Act) -> Route:
        def answer(environ: Environ, match: re.Match[str]) -> Response:
            if not self._bearer.allows(environ):
                return self._bearer.refusal()
            try:
                return act(environ, match)
            except Refusal as refusal:
                told: dict[str, Any] = {"error": str(refusal)}
                if refusal.parameter:
                    told["parameter"] = refusal.parameter
                return reply(refusal.status, told)

        return Route(re.compile(path), answer, methods, MOST_BODY)

    def _list(self, environ: Environ, match: re.Match[str]) -> Response:
        asked = query(environ)
        limit, offset = whole(asked, "limit", 100, 1, MOST), whole(asked, "offset", 0, 0, 10**8)
        calls = self._desk.calls()
        page = [_told(call) for call in calls[offset : offset + limit]]
        return reply(200, {"total": len(calls), "limit": limit, "offset": offset, "calls": page})

    def _one(self, environ: Environ, match: re.Match[str]) -> Response:
        story = self._desk.story(match["uuid"])
        if story is None:
            raise Refusal(404, "no call with this UUID is up, or was so lately")
        return reply(200, story)

    def _hang_up(self, environ: Environ, match: re.Match[str]) -> Response:
        leg = match.groupdict().get("leg", "")
        return done(self._desk.act(match["uuid"], HangUp(leg)))

    def _transfer(self, environ: Environ, match: re.Match[str]) -> Response:
        return done(self._desk.act(match["uuid"], transfer(given(environ))), status=202, value={})

    def _place(self, environ: Environ, match: re.Match[str]) -> Response:
        fields = given(environ)
        name = fields.pop("app", "")
        app = next((app for app in self._apps if app.name == name), None)
        if app is None:
            raise Refusal(400, "expected the name of an app of apps.yaml", "app")
        return reply(201, {"requests": list(placed(self._placer, app, fields))})

    def _cancel(self, environ: Environ, match: re.Match[str]) -> Response:
        return done(self._placer.cancel(match["uuid"], self._apps))


def placed(placer: Placer, app: App, fields: Mapping[str, str]) -> tuple[str, ...]:
    """The UUIDs of the requests for calls. Raises Refusal."""
    if not placer.able:
        raise Refusal(503, "calls are placed through freeswitch.event_socket, which is not set")
    try:
        wanted = asked.read(fields, app)
    except asked.Unusable as problem:
        status = 403 if problem.forbidden else 400
        raise Refusal(status, str(problem), problem.parameter) from None
    if unserved := placer.unserved(wanted):
        raise Refusal(400, f"no route of routes.yaml serves {unserved[:80]}", "to")
    requests = placer.place(app, wanted)
    if not requests:
        raise Refusal(429, "limits.calls or limits.calls_per_second are reached; ask later")
    return requests


# Plivo's SDK says the call's UUID again.
_OF_TRANSFERS = ("call_uuid", "legs", "aleg_url", "aleg_method", "bleg_url", "bleg_method")


def transfer(fields: Mapping[str, str]) -> Transfer:
    """What Plivo's parameters ask for. Raises Refusal."""
    for name in fields:
        if name not in _OF_TRANSFERS:
            raise Refusal(400, "is no parameter of a transfer", name)
    if word(fields, "legs", "aleg", "aleg", "bleg", "both") != "aleg":
        raise Refusal(400, "is not built but for aleg: the other party is hung up", "legs")
    method = word(fields, "aleg_method", "POST", "GET", "POST")
    try:
        return Transfer(asked.hook(fields.get("aleg_url", ""), method, "aleg_url"))
    except asked.Unusable as problem:
        raise Refusal(400, str(problem), problem.parameter) from None


def done(what: Done, *, status: int = 204, value: Any = None) -> Response:
    """The answer to an order. Raises Refusal."""
    if what is Done.DONE:
        return reply(status, value)
    raise Refusal(409 if what is Done.NOT_NOW else 404, what.value)


def _told(call: LiveCall) -> dict[str, Any]:
    return asdict(call)
