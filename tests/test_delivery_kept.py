"""dialctl.http.delivery with its outbox: what outlives failures, restarts and calls."""

import logging
import sqlite3
import time

import gevent
import pytest
from dialctl.clock import Clock
from dialctl.http.outbox.schedule import Hosts
from dialctl.http.outbox.store import State
from dialctl.http.signing import sign_v3

from support.deliveries import bodies, kept, make, numbered, report  # noqa: F401
from support.gate import Gate
from support.rawserver import CLOSE, HANG, Web, answer, eventually


@pytest.fixture
def web():
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def fast(make):
    """A delivery without jitter: the pauses are 1, 2, 4 ... seconds."""
    return make(chance=lambda: 1.0)


def keys(rows):
    return [(row.entry.report.key, row.state.value) for row in rows]


def told_keys(web):
    return [asked.headers["idempotency-key"] for asked in web.asked]


# Before the first attempt


def test_a_report_is_in_the_outbox_before_it_is_attempted(web, make, kept):
    waiting = []
    url = web.on("/p", answer(404), answer())
    web.asking = lambda asked: waiting.append(
        (asked.headers["idempotency-key"], "waiting") in keys(kept())
    )
    delivery = make()
    delivery.deliver(numbered(url, 1))
    delivery.deliver(numbered(url, 2))
    delivery.flush(3.0)
    assert waiting == [True, True]


def test_a_key_is_told_once(web, make):
    url = web.on("/p", answer())
    for _ in range(2):  # also after a restart
        delivery = make()
        for _ in range(3):
            delivery.deliver(numbered(url, 1))
            delivery.flush(3.0)
            delivery.deliver(numbered(url, 1))
        delivery.flush(3.0)
        delivery.close()
    assert told_keys(web) == ["a1-1"]


@pytest.mark.parametrize("steps", [(CLOSE,), answer(404)])
def test_a_key_that_waits_or_is_dead_is_not_told_again(web, make, steps):
    url = web.on("/p", steps)
    delivery = make(chance=lambda: 1.0)
    delivery.deliver(numbered(f"{url}#rc=0", 1))
    delivery.flush(3.0)
    delivery.deliver(numbered(f"{url}#rc=0", 1))
    delivery.flush(3.0)
    assert told_keys(web) == ["a1-1"]


# After failures


def test_what_failed_is_tried_again_with_growing_pauses_in_its_order(web, fast):
    url = web.on("/p", *[(CLOSE,)] * 3, answer())
    for number in (1, 2, 3):
        fast.deliver(numbered(f"{url}#rc=0", number))
    assert eventually(lambda: len(web.asked) == 6)
    assert bodies(web) == ["n=1"] * 4 + ["n=2", "n=3"]
    times = [asked.at for asked in web.asked]
    pauses = [later - earlier for earlier, later in zip(times, times[1:], strict=False)][:3]
    # It is looked once a second for what is due.
    assert [low <= pause < low + 2.5 for low, pause in zip((1, 2, 4), pauses, strict=True)]


def test_a_report_that_came_while_its_url_failed_waits_behind(web, fast):
    url = web.on("/p", (CLOSE,), answer())
    fast.deliver(numbered(f"{url}#rc=0", 1))
    fast.flush(3.0)
    fast.deliver(numbered(url, 2))
    assert fast.flush(3.0) == 0
    assert eventually(lambda: len(web.asked) == 3)
    assert bodies(web) == ["n=1", "n=1", "n=2"]


def test_another_url_of_the_call_does_not_wait_for_it(web, fast):
    broken = web.on("/x", (CLOSE,))
    whole = web.on("/y", answer())
    fast.deliver(report(f"{broken}#rc=0"))
    fast.flush(3.0)
    before = time.monotonic()
    fast.wait_tried("a1", timeout=20.0)
    assert time.monotonic() == before  # it has been tried
    fast.deliver(report(whole))
    assert fast.flush(3.0) == 0
    assert "/y" in web.paths()


def test_the_application_is_down_for_a_minute(web, make):
    """Each report of many calls arrives once, in order, soon after it is back."""
    clock = Clock()
    delivery = make(clock=clock)
    down_until = clock.now() + 60
    url = web.on("/p", answer())
    web.asking = lambda _asked: clock.now() > down_until
    for number in range(3):
        for call in range(10):
            delivery.deliver(numbered(f"{url}#rc=0", number, call=f"call-{call}"))
        clock.sleep(10)
    assert eventually(lambda: len([one for one in web.asked if one.answered]) == 30)
    told = [asked.headers["idempotency-key"] for asked in web.asked if asked.answered]
    for call in range(10):
        mine = [key for key in told if key.startswith(f"call-{call}-")]
        assert mine == [f"call-{call}-{number}" for number in range(3)]


def test_after_a_day_it_is_dead_and_the_next_one_has_its_turn(web, make, kept, caplog):
    delivery = make(chance=lambda: 1.0, give_up_after=5.0)
    url = web.on("/p", answer())
    web.asking = lambda asked: asked.body != "n=1"
    delivery.deliver(numbered(f"{url}#rc=0", 1))
    delivery.flush(3.0)
    gevent.sleep(5.5)
    delivery.deliver(numbered(f"{url}#rc=0", 2))
    assert eventually(lambda: web.asked[-1].answered)
    assert keys(kept())[0] == ("a1-1", "dead")
    assert kept()[0].entry.error == "given up; gave no answer: the connection was closed"
    assert len(web.asked) >= 3
    assert "report a1-1: given up" in caplog.text


def test_one_line_of_log_a_report_however_often_it_fails(web, fast, caplog):
    caplog.set_level(logging.INFO)
    url = web.on("/p", *[(CLOSE,)] * 3, answer())
    fast.deliver(numbered(f"{url}#rc=0", 1))
    assert eventually(lambda: "delivered" in caplog.text)
    told = [(r.levelname, r.message.partition(":")[0]) for r in caplog.records]
    assert told == [
        ("WARNING", "report a1-1 failed, next attempt in 1.0 s"),
        ("INFO", "report a1-1 delivered"),
    ]


# After a restart


def test_what_was_not_delivered_is_delivered_after_a_restart(web, make):
    """In order, under the same keys, signed anew."""
    url, other = web.on("/p", (HANG,)), web.on("/q", (HANG,))
    first = make()
    for number, where in enumerate((url, url, other, url)):
        first.deliver(numbered(where, number, app="signed"))
    assert eventually(lambda: len(web.asked) == 1)
    assert first.close() == 4
    web.on("/p", answer()), web.on("/q", answer())
    second = make()
    assert eventually(lambda: second.pending() == 0 and len(web.asked) >= 5)
    (before, *after) = [asked for asked in web.asked if asked.headers]
    assert [a.headers["idempotency-key"] for a in after if a.answered] == [
        "a1-0",
        "a1-1",
        "a1-2",
        "a1-3",
    ]
    nonces = [asked.headers["x-plivo-signature-v3-nonce"] for asked in (before, after[-1])]
    assert nonces[0] != nonces[1]
    expected = sign_v3("POST", f"{web.url}/p", (("n", "3"),), nonces[1], "token77")
    assert after[-1].headers["x-plivo-signature-v3"] == expected


def test_an_app_that_is_gone_has_a_day_to_come_back(web, make, kept, caplog):
    url = web.on("/p", (CLOSE,), answer())
    first = make()
    first.deliver(numbered(f"{url}#rc=0", 1, app="signed"))
    first.flush(3.0)
    first.close()
    second = make(tokens={})
    assert eventually(lambda: "cannot be signed, and wait" in caplog.text)
    second.close()
    (row,) = kept()
    assert (row.state, row.entry.attempts) == (State.WAITING, 1)
    assert "app signed has no auth_token in apps.yaml any more" in row.entry.error
    assert len(web.asked) == 1
    make()
    assert eventually(lambda: len(web.asked) == 2)
    assert "x-plivo-signature-v3" in web.asked[-1].headers


def test_what_is_under_way_when_it_closes_is_sent_again(web, make, kept):
    url = web.on("/p", (HANG,), answer())
    first = make()
    first.deliver(numbered(f"{url}#rc=0", 1))
    assert eventually(lambda: len(web.asked) == 1)
    assert first.close() == 1
    assert [(row.owner, row.head) for row in kept()] == [("", True)]
    make()
    assert eventually(lambda: len(web.asked) == 2)
    assert told_keys(web) == ["a1-1", "a1-1"]


def test_who_closes_takes_nothing_on_any_more(web, make):
    url = web.on("/p", (CLOSE,), answer())
    delivery = make(chance=lambda: 0.0)
    delivery.deliver(numbered(f"{url}#rc=0", 1))
    delivery.flush(3.0)
    delivery._outbox.rest()
    gevent.sleep(3.0)
    assert delivery.flush(0.0) == 0
    assert len(web.asked) == 1
    assert delivery.close() == 1


def test_a_row_that_somebody_has_spoilt_is_dead(web, make, kept, tmp_path):
    url = web.on("/p", (CLOSE,), answer())
    first = make()
    first.deliver(numbered(f"{url}#rc=0", 1))
    first.deliver(numbered(f"{url}#rc=0", 2))
    first.flush(3.0)
    first.close()
    db = sqlite3.connect(tmp_path / "outbox.sqlite3")
    db.execute("UPDATE reports SET url = 'nowhere', due = 0 WHERE key = 'a1-1'")
    db.commit()
    db.close()
    make()
    assert eventually(lambda: len(web.asked) == 2)
    assert bodies(web) == ["n=1", "n=2"]
    assert eventually(lambda: keys(kept()) == [("a1-1", "dead")])
    assert kept()[0].entry.error == "URL nowhere is neither http:// nor https://"


def test_what_cannot_be_written_is_sent_all_the_same(web, make):
    url = web.on("/p", answer())
    delivery = make()
    delivery._outbox._writer.is_swamped = lambda: True
    delivery.deliver(numbered(url, 1))
    assert delivery.flush(3.0) == 0
    assert delivery.ask(numbered(url, 2)).result.status == 200
    assert told_keys(web) == ["a1-1", "a1-2"]


# One customer and the others


def test_a_dead_host_ties_up_little_and_delays_nobody(web, make):
    dead, live = Web(), web.on("/live", answer())
    delivery = make(clock=Clock(2))
    delivery._hosts = Hosts(most=8, least=2)
    url = dead.on("/dead", (HANG,))
    for number in range(50):
        delivery.deliver(numbered(f"{url}#rc=0&rt=200", number, call=f"dead-{number}"))
        delivery.deliver(numbered(live, number, call=f"live-{number}"))
    assert eventually(lambda: len(web.asked) == 50)
    most = []
    assert eventually(lambda: most.append(len(dead.open)) or len(dead.asked) >= 14)
    assert max(most) <= 8
    assert most[-1] <= 2  # it does not answer
    assert delivery.pending() <= 8  # the others wait in the outbox
    dead.on("/dead", answer())
    assert eventually(lambda: sum(asked.answered for asked in dead.asked) == 50)
    dead.stop()


def test_a_slow_host_gets_all_of_them_in_the_end(web, make):
    delivery = make()
    delivery._hosts = Hosts(most=4, least=2)
    url = web.on("/p", (0.005, answer()))
    for number in range(40):
        delivery.deliver(numbered(url, number % 4, call=f"call-{number // 4}"))
    assert eventually(lambda: len(web.asked) == 40 and delivery.pending() == 0)
    for call in range(10):
        mine = [key for key in told_keys(web) if key.startswith(f"call-{call}-")]
        assert mine == [f"call-{call}-{number}" for number in range(4)]


# A request whose answer its call waits for


DOCUMENT = answer(200, b"<Response/>")


def test_the_answer_is_given_and_kept_for_who_goes_on_with_the_call(web, make):
    url = web.on("/action", DOCUMENT)
    for _ in range(2):
        delivery = make()
        for _ in range(2):
            told = delivery.ask(numbered(f"{url}?q=1", 1))
            assert (told.result.status, told.result.body) == (200, b"<Response/>")
            assert told.result.url == f"{url}?q=1"
            assert told.result.content_type == "text/xml"
        delivery.close()
    assert told_keys(web) == ["a1-1"]
    delivery = make()
    assert delivery.claim("a1", "a1-1").result.body == b"<Response/>"
    delivery.over("a1")
    told = delivery.ask(numbered(url, 1))
    assert str(told.result) == "was told already, and its answer is not known any more"
    assert told_keys(web) == ["a1-1"]


def test_an_answer_that_is_none_is_told_and_the_outbox_goes_on(web, fast):
    url = web.on("/action", (CLOSE,), (CLOSE,), answer())
    told = fast.ask(numbered(f"{url}#rc=1", 1))
    assert (told.attempts, told.result.status) == (2, 0)
    assert "gave no answer" in str(told.result)
    assert eventually(lambda: len(web.asked) == 3)
    assert set(told_keys(web)) == {"a1-1"}
    assert fast.ask(numbered(url, 1)).result.status == 200  # of a call that was resumed


def test_a_refusal_is_dead_and_stays_so(web, make, kept):
    url = web.on("/action", answer(403))
    delivery = make()
    for _ in range(2):
        told = delivery.ask(numbered(url, 1))
    assert str(told.result) == "answered 403"
    assert len(web.asked) == 1
    delivery.close()
    assert keys(kept()) == [("a1-1", "dead")]


def test_a_refusal_is_tried_again_if_the_url_says_so(web, make):
    url = web.on("/action", answer(404), answer())
    assert make().ask(numbered(f"{url}#rp=4xx", 1)).result.status == 200


def test_it_does_not_wait_for_the_fate_of_a_callback_to_its_url(web, make):
    url = web.on("/p", (CLOSE,), answer())
    delivery = make(chance=lambda: 1.0)
    delivery.deliver(numbered(f"{url}#rc=0", 1))
    assert delivery.ask(numbered(url, 2)).result.status == 200
    assert told_keys(web) == ["a1-1", "a1-2"]


def test_a_url_that_is_none(make):
    with pytest.raises(ValueError, match="is neither http:// nor https://"):
        make().ask(numbered("ftp://h/", 1))


def test_two_who_ask_the_same_get_one_answer(web, make):
    url = web.on("/action", (0.1, DOCUMENT))
    delivery = make()
    asking = [gevent.spawn(delivery.ask, numbered(url, 1)) for _ in range(2)]
    asking.append(gevent.spawn_later(0.05, delivery.claim, "a1", "a1-1"))
    told = [one.get(timeout=3) for one in asking]
    assert [one.result.body for one in told] == [b"<Response/>"] * 3
    assert told_keys(web) == ["a1-1"]


def test_the_answer_that_another_process_waits_for(web, make):
    url = web.on("/action", (0.1, DOCUMENT))
    first, second = make(), make()
    asking = gevent.spawn(first.ask, numbered(url, 1))
    assert eventually(lambda: len(web.asked) == 1)
    assert second.ask(numbered(url, 1)).result.body == b"<Response/>"
    assert asking.get(timeout=3).result.body == b"<Response/>"
    assert len(web.asked) == 1


def test_an_answer_that_another_process_waits_for_too_long(web, make):
    url = web.on("/action", (HANG,))
    first, second = make(), make()
    asking = gevent.spawn(first.ask, numbered(f"{url}#rt=2000", 1))
    assert eventually(lambda: len(web.asked) == 1)
    told = second.ask(numbered(f"{url}#tt=1000", 1))
    assert str(told.result) == "is being told by another process, still"
    asking.kill()


def test_who_goes_on_with_a_call_claims_what_waits(web, make):
    url = web.on("/action", (HANG,), DOCUMENT)
    first = make()
    asking = gevent.spawn(first.ask, numbered(f"{url}#rt=3000", 1))
    assert eventually(lambda: len(web.asked) == 1)
    first.close()
    asking.kill()
    second = make()
    assert second.claim("a1", "a1-1").result.body == b"<Response/>"
    assert told_keys(web) == ["a1-1", "a1-1"]
    assert second.claim("a1", "nobody-s") is None


def test_a_call_that_is_killed_while_it_waits_is_told_all_the_same(web, make):
    url = web.on("/action", (0.1, DOCUMENT))
    delivery = make()
    asking = gevent.spawn(delivery.ask, numbered(url, 1))
    assert eventually(lambda: len(web.asked) == 1)
    asking.kill()
    assert delivery.flush(3.0) == 0
    assert delivery.ask(numbered(url, 1)).result.body == b"<Response/>"
    assert len(web.asked) == 1


# Without a disk


@pytest.mark.real_time
def test_a_disk_that_hangs_holds_nothing_up_for_longer_than_two_seconds(web, make):
    delivery = make(clock=Clock(20))
    hangs = Gate()
    delivery._outbox._writer.put(hangs)
    assert eventually(lambda: hangs.waiting)
    began = time.monotonic()
    delivery.deliver(numbered(web.on("/p", answer()), 1))
    assert eventually(lambda: len(web.asked) == 1)
    assert time.monotonic() - began >= 2.0 / 20
    hangs.open()
    assert delivery.close() == 0  # it is recorded once the disk is back


def test_who_was_thought_dead_sends_nothing_that_others_took(web, make):
    url = web.on("/p", (0.3, answer()), answer())
    first = make(claim_after=1000.0)
    for number in (1, 2):
        first.deliver(numbered(f"{url}#rt=1000", number))
    assert eventually(lambda: len(web.asked) == 1)
    first.lost()
    assert first.pending() == 1  # what is under way cannot be called back
    assert first.flush(3.0) == 0
    assert told_keys(web) == ["a1-1"]
