"""The socket's commands and the api commands: replies as a real FreeSWITCH gave them."""

from collections.abc import Iterator

import pytest

from traces.controller import Conversation, Lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def call(lab: Lab) -> Conversation:
    return lab.call()[1].start()


def test_replies(call: Conversation) -> None:
    for command, reply in (
        ("nonsense", "-ERR command not found"),
        ("event plain", "-ERR no keywords supplied"),
        ("event plain NOPE", "-ERR no keywords supplied"),
        ("event", "-ERR no keywords supplied"),
        ("event json CHANNEL_CREATE", "+OK event listener enabled json"),
        ("event plain ALL", "+OK event listener enabled plain"),
        ("nixevent DTMF", "+OK events nixed"),
        ("nixevent", "-ERR no keywords supplied"),
        ("nixevent ALL", "+OK events nixed"),
        ("event plain RECORD_STOP CUSTOM avmd::beep", "+OK event listener enabled plain"),
        ("event plain DTMF", "+OK event listener enabled plain"),
        ("noevents", "+OK no longer listening for events"),
        ("noevents", "-ERR not listening for events"),
        ("filter", "-ERR command not found"),
        ("filter x", "-ERR invalid syntax"),
        ("filter Unique-ID a b", "+OK filter added. [Unique-ID]=[a b]"),
        ("filter delete Unique-ID a b", "+OK filter deleted. [Unique-ID][a b]"),
        ("filter delete all", "+OK filter deleted. [all][]"),
        ("filter delete", "-ERR invalid syntax"),
        ("filter add X y", "+OK filter added. [X]=[y]"),
        ("linger", "+OK will linger"),
        ("linger 5", "+OK will linger 5 seconds"),
        ("linger x", "+OK will linger 0 seconds"),
        ("nolinger", "+OK will not linger"),
        ("resume", "+OK"),
        ("divert_events on", "+OK events diverted"),
        ("divert_events", "-ERR missing value."),
        ("myevents", "+OK Events Enabled"),
        ("myevents", "-ERR aready enabled."),
        ("getvar uuid", call.uuid),
        ("getvar nope", "-ERR command not found"),
        ("sendmsg", "+OK"),
        ("sendmsg nope\ncall-command: execute", "-ERR invalid session id [nope]"),
        ("sendmsg\ncall-command: nonsense", "+OK"),
        ("sendmsg\ncall-command: execute", "+OK"),
        ("sendmsg\ncall-command: execute\nexecute-app-name: set\nloops: many", "+OK"),
        ("auth ClueCon", "-ERR command not found"),
        ("api", "-ERR command not found"),
        ("bgapi", "-ERR command not found"),
        ("api ", "-ERR  Command not found!\n"),
    ):
        assert call.reply(command) == reply, command


def test_rubbish_is_answered_and_does_no_harm(call: Conversation) -> None:
    assert call.reply("\u00ff\x01garbage\nmore garbage") == "-ERR command not found"
    assert call.reply("set\nfoo") == "-ERR command not found"
    assert call.reply("sendmsg\nno colon\n: \ncontent-length: abc") == "+OK"
    assert call.run("set", "still=there").headers["variable_still"] == "there"


def test_a_zero_byte_for_a_command_ends_the_connection(call: Conversation) -> None:
    call.say("\x00\u00ffgarbage")
    assert call.ended()
    texts = [frame.text for frame in call.frames[-2:]]
    assert texts[0] == "Content-Type: command/reply\nReply-Text: -ERR command parse error.\n\n"
    assert "Content-Disposition: disconnect" in texts[1]


def test_what_comes_before_connect_gets_no_reply(lab: Lab) -> None:
    _, call = lab.call()
    call.say("linger 5")
    assert call.ask("connect").event == "CHANNEL_DATA"


@pytest.mark.parametrize(
    ("argument", "name", "value"),
    [
        ("cut=1", "cut", "1"),
        ("colon=a: b: c", "colon", "a: b: c"),
        ("lead=  1 ", "lead", "  1 "),
        ("utf=gr\u00fc\u00df\u20ac'\"*()~!|^`{}[]<>\\$&+;@#", "utf", None),
        ("undef=_undef_", "undef", "_undef_"),
        ("quote='a b'", "quote", "'a b'"),
        (
            "exp=${caller_id_number}-${nope}-${destination_number}",
            "exp",
            "15551230000--15550001111",
        ),
        (r"esc=\${a}", "esc", ""),
    ],
)
def test_set(call: Conversation, argument: str, name: str, value: str | None) -> None:
    headers = call.run("set", argument).headers
    wanted = argument.partition("=")[2] if value is None else value
    assert headers.get(f"variable_{name}", "") == wanted


def test_a_body_is_the_argument(call: Conversation) -> None:
    body = "q=1\nr=2"
    call.say(
        "sendmsg\ncall-command: execute\nexecute-app-name: set\nEvent-UUID: one\n"
        f"content-type: text/plain\ncontent-length: {len(body)}\n\n{body}"
    )
    headers = call.done("one").headers
    assert headers["variable_q"] == "1\nr=2"
    assert headers["Application-Data"] == body


def test_other_ways_to_set(call: Conversation) -> None:
    assert call.run("multiset", "m1=1 m2=2").headers["variable_m2"] == "2"
    assert call.run("multiset", "^^:m3=1 x:m4=2").headers["variable_m3"] == "1 x"
    assert "variable_m1" not in call.run("unset", "m1").headers
    headers = call.run("export", "nolocal:e=1").headers
    assert headers["variable_nolocal:e"] == "1"
    assert headers["variable_export_vars"] == "nolocal:e"


def test_api_replies(call: Conversation) -> None:
    uuid = call.uuid
    call.run("set", "a=1 2,3")
    for command, answer in (
        (f"uuid_exists {uuid}", "true"),
        ("uuid_exists nope", "false"),
        (f"uuid_getvar {uuid} a", "1 2,3"),
        (f"uuid_getvar {uuid} nope", "_undef_"),
        ("uuid_getvar nope a", "-ERR No such channel!\n"),
        ("uuid_getvar", "-USAGE: <uuid> <var>\n"),
        (f"uuid_setvar {uuid} b hello world", "+OK\n"),
        (f"uuid_getvar {uuid} b", "hello world"),
        (f"uuid_setvar {uuid} b", "+OK\n"),
        (f"uuid_getvar {uuid} b", "_undef_"),
        ("uuid_setvar nope b c", "-ERR No such channel!\n"),
        ("uuid_setvar", "-USAGE: <uuid> <var> [value]\n"),
        (f"uuid_setvar_multi {uuid} x=1;y=2 3", "+OK\n"),
        (f"uuid_getvar {uuid} y", "2 3"),
        (f"uuid_setvar_multi {uuid} x=${{a}};y=a==", "+OK\n"),
        (f"uuid_getvar {uuid} x", "1"),
        (f"uuid_getvar {uuid} y", "a=="),
        (
            "uuid_setvar_multi nope x=1",
            "-ERR No such channel!\n-USAGE: <uuid> <var>=<value>;<var>=<value>...\n",
        ),
        (f"uuid_setvar_multi {uuid} ", "-ERR no reply\n"),
        ("uuid_kill nope", "-ERR No such channel!\n"),
        ("uuid_kill", "-USAGE: <uuid> [cause]\n"),
        (f"uuid_ring_ready {uuid}", "+OK\n"),
        ("uuid_ring_ready nope", "-ERROR\n"),
        (f"uuid_break {uuid}", "+OK\n"),
        (f"uuid_break {uuid} all", "+OK\n"),
        ("uuid_break nope", "-ERR No such channel!\n"),
        ("uuid_break", "-USAGE: <uuid> [all]\n"),
        ("sched_hangup +60 nope", "-ERR No such channel!\n"),
        (f"sched_hangup +60 {uuid} ALLOTTED_TIMEOUT", "+OK\n"),
        ("sched_hangup", "-USAGE: [+]<time> <uuid> [<cause>]\n"),
        ("nonsense with args", "-ERR nonsense Command not found!\n"),
        ("uuid_dump nope", "-ERR No such channel!\n"),
        ("uuid_dump", "-USAGE: <uuid> [format]\n"),
        ("hostname", "switch"),
        ("echo hi there", "hi there"),
    ):
        assert call.reply(f"api {command}") == answer, command
    assert "1 session(s) since startup\n1 session(s)" in call.reply("api status")
    assert len(call.reply("api create_uuid")) == 36


def test_uuid_dump_has_every_header(call: Conversation) -> None:
    call.run("set", "mark=here 1")
    dump = call.reply(f"api uuid_dump {call.uuid}")
    assert f"Unique-ID: {call.uuid}\n" in dump
    assert "variable_mark: here%201\n" in dump
    assert "variable_mark: [here 1]\n" in call.reply(f"api uuid_dump {call.uuid} plain")


def test_uuid_kill_ends_the_call_with_its_cause(lab: Lab) -> None:
    a_leg, call = lab.call()
    call.start()
    assert call.reply(f"api uuid_kill {call.uuid} USER_BUSY") == "+OK\n"
    assert call.event("CHANNEL_HANGUP_COMPLETE").headers["Hangup-Cause"] == "USER_BUSY"
    assert lab.switch.api("uuid_exists", call.uuid) == "false"
    assert a_leg.hangup_cause == "USER_BUSY"


def test_background_jobs_are_told_of_to_who_filters_for_them(call: Conversation) -> None:
    call.ask("bgapi uuid_exists nope\nJob-UUID: unheard")
    call.ask(f"filter Job-Owner-UUID {call.uuid}")
    reply = call.ask(f"bgapi uuid_exists {call.uuid}\nJob-UUID: mine")
    assert reply.text.splitlines()[1:3] == ["Reply-Text: +OK Job-UUID: mine", "Job-UUID: mine"]
    event = call.event("BACKGROUND_JOB")
    assert event.headers["Job-UUID"] == "mine"
    assert event.headers["Job-Command"] == "uuid_exists"
    assert event.headers["Job-Command-Arg"] == call.uuid
    assert event.text.endswith("Content-Length: 4\n\ntrue")
    assert "+OK Job-UUID: " in call.reply("bgapi nonsense")
    assert call.event("BACKGROUND_JOB").text.endswith("-ERR nonsense Command not found!\n")


def test_events_only_of_the_kinds_that_were_asked_for(call: Conversation) -> None:
    call.ask("nixevent CHANNEL_EXECUTE_COMPLETE")
    call.execute("set", "a=1", "one")
    call.execute("answer")
    call.event("CHANNEL_ANSWER")
    assert "CHANNEL_EXECUTE_COMPLETE" not in call.names()
    call.ask("event plain CHANNEL_EXECUTE_COMPLETE")
    assert call.run("set", "b=2").headers["variable_a"] == "1"


def test_filters_hold_for_any_header(lab: Lab) -> None:
    _, call = lab.call()
    call.start("variable_colour red")
    call.execute("set", "colour=green", "one")
    call.execute("set", "colour=red", "two")
    call.done("two")
    assert call.names() == ["CHANNEL_DATA", "CHANNEL_EXECUTE_COMPLETE"]


def test_events_as_json(call: Conversation) -> None:
    call.ask("event json CHANNEL_EXECUTE_COMPLETE")
    call.execute("set", "a=x y", "one")
    frame = call.wait(lambda frame: "event-json" in frame.text)
    assert '"variable_a": "x y"' in frame.text
