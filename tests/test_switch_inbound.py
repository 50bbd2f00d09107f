"""The double's own event socket, and what it keeps, which whoever lost a call asks for."""

import gevent
import pytest
from dialctl.clock import Clock
from dialctl.switch import Switch
from dialctl.switch.hash import Hash

from support.inbound import TALK, WRONG, EventSocket, hold_to
from traces.controller import Lab


@pytest.fixture
def switch():
    made = Switch([], {}, password="ClueCon", clock=Clock())
    yield made
    made.stop()


@pytest.mark.parametrize("talk", [TALK, WRONG])
def test_it_answers_as_freeswitch_does(switch, talk):
    assert hold_to(switch.event_socket.address, talk) == []


def known(switch):
    connection = EventSocket(switch.event_socket.address)
    connection.say()
    assert connection.ask("auth ClueCon").endswith("+OK accepted")
    return connection


@pytest.fixture
def lab():
    with Lab(password="ClueCon") as made:
        yield made


def test_it_tells_of_channels_and_obeys_for_them(lab):
    a_leg, _ = lab.call()
    connection = known(lab.switch)
    connection.ask(f"filter Unique-ID {a_leg.uuid}")
    connection.ask("event plain CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE")
    message = f"sendmsg {a_leg.uuid}\ncall-command: execute\nexecute-app-name: set"
    assert connection.ask(f"{message}\nexecute-app-arg: a=b").endswith("+OK")
    until(connection, "Application-Data: a%3Db")
    connection.ask(f"sendmsg {a_leg.uuid}\ncall-command: hangup\nhangup-cause: USER_BUSY")
    assert "Hangup-Cause: USER_BUSY" in until(connection, "CHANNEL_HANGUP_COMPLETE")


def until(connection, text):
    """The next frame that says so."""
    while text not in (frame := connection.say()):
        pass
    return frame


def test_who_says_nothing_is_left(switch):
    connection = EventSocket(switch.event_socket.address)
    connection.say()
    assert "disconnect-notice" in connection.say()
    assert connection.ended()


def test_it_is_shut_down_in_order_and_crashes(switch):
    lingering, other = known(switch), known(switch)
    switch.shut_down()
    assert lingering.ask("api echo still").endswith("still")
    switch.crash()
    assert other.ended()


def test_tasks_run_in_their_time_and_with_the_switch(switch):
    for _ in range(2):
        switch.api("sched_api", "+1 group hash insert/t/done/yes")
    switch.api("sched_api", "+1 other hash insert/t/other/yes")
    switch.api("sched_api", f"{int(switch.clock.wall()) + 1} third hash insert/t/third/yes")
    assert switch.api("sched_del", "group") == "+OK Deleted: 2\n"
    gevent.sleep(1.5)
    assert sorted(switch.hash.dump("db t").split()) == ["D/t_other/yes", "D/t_third/yes"]
    switch.api("sched_api", "+1 group hash insert/t/done/yes")
    switch.scheduler.stop()
    gevent.sleep(1.5)
    assert "done" not in switch.hash.dump("db")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("insert/r/k/v/w", "+OK\n"),
        ("insert/r/k", "-ERR Usage"),
        ("INSERT_ifempty/r/new/v", "+OK\n"),
        ("insert_ifempty/r/k2/v", "-ERR key already exists\n"),
        ("select/r/k2", "v2"),
        ("select/r/none", ""),
        ("delete/r/k2", "+OK\n"),
        ("delete/r/none", "-ERR Not found\n"),
        ("delete_ifmatch/r/none/x", "-ERR Not found\n"),
        ("delete_ifmatch/r/k2/x", "-ERR Doesn't match\n"),
        ("delete_ifmatch/r/k2/v2", "+OK\n"),
        ("delete_ifmatch/r/k2", "-ERR Usage"),
        ("what/r/k", "-ERR Usage"),
        ("select/r", "-ERR Usage"),
    ],
)
def test_mod_hash(command, answer):
    kept = Hash()
    kept.api("insert/r/k2/v2")
    assert kept.api(command).startswith(answer)
    assert bool(kept.api(command)) or not answer


def test_a_dump_is_of_a_realm_or_of_everything():
    kept = Hash()
    kept.api("insert/one/a/1")
    kept.api("insert/two/b/x/y")
    assert kept.dump("db two") == "D/two_b/x/y\n"
    assert kept.dump("all") == "D/one_a/1\nD/two_b/x/y\n"
    assert kept.dump("limit") == ""
    assert kept.dump("") == kept.dump("nothing") == "Usage: all|limit|db [<realm>]\n"
