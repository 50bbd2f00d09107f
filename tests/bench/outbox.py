"""What the outbox costs: ``python tests/bench/outbox.py [FOLDER]``, on whose disk it is measured.

Two tables: the store alone, and whole reports (24 parameters, signed, POST to a server of another
process) with the outbox and with one that keeps nothing. CPU is that of this process.
"""

import itertools
import logging
import socket
import subprocess
import sys
import tempfile
import time

from gevent import monkey

if __name__ == "__main__":
    monkey.patch_all()

import gevent
from dialctl.clock import Clock
from dialctl.http.client import Client
from dialctl.http.delivery import Delivery, Report
from dialctl.http.outbox.outbox import Outbox
from dialctl.http.outbox.sqlite import SqliteStore
from dialctl.http.outbox.store import Added, Entry, Placed, host, line
from dialctl.metrics import Metrics
from dialctl.settings import Http
from dialctl.settings import Outbox as Settings
from gevent.server import StreamServer

PARAMS = tuple((f"Parameter{number}", f"value-{number}") for number in range(24))
REPORTS_A_CALL = 6
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

numbers = itertools.count()


class NoOutbox:
    """Keeps nothing."""

    def now(self):
        return 0.0

    def entry(self, report, plan, **more):
        return Entry(report, line(report.call_uuid, plan.url), host(plan.url), until=1.0, **more)

    def add(self, _entry, done):
        done(Added(Placed.HELD))

    def __getattr__(self, _name):
        return lambda *_args: 0


def serve():
    def answer(sock, _peer):
        data = b""
        while more := sock.recv(65536):
            data += more
            head, end, body = data.partition(b"\r\n\r\n")
            if end and len(body) >= int(head.lower().split(b"content-length: ")[1].split()[0]):
                data = b""
                sock.sendall(ANSWER)

    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    StreamServer(listener, answer).serve_forever()


def store(folder, reports, at_once):
    """Rows written and settled a second, and microseconds of CPU for one."""
    made = SqliteStore(f"{folder}/store-{at_once}", "bench")
    began, cpu = time.perf_counter(), time.process_time()
    for first in range(0, reports, at_once):
        entries = []
        for number in range(first, first + at_once):
            call = f"call-{number // REPORTS_A_CALL}"
            report = Report(call, "http://h/", "POST", PARAMS, f"{call}-{number}", "app")
            entries.append(Entry(report, line(call, "http://h/"), "h", until=1e9))
        for work in (made.add, made.delivered):
            with made.transaction():
                for entry in entries:
                    work(entry, 1.0)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    made.close()
    return reports / seconds, cpu / reports * 1e6


def whole(outbox, url, reports, a_second):
    """Reports delivered a second, and milliseconds of CPU for one."""
    clock, http = Clock(), Http()
    client = Client(http, clock, 102400)
    log = logging.getLogger("bench")
    delivery = Delivery(client, http, outbox, {"app": "token"}, clock, log, Metrics())
    outbox.start(delivery)
    for measured in (False, True):
        began, cpu = time.perf_counter(), time.process_time()
        for sent in range(reports):
            number = next(numbers)
            call = f"call-{number // REPORTS_A_CALL}"
            delivery.deliver(Report(call, url, "POST", PARAMS, f"{call}-{number}", "app"))
            while a_second and time.perf_counter() < began + sent / a_second:
                gevent.sleep(0.001)
            while delivery.pending() >= 30:
                gevent.sleep(0.001)
        assert delivery.flush(30.0) == 0
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        if measured:
            print(f"{reports / seconds:9.0f}/s {cpu / reports * 1000:9.3f} ms", flush=True)
    outbox.close(5.0)
    client.close()


def main(folder):
    print("store alone, transactions of ...   rows/s   CPU us a report")
    for at_once in (1, 5, 20, 100):
        rows, cpu = store(folder, 4000, at_once)
        print(f"{at_once:33} {rows:8.0f} {cpu:10.0f}")
    server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE)
    url = f"http://127.0.0.1:{int(server.stdout.readline())}/callback"
    print("\nwhole reports                      delivered       CPU a report")
    for a_second, text in ((0, "as many as possible"), (120, "120 a second")):
        for _ in range(3):
            for name, outbox in (
                ("nothing kept", NoOutbox()),
                ("outbox", Outbox(Settings(), f"{folder}/outbox.sqlite3", Clock())),
            ):
                print(f"{text}, {name:13}", end="", flush=True)
                whole(outbox, url, 2000 if a_second == 0 else 360, a_second)
    server.terminate()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        with tempfile.TemporaryDirectory(dir=(sys.argv[1:] or [None])[0]) as place:
            main(place)
