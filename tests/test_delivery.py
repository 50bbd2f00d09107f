"""dialctl.http.delivery: how reports are sent, to a real server, and what is kept of them."""

import gc
import logging
import socket
import time

import gevent
import pytest
from dialctl.http.outbox.store import State
from dialctl.http.signing import sign_v3
from dialctl.settings import Http
from gevent import Greenlet

from support.deliveries import bodies, kept, make, numbered, report  # noqa: F401
from support.rawserver import CLOSE, HANG, RESET, Web, answer, eventually


@pytest.fixture
def web():
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def delivery(make):
    made = make()
    yield made
    assert made.flush(3.0) == 0
    assert nothing_stays(made)


def nothing_stays(delivery):
    """No greenlet of its own, no waiter, no timer, no report."""
    gevent.sleep(0)
    own = vars(delivery)
    assert (own["_timers"], own["_waiters"].waiting, own["_askers"]) == ({}, {}, {})
    assert own["_ledger"]._calls == {}
    assert not any(one.held or one.busy for one in own["_hosts"]._hosts.values())
    alive = [
        thing
        for thing in gc.get_objects()
        if isinstance(thing, Greenlet)
        and not thing.dead
        and getattr(getattr(thing, "_run", None), "__self__", None) is delivery
    ]
    assert alive == []
    return True


def test_a_report(web, delivery):
    url = web.on("/p", answer())
    before = time.monotonic()
    delivery.deliver(report(f"{url}?q=1#rc=3", "key-1", params={"b": "ü", "a": "1"}))
    assert time.monotonic() == before
    assert web.asked == []  # deliver() does not even let it start
    assert delivery.pending() == 1
    assert delivery.flush(2.0) == 0
    (asked,) = web.asked
    assert (asked.method, asked.target) == ("POST", "/p?q=1")
    assert asked.body == "a=1&b=%C3%BC"
    assert asked.headers["idempotency-key"] == "key-1"
    assert not any(name.startswith("x-plivo") for name in asked.headers)


def test_a_get_report_is_signed(web, delivery):
    url = web.on("/p", answer())
    delivery.deliver(report(f"{url}?q=1", method="GET", app="signed"))
    delivery.flush(2.0)
    (asked,) = web.asked
    assert (asked.method, asked.target, asked.body) == ("GET", "/p?q=1&a=1", "")
    nonce = asked.headers["x-plivo-signature-v3-nonce"]
    expected = sign_v3("GET", web.url + asked.target, (), nonce, "token77")
    assert asked.headers["x-plivo-signature-v3"] == expected


def test_reports_of_one_call_and_url_arrive_in_order_on_one_connection(web, delivery):
    url = web.on("/p", (0.01, answer()))
    for number in range(20):
        delivery.deliver(numbered(f"{url}#rc={number % 5}", number))  # a fragment is no other URL
    assert delivery.flush(3.0) == 0
    assert bodies(web) == [f"n={number}" for number in range(20)]
    assert {asked.connection for asked in web.asked} == {1}


def test_the_next_leaves_only_when_the_one_before_is_settled(web, delivery):
    url = web.on("/p", (CLOSE,), (CLOSE,), (CLOSE,), answer())
    delivery.deliver(numbered(f"{url}#rc=3", 1))
    delivery.deliver(numbered(url, 2))
    assert delivery.flush(3.0) == 0
    assert bodies(web) == ["n=1"] * 4 + ["n=2"]


def test_a_failed_report_makes_way(web, delivery):
    url = web.on("/p", answer(404), answer())
    delivery.deliver(numbered(url, 1))
    delivery.deliver(numbered(url, 2))
    delivery.flush(2.0)
    assert bodies(web) == ["n=1", "n=2"]


def test_another_url_leaves_when_the_earlier_one_has_failed_once(web, delivery):
    """... although that one is still being retried."""
    broken = web.on("/x", (0.1, CLOSE), (0.3, CLOSE), answer())
    other = web.on("/y", answer())
    delivery.deliver(report(f"{broken}#rc=5"))
    delivery.deliver(report(other))
    delivery.flush(3.0)
    assert web.paths()[:3] in (["/x", "/x", "/y"], ["/x", "/y", "/x"])
    between = web.asked[web.paths().index("/y")].at - web.asked[0].at
    assert between == pytest.approx(0.1, abs=0.001)


def test_another_url_leaves_when_the_earlier_one_has_been_answered(web, delivery):
    first = web.on("/x", (0.1, answer()))
    second = web.on("/y", (0.1, answer()))
    third = web.on("/z", answer())
    for url in (first, second, third):
        delivery.deliver(report(url))
    delivery.flush(3.0)
    times = [asked.at for asked in web.asked]
    assert web.paths() == ["/x", "/y", "/z"]
    assert times[1] - times[0] == pytest.approx(0.1, abs=0.001)
    assert times[2] - times[1] == pytest.approx(0.1, abs=0.001)


def test_another_url_leaves_after_half_a_second_at_the_latest(web, make):
    delivery = make(Http(total_timeout=10.0))
    silent = web.on("/x", (HANG,))
    other = web.on("/y", answer())
    delivery.deliver(report(f"{silent}#rt=3000&rc=0"))
    delivery.deliver(report(f"{silent}#rt=3000&rc=0"))
    delivery.deliver(report(other))
    assert eventually(lambda: "/y" in web.paths())
    assert web.paths() == ["/x", "/y"]
    assert web.asked[1].at - web.asked[0].at == pytest.approx(0.5, abs=0.001)
    assert delivery.pending() == 2
    assert delivery.flush(10.0) == 0
    assert nothing_stays(delivery)


# Retries and ends


DELIVERED, LATER, DEAD = "delivered", "failed, next attempt in 0.5 s", "failed for good"


@pytest.mark.parametrize(
    ("fragment", "answers", "attempts", "outcome"),
    [
        ("", [answer(204, b"")], 1, DELIVERED),
        ("", [answer(299)], 1, DELIVERED),
        ("", [(CLOSE,), answer()], 2, DELIVERED),
        ("", [(HANG,), answer()], 2, DELIVERED),
        ("", [(CLOSE,)], 2, LATER),
        ("", [(RESET,)], 2, LATER),
        ("#rc=0", [(CLOSE,)], 1, LATER),
        ("#rc=3", [(CLOSE,)], 4, LATER),
        ("", [answer(503)], 1, LATER),  # the default policy is ct,rt
        ("#rp=5xx", [answer(503), answer()], 2, DELIVERED),
        ("#rp=4xx", [answer(429), answer()], 2, DELIVERED),
        ("#rp=4xx", [answer(408)], 2, LATER),
        ("#rp=all&rc=5", [answer(404)], 1, DEAD),  # at once, whatever the policy
        ("#rp=all&rc=5", [answer(410, b"x" * 2000)], 1, DEAD),
        ("#rp=all&rc=5", [answer(302)], 1, DEAD),
        ("#rp=all&rc=5", [answer(302, Location="ftp://h/")], 1, DEAD),
        ("#rp=all&rc=5", [(b"HTTP/1.1", CLOSE)], 1, LATER),  # an answer had begun
        ("", [answer(200, b"x" * 2000)], 1, DELIVERED),  # 2xx it is, and nobody wants the body
        ("", [(answer(200, b"12345", Content_Length=9), CLOSE)], 1, DELIVERED),
    ],
)
def test_how_rounds_end(web, delivery, kept, caplog, fragment, answers, attempts, outcome):
    caplog.set_level(logging.DEBUG)
    url = web.on("/p", *answers)
    delivery.deliver(report(f"{url}?key=secret{fragment}", "key-1", app="signed"))
    assert delivery.flush(3.0) == 0
    assert len(web.asked) == attempts
    assert {asked.headers["idempotency-key"] for asked in web.asked} == {"key-1"}
    (record,) = caplog.records
    level = "DEBUG" if outcome is DELIVERED else "WARNING"
    assert (record.levelname, record.call_uuid) == (level, "a1")
    assert record.message.startswith(
        f"report key-1 {outcome}: the web application at {url}?key=..."
    )
    assert f" (attempts {attempts}, " in record.message
    assert not any(value in caplog.text for value in ("secret", "token77", "a=1"))
    delivery.close()
    states = {DELIVERED: [], LATER: [State.WAITING], DEAD: [State.DEAD]}[outcome]
    assert [(row.state, row.entry.attempts) for row in kept()] == [(s, attempts) for s in states]
    assert all(row.entry.error and row.entry.error in record.message for row in kept())


def test_a_refused_connection_is_retried(delivery, caplog):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        delivery.deliver(report(f"{url}#rc=2"))
        delivery.flush(3.0)
    assert "could not be reached: Connection refused (attempts 3, " in caplog.text


@pytest.mark.parametrize("url", ["ftp://h/p?key=secret", "/relative", "http://h/a b", "", "\n"])
def test_a_url_nobody_can_request_is_told_and_dropped(delivery, caplog, url):
    delivery.deliver(report(url, "key-1"))
    assert delivery.pending() == 0
    (record,) = caplog.records
    assert (record.levelname, record.call_uuid) == ("WARNING", "a1")
    assert record.message.startswith("report key-1 dropped: URL ")
    assert "secret" not in record.message


def test_a_fragment_with_a_mistake_is_told(web, delivery, caplog):
    delivery.deliver(report(web.on("/p", answer()) + "#rc=9"))
    delivery.flush(2.0)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "rc=9 is not within 0 to 5; ignored" in caplog.text


def test_a_mistake_of_ours_costs_one_report_and_shows_its_traceback(web, delivery, caplog):
    url = web.on("/p", answer())
    delivery.deliver(report(url, "key\r\nForged: 1"))
    delivery.deliver(numbered(url, 2))
    assert delivery.flush(2.0) == 0
    assert bodies(web) == ["n=2"]
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.exc_info is not None
    assert record.call_uuid == "a1"


# What the call waits for


def test_waiting_for_nothing_takes_no_time(delivery):
    began = time.monotonic()
    delivery.wait_tried("a1")
    delivery.wait_tried("never-heard-of")
    assert time.monotonic() == began


def test_the_call_waits_until_each_report_has_been_answered_or_has_failed_once(web, delivery):
    slow = web.on("/x", (0.05, answer()))
    broken = web.on("/y", (0.05, CLOSE), (0.1, CLOSE), (CLOSE,), (CLOSE,))
    delivery.deliver(report(slow))
    delivery.deliver(report(f"{broken}#rc=3"))
    began = time.monotonic()
    delivery.wait_tried("a1", timeout=2.0)
    # A kept connection that ends without a word is replaced; then it has failed.
    assert time.monotonic() - began == pytest.approx(0.05 + 0.05 + 0.1, abs=0.001)
    assert delivery.pending() == 1  # the second is still being retried
    delivery.wait_tried("a1")
    assert time.monotonic() - began == pytest.approx(0.2, abs=0.001)


def test_the_call_waits_no_longer_than_it_said(web, delivery):
    delivery.deliver(report(web.on("/p", (0.4, answer())) + "#rt=1000"))
    began = time.monotonic()
    delivery.wait_tried("a1", timeout=0.1)
    assert time.monotonic() - began == pytest.approx(0.1, abs=0.001)
    assert delivery.pending() == 1


def test_later_reports_are_not_waited_for(web, delivery):
    url = web.on("/p", (0.1, answer()), (0.3, answer()))
    delivery.deliver(numbered(f"{url}#rt=1000", 1))
    began = time.monotonic()
    waiting = gevent.spawn(delivery.wait_tried, "a1", 2.0)
    gevent.sleep(0)
    delivery.deliver(numbered(f"{url}#rt=1000", 2))
    waiting.join()
    assert time.monotonic() - began == pytest.approx(0.1, abs=0.001)


def test_a_waiting_call_may_be_killed(web, delivery):
    delivery.deliver(report(web.on("/p", (0.1, answer()))))
    killed, short, long = (gevent.spawn(delivery.wait_tried, "a1", t) for t in (2.0, 0.05, 2.0))
    gevent.sleep(0.02)
    killed.kill()
    gevent.joinall([short, long])
    assert killed.ready()
    assert short.ready()
    assert long.ready()


# Many calls


def test_a_dead_customer_delays_nobody_else(web, delivery):
    dead = web.on("/dead", (HANG,))
    live = web.on("/live", answer())
    for number in range(100):
        delivery.deliver(numbered(f"{dead}#rc=0&rt=1000", number, call=f"dead-{number}"))
    for number in range(20):
        delivery.deliver(numbered(live, number, call=f"live-{number}"))
    assert eventually(lambda: delivery.pending() == 100)  # all of the living, none of the dead
    assert web.paths().count("/live") == 20
    assert delivery.flush(5.0) == 0


def test_flush_says_what_is_still_owed(web, delivery):
    delivery.deliver(numbered(f"{web.on('/p', (HANG,))}#rc=0&rt=1000", 1))
    assert delivery.flush(0.05) == 1
    assert delivery.flush(0.0) == 1
    assert delivery.flush(20.0) == 0


def test_flush_of_nothing_is_at_once(delivery):
    began = time.monotonic()
    assert delivery.flush(5.0) == 0
    assert time.monotonic() == began
