"""One page of figures of all workers, at the one who serves it."""

import socket
from collections.abc import Callable, Iterable

import gevent
from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector, CollectorRegistry

from dialctl.workers.mesh import FIGURES, Mesh

ANSWER_SECONDS = 3.0  # for another worker's page: longer than it may wait for its outbox
PIECE = 65536
# What is not added up: of an age the oldest counts, and all must be able to read.
_TOGETHER: dict[str, Callable[[Iterable[float]], float]] = {
    "dialctl_outbox_oldest_seconds": max,
    "dialctl_outbox_readable": min,
}


class Figures(Collector):
    """``own`` makes this worker's page, in Prometheus' text format."""

    def __init__(self, mesh: Mesh, own: Callable[[], bytes]) -> None:
        self._mesh = mesh
        self._own = own
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def page(self) -> bytes:
        """That of all workers, in the same format."""
        return generate_latest(self._registry) if self._mesh.place.count > 1 else self._own()

    def answer(self, sock: socket.socket, said: bytes) -> None:
        """Tell another worker who asks."""
        with sock:
            sock.sendall(self._own())

    def collect(self) -> Iterable[Metric]:
        """Those of all workers together; ``dialctl_workers`` is how many have told theirs."""
        asked = [gevent.spawn(self._ask, number) for number in self._mesh.place.others()]
        pages = [self._own().decode(), *(one.get() for one in asked)]
        told = [page for page in pages if page]
        yield from together(told)
        workers = Metric("dialctl_workers", "Workers that take calls.", "gauge")
        workers.add_sample("dialctl_workers", {}, len(told))
        yield workers

    def _ask(self, number: int) -> str:
        """That worker's page, '' if it does not tell."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                if not self._mesh.give(number, FIGURES, theirs):
                    return ""
            ours.settimeout(ANSWER_SECONDS)
            try:
                return b"".join(iter(lambda: ours.recv(PIECE), b"")).decode()
            except OSError:  # a TimeoutError is one
                return ""


def together(pages: Iterable[str]) -> Iterable[Metric]:
    """Metrics of several processes as those of one."""
    found: dict[str, Metric] = {}
    values: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], list[float]]] = {}
    for page in pages:
        for metric in text_string_to_metric_families(page):
            found.setdefault(metric.name, metric)
            of_metric = values.setdefault(metric.name, {})
            for sample in metric.samples:
                of_metric.setdefault((sample.name, tuple(sample.labels.items())), []).append(
                    sample.value
                )
    for name, metric in found.items():
        whole = Metric(name, metric.documentation, metric.type)
        how = _TOGETHER.get(name, sum)
        for (sample_name, labels), some in values[name].items():
            whole.add_sample(sample_name, dict(labels), how(some))
        yield whole
