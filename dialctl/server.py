"""The daemon: accepts FreeSWITCH's connections, one call each. The composition root.

Stopping, in this order: no new calls (FreeSWITCH then tries the next host of its list), the calls
that are up are left to the next controller as soon as no request of theirs is under way, callbacks
under way are finished; all within ``stop_grace``. What is left of them waits in the outbox.
"""

import gc
import ipaddress
import logging
import os
import socket
import uuid
from collections.abc import Iterable

import gevent
from gevent.pool import Pool
from gevent.server import StreamServer

from dialctl import notify, recording_files, verbs
from dialctl.audio.cache import SHELF_BYTES, AudioCache
from dialctl.audio.shelf import Shelf
from dialctl.call import Call
from dialctl.cdr.recorder import Recorder
from dialctl.channel import Wire
from dialctl.clock import Clock
from dialctl.conf.rules import address
from dialctl.control import routes as control
from dialctl.control.desk import LocalDesk
from dialctl.control.placer import Placer
from dialctl.customer import Post
from dialctl.errors import ConfigError
from dialctl.esl.session import Session
from dialctl.gate import TOLD_EVERY, Gate
from dialctl.http.client import Client
from dialctl.http.delivery import Delivery
from dialctl.http.fetch import Fetcher
from dialctl.http.outbox.outbox import Outbox, path_of
from dialctl.metrics import Metrics
from dialctl.recovery import Recovery
from dialctl.services import Services
from dialctl.settings import Settings
from dialctl.sounds import Sounds
from dialctl.story import Stories
from dialctl.view.source import LocalSource
from dialctl.web import Web, status, view
from dialctl.web.recordings import route as recordings_route
from dialctl.workers.figures import Figures
from dialctl.workers.mesh import CALL, FIGURES, Mesh
from dialctl.workers.place import Place, name
from dialctl.workers.share import Share

log = logging.getLogger("dialctl.server")

GARBAGE = 10000  # objects more than before, until the young ones are looked through
BACKLOG = 1024
OVERLOAD = "SWITCH_CONGESTION"  # SIP 503: the caller's side may try elsewhere
FLUSH_SECONDS = 5.0  # for callbacks, at most half of stop_grace
TALLY_SECONDS = 2.0  # that the outbox has to tell what is in it
CLOSE_SECONDS = 2.0  # for the outbox to write what came of them


class Server:
    """``start``, then ``stop``. ``address`` is where it listens, once it does.

    ``client`` makes its requests. ``share`` is a worker's; the settings are for that one, then.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        client: Client | None = None,
        share: Share | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock or Clock()
        client = client or Client(settings.http, self._clock, settings.limits.document_bytes)
        self._mesh = share.mesh(settings.listen) if share else Mesh(Place(name(settings.listen)))
        place = self._mesh.place
        path = path_of(settings.outbox.url, settings.state_dir)
        self._outbox = Outbox(settings.outbox, place.file(path), self._clock, place.inherited(path))
        folder = settings.media.cache_dir or os.path.join(settings.state_dir, "media")
        self._shelf = Shelf(folder, SHELF_BYTES)
        metrics = Metrics()
        metrics.watch(self._figures)
        stories = Stories(self._clock.wall)
        cache = AudioCache(client, settings.http, self._shelf, self._clock)
        self._delivery = Delivery(
            client,
            settings.http,
            self._outbox,
            {app.name: app.auth_token for app in settings.apps},
            self._clock,
            logging.getLogger("dialctl.http"),
            metrics,
            noted=stories.reports,
        )
        owner = place.owner(uuid.uuid4().hex[:8])
        calls: dict[str, Call] = {}
        self.stories = stories
        self._recovery = Recovery(settings.freeswitch, self._clock, place, owner, calls)
        self._services = Services(
            settings=settings,
            post=Post(Fetcher(client, settings.http, self._clock), self._delivery),
            sounds=Sounds(cache, self._shelf),
            clock=self._clock,
            metrics=metrics,
            stories=stories,
            owner=owner,
            mesh=self._mesh,
            verbs=verbs.load(),
            resumes=verbs.resumes(),
            connected=self._recovery.connected,
            ask_fate=self._recovery.ask_fate,
            calls=calls,
        )
        self._recorder = Recorder(settings.records, settings.state_dir, stories, self._clock)
        self._gate = Gate(settings.limits)
        placer = Placer(self._services, self._gate, self._call)
        desk = LocalDesk(calls, self._services.stories, placer)
        source = LocalSource(
            stories, metrics, self._outbox, lambda: self._gate.refused, self._clock
        )
        self._worker_figures = Figures(self._mesh, metrics.page)
        pages = (
            recordings_route(recording_files.folder(settings)),
            *status.routes(self._worker_figures.page, lambda: bool(self._server.started)),
            *view.routes(settings, source, self._clock.wall, metrics.turned_away),
            *control.routes(settings, desk, placer, metrics),
        )
        self._web = Web(settings.web.listen, pages)
        self._allow = [ipaddress.ip_network(network) for network in settings.allow]
        self._connections = Pool()
        self._complaining: gevent.Greenlet[..., None] | None = None
        self._server = StreamServer(
            share.listener() if share else address(settings.listen),
            self._accept,
            backlog=None if share else BACKLOG,  # the supervisor's listens already
            spawn=self._connections,
        )

    @property
    def address(self) -> str:
        host, port = str(self._server.server_host), self._server.server_port
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def calls(self) -> int:
        """How many are up."""
        return len(self._services.calls)

    def start(self) -> None:
        """Raises ConfigError if the address cannot be listened on."""
        self._outbox.start(self._delivery)
        try:
            self._server.start()
        except OSError as error:
            self._outbox.close(CLOSE_SECONDS)
            raise ConfigError(
                f"listen: cannot listen on {self._settings.listen}: {error.strerror}; "
                "is another dialctl running there?"
            ) from error
        state_dir = self._settings.state_dir
        if not os.access(state_dir, os.W_OK | os.X_OK):
            log.warning(
                "state_dir %s is no folder that can be written; create it for this user, since "
                "what must survive a restart belongs there",
                state_dir,
            )
        try:
            self._shelf.open()
        except OSError as error:
            log.warning(
                "media.cache_dir %s cannot be used: %s; Play of URLs will be left out",
                self._shelf.folder,
                error.strerror,
            )
        try:
            recording_files.make_folder(self._settings)
        except OSError as error:
            log.warning(
                "%s cannot be made: %s; nothing can be recorded, see freeswitch/INSTALL.md",
                recording_files.folder(self._settings),
                error.strerror,
            )
        if self._settings.web.listen and self._mesh.place.number == 1:
            self._web.start()
        self._mesh.start({CALL: self._given, FIGURES: self._worker_figures.answer})
        self._recovery.start(self._call)
        self._recorder.start()
        log.info("ready, calls on %s, %d apps", self.address, len(self._settings.apps))

    def stop(self) -> None:
        """Returns within ``stop_grace``."""
        grace = self._settings.stop_grace
        self._server.close()
        self._mesh.stop()
        if self._complaining:
            self._complaining.kill(block=False)
        self._recovery.stop()
        if self.calls:
            log.info("stopping: %d calls are left to the next controller", self.calls)
        for call in tuple(self._services.calls.values()):
            call.channel.leave()
        flush = min(FLUSH_SECONDS, grace / 2)
        self._connections.join(timeout=self._clock.real(grace - flush))
        if self._connections:
            log.warning("%d calls are cut short in what they are doing", len(self._connections))
            self._connections.kill(block=True, timeout=1)
        self._outbox.rest()
        owed = self._delivery.flush(flush)
        waiting = self._outbox.close(CLOSE_SECONDS)
        if waiting:
            log.warning("%d callbacks wait in the outbox for the next start", waiting)
        elif owed and waiting is None:
            log.error("%d callbacks could not be delivered and are lost", owed)
        self._web.stop()
        self._recorder.stop()
        log.info("stopped")

    def idle(self, timeout: float) -> bool:
        """Wait until no call is up and no callback is owed, at most ``timeout`` seconds."""
        until = self._clock.now() + timeout
        over = self._connections.join(timeout=self._clock.real(timeout))
        return bool(over) and not self._delivery.flush(max(0.0, until - self._clock.now()))

    def _figures(self) -> Iterable[tuple[str, str, float]]:
        gate, now = self._gate, self._clock.wall()
        yield "dialctl_calls_up", "Calls that are up.", self.calls
        yield "dialctl_calls_refused_total", "Calls refused with SIP 503.", gate.refused
        dropped = "Connections dropped: too many that were no call."
        yield "dialctl_connections_dropped_total", dropped, gate.dropped
        pending = "Reports under way, or waiting for those."
        yield "dialctl_reports_under_way", pending, self._delivery.pending()
        tally = self._outbox.tally(TALLY_SECONDS)
        yield "dialctl_outbox_readable", "1 if the outbox's file can be read.", tally is not None
        if tally:
            yield "dialctl_outbox_waiting", "Reports in the outbox to be told.", tally.waiting
            yield "dialctl_outbox_dead", "Reports given up, kept for a week.", tally.dead
            age = max(0.0, now - tally.oldest) if tally.oldest else 0.0
            yield "dialctl_outbox_oldest_seconds", "Age of the oldest that waits.", age

    def _accept(self, sock: socket.socket, peer: tuple[str, int]) -> None:
        """Runs in a greenlet of its own, whose end closes the socket."""
        if not any(ipaddress.ip_address(peer[0]) in network for network in self._allow):
            log.warning("%s may not connect: it is not in allow", peer[0])
            return
        if not self._gate.lets_in(len(self._connections), self.calls):
            self._complain()
            return
        call = self._call(lambda inbox: Session(sock, inbox))
        call.run(self._refusal)

    def _given(self, sock: socket.socket, said: bytes) -> None:
        """Another worker has passed on what belongs to a call of ours."""
        with sock:
            call = self._call(lambda inbox: Session(sock, inbox))
            call.run(self._refusal, given=True)

    def _call(self, wire: Wire | None) -> Call:
        return Call(wire, self._services)

    def _refusal(self) -> str:
        """The cause to refuse a new call with, '' to take it."""
        if self._gate.admits(self._clock.now(), self.calls):
            return ""
        self._complain()
        return OVERLOAD

    def _complain(self) -> None:
        """Say whom we turn away: now, or together with those of the next seconds."""
        if words := self._gate.complaint(self._clock.now(), self.calls):
            log.warning(words)
        elif not self._complaining:
            pause = self._clock.real(TOLD_EVERY)
            self._complaining = gevent.spawn_later(pause, self._complain_later)

    def _complain_later(self) -> None:
        self._complaining = None
        self._complain()


def serve_until(server: Server, stop: "gevent.event.Event") -> None:
    """Run ``server`` until ``stop`` is set; systemd hears of it, if it has started us."""
    server.start()
    # What is there now stays: the collector need not look at it again, nor after every 700 objects
    # of a call, which leaves few cycles.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)
    notify.tell(notify.READY)
    pause = notify.pause()
    while not stop.wait(pause):
        notify.tell(notify.ALIVE)
    notify.tell(notify.STOPPING)
    server.stop()
