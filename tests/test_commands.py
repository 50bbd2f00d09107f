import pytest
from dialctl.esl import commands


def test_commands_are_what_freeswitch_reads():
    assert commands.linger(10) == b"linger 10\n\n"
    assert commands.events(("CHANNEL_ANSWER", "DTMF")) == b"event plain CHANNEL_ANSWER DTMF\n\n"
    assert commands.no_events(("DTMF",)) == b"nixevent DTMF\n\n"
    assert commands.filter_variable("x", "1") == b"filter variable_x 1\n\n"
    assert commands.filter_uuid("u-1") == b"filter Unique-ID u-1\n\n"
    assert commands.bgapi("uuid_kill u-1 NO_ANSWER") == b"bgapi uuid_kill u-1 NO_ANSWER\n\n"
    assert commands.api("uuid_break u-1") == b"api uuid_break u-1\n\n"
    assert commands.hangup("USER_BUSY") == (
        b"sendmsg\ncall-command: hangup\nhangup-cause: USER_BUSY\n\n"
    )
    assert (
        commands.execute("playback", "caf\u00e9.wav", "e-1")
        == (
            "sendmsg\ncall-command: execute\nexecute-app-name: playback\n"
            "execute-app-arg: café.wav\nEvent-UUID: e-1\n\n"
        ).encode()
    )
    assert b"execute-app-arg" not in commands.execute("answer", "", "e-1")
    assert commands.execute("avmd_stop", "", "e-1", channel="b-1") == (
        b"sendmsg b-1\ncall-command: execute\nexecute-app-name: avmd_stop\nEvent-UUID: e-1\n\n"
    )


def test_recordings():
    path, variables = "/dial ctl/x.wav", {"RECORD_STEREO": "true", "RECORD_X": "1"}
    assert commands.start_recording("u-1", path, 65, variables) == (
        b"api uuid_record u-1 start '/dial ctl/x.wav' 65 {RECORD_STEREO=true,RECORD_X=1}\n\n"
    )
    assert commands.stop_recording("u-1", path) == (
        b"bgapi uuid_record u-1 stop '/dial ctl/x.wav'\n\n"
    )
    assert commands.is_recording("u-1", path) == (
        b"api uuid_record u-1 unmask '/dial ctl/x.wav'\n\n"
    )
    assert commands.module_exists("mod_shout") == b"api module_exists mod_shout\n\n"


@pytest.mark.parametrize("path", ["/a'b", "/a\\b", "/a\nb"])
def test_a_path_that_cannot_be_quoted(path):
    with pytest.raises(ValueError, match="quotes, backslashes or control"):
        commands.stop_recording("u-1", path)


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b"])
def test_no_text_can_begin_a_line_of_its_own(text):
    for command in (commands.bgapi, commands.filter_uuid, commands.hangup):
        with pytest.raises(ValueError, match="line break"):
            command(text)
    with pytest.raises(ValueError, match="line break"):
        commands.execute("set", text, "e-1")


def test_no_argument_is_expanded():
    with pytest.raises(ValueError, match="would be expanded"):
        commands.execute("playback", "http://x/${system(id)}.wav", "e-1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("costs $5 & more", "costs $5 & more"),
        ("${api(shutdown)}", "{api(shutdown)}"),
        ("$${x}", "{x}"),
        ("$$${x}", "{x}"),
        ("a\nb\tc\0", "a b c "),
    ],
)
def test_literal_text_is_not_expanded(text, expected):
    assert commands.literal(text) == expected


def test_filters_on_any_header():
    assert commands.filter_header("Conference-Name", "r") == b"filter Conference-Name r\n\n"
    assert commands.unfilter_header("Action", "-x") == b"filter delete Action -x\n\n"


def test_a_hangup_that_the_switch_makes_if_we_do_not():
    assert commands.backstop("u", 1.2, "NORMAL_CLEARING") == (
        b"api sched_del dialctl-u\n\n",
        b"api sched_api +7 dialctl-u uuid_kill u NORMAL_CLEARING\n\n",
    )


def test_the_inbound_event_socket():
    assert commands.auth("ClueCon") == b"auth ClueCon\n\n"
    assert commands.dump("u") == b"api uuid_dump u\n\n"
    assert commands.core_uuid() == b"api global_getvar core_uuid\n\n"


def test_what_is_to_be_expanded_elsewhere_survives():
    sent = commands.execute("bridge", "{hook=${uuid}}user/a", "e", deferred="${uuid}")
    assert b"execute-app-arg: {hook=\\${uuid}}user/a\n" in sent
    with pytest.raises(ValueError, match="would be expanded"):
        commands.execute("bridge", "{hook=${uuid}}${system(x)}", "e", deferred="${uuid}")
