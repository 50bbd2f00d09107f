"""/v1/Account/AUTH_ID/Call/: Plivo's own paths, for applications that use its SDKs.

Paths, parameters, answers and statuses: Plivo's pages on the Call resource and plivo-python's
resources/calls.py and live_calls.py. An account is what apps of apps.yaml share an auth_id; it
sees the calls of those apps alone.
"""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from dialctl.control.orders import Desk, HangUp, LiveCall
from dialctl.settings import App
from dialctl.web import Environ, Response, Route
from dialctl.web.auth import Basic
from dialctl.web.control import done
from dialctl.web.replies import MOST_BODY, Refusal, query, reply, whole, word

LIMIT = 20  # calls in one answer, at most
_ACCOUNT = r"/v1/Account/(?P<account>[^/]{1,128})"
_ID = r"[A-Za-z0-9_.@-]{1,128}"
DIRECTIONS = ("", "inbound", "outbound")

Act = Callable[[Environ, re.Match[str], tuple[App, ...]], Response]


class PlivoPaths:
    def __init__(self, desk: Desk, basic: Basic) -> None:
        self._desk = desk
        self._basic = basic

    def routes(self) -> tuple[Route, ...]:
        calls, one = rf"{_ACCOUNT}/Call/?", rf"{_ACCOUNT}/Call/(?P<uuid>{_ID})/?"
        return (
            self._route(calls, ("GET", "HEAD"), self._list),
            self._route(one, ("GET", "HEAD"), self._one),
            self._route(one, ("DELETE",), self._hang_up),
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
        calls = _chosen(self._calls(apps), asked)
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
        call = self._call(match["uuid"], apps)
        told = _live(call) if status else _object(call, match["account"])
        return reply(200, {"api_id": _api_id(), **told})

    def _hang_up(self, environ: Environ, match: re.Match[str], apps: tuple[App, ...]) -> Response:
        call = self._call(match["uuid"], apps)
        return done(self._desk.act(call.uuid, HangUp()))

    def _calls(self, apps: tuple[App, ...]) -> list[LiveCall]:
        names = {app.name for app in apps}
        return [call for call in self._desk.calls() if call.app in names]

    def _call(self, uuid: str, apps: tuple[App, ...]) -> LiveCall:
        """Raises Refusal; nobody learns of a call that is not his."""
        for call in self._calls(apps):
            if call.uuid == uuid:
                return call
        raise Refusal(404, "no call of this account with this UUID is up")


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
        "bill_duration": 0,
        "billed_duration": 0,
        "call_direction": _direction(call),
        "call_duration": 0,
        "call_state": "IN_PROGRESS" if call.answered else "RINGING",
        "call_uuid": call.uuid,
        "end_time": None,
        "from_number": call.caller,
        "hangup_cause_code": None,
        "hangup_cause_name": None,
        "hangup_source": None,
        "initiation_time": _local(call.created),
        "parent_call_uuid": None,
        "resource_uri": f"/v1/Account/{account}/Call/{call.uuid}/",
        "to_number": call.called,
        "total_amount": "0.00000",
        "total_rate": "0.00000",
    }


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
