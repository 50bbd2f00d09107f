"""dialctl.http.ledger: who may leave when. No HTTP, no outbox, no clock."""

import pytest
from dialctl.http.ledger import HOLD, WRITE_HOLD, Ledger
from dialctl.http.outbox.store import Entry, Report, line
from dialctl.http.retry import plan_request
from dialctl.settings import Http


class Book:
    """A ledger and the names of the reports in it: call, URL, number. All are written."""

    def __init__(self):
        self.ledger = Ledger()
        self.owed = {}

    def add(self, key, now=0.0, *, asked=False, written=True):
        call, path = key[0], key[1]
        url = f"http://h/{path}#rc=0"
        entry = Entry(Report(call, url, "POST", (), key), line(call, url), "h")
        owed = self.ledger.add(entry, plan_request(url, Http()), now, asked=asked)
        owed.written = written
        return owed

    def leaving(self, call="a", now=0.0):
        left = self.ledger.leave(call, now)
        self.owed |= {owed.report.key: owed for owed in left}
        return [owed.report.key for owed in left]

    def tried(self, key):
        self.owed[key].tried = True

    def settled(self, key):
        self.ledger.settle(self.owed.pop(key))


@pytest.fixture
def book():
    return Book()


def test_a_report_leaves_once(book):
    book.add("ax1")
    assert book.leaving() == ["ax1"]
    assert book.leaving() == []
    book.settled("ax1")
    assert book.ledger.pending == 0


def test_the_same_url_waits_until_the_one_before_is_settled_however_long(book):
    book.add("ax1")
    book.add("ax2")
    book.add("ax3")
    assert book.leaving() == ["ax1"]
    book.tried("ax1")
    assert book.leaving(now=999.0) == []
    book.settled("ax1")
    assert book.leaving(now=999.0) == ["ax2"]
    book.settled("ax2")
    assert book.leaving(now=999.0) == ["ax3"]


def test_another_url_waits_until_all_before_have_been_tried(book):
    book.add("ax1")
    book.add("ay1")
    book.add("az1")
    assert book.leaving() == ["ax1"]
    book.tried("ax1")
    assert book.leaving() == ["ay1"]
    assert book.leaving() == []
    book.settled("ay1")
    assert book.leaving() == ["az1"]


def test_another_url_waits_no_longer_than_half_a_second(book):
    book.add("ax1", now=10.0)
    book.add("ay1", now=10.2)
    assert book.leaving(now=10.2) == ["ax1"]
    assert book.ledger.next_due("a") == 10.2 + HOLD == 10.7
    assert book.leaving(now=10.69) == []
    assert book.leaving(now=10.7) == ["ay1"]
    assert book.ledger.next_due("a") is None


def test_a_report_behind_one_that_may_not_leave_yet_waits_for_it_too(book):
    book.add("ax1")
    book.add("ax2")
    book.add("ay1")
    assert book.leaving() == ["ax1"]
    book.tried("ax1")
    assert book.leaving() == []  # ax2 waits for ax1, ay1 for ax2
    assert book.ledger.next_due("a") == HOLD
    assert book.leaving(now=HOLD) == ["ay1"]


def test_time_alone_does_not_free_a_url_that_is_taken(book):
    book.add("ax1")
    book.add("ax2")
    assert book.leaving() == ["ax1"]
    assert book.ledger.next_due("a") is None


def test_calls_do_not_know_of_each_other(book):
    book.add("ax1")
    book.add("bx1")
    assert book.leaving("a") == ["ax1"]
    assert book.leaving("b") == ["bx1"]
    assert book.ledger.pending == 2
    assert [owed.report.key for owed in book.ledger.of("a")] == ["ax1"]
    book.settled("ax1")
    assert book.ledger.of("a") == []
    assert book.ledger.pending == 1


def test_a_call_nobody_knows(book):
    assert book.leaving("z") == []
    assert book.ledger.next_due("z") is None
    assert book.ledger.of("z") == []


def test_nothing_is_remembered_of_what_is_settled(book):
    for number in range(5):
        book.add(f"ax{number}")
        assert book.leaving() == [f"ax{number}"]
        book.settled(f"ax{number}")
    assert vars(book.ledger) == {"_calls": {}, "pending": 0}


# The outbox


def test_nothing_leaves_before_it_is_written(book):
    owed = book.add("ax1", written=False)
    assert book.leaving() == []
    assert book.ledger.next_due("a") is None
    owed.written = True
    assert book.leaving() == ["ax1"]


def test_a_disk_that_hangs_has_two_seconds(book):
    book.add("ax1", now=1.0, written=False)
    assert book.leaving(now=1.0 + WRITE_HOLD - 0.01) == []
    assert [owed.report.key for owed in book.ledger.not_left()] == ["ax1"]
    assert book.leaving(now=1.0 + WRITE_HOLD) == ["ax1"]
    assert book.ledger.not_left() == []


def test_what_comes_from_the_outbox_is_written(book):
    entry = Entry(Report("a", "http://h/x", "POST", (), "ax1"), 1, "h")
    owed = book.ledger.add(entry, plan_request("http://h/x", Http()), 0.0, waited=True)
    assert (owed.written, owed.waited) == (True, True)
    assert book.leaving() == ["ax1"]


def test_what_waits_behind_goes_with_it(book):
    first = book.add("ax1")
    book.add("ay1")
    book.add("ax2")
    book.add("ax3", written=False)
    assert book.leaving() == ["ax1"]
    first.tried = True
    assert [owed.report.key for owed in book.ledger.let_go(first)] == ["ax1", "ax2", "ax3"]
    assert first.gone
    assert book.leaving() == ["ay1"]
    assert book.ledger.pending == 1


def test_what_was_put_off_is_not_waited_for(book):
    first = book.add("ax1")
    second = book.add("ax2")
    book.leaving()
    book.ledger.let_go(first)
    assert second.tried
    assert book.ledger.of("a") == []


# A request whose answer its call waits for


def test_an_asking_request_does_not_wait_behind_its_own_url(book):
    book.add("ax1")
    book.add("ax2", asked=True)
    assert book.leaving() == ["ax1"]
    assert book.ledger.next_due("a") == HOLD
    book.tried("ax1")
    assert book.leaving() == ["ax2"]


def test_an_asking_request_waits_half_a_second_at_most(book):
    book.add("ax1")
    book.add("ax2", asked=True)
    book.add("ax3")
    assert book.leaving(now=0.0) == ["ax1"]
    assert book.leaving(now=HOLD) == ["ax2"]
    assert book.leaving(now=99.0) == []  # a report of the same URL waits behind both


def test_an_asking_request_stays_when_its_url_is_put_off(book):
    first = book.add("ax1")
    asking = book.add("ax2", asked=True)
    book.leaving()
    assert book.ledger.let_go(first) == [first]
    assert book.ledger.find("a", "ax2") is asking
    assert book.leaving() == ["ax2"]
    assert book.ledger.find("a", "ax1") is None
    assert book.ledger.find("b", "ax2") is None


def test_a_report_shows_no_secret_when_it_is_printed(book):
    shown = repr(Report("a", "http://h/", "POST", {"Digits": "4711"}, "ax1"))
    assert "4711" not in shown
