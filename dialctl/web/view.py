"""The live view's paths: ``/``, ``/calls/UUID``, ``/search``, and the two files that they need.

Only for whom ``web.view`` lets in. Nothing is loaded from anywhere else, no script but our one file
runs, and nobody may put a page into a frame of theirs.
"""

import json
import re
from collections.abc import Callable, Mapping
from importlib import resources

from dialctl.settings import Settings
from dialctl.view import pages
from dialctl.view.source import Source
from dialctl.web import Environ, Response, Route
from dialctl.web.auth import Failed, Viewer
from dialctl.web.replies import Refusal, query

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_GUARDS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}

Answer = Callable[[Environ, re.Match[str]], Response]


def routes(
    settings: Settings, source: Source, now: Callable[[], float], failed: Failed
) -> tuple[Route, ...]:
    """None without ``web.view``. ``now`` gives the time of day."""
    if not settings.web.view:
        return ()
    viewer = Viewer(settings.web.token, failed)

    def guarded(answer: Answer) -> Answer:
        def answered(environ: Environ, match: re.Match[str]) -> Response:
            return answer(environ, match) if viewer.allows(environ) else viewer.refusal()

        return answered

    def home(environ: Environ, match: re.Match[str]) -> Response:
        parts = pages.overview(source.overview(), now())
        return _parts(parts) if _wants_parts(environ) else _html(pages.home(parts))

    def call(environ: Environ, match: re.Match[str]) -> Response:
        told = source.call(match["uuid"])
        if told is None:
            return _html(pages.missing(match["uuid"]), "404 Not Found")
        parts = pages.story(told, now())
        return _parts(parts) if _wants_parts(environ) else _html(pages.call(told, parts))

    def search(environ: Environ, match: re.Match[str]) -> Response:
        wanted = _query(environ).get("q", "")[:100]
        return _html(pages.search(source.search(wanted), wanted, now()))

    # A UUID may be whatever a caller's Call-ID is (docs/freeswitch.md).
    answers = {r"/": home, r"/calls/(?P<uuid>.{1,200})": call, r"/search": search}
    shown = (Route(re.compile(path), guarded(answer)) for path, answer in answers.items())
    files = Route(re.compile(r"/static/view\.(?P<kind>css|js)"), guarded(_file))
    return (*shown, files)


def _file(environ: Environ, match: re.Match[str]) -> Response:
    name = f"view.{match['kind']}"
    body = resources.files("dialctl.view").joinpath("static", name).read_bytes()
    return _response("200 OK", _TYPES[match["kind"]], body, "no-cache")


def _wants_parts(environ: Environ) -> bool:
    return "parts" in _query(environ)


def _query(environ: Environ) -> dict[str, str]:
    """What cannot be read is no query."""
    try:
        return query(environ)
    except Refusal:
        return {}


def _html(page: str, status: str = "200 OK") -> Response:
    return _response(status, "text/html; charset=utf-8", page.encode())


def _parts(parts: Mapping[str, str]) -> Response:
    return _response("200 OK", "application/json", json.dumps(parts).encode())


def _response(status: str, kind: str, body: bytes, cache: str = "no-store") -> Response:
    about = (
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", cache),
    )
    return Response(status, (*about, *_GUARDS), (body,))
