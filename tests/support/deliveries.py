"""Deliveries on an outbox in a folder of the test's, and the reports they are given."""

import itertools
import logging

import pytest
from dialctl.clock import Clock
from dialctl.http.client import Client
from dialctl.http.delivery import Delivery, Report
from dialctl.http.outbox.outbox import Outbox
from dialctl.http.outbox.sqlite import SqliteStore
from dialctl.http.outbox.store import Filter
from dialctl.metrics import Metrics
from dialctl.settings import Http
from dialctl.settings import Outbox as Settings

from support.rawserver import SECOND

TOKENS = {"signed": "token77", "plain": ""}

numbers = itertools.count(1)


def report(url, key="", call="a1", method="POST", params=(("a", "1"),), app="plain"):
    return Report(call, url, method, params, key or f"key-of-its-own-{next(numbers)}", app)


def numbered(url, number, call="a1", app="plain"):
    return report(url, f"{call}-{number}", call, params={"n": str(number)}, app=app)


def bodies(web):
    return [asked.body for asked in web.asked]


@pytest.fixture
def make(tmp_path):
    """Starts deliveries on one outbox, one after another or beside each other.

    They have ``close``, which is their outbox's.
    """
    made = []

    def start(http=None, clock=None, tokens=TOKENS, chance=lambda: 0.5, **settings):
        clock = clock or Clock()
        http = http or Http(*(seconds * clock.speed for seconds in (SECOND, SECOND, 5.0)))
        client = Client(http, clock, 1000)
        outbox = Outbox(Settings(**settings), str(tmp_path / "outbox.sqlite3"), clock)
        log = logging.getLogger("dialctl.http")
        delivery = Delivery(client, http, outbox, tokens, clock, log, Metrics(), chance)
        made.append((outbox, client))
        outbox.start(delivery)
        delivery.close = lambda seconds=5.0: outbox.close(seconds * clock.speed)
        return delivery

    yield start
    for outbox, client in made:
        outbox.close(60.0)
        client.close()


@pytest.fixture
def kept(tmp_path):
    """What is in the outbox now: what waits, and what is dead."""

    def rows():
        store = SqliteStore(str(tmp_path / "outbox.sqlite3"), "", create=False)
        with store.transaction():
            found = store.rows(Filter(), 10000)
        store.close()
        return found

    return rows
