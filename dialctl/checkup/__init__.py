"""``dialctl doctor``: what is wrong with an installation, in words, and what to do about it.

What FreeSWITCH and the system say is asked here; what it means is said by the pure modules of this
folder. Nothing is changed and nobody is called.
"""

import argparse
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from gevent.queue import Queue

from dialctl import config
from dialctl.checkup import dialplan, switch
from dialctl.checkup.model import Finding, ok, unknown, wrong
from dialctl.conf.rules import address
from dialctl.errors import CallGone, DialctlError
from dialctl.esl import commands
from dialctl.esl.session import InboundSession
from dialctl.recording_files import folder
from dialctl.settings import Settings

PATIENCE = 3.0  # seconds for each answer
Ask = Callable[[str], str]  # an API command of FreeSWITCH's


def run(arguments: argparse.Namespace) -> int:
    """The exit status: 0, or 1 if anything is wrong. Raises ConfigError."""
    loaded = config.load(arguments.config)
    found = [wrong(warning, "") for warning in loaded.warnings]
    found.append(ok(f"configuration: {arguments.config}"))
    count = 0
    for finding in (*found, *examined(loaded.settings)):
        print(finding, flush=True)
        count += finding.is_wrong
    print(f"{count} found wrong" if count else "nothing found wrong")
    return 1 if count else 0


def examined(settings: Settings) -> Iterator[Finding]:
    """Of the machine first, then of FreeSWITCH, then of the applications."""
    yield from _folders(settings)
    yield _listener(settings.listen)
    yield from _freeswitch(settings)
    for app in settings.apps:
        for name in ("answer_url", "fallback_url", "hangup_url", "refer_url"):
            if url := getattr(app, name):
                yield _reached(app.name, name, url)


def _folders(settings: Settings) -> Iterator[Finding]:
    """As the user that runs this; say so when that is root."""
    media = settings.media.cache_dir or os.path.join(settings.state_dir, "media")
    for name, path in (
        ("state_dir", settings.state_dir),
        ("media.cache_dir", media),
        ("media.recordings_dir", folder(settings)),
    ):
        if not os.path.isdir(path) and name != "state_dir":
            continue  # it is made when it is needed
        try:
            with tempfile.TemporaryFile(dir=path):
                yield ok(f"{name}: {path} can be written")
        except OSError as error:
            remedy = "make it, writable for the user that dialctl runs as"
            yield wrong(f"{name}: {path}: {error.strerror}", remedy)
    if os.geteuid() == 0:
        yield unknown("folders: you are root, who may write anywhere; dialctl may not")


def _listener(listen: str) -> Finding:
    try:
        socket.create_connection(address(listen), PATIENCE).close()
    except OSError:
        return wrong(f"listen: nobody listens on {listen}", "start dialctl")
    return ok(f"listen: somebody listens on {listen}")


def _reached(app: str, key: str, url: str) -> Finding:
    """Only whether it takes a connection: asking would look like a call."""
    name = f"app {app}: {key}"
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), PATIENCE).close()
    except OSError as error:
        problem = error.strerror or str(error)
        served = "no call of the app can be served" if key == "answer_url" else "start it"
        return wrong(f"{name}: {parts.hostname}:{port}: {problem}", served)
    return ok(f"{name}: {parts.hostname}:{port} takes connections")


def _freeswitch(settings: Settings) -> Iterator[Finding]:
    where = settings.freeswitch.event_socket
    if not where:
        yield unknown(
            "freeswitch.event_socket is not set: FreeSWITCH itself was not looked at; with it "
            "calls are found again at once after a restart"
        )
        return
    try:
        sock = socket.create_connection(address(where), PATIENCE)
    except OSError as error:
        remedy = "is FreeSWITCH up, and mod_event_socket loaded with this address?"
        yield wrong(f"freeswitch.event_socket: {where}: {error.strerror or error}", remedy)
        return
    sock.settimeout(None)
    session = InboundSession(sock, Queue(), "", settings.freeswitch.password)
    try:
        session.authenticate(PATIENCE)
        yield from _of_the_switch(settings, lambda api: session.ask(commands.api(api), PATIENCE))
    except CallGone:
        remedy = "does its event_socket.conf.xml have an apply-inbound-acl that leaves us out?"
        yield wrong(f"freeswitch.event_socket: {where} closed the connection", remedy)
    except DialctlError as error:
        yield wrong(f"freeswitch.event_socket: {where}: {error}", "see event_socket.conf.xml")
    finally:
        session.close()


def _of_the_switch(settings: Settings, ask: Ask) -> Iterator[Finding]:
    began = time.time()
    theirs = ask("strepoch").strip()
    yield ok(f"freeswitch: {ask('version').strip()}")
    yield switch.clock(theirs, (began + time.time()) / 2)
    for module, reason in switch.modules(settings):
        yield switch.module(module, reason, ask(f"module_exists {module}").strip())
    yield from dialplan.findings(ask("xml_locate dialplan"), settings.listen)
    for kind, name in switch.ways(settings.routes):
        yield switch.way(kind, name, ask(f"sofia status {kind} {name}"))
