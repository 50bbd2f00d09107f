"""Who may ask: a Bearer token of the operator's (RFC 6750), or an app's auth_id and token (Basic).

Nothing that is presented is ever logged; failures are counted.
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence

from dialctl.conf.rules import is_loopback
from dialctl.settings import App
from dialctl.web import Environ, Response
from dialctl.web.replies import reply

BEARER, BASIC = "bearer", "basic"
SCHEMES = (BEARER, BASIC)
Failed = Callable[[str], None]  # is told the scheme of each request that is turned away


class Bearer:
    """``token`` is the operator's; '' lets nobody in."""

    def __init__(self, token: str, failed: Failed) -> None:
        self._token = token
        self._failed = failed

    def allows(self, environ: Environ) -> bool:
        presented = _presented(environ, BEARER)
        if presented is None or not self._token or not _same(presented, self._token):
            self._failed(BEARER)
            return False
        return True

    @staticmethod
    def refusal() -> Response:
        text = "send Authorization: Bearer and the token of web.token_file"
        return reply(401, {"error": text}, ("WWW-Authenticate", 'Bearer realm="dialctl"'))


class Basic:
    """Accounts are those of ``apps`` with an auth_id and a token; several may share one."""

    def __init__(self, apps: Sequence[App], failed: Failed) -> None:
        self._apps = tuple(app for app in apps if app.auth_id and app.auth_token)
        self._failed = failed

    def apps(self, environ: Environ, account: str) -> tuple[App, ...]:
        """Those that who asks may see, in the order of apps.yaml; none if it is nobody."""
        found: list[App] = []
        user, password = _pair(_presented(environ, BASIC))
        for app in self._apps:
            # All are compared, so that the time tells nothing of which accounts there are.
            right = _same(password, app.auth_token)
            if right & _same(user, app.auth_id) & (user == account):
                found.append(app)
        if not found:
            self._failed(BASIC)
        return tuple(found)

    @staticmethod
    def headers() -> tuple[tuple[str, str], ...]:
        return (("WWW-Authenticate", 'Basic realm="dialctl", charset="UTF-8"'),)


class Viewer:
    """Who may look: with the operator's ``token``, as a Bearer or as the password of any user,
    which is what a browser asks for.

    Without one: who asks for this machine by a name of its own. Else a stranger's page could point
    a name of theirs at it, and read along (DNS rebinding).
    """

    def __init__(self, token: str, failed: Failed) -> None:
        self._token = token
        self._failed = failed

    def allows(self, environ: Environ) -> bool:
        if not self._token:
            return is_loopback(str(environ.get("HTTP_HOST", "")))
        bearer = _presented(environ, BEARER)
        password = _pair(_presented(environ, BASIC))[1] if bearer is None else bearer
        if _same(password, self._token):
            return True
        self._failed(BASIC if bearer is None else BEARER)
        return False

    def refusal(self) -> Response:
        if not self._token:
            text = "without web.token_file it is shown to who asks 127.0.0.1 or localhost only"
            return reply(403, {"error": text})
        text = "any user name, and the token of web.token_file"
        return reply(401, {"error": text}, *Basic.headers())


def _presented(environ: Environ, scheme: str) -> str | None:
    """What follows the scheme's name; None if another one is used."""
    name, _, rest = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    return rest.strip() if name.lower() == scheme else None


def _pair(presented: str | None) -> tuple[str, str]:
    try:
        text = base64.b64decode(presented or "", validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return "", ""
    user, _, password = text.partition(":")
    return user, password


def _same(one: str, other: str) -> bool:
    """In a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
