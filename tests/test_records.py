"""What FreeSWITCH keeps of a call in mod_hash, as it writes it and as it is read."""

import pytest
from dialctl.errors import SwitchError
from dialctl.esl import records
from dialctl.model import ChannelEnd, Record, Side

CALL = "5c6fdd2a-ea4b-4993-bffd-7e93601d18da"
LEG = (
    "NORMAL_CLEARING:recv_bye:200::1000000:2000000::3000000:3500000:9000000:6:6000"
    ":a-1:true::a-1::call-1"
)
CALLER = "ORIGINATOR_CANCEL:recv_cancel::487:1000000:2000000:::0:9000000:0:0:::::owner_1/p/d/c"


def written(call=CALL, **values):
    """What the hook makes of a channel's variables."""
    text = records.leg_hook(call).rpartition("/")[2]
    for name in text.replace("$", "").replace("{", "").replace("}", "").split(":"):
        text = text.replace(f"${{{name}}}", values.get(name, ""))
    return text


def test_a_leg_that_talked():
    text = written(
        hangup_cause="NORMAL_CLEARING",
        sip_hangup_disposition="recv_bye",
        sip_term_status="200",
        start_uepoch="1000000",
        progress_uepoch="0",
        progress_media_uepoch="1500000",
        answer_uepoch="2000000",
        bridge_uepoch="2100000",
        end_uepoch="5000000",
        billsec="3",
        billmsec="3000",
    )
    leg = records.record("b1", text)
    assert (leg.created, leg.rang, leg.answered, leg.bridged) == (1.0, 1.5, 2.0, 2.1)
    assert (leg.end.cause, leg.end.side, leg.end.billsec) == ("NORMAL_CLEARING", Side.THEM, 3)


def test_the_entries_of_a_realm():
    answer = "D/dialctl_a/live x\nD/other_b/1\nX/dialctl_c/2\nD/dialctl_d/1/2\n"
    assert records.entries(answer, "dialctl") == {"a": "live x", "d": "1/2"}
    assert records.entries("-ERR no reply\n", "dialctl") == {}
    with pytest.raises(SwitchError, match="mod_hash"):
        records.entries("-ERR hash_dump Command not found!\n", "dialctl")


def test_what_is_kept_behind_an_a_legs_record():
    assert records.kept("record/p/d/c") == ("p", "d", "c")
    assert records.kept("live x") == ("", "", "")


def test_a_uuid_that_a_caller_chose_keeps_nothing():
    assert records.leg_hook("a/b") == ""
    assert not records.can_keep("x,y")


def test_who_has_the_call_is_said_and_forgotten():
    said = b"".join(records.watch(CALL, "", "here#1"))
    assert f"hash insert_ifempty/dialctl/{CALL}/live here#1".encode() in said
    assert records.dump("u") == b"api hash_dump db u\n\n"
    assert records.forget("u", frozenset({"l"})) == (
        b"api hash delete/u/l\n\n",
        b"api hash delete/dialctl/u\n\n",
    )


def test_variables_are_set_together():
    said = records.notes("u", {"name": lambda: "a-b_c==", "other": lambda: "x#1"})
    assert said == (b"api uuid_setvar_multi u name=a-b_c==;other=x#1\n\n",)
    assert records.notes("u", {}) == ()


@pytest.mark.parametrize("value", ["a;b=c", "it's", "a\\", "${a}", " a", "a\n"])
def test_a_variable_that_would_be_another(value):
    with pytest.raises(ValueError, match="value of name"):
        records.notes("u", {"name": lambda: value})


def test_a_legs_record():
    assert records.record("b1", LEG) == Record(
        "b1",
        attempt="a-1",
        created=1.0,
        rang=2.0,
        answered=3.0,
        bridged=3.5,
        end=ChannelEnd(
            "NORMAL_CLEARING",
            Side.THEM,
            200,
            created=1.0,
            answered=3.0,
            bridged=3.5,
            ended=9.0,
            billsec=6,
            billmsec=6000,
            sip_call_id="call-1",
        ),
    )


def test_a_callers_record_and_what_is_behind_it():
    record = records.record("a1", CALLER)
    assert record.owner == "owner_1"
    assert record.end == ChannelEnd(
        "ORIGINATOR_CANCEL", Side.THEM, 487, created=1.0, ended=9.0, sip_call_id=""
    )
    assert records.kept(CALLER) == ("p", "d", "c")


@pytest.mark.parametrize("text", ["", "live somebody", "a:b:c"])
def test_what_is_no_record(text):
    assert records.record("b1", text) is None
    assert records.kept(text) == ("", "", "")


def test_the_hook_of_a_leg_names_what_the_record_has():
    hook = records.leg_hook("u-1")
    assert hook.startswith("hash insert/u-1/${uuid}/${hangup_cause}:")
    assert hook.endswith(":${sip_call_id}")
