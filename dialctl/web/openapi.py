"""/api/openapi.json: what the control API takes and answers, as OpenAPI 3.1 (spec.openapis.org).

A test asks every path for what stands here, and for what does not (schemathesis). Pure.
"""

from typing import Any

from dialctl import __version__

_ID = r"^[A-Za-z0-9_.@-]{1,128}$"
_URLS = {
    f"{which}_{what}": {"type": "string", **({"enum": ["GET", "POST"]} if what == "method" else {})}
    for which in ("answer", "ring", "hangup", "fallback")
    for what in ("url", "method")
}
_SECONDS = {"type": "integer", "minimum": 1, "maximum": 86400}
_CALL = {
    "type": "object",
    "required": ["from", "to", "answer_url"],
    "additionalProperties": False,
    "properties": {
        "from": {"type": "string", "description": "a number of 3 to 20 digits or sip:user@host"},
        "to": {"type": "string", "description": "the same, up to 1000 of them parted by <"},
        **_URLS,
        "caller_name": {"type": "string", "maxLength": 50},
        "ring_timeout": {**_SECONDS, "default": 120},
        "time_limit": {**_SECONDS, "default": 14400},
        "hangup_on_ring": {"type": "integer", "minimum": 0, "maximum": 86400},
        "send_digits": {"type": "string", "pattern": "^[0-9A-Da-d*#wW]{1,200}$"},
        "send_on_preanswer": {"type": "boolean", "default": False},
        "sip_headers": {"type": "string", "description": "k=v,k2=v2 of letters and digits"},
    },
}
_TRANSFER = {
    "type": "object",
    "required": ["aleg_url"],
    "additionalProperties": False,
    "properties": {
        "legs": {"type": "string", "enum": ["aleg"], "default": "aleg"},
        "aleg_url": {"type": "string"},
        "aleg_method": {"type": "string", "enum": ["GET", "POST"], "default": "POST"},
    },
}


def _of_app() -> dict[str, Any]:
    named = {"app": {"type": "string", "description": "its name in apps.yaml"}}
    return {
        **_CALL,
        "required": ["app", "from", "to", "answer_url"],
        "properties": {**named, **_CALL["properties"]},  # type: ignore[dict-item]
    }


def _path(name: str) -> dict[str, Any]:
    pattern = r"^[^/]{1,128}$" if name == "auth_id" else _ID
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def _page(most: int, default: int) -> list[dict[str, Any]]:
    return [
        _query("limit", type="integer", minimum=1, maximum=most, default=default),
        _query("offset", type="integer", minimum=0, maximum=10**8, default=0),
    ]


def _answers(*statuses: int, wrong: str) -> dict[str, Any]:
    """What may be answered; what is refused is a ``wrong``, a schema's name."""
    answers: dict[str, Any] = {}
    for status in (*statuses, 401):
        answers[str(status)] = {"description": _MEANINGS[status]}
        if status != 204:
            schema = (
                {"$ref": f"#/components/schemas/{wrong}"} if status >= 400 else {"type": "object"}
            )
            answers[str(status)]["content"] = {"application/json": {"schema": schema}}
    # A request that breaks off, or has a body where none is taken.
    answers["400"] = answers.get("400", {"description": _MEANINGS[400]})
    return answers


_MEANINGS = {
    200: "what was asked for",
    201: "placed",
    202: "transferred",
    204: "done",
    400: "a parameter is wrong",
    401: "not the right credentials",
    403: "call_out of the app does not allow it",
    404: "there is none, or none of yours",
    409: "the call has no event socket at the moment; ask again",
    429: "limits.calls or limits.calls_per_second are reached",
    503: "freeswitch.event_socket is not set",
}


def _operation(
    title: str,
    answers: dict[str, Any],
    parameters: list[dict[str, Any]],
    scheme: str,
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "summary": title,
        "parameters": parameters,
        "responses": answers,
        "security": [{scheme: []}],
    }
    if body:
        kinds = ("application/json", "application/x-www-form-urlencoded")
        said["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": body} for kind in kinds},
        }
    return said


def description() -> dict[str, Any]:
    def own(title: str, *statuses: int, parameters: Any = (), body: Any = None) -> dict[str, Any]:
        answers = _answers(*statuses, wrong="Error")
        return _operation(title, answers, list(parameters), "operator", body)

    def plivo(title: str, *statuses: int, parameters: Any = (), body: Any = None) -> dict[str, Any]:
        answers = _answers(*statuses, wrong="PlivoError")
        return _operation(title, answers, [_path("auth_id"), *parameters], "app", body)

    call, leg, request = _path("uuid"), _path("leg"), _path("request")
    live = _query("status", type="string", enum=["live", "queued"])
    direction = _query("call_direction", type="string", enum=["inbound", "outbound"])
    numbers = [_query(name, type="string") for name in ("from_number", "to_number")]
    account = "/v1/Account/{auth_id}"
    return {
        "openapi": "3.1.0",
        "info": {"title": "dialctl", "version": __version__},
        "paths": {
            "/api/calls": {
                "get": own("calls that are up", 200, 400, parameters=_page(500, 100)),
                "post": own("place a call", 201, 400, 403, 429, 503, body=_of_app()),
            },
            "/api/calls/{uuid}": {
                "get": own("a call's story", 200, 404, parameters=[call]),
                "post": own("transfer", 202, 400, 404, 409, parameters=[call], body=_TRANSFER),
                "delete": own("hang up", 204, 404, 409, parameters=[call]),
            },
            "/api/calls/{uuid}/legs/{leg}": {
                "delete": own("hang up a leg", 204, 404, 409, parameters=[call, leg]),
            },
            "/api/requests/{request}": {
                "delete": own("cancel a placed call", 204, 404, parameters=[request]),
            },
            f"{account}/Call/": {
                "get": plivo(
                    "calls", 200, 400, parameters=[*_page(20, 20), live, direction, *numbers]
                ),
                "post": plivo("place a call", 201, 400, 403, 429, 503, body=_CALL),
            },
            f"{account}/Call/{{uuid}}/": {
                "get": plivo("a call", 200, 400, 404, parameters=[call, live]),
                "post": plivo("transfer", 202, 400, 404, 409, parameters=[call], body=_TRANSFER),
                "delete": plivo("hang up", 204, 404, 409, parameters=[call]),
            },
            f"{account}/Request/{{request}}/": {
                "delete": plivo("cancel a placed call", 204, 404, parameters=[request]),
            },
        },
        "components": {
            "securitySchemes": {
                "operator": {"type": "http", "scheme": "bearer"},
                "app": {"type": "http", "scheme": "basic"},
            },
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {"error": {"type": "string"}, "parameter": {"type": "string"}},
                },
                "PlivoError": {
                    "type": "object",
                    "required": ["error", "api_id"],
                    "properties": {"error": {"type": "string"}, "api_id": {"type": "string"}},
                },
            },
        },
    }
