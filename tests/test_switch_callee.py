"""The callees' scripts: what each means, and what is said of one that cannot be read."""

import pytest
from dialctl.switch import Callee, ScriptError, parse_script


@pytest.mark.parametrize(
    ("text", "callee"),
    [
        ("answer:2", Callee(rings="180", ring=2.0)),
        ("answer:0:1.5", Callee(rings="180", ring=0.0, talk=1.5)),
        ("early:.5:3", Callee(rings="183", ring=0.5, talk=3.0)),
        ("busy", Callee(refuses="USER_BUSY")),
        ("reject", Callee(refuses="CALL_REJECTED")),
        ("unallocated", Callee(refuses="UNALLOCATED_NUMBER")),
        ("ring", Callee(rings="180", ring=None)),
        ("silent", Callee(ring=None)),
        ("fail:GATEWAY_DOWN", Callee(refuses="GATEWAY_DOWN")),
        ("fail:no_answer:2.5", Callee(rings="180", ring=2.5, refuses="NO_ANSWER")),
        ("dead", Callee(refuses="NORMAL_TEMPORARY_FAILURE", dead=True)),
        ("answer:1 ; press=2:12#", Callee(rings="180", ring=1.0, press=((2.0, "12#"),))),
        (
            "answer:1:9;press=0:5;press=0.5:d",
            Callee(rings="180", ring=1.0, talk=9.0, press=((0.0, "5"), (0.5, "D"))),
        ),
        (
            "answer:1;says=0.5:2;beep=3:.4;says=4:1",
            Callee(rings="180", ring=1.0, says=((0.5, 2.0), (4.0, 1.0)), beeps=((3.0, 0.4),)),
        ),
        ("answer:1;refer=2:alice", Callee(rings="180", ring=1.0, refer=((2.0, "alice"),))),
    ],
)
def test_a_script_says_what_the_party_does(text: str, callee: Callee) -> None:
    assert parse_script(text) == callee


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "'' is no script; known are answer, busy"),
        ("anser:1", "'anser' is no script"),
        ("answer", "write the seconds of ringing"),
        ("answer:1:2:3", "write the seconds of ringing"),
        ("answer:soon", "'soon' is no number of seconds"),
        ("answer:-1", "'-1': seconds are 0 or more"),
        ("early:nan", "'nan': seconds are 0 or more"),
        ("answer:inf", "'inf': seconds are 0 or more"),
        ("busy:1", "nothing may follow, not '1'"),
        ("fail", "write a hangup cause"),
        ("fail:BUSY", "'BUSY' is no hangup cause"),
        ("answer:1;press=5", "'press=5' is no option; write press=SECONDS:DIGITS"),
        ("answer:1;hold=5:1", "'hold=5:1' is no option"),
        ("answer:1;says=1", "'says=1' is no option; write press=SECONDS:DIGITS, says=SECONDS"),
        ("answer:1;beep=1:long", "'long' is no number of seconds"),
        ("answer:1;press=1:x", "'X': a telephone has the keys 0 to 9, *, # and A to D"),
    ],
)
def test_the_error_quotes_the_script_and_says_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(ScriptError) as raised:
        parse_script(text)
    assert repr(text) in str(raised.value)
    assert complaint in str(raised.value)


def test_a_sip_status_of_its_own():
    callee = parse_script("refuse:403:2")
    assert (callee.refuses, callee.status, callee.ring) == ("CALL_REJECTED", 403, 2.0)
    for text in ("refuse", "refuse:200", "refuse:busy", "refuse:486:1:2"):
        with pytest.raises(ScriptError, match="SIP status"):
            parse_script(text)
