"""The paths of the control API, all of them or none: ``web.control``."""

from dialctl.control.orders import Desk
from dialctl.control.placer import Placer
from dialctl.metrics import Metrics
from dialctl.settings import Settings
from dialctl.web import Route
from dialctl.web.auth import Basic, Bearer
from dialctl.web.control import Control
from dialctl.web.plivo import PlivoPaths


def routes(settings: Settings, desk: Desk, placer: Placer, metrics: Metrics) -> tuple[Route, ...]:
    if not settings.web.control:
        return ()
    bearer = Bearer(settings.web.token, metrics.turned_away)
    basic = Basic(settings.apps, metrics.turned_away)
    return (
        *Control(desk, placer, settings.apps, bearer).routes(),
        *PlivoPaths(desk, placer, basic).routes(),
    )
