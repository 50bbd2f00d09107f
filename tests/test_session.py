"""One event socket, over a real pair of sockets."""

import contextlib
import socket

import gevent
import pytest
from dialctl.errors import CallGone, SwitchError
from dialctl.esl import commands
from dialctl.esl.frames import Headers
from dialctl.esl.session import Disconnected, InboundSession, Session
from gevent.queue import Queue

DATA = b"Event-Name: CHANNEL_DATA\nUnique-ID: a1\nContent-Type: command/reply\nReply-Text: +OK\n\n"
OK = b"Content-Type: command/reply\nReply-Text: +OK\n\n"


@pytest.fixture
def ends():
    listener = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(listener.getsockname())
    theirs, _ = listener.accept()
    listener.close()
    inbox = Queue()
    session = Session(ours, inbox)
    yield session, theirs, inbox
    session.close()
    theirs.close()


def connect(session, theirs):
    connecting = gevent.spawn(session.connect, 5)
    assert theirs.recv(100) == commands.CONNECT
    theirs.sendall(DATA)
    return connecting.get()


def event(text):
    body = text + b"\n\n"
    return b"Content-Length: %d\nContent-Type: text/event-plain\n\n%s" % (len(body), body)


def test_connect_gives_the_channels_data(ends):
    session, theirs, _ = ends
    assert connect(session, theirs).get("Unique-ID") == "a1"


def test_connect_without_an_answer(ends):
    session, _, _ = ends
    with pytest.raises(SwitchError, match="no answer within 0.05 s to 'connect'"):
        session.connect(0.05)


def test_a_password_is_in_no_message(ends):
    session, _, inbox = ends
    switch = InboundSession(session.sock, inbox, "", "secret-of-the-switch")
    with pytest.raises(SwitchError, match=r"^no answer within 0\.05 s to 'auth'$"):
        switch.authenticate(0.05)
    switch.close()


def test_asking_gives_what_is_answered(ends):
    session, theirs, inbox = ends
    connect(session, theirs)
    asking = gevent.spawn(session.ask, commands.api("module_exists mod_shout"), 5)
    assert theirs.recv(100) == b"api module_exists mod_shout\n\n"
    theirs.sendall(event(b"Event-Name: DTMF"))
    theirs.sendall(b"Content-Type: api/response\nContent-Length: 4\n\ntrue")
    assert asking.get(timeout=5) == "true"
    assert inbox.get(timeout=5).get("Event-Name") == "DTMF"


def test_asking_one_who_leaves(ends):
    session, theirs, _ = ends
    connect(session, theirs)
    asking = gevent.spawn(session.ask, commands.api("status"), 5)
    theirs.recv(100)
    theirs.close()
    with pytest.raises(CallGone):
        asking.get(timeout=5)


def test_connect_to_something_that_is_no_switch(ends):
    session, theirs, _ = ends
    connecting = gevent.spawn(session.connect, 5)
    theirs.recv(100)
    theirs.sendall(OK)
    with pytest.raises(SwitchError, match="names no channel"):
        connecting.get()


def test_connect_and_the_switch_goes_away(ends):
    session, theirs, inbox = ends
    connecting = gevent.spawn(session.connect, 5)
    theirs.recv(100)
    theirs.close()
    with pytest.raises(CallGone):
        connecting.get()
    assert isinstance(inbox.get(timeout=1), Disconnected)


def test_an_api_command_is_answered(ends):
    session, theirs, _ = ends
    connect(session, theirs)
    asking = gevent.spawn(session.ask, commands.api("module_exists mod_avmd"), 1)
    assert theirs.recv(100) == b"api module_exists mod_avmd\n\n"
    theirs.sendall(b"Content-Type: api/response\nContent-Length: 4\n\ntrue")
    assert asking.get() == "true"


def test_commands_written_together_leave_together(ends):
    session, theirs, _ = ends
    connect(session, theirs)
    session.write(commands.linger(5), commands.filter_uuid("b1"))
    assert theirs.recv(1000) == b"linger 5\n\nfilter Unique-ID b1\n\n"


def test_events_come_in_order_and_replies_are_matched(ends):
    session, theirs, inbox = ends
    connect(session, theirs)
    session.write(commands.linger(5), commands.bgapi("uuid_kill x"))
    theirs.sendall(
        OK
        + event(b"Event-Name: ONE")
        + b"Content-Type: command/reply\nReply-Text: -ERR no such command\n\n"
        + event(b"Event-Name: TWO")
        + b"Content-Type: text/disconnect-notice\nContent-Length: 3\n\nbye"
    )
    theirs.recv(1000)  # unread bytes would turn the close into a reset
    theirs.close()
    one, error, two, end = (inbox.get(timeout=1) for _ in range(4))
    assert one.get("Event-Name") == "ONE"
    assert error.get("Reply-Text") == "-ERR no such command"
    assert two.get("Event-Name") == "TWO"
    assert isinstance(end, Disconnected)
    assert end.error == ""
    assert inbox.empty()


def test_what_is_asked_is_answered_and_events_wait(ends):
    session, theirs, inbox = ends
    connect(session, theirs)
    asking = gevent.spawn(session.ask, commands.api("conference r get count"), 5)
    theirs.recv(1000)
    theirs.sendall(
        event(b"Event-Name: ONE") + b"Content-Type: api/response\nContent-Length: 1\n\n2"
    )
    assert asking.get() == "2"
    assert inbox.get(timeout=1).get("Event-Name") == "ONE"


def test_what_is_asked_may_stay_unanswered(ends):
    session, theirs, _ = ends
    connect(session, theirs)
    with pytest.raises(SwitchError, match="no answer within 0.05 s"):
        session.ask(commands.api("conference r get count"), 0.05)


def test_rubbish_ends_the_session_and_says_so(ends):
    session, theirs, inbox = ends
    theirs.sendall(b"Content-Length: many\n\n")
    end = inbox.get(timeout=1)
    assert isinstance(end, Disconnected)
    assert "FreeSWITCH sent a body of 'many' bytes" in end.error


def test_nothing_can_be_written_once_it_has_ended(ends):
    session, theirs, inbox = ends
    theirs.close()
    inbox.get(timeout=1)
    with pytest.raises(CallGone):
        session.write(commands.linger(5))


def test_a_peer_that_resets_the_connection(ends):
    session, theirs, inbox = ends
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    theirs.close()
    end = inbox.get(timeout=1)
    assert isinstance(end, Disconnected)
    assert isinstance(end.error, str)


def test_nothing_is_read_once_it_is_closed(ends):
    session, theirs, inbox = ends
    theirs.sendall(event(b"Event-Name: ONE"))
    session.close()
    gevent.sleep(0.05)
    assert inbox.empty()
    with pytest.raises(CallGone):
        session.write(commands.linger(5))


def test_a_long_command_is_sent_whole(ends):
    session, theirs, _ = ends
    long = commands.execute("set", "x=" + "y" * 2_000_000, "e")
    writing = gevent.spawn(session.write, long)
    received = b""
    while len(received) < len(long):
        received += theirs.recv(65536)
    writing.get()
    assert received == long
    assert isinstance(Headers(received).get("execute-app-name"), str)


def test_an_api_command_is_answered_by_its_body(ends):
    session, theirs, _ = ends
    connect(session, theirs)
    session.write(commands.linger(1))
    asking = gevent.spawn(session.ask, commands.api("module_exists mod_shout"), 5)
    gevent.sleep(0)
    assert theirs.recv(1000).endswith(b"api module_exists mod_shout\n\n")
    theirs.sendall(OK + b"Content-Type: api/response\nContent-Length: 5\n\ntrue\n")
    assert asking.get().strip() == "true"


def test_an_api_command_that_is_not_answered(ends):
    session, theirs, _ = ends
    connect(session, theirs)
    with pytest.raises(SwitchError, match="no answer within 0.05 s to 'api status'"):
        session.ask(commands.api("status"), 0.05)
    asking = gevent.spawn(session.ask, commands.api("status"), 5)
    gevent.sleep(0)
    theirs.close()
    with pytest.raises(CallGone):
        asking.get()


def test_events_that_nobody_looks_at_end_it(ends):
    session, theirs, inbox = ends
    connect(session, theirs)
    pouring = gevent.spawn(pour, theirs, event(b"Event-Name: DTMF") * 1000)
    while session.connected:
        gevent.sleep(0)
    pouring.kill()
    assert 2000 < inbox.qsize() < 4000
    *_, last = inbox.queue
    assert last.error.startswith("FreeSWITCH sent more events than are looked at")


def pour(sock, data):
    with contextlib.suppress(OSError):
        while True:
            sock.sendall(data)
