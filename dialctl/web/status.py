"""/healthz, /readyz and /metrics: for supervisors, load balancers and Prometheus."""

import re
from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST

from dialctl.web import Environ, Response, Route, plain


def routes(figures: Callable[[], bytes], ready: Callable[[], bool]) -> tuple[Route, ...]:
    """Whoever may connect to ``web.listen`` may read them; they name nobody."""

    def health(environ: Environ, match: re.Match[str]) -> Response:
        return plain("200 OK")

    def readiness(environ: Environ, match: re.Match[str]) -> Response:
        return plain("200 OK" if ready() else "503 Service Unavailable")

    def page(environ: Environ, match: re.Match[str]) -> Response:
        body = figures()
        length = ("Content-Length", str(len(body)))
        return Response("200 OK", (("Content-Type", CONTENT_TYPE_LATEST), length), (body,))

    answers = {"/healthz": health, "/readyz": readiness, "/metrics": page}
    return tuple(Route(re.compile(path), answer) for path, answer in answers.items())
