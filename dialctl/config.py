"""The operator's three files, read into frozen settings; all that is wrong is told at once."""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from dialctl.apps import matches_everything
from dialctl.conf import keys, yamlfile
from dialctl.conf.rules import is_loopback
from dialctl.conf.schema import read
from dialctl.conf.tokens import secret_of_file, token, warn_of_readers
from dialctl.conf.yamlfile import Document
from dialctl.errors import ConfigError
from dialctl.settings import App, Routes, Settings


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the daemon runs with, and what its operator should know all the same."""

    settings: Settings
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _AppsFile:
    apps: tuple[App, ...] = ()


def load(directory: Path) -> Loaded:
    """The settings that dialctl.yaml, apps.yaml and routes.yaml in ``directory`` make.

    ConfigError tells every fault of all three, one a line: ``FILE:LINE: KEY: what; what to do``.
    """
    if not os.path.isdir(directory):
        raise ConfigError(f"{directory}: no such directory; name the one that holds dialctl.yaml")
    daemon = yamlfile.read(directory / "dialctl.yaml")
    apps = yamlfile.read(directory / "apps.yaml")
    routes = yamlfile.read(directory / "routes.yaml")
    settings = _settings(daemon)
    served = _AppsFile(_apps(apps))
    ways = _routes(routes)
    documents = (daemon, apps, routes)
    if faults := [text for document in documents for _, text in sorted(document.faults)]:
        raise ConfigError("\n".join(faults))
    warnings = [text for document in documents for _, text in sorted(document.warnings)]
    return Loaded(replace(settings, apps=served.apps, routes=ways), tuple(warnings))


def _settings(document: Document) -> Settings:
    if document.missing:
        document.warn("", "no such file; every setting has its default")
    settings = read(document, Settings(), keys.DIALCTL)
    if not settings.outbox.url.startswith("sqlite:"):
        document.fault("outbox.url", "redis is not built yet; use sqlite:///")
    if re.match(r"0\.0\.0\.0:|\[::\]:", settings.web.listen) and not settings.media.recordings_url:
        text = "is no address that a RecordUrl can name; set media.recordings_url"
        document.warn("web.listen", f"{settings.web.listen} {text}")
    if settings.workers > 1 and (settings.web.control or settings.web.view):
        text = "web.control and web.view know one worker's calls only so far; set it to 1"
        document.fault("workers", text)
    if settings.freeswitch.password:
        warn_of_readers(document, "freeswitch.password")
        if settings.freeswitch.password_file:
            text = "freeswitch.password is given as well; keep one of the two"
            document.fault("freeswitch.password_file", text)
    elif settings.freeswitch.password_file:
        path = document.path.parent / settings.freeswitch.password_file
        password = secret_of_file(document, "freeswitch.password_file", path)
        settings = replace(settings, freeswitch=replace(settings.freeswitch, password=password))
    if settings.web.token_file:
        path = document.path.parent / settings.web.token_file
        found = secret_of_file(document, "web.token_file", path)
        settings = replace(settings, web=replace(settings.web, token=found))
    elif settings.web.view and not is_loopback(settings.web.listen):
        text = "names people, and web.listen is no loopback address; set web.token_file"
        document.fault("web.view", text)
    return settings


def _apps(document: Document) -> tuple[App, ...]:
    if document.missing:
        document.fault("", "no such file; no call can be served without an app, create it")
    apps = read(document, _AppsFile(), keys.APPS).apps
    if not apps and not document.faults:
        document.fault("apps", "there is none; no call can be served without an app, add one")
    _warn_of_unreached(document, apps)
    settled = []
    for index, app in enumerate(apps):
        key = f"apps[{index}]"
        if app.refer_url and app.dialect == "plivo":
            document.warn(f"{key}.refer_url", "no effect: Plivo's language has no transfers")
        settled.append(replace(app, auth_token=token(document, key, app)))
    return tuple(settled)


def _warn_of_unreached(document: Document, apps: tuple[App, ...]) -> None:
    everything = ""
    for index, app in enumerate(apps):
        if everything:
            text = f"no number reaches it, {everything} matches every call"
            document.warn(f"apps[{index}]", f"{text}; put it further up, or name it in dialctl_app")
        elif matches_everything(app.match):
            everything = f"apps[{index}]"


def _routes(document: Document) -> Routes:
    if document.missing:
        document.fault("", "no such file; nobody can be dialled without a route, create it")
    routes = read(document, Routes(), keys.ROUTES)
    if not (routes.numbers or routes.users or document.faults):
        document.warn("", "neither numbers nor users; every Dial of one will fail, add a route")
    return replace(
        routes,
        numbers=tuple(sorted(routes.numbers, key=lambda route: -len(route.prefix))),
        users=tuple(sorted(routes.users, key=lambda route: route.domain == "*")),
    )
