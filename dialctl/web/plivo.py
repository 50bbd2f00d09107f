"""/v1/Account/AUTH_ID/Call/: Plivo's own paths, for applications that use its SDKs.

Paths, parameters, answers and statuses: Plivo's pages on the Call resource and plivo-python's
resources/calls.py and live_calls.py. An account is what apps of apps.yaml share an auth_id; it
sees the calls of those apps alone.
"""

import math
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from dialctl.control.orders import Desk, HangUp, LiveCall
from dialctl.control.placer import Placer
from dialctl.settings import App
from dialctl.web import Environ, Response, Route
from dialctl.web.auth import Basic
from dialctl.web.control import done, placed, transfer
from dialctl.web.replies import MOST_BODY, Refusal, given, query, reply, whole, word

LIMIT = 20  # calls in one answer, at most
_ACCOUNT = r"/v1/Account/(?P<account>[^/]{1,128})"
_ID = r"[A-Za-z0-9_.@-]{1,128}"
DIRECTIONS = ("", "inbound", "outbound")

Act = Callable[[Environ, re.Match[str], tuple[App, ...]], Response]


class PlivoPaths:
    def __init__(self, desk: Desk, placer: Placer, basic: Basic) -> None:
        self._desk = desk
        self._placer = placer
        self._basic = basic

    def routes(self) -> tuple[Route, ...]:
        calls, one = rf"{_ACCOUNT}/Call/?", rf"{_ACCOUNT}/Call/(?P<uuid>{_ID})/?"
        return (
            self._route(calls, ("GET", "HEAD"), self._list),
            self._route(one, ("GET", "HEAD"), self._one),
            self._route(one, ("DELETE",), self._hang_up),
            self._route(one, ("POST",), self._transfer),
            self._route(calls, ("POST",), self._make),
            self._route(rf"{_ACCOUNT}/Request/(?P<uuid>{_ID})/?", ("DELETE",), self._cancel),
        )

    def _route(self, path: str, methods: tuple[str, ...], act: Act) -> Route:
        def answer(environ: Environ, match: re.Match[str]) -> Response:
            apps = self._basic.apps(environ, match["account"])
            if not apps:
                text = "send Basic authentication with the app's auth_id and auth_token"
                return reply(401, _refused(text), *self._basic.headers())
            try:
                return act(environ, match, apps)
            except Refusal as refusal:
                where = f"{refusal.parameter}: " if refusal.parameter else ""
                return reply(refusal.status, _refused(f"{where}{refusal}"))

        return Route(re.compile(path), answer, methods, MOST_BODY)

    def _list(self, environ: Environ, match: re.Match[str], apps: tuple[App, ...]) -> Response:
        asked = query(environ)
        limit, offset = whole(asked, "limit", LIMIT, 1, LIMIT), whole(asked, "offset", 0, 0, 10**8)
        status = word(asked, "status", "", "", "live", "queued")
        calls = _chosen(self._calls(apps) if status else self._every(apps), asked)
        if status == "queued":
            calls = []  # a call that is asked for begins to ring at once
        page = calls[offset : offset + limit]
        if status:
            return reply(200, {"api_id": _api_id(), "calls": [call.uuid for call in page]})
        objects = [_object(call, match["account"]) for call in page]
        path = f"/v1/Account/{match['account']}/Call/"
        meta = _meta(path, asked, limit, offset, len(calls))
        return reply(200, {"api_id": _api_id(), "meta": meta, "objects": objects})

    def _one(self, environ: Environ, match: re.Match[str], apps: tuple[App, ...]) -> Response:
        status = word(query(environ), "status", "", "", "live", "queued")
        known = self._calls(apps) if status else self._every(apps)
        call = self._call(match["uuid"], known)
        told = _live(call) if status else _object(call, match["account"])
        return reply(200, {"api_id": _api_id(), **told})

    def _hang_up(self, environ: Environ, match: re.Match[str], apps: tuple[App, ...]) -> Response:
        call = self._call(match["uuid"], self._calls(apps))
        return done(self._desk.act(call.uuid, HangUp()))

    def _transfer(self, environ: Environ, match: re.Match[str], apps: tuple[App, ...]) -> Response:
        call = self._call(match["uuid"], self._calls(apps))
        order = transfer(given(environ))
        told = {"message": "call transferred", "call_uuids": [call.uuid]}
        return done(
            self._desk.act(call.uuid, order), status=202, value={"api_id": _api_id(), **told}
        )

    def _make(self, environ: Environ, match: re.Match[str], apps: tuple[App, ...]) -> Response:
        app = next((app for app in apps if app.call_out), apps[0])
        requests = placed(self._placer, app, given(environ))
        several = len(requests) > 1
        told = {
            "message": "calls fired" if several else "call fired",
            "request_uuid": list(requests) if several else requests[0],
        }
        return reply(201, {"api_id": _api_id(), **told})

    def _cancel(self, environ: Environ, match: re.Match[str], apps: tuple[App, ...]) -> Response:
        return done(self._placer.cancel(match["uuid"], apps))

    def _calls(self, apps: tuple[App, ...]) -> list[LiveCall]:
        names = {app.name for app in apps}
        return [call for call in self._desk.calls() if call.app in names]

    def _every(self, apps: tuple[App, ...]) -> list[LiveCall]:
        """Those that are up, and the last ones that were; the newest first."""
        names = {app.name for app in apps}
        over = [call for call in self._desk.over() if call.app in names]
        return [*reversed(self._calls(apps)), *over]

    @staticmethod
    def _call(uuid: str, calls: list[LiveCall]) -> LiveCall:
        """Raises Refusal; nobody learns of a call that is not his."""
        for call in calls:
            if call.uuid == uuid:
                return call
        raise Refusal(404, "no call of this account with this UUID is known, or it is over")


def _chosen(calls: list[LiveCall], asked: dict[str, str]) -> list[LiveCall]:
    direction = word(asked, "call_direction", "", *DIRECTIONS)
    caller, called = (asked.get(name, "").lstrip("+") for name in ("from_number", "to_number"))
    return [
        call
        for call in calls
        if direction in ("", _direction(call))
        and caller in ("", call.caller.lstrip("+"))
        and called in ("", call.called.lstrip("+"))
    ]


def _meta(path: str, asked: dict[str, str], limit: int, offset: int, total: int) -> dict[str, Any]:
    def at(where: int) -> str:
        return f"{path}?{urlencode({**asked, 'limit': limit, 'offset': where})}"

    return {
        "limit": limit,
        "offset": offset,
        "total_count": total,
        "next": at(offset + limit) if offset + limit < total else None,
        "previous": at(max(0, offset - limit)) if offset else None,
    }


def _object(call: LiveCall, account: str) -> dict[str, Any]:
    """A call as the list has it; what is not known before its end is null."""
    return {
        "answer_time": _local(call.answered),
        "bill_duration": math.ceil(call.answered_ms / 1000),
        "billed_duration": math.ceil(call.answered_ms / 1000),
        "call_direction": _direction(call),
        "call_duration": math.ceil(call.answered_ms / 1000),
        "call_state": _state(call),
        "call_uuid": call.uuid,
        "end_time": _local(call.ended),
        "from_number": call.caller,
        "hangup_cause": call.cause or None,
        "initiation_time": _local(call.created),
        "parent_call_uuid": None,
        "resource_uri": f"/v1/Account/{account}/Call/{call.uuid}/",
        "to_number": call.called,
        "total_amount": "0.00000",
        "total_rate": "0.00000",
    }


def _state(call: LiveCall) -> str:
    if call.ended:
        return "ANSWER" if call.answered else "NO_ANSWER"
    return "IN_PROGRESS" if call.answered else "RINGING"


def _live(call: LiveCall) -> dict[str, Any]:
    return {
        "call_status": call.status,
        "call_uuid": call.uuid,
        "caller_name": call.caller_name,
        "direction": _direction(call),
        "from": call.caller,
        "request_uuid": call.request or None,
        "session_start": datetime.fromtimestamp(call.created, UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
        "to": call.called,
    }


def _direction(call: LiveCall) -> str:
    return "outbound" if call.outbound else "inbound"


def _local(seconds: float) -> str | None:
    moment = datetime.fromtimestamp(seconds).astimezone() if seconds else None
    return moment.strftime("%Y-%m-%d %H:%M:%S%z") if moment else None


def _refused(text: str) -> dict[str, Any]:
    return {"api_id": _api_id(), "error": text}


def _api_id() -> str:
    """Names this answer, as Plivo's do."""
    return str(uuid.uuid4())
