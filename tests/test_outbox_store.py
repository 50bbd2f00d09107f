"""What any store of the outbox has to do. Each kind of store is a fixture's parameter."""

import itertools

import pytest
from dialctl.http.outbox.owners import Locks
from dialctl.http.outbox.sqlite import MEMORY, SqliteStore
from dialctl.http.outbox.store import Entry, Filter, Placed, Reply, Report, State, host, line

from support.entries import DAY, entry

PLENTY = {"rooms": {}, "room": 100, "most": 1000}

numbers = itertools.count(1)


class Box:
    """A store and one that uses it. ``another()`` uses the same one from another process."""

    def __init__(self, opened, another=None):
        self.opened = opened
        self._another = another

    def __getattr__(self, name):
        """The store's, each in a transaction of its own."""

        def call(*args, **more):
            with self.opened.transaction():
                return getattr(self.opened, name)(*args, **more)

        return call

    def another(self):
        return self._another()

    def add(self, key, now=0.0, until=DAY, **more):
        with self.opened.transaction():
            return self.opened.add(entry(key, until=until, **more), now).placed

    def taken(self, now=0.0, **more):
        return [e.report.key for e in self.take(now, **{**PLENTY, **more}).entries]

    def keys(self, **which):
        return [row.entry.report.key for row in self.rows(Filter(**which), 100)]

    def row(self, key):
        (row,) = self.rows(Filter(keys=(key,)), 2)
        return row


@pytest.fixture(params=["sqlite", "memory"])
def box(request, tmp_path):
    if request.param == "memory":
        made = [SqliteStore(MEMORY, "me")]
        yield Box(made[0])
    else:
        path = str(tmp_path / "outbox.sqlite3")
        made = []

        def another():
            locks = Locks(path)
            locks.hold()
            made.append(SqliteStore(path, locks.owner, locks))
            with made[-1].transaction():
                made[-1].beat(0.0)
            return Box(made[-1], another)

        yield another()
    for store in made:
        store.close()


@pytest.fixture
def shared(box):
    """A store that several processes may use."""
    if box.opened.path == MEMORY:
        pytest.skip("memory is nobody else's")
    return box


# Keys


def test_a_key_is_taken_on_once(box):
    assert box.add("ax1") is Placed.HELD
    assert box.add("ax1") is Placed.KNOWN
    assert box.keys() == ["ax1"]


def test_the_key_of_what_was_delivered_is_known_for_a_day(box):
    box.add("ax1")
    box.delivered(entry("ax1"), 10.0)
    assert box.keys() == []
    assert box.add("ax1", now=20.0) in (Placed.KNOWN, Placed.TOLD)
    box.prune(10.0 + DAY - 1)
    assert box.add("ax1") in (Placed.KNOWN, Placed.TOLD)
    box.prune(10.0 + DAY + 1)
    assert box.add("ax1") is Placed.HELD


def test_the_key_of_what_is_dead_is_known(box):
    box.add("ax1")
    box.dead(entry("ax1", error="answered 404", attempts=2), 10.0)
    assert box.add("ax1") is Placed.KNOWN
    row = box.row("ax1")
    assert (row.state, row.entry.error, row.entry.attempts) == (State.DEAD, "answered 404", 2)


def test_what_is_dead_is_shown_for_a_week(box):
    box.add("ax1")
    box.dead(entry("ax1"), 10.0)
    assert box.prune(7 * DAY) == 0
    assert box.prune(10.0 + 7 * DAY + 1) == 1
    assert box.keys() == []


def test_what_was_never_written_is_kept_all_the_same(box):
    box.dead(entry("ax1", error="no"), 1.0)
    box.later([entry("ay1", rounds=1), entry("ay2")], 1.0, 5.0)
    box.delivered(entry("az1"), 1.0)
    assert [(r.entry.report.key, r.state) for r in box.rows(Filter(), 9)] == [
        ("ax1", State.DEAD),
        ("ay1", State.WAITING),
        ("ay2", State.WAITING),
    ]
    assert box.add("az1") in (Placed.KNOWN, Placed.TOLD)
    assert box.taken(5.0) == ["ay1", "ay2"]


def test_what_was_delivered_does_not_come_back(box):
    box.add("ax1")
    box.delivered(entry("ax1"), 1.0)
    box.later([entry("ax1")], 1.0, 1.0)
    box.dead(entry("ax1"), 1.0)
    assert box.keys() == []


def test_all_of_a_report_is_kept(box):
    report = Report("call", "https://u@h.example:99/p?q=1#rc=3", "GET", {"b": "ü\n", "a": ""}, "k")
    kept = Entry(report, -5, "h.example:99", signed=True, asked=True, until=7.5, added=1.7e9)
    with box.opened.transaction():
        box.opened.add(kept, 1.0)
        box.opened.leave()
    (found,) = box.take(2.0, **PLENTY).entries
    assert dict(found.report.params) == {"a": "", "b": "ü\n"}
    assert found.report.params == (("a", ""), ("b", "ü\n"))
    assert (found.report.url, found.report.method, found.report.key) == (report.url, "GET", "k")
    assert (found.line, found.host, found.signed, found.asked) == (-5, "h.example:99", True, True)
    assert (found.until, found.added) == (7.5, 1.7e9)


# Order


def test_a_line_waits_behind_its_first(box):
    for key in ("ax1", "ax2", "ax3", "ay1"):
        assert box.add(key) is Placed.HELD
    first = entry("ax1", attempts=2, rounds=1, error="gave no answer")
    box.later([first, entry("ax2"), entry("ax3")], 1.0, 10.0)
    assert box.taken(9.9) == []
    assert box.row("ax2").head is False
    assert box.add("ax4") is Placed.BEHIND
    assert box.add("bx1") is Placed.HELD  # another call
    (found, *behind) = box.take(10.0, **PLENTY).entries
    assert (found.attempts, found.rounds, found.error) == (2, 1, "gave no answer")
    assert [e.report.key for e in behind] == ["ax2", "ax3", "ax4"]
    assert box.add("ax5") is Placed.HELD  # all before it are ours again


@pytest.mark.parametrize("settle", ["delivered", "dead"])
def test_the_next_of_a_line_is_due_at_once(box, settle):
    box.later([entry("ax1"), entry("ax2")], 1.0, 500.0)
    assert box.taken(2.0) == []
    getattr(box, settle)(entry("ax1"), 2.0)
    assert box.taken(2.0) == ["ax2"]


def test_it_is_told_that_another_one_has_become_the_head(box):
    box.add("ax1")
    assert box.delivered(entry("ax1"), 1.0) is False
    box.later([entry("ax2"), entry("ax3")], 1.0, 1.0)
    assert box.delivered(entry("ax2"), 1.0) is True


def test_what_asks_stands_behind_nobody(box):
    box.later([entry("ax1")], 1.0, 500.0)
    assert box.add("ax2", asked=True) is Placed.HELD
    box.later([entry("ax2", asked=True)], 2.0, 3.0)
    assert box.taken(9.0) == []  # now it does
    assert box.taken(500.0) == ["ax1", "ax2"]


def test_what_is_due_comes_in_the_order_in_which_it_was_added(box):
    keys = ["ax1", "by1", "ax2", "az1", "bx1"]
    for key in keys:
        box.add(key)
    box.leave()
    assert box.taken(1.0) == keys


# How much at a time


def test_as_many_of_a_host_as_there_is_room(box):
    for call in "abcd":
        box.later([entry(f"{call}x1")], 0.0, 0.0)
    box.later([entry("ay1")], 0.0, 0.0)
    taken = box.take(1.0, {"x.example": 3}, 100, 1000)
    assert [e.report.key for e in taken.entries] == ["ax1", "bx1", "cx1", "ay1"]
    assert (taken.crowded, taken.more) == ({"x.example"}, False)
    taken = box.take(1.0, {"x.example": 0}, 100, 1000)
    assert (taken.entries, taken.crowded) == ((), {"x.example"})
    taken = box.take(1.0, {}, 100, 1000)
    assert [e.report.key for e in taken.entries] == ["dx1"]
    assert taken.crowded == frozenset()


def test_no_more_than_was_asked_for(box):
    for path in "xyz":
        box.later([entry(f"a{path}1"), entry(f"a{path}2")], 0.0, 0.0)
    taken = box.take(1.0, {}, 100, 3)
    assert (len(taken.entries), taken.more) == (4, True)
    taken = box.take(1.0, {}, 100, 3)
    assert (len(taken.entries), taken.more) == (2, False)


def test_what_is_due_first_is_taken_first(box):
    for number, due in ((1, 30.0), (2, 10.0), (3, 20.0)):
        box.later([entry(f"{number}x1")], 0.0, due)
    assert box.taken(100.0, room=1) == ["2x1"]
    assert box.taken(100.0, room=1) == ["3x1"]


def test_what_was_tried_for_a_day_is_given_up(box):
    box.later([entry("ax1", until=50.0, error="no answer"), entry("ax2", until=60.0)], 0.0, 40.0)
    taken = box.take(50.0, **PLENTY)
    assert [e.error for e in taken.given_up] == ["given up; no answer"]
    assert taken.entries == ()
    assert box.row("ax1").state is State.DEAD
    assert box.taken(55.0) == ["ax2"]


def test_what_waits_is_counted(box):
    box.add("ax1")
    box.later([entry("ay1")], 0.0, 9.0)
    box.dead(entry("az1"), 0.0)
    assert box.waiting() == 2


# A request whose call waits for the answer


REPLY = Reply(200, "text/xml", b"<Response>\n\xff</Response>", "http://x.example/there")


def added(box, key, **more):
    with box.opened.transaction():
        return box.opened.add(entry(key, asked=True, **more), 5.0)


def test_the_answer_is_known_until_the_call_is_over(box):
    added(box, "ax1")
    box.delivered(entry("ax1", asked=True), 1.0, REPLY)
    again = added(box, "ax1")
    assert (again.placed, again.reply) == (Placed.TOLD, REPLY)
    assert box.claim("ax1") == again
    box.over("a")
    again = added(box, "ax1")
    assert (again.placed, again.reply) == (Placed.TOLD, None)


def test_the_answer_is_not_kept_longer_than_its_key(box):
    added(box, "ax1")
    box.delivered(entry("ax1", asked=True), 1.0, REPLY)
    box.prune(DAY + 2)
    assert added(box, "ax1").placed is Placed.HELD
    box.delivered(entry("ax1", asked=True), DAY + 3)
    assert added(box, "ax1").reply is None


def test_what_waits_and_is_nobodys_may_be_claimed_once(box):
    box.later([entry("ax1", asked=True, attempts=3)], 1.0, 500.0)
    again = added(box, "ax1")
    assert (again.placed, again.row.entry.attempts) == (Placed.HELD, 3)
    assert again.is_known
    assert box.taken(999.0) == []  # it is ours
    assert box.claim("ax1").placed is Placed.KNOWN


def test_what_is_under_way_is_known(box):
    added(box, "ax1")
    again = added(box, "ax1")
    assert (again.placed, again.row.owner) == (Placed.KNOWN, box.opened.owner)


def test_what_is_dead_is_not_claimed(box):
    box.dead(entry("ax1", asked=True, error="answered 404"), 1.0)
    again = added(box, "ax1")
    assert (again.placed, again.row.state) == (Placed.KNOWN, State.DEAD)
    assert again.row.entry.error == "answered 404"


def test_a_key_nobody_knows(box):
    assert box.claim("zz9") is None


# Several processes


def test_what_one_holds_another_one_does_not_take(shared):
    other = shared.another()
    shared.add("ax1")
    assert other.add("ax1") is Placed.KNOWN
    assert other.add("ax2") is Placed.BEHIND  # in its line
    assert other.add("ay1") is Placed.HELD
    assert other.taken(9.0) == shared.taken(9.0) == []
    assert other.claim("ax1").row.owner == shared.opened.owner
    shared.delivered(entry("ax1"), 1.0)
    assert other.taken(1.0) == ["ax2"]


def test_who_leaves_lets_go(shared):
    other = shared.another()
    shared.add("ax1")
    shared.add("ax2")
    shared.leave()
    assert other.taken(1.0) == ["ax1", "ax2"]


def test_what_a_dead_process_held_is_taken_over_at_once(shared):
    other = shared.another()
    for key in ("ax1", "ay1", "ax2"):
        shared.add(key)
    assert other.bury(1.0, 30.0) == 0  # it is alive
    shared.opened._locks.drop()  # as the kernel does when it ends
    assert other.bury(1.0, 30.0) == 3
    assert other.taken(1.0) == ["ax1", "ay1", "ax2"]
    assert other.bury(2.0, 30.0) == 0


def test_what_a_dead_process_held_may_be_claimed_at_once(shared):
    other = shared.another()
    added(shared, "ax1")
    shared.add("ay1")
    assert added(other, "ax1").placed is Placed.KNOWN
    shared.opened._locks.drop()
    assert added(other, "ax1").placed is Placed.HELD
    assert other.taken(1.0) == ["ay1"]


def test_a_process_that_hangs_loses_what_it_held(shared):
    other = shared.another()
    shared.add("ax1")
    assert other.bury(10.0, 30.0) == 0
    shared.beat(11.0)
    assert other.bury(39.0, 30.0) == 0  # it has beaten since it was first seen
    assert other.bury(68.0, 30.0) == 0
    assert other.bury(69.0, 30.0) == 1
    assert other.taken(69.0) == ["ax1"]
    # When it comes to itself it hears of that, and what it says of the report is not lost.
    assert shared.beat(70.0) is True
    assert shared.beat(71.0) is False
    shared.later([entry("ax1")], 71.0, 71.0)
    assert shared.taken(99.0) == []
    shared.delivered(entry("ax1"), 72.0)
    assert other.keys() == []


def test_the_time_is_that_of_the_latest_beat(shared):
    other = shared.another()
    shared.beat(100.0)
    other.beat(50.0)
    assert shared.time() == other.time() == 100.0


# The operator


def test_rows_that_are_meant(box):
    box.add("ax1", app="bank")
    box.add("bx1")
    box.add("by1")
    box.dead(entry("by1"), 1.0)
    assert box.keys() == ["ax1", "bx1", "by1"]
    assert box.keys(app="bank") == ["ax1"]
    assert box.keys(call_uuid="b") == ["bx1", "by1"]
    assert box.keys(states=(State.DEAD,)) == ["by1"]
    assert box.keys(states=(State.DEAD, State.WAITING), host="x.example") == ["ax1", "bx1"]
    assert box.keys(host="x.exam") == []
    assert box.keys(keys=("by1", "ax1")) == ["ax1", "by1"]
    assert [r.entry.report.key for r in box.rows(Filter(), 1)] == ["ax1"]


def test_a_host_is_meant_with_any_port_unless_it_is_named(box):
    for port in ("", ":80", ":81"):
        url = f"http://h{port}/"
        report = Report("c", url, "POST", (), f"k{port}")
        box.later([Entry(report, line("c", url), host(url), until=DAY)], 0.0, 0.0)
    assert box.keys(host="h") == ["k", "k:80", "k:81"]
    assert box.keys(host="h:80") == ["k:80"]


def test_retry_makes_due_what_waits_and_what_is_dead(box):
    box.later([entry("ax1", rounds=9, until=50.0), entry("ax2")], 0.0, 400.0)
    box.dead(entry("by1"), 0.0)
    box.add("bz1")  # under way
    assert box.retry(Filter(), 3 * DAY) == 3
    assert box.taken(1.0) == ["ax1", "ax2", "by1"]
    assert box.row("ax1").entry.rounds == 0
    assert box.row("ax1").entry.until == 3 * DAY
    assert box.row("by1").state is State.WAITING


def test_retry_of_what_waits_behind_another_one_hurries_that(box):
    box.later([entry("ax1"), entry("ax2")], 0.0, 400.0)
    assert box.retry(Filter(keys=("ax2",)), DAY) == 1
    assert box.taken(1.0) == ["ax1", "ax2"]


def test_retry_puts_the_dead_back_in_their_place(box):
    box.dead(entry("ax1"), 0.0)
    box.later([entry("ax2")], 0.0, 400.0)
    assert box.retry(Filter(keys=("ax1",)), DAY) == 1
    assert box.taken(1.0) == ["ax1", "ax2"]


def test_drop(box):
    box.later([entry("ax1"), entry("ax2")], 0.0, 400.0)
    box.dead(entry("by1"), 0.0)
    box.add("bz1")
    assert box.drop(Filter(keys=("ax1",))) == 1
    assert box.taken(0.0) == ["ax2"]  # it was the head
    assert box.drop(Filter()) == 1
    assert box.keys() == ["ax2", "bz1"]  # both are under way
    assert box.add("ax1") is Placed.HELD


def test_a_transaction_is_kept_whole_or_not_at_all(box):
    def broken():
        with box.opened.transaction():
            box.opened.add(entry("ax1"), 0.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert box.keys() == []
    assert box.add("ax1") is Placed.HELD
