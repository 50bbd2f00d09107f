"""What a checkup says of a dialplan and of what FreeSWITCH tells of itself."""

import pytest
from dialctl.checkup import dialplan, switch
from dialctl.checkup.model import Kind
from dialctl.settings import Modules, NumberRoute, Routes, Settings, Speech, UserRoute

from support.dialplan import EXTENSIONS, section

LISTEN = "127.0.0.1:8084"


def wrongs(found):
    return [f"{one.what} | {one.remedy}" for one in found if one.kind is Kind.WRONG]


def looked_at(extensions, listen=LISTEN):
    return list(dialplan.findings(section(extensions), listen))


def test_our_own_extensions_are_as_they_should_be():
    found = looked_at(EXTENSIONS)
    assert wrongs(found) == []
    assert [str(one) for one in found] == [
        "ok    dialplan: context public brings calls to 127.0.0.1:8084"
    ]


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ("async full", "full", "its socket is not async"),
        ("async full", "async", "its socket is not full"),
        ("socket_resume=false", "socket_resume=true", "socket_resume is true"),
        ('"transfer"', '"log"', "nothing brings a call back to it"),
        ('name="dialctl-confirm"', 'name="other"', "has no extension dialctl-confirm"),
        ('name="dialctl-referred"', 'name="other"', "has no extension dialctl-referred"),
        (":8084", ":8085", "no extension has a socket application to port 8084"),
    ],
)
def test_what_is_wrong_with_a_dialplan(was, now, words):
    found = wrongs(looked_at(EXTENSIONS.replace(was, now)))
    assert any(words in one for one in found)
    assert all(" | " in one and not one.endswith(" | ") for one in found)


def test_one_of_several_hosts_is_enough():
    hosts = "127.0.0.1:8084|192.0.2.7:8084 async full"
    assert wrongs(looked_at(EXTENSIONS.replace("127.0.0.1:8084 async full", hosts))) == []


def test_other_contexts_do_not_matter():
    other = section('<extension name="x"><condition><action/></condition></extension>', "other")
    found = list(dialplan.findings(f"<x>{section(EXTENSIONS)}{other}</x>", LISTEN))
    assert len(found) == 1


@pytest.mark.parametrize("xml", ["", "-ERR no reply"])
def test_no_dialplan(xml):
    assert wrongs(dialplan.findings(xml, LISTEN)) == [
        "dialplan: FreeSWITCH has none | is mod_dialplan_xml loaded?"
    ]


def test_gateways_and_profiles_of_the_routes():
    routes = Routes(
        numbers=(NumberRoute("", ("sofia/gateway/a/{number}", "sofia/gateway/b/{number}")),),
        users=(
            UserRoute("*", ("user/{user}@{domain}", "sofia/internal/{user}@{domain}")),
            UserRoute("x", ("sofia/{domain}/{user}",)),
        ),
        trunks=(("t", ("sofia/gateway/a/{number}",)),),
        clients=("sofia/clients/{name}",),
    )
    assert switch.ways(routes) == [
        ("gateway", "a"),
        ("gateway", "b"),
        ("profile", "internal"),
        ("profile", "clients"),
    ]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Invalid Gateway!\n", "FreeSWITCH knows no gateway a"),
        ("Name\ta\nState   \tNOREG\nStatus  \tDOWN (ping)\n", "gateway a is DOWN"),
        ("State   \tFAIL_WAIT\nStatus  \tUP\n", "gateway a is not registered: FAIL_WAIT"),
        ("State   \tREGED\nStatus  \tUP\n", ""),
        ("State   \tNOREG\nStatus  \tUP (ping)\n", ""),
        ("Name\tinternal\n", ""),
    ],
)
def test_the_way_there(said, words):
    finding = switch.way("gateway", "a", said)
    assert finding.is_wrong == bool(words)
    assert words in finding.what


def test_modules():
    names = [name for name, _ in switch.modules(Settings())]
    assert {"mod_sofia", "mod_flite", "mod_avmd", "mod_hash"} < set(names)
    other = Settings(speech=Speech(engine="tts"), modules=Modules(machine_detection=""))
    fewer = [name for name, _ in switch.modules(other)]
    assert set(names).difference(fewer) == {"mod_flite", "mod_avmd"}
    assert not switch.module("mod_hash", "less", "true").is_wrong
    assert "not loaded: no mp3" in switch.module("mod_shout", "no mp3", "false").what
    assert "nothing works" in switch.module("mod_sofia", "", "false").what


@pytest.mark.parametrize(
    ("theirs", "ours", "kind"),
    [
        ("1000", 1000.9, Kind.OK),
        ("1000", 998.0, Kind.WRONG),
        ("1000", 1003.0, Kind.WRONG),
        ("-ERR", 1.0, Kind.UNKNOWN),
    ],
)
def test_clocks(theirs, ours, kind):
    assert switch.clock(theirs, ours).kind is kind
