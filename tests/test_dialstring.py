"""Golden dial strings: what FreeSWITCH is asked to ring, to the letter."""

from dataclasses import replace

import pytest
from dialctl.dial.model import Attempt, Leg, Round
from dialctl.esl.dialstring import (
    SILENCE,
    Music,
    Said,
    bridge_variables,
    caller_name_variable,
    dial_string,
    leg_text,
    music,
    music_variables,
    originate,
)
from dialctl.plan import Dial, Number, Target

ALICE = Leg("a1", 1, "1001", (Attempt("a1", "sofia/gateway/x/1001"),))
BOB = Leg("b1", 2, "bob", (Attempt("b1", "user/bob@example.com"),))
DAVE = Leg("d1", 2, "1002", (Attempt("d1", "sofia/gateway/x/1002"),))
CAROL = Leg("c1", 3, "3", (Attempt("c1", "sofia/gateway/x/3"), Attempt("c2", "sofia/gateway/y/3")))
EVE = Leg("e1", 4, "1005", (Attempt("e1", "sofia/gateway/x/1005"),))

FAIL_OVER = (
    "fail_on_single_reject=!NORMAL_TEMPORARY_FAILURE:NETWORK_OUT_OF_ORDER:GATEWAY_DOWN:"
    "INVALID_GATEWAY:INVALID_PROFILE:RECOVERY_ON_TIMER_EXPIRE:NORMAL_CIRCUIT_CONGESTION:"
    "SWITCH_CONGESTION"
)


def leg(uuid, mark="origination_uuid", more=""):
    return (
        f"[^^;{mark}={uuid};leg_timeout=25;"
        f"execute_on_answer=sched_hangup +3605 ALLOTTED_TIMEOUT{more}]"
    )


def test_one_target():
    assert dial_string(Round((ALICE,)), 20, 3600) == (
        "{originate_timeout=25}" + leg("a1") + "sofia/gateway/x/1001"
    )


def test_one_target_with_a_second_gateway():
    assert dial_string(Round((CAROL,)), 20, 3600) == (
        "{originate_timeout=25," + FAIL_OVER + "}"
        f"{leg('c1')}sofia/gateway/x/3|{leg('c2')}sofia/gateway/y/3"
    )


def test_several_targets_ring_together():
    assert dial_string(Round((ALICE, DAVE)), 19.5, 3600) == (
        "{originate_timeout=25,ignore_early_media=true}"
        f"{leg('a1')}sofia/gateway/x/1001,{leg('d1')}sofia/gateway/x/1002"
    )


def test_a_user_among_others_is_rung_in_a_thread_of_its_own():
    assert dial_string(Round((ALICE, BOB)), 20, 3600) == (
        f"<originate_timeout=25,ignore_early_media=true>{{{FAIL_OVER}}}{leg('a1')}"
        f"sofia/gateway/x/1001:_:{{{FAIL_OVER}}}{leg('b1', 'dialctl_leg')}user/bob@example.com"
    )


def test_several_targets_one_of_which_can_fail_over():
    assert dial_string(Round((CAROL, BOB)), 20, 3600) == (
        "<originate_timeout=25,ignore_early_media=true>"
        f"{{{FAIL_OVER}}}{leg('c1')}sofia/gateway/x/3|{leg('c2')}sofia/gateway/y/3"
        f":_:{{{FAIL_OVER}}}{leg('b1', 'dialctl_leg')}user/bob@example.com"
    )


@pytest.mark.parametrize("text", [*",|[]{}<>'\"\\^$ \n\0", ":_:", "é", ""])
def test_nothing_that_could_end_or_widen_an_endpoint_gets_in(text):
    endpoint = f"sofia/gateway/x/1{text}2" if text else ""
    evil = Leg("e1", 1, "x", (Attempt("e1", endpoint),))
    with pytest.raises(ValueError, match="not a FreeSWITCH endpoint"):
        dial_string(Round((evil,)), 20, 3600)
    with pytest.raises(ValueError, match="not a FreeSWITCH endpoint"):
        originate(evil.attempts[0], {}, "", "public", 20, 3600)


@pytest.mark.parametrize("text", [*"', |\\\n", ""])
def test_the_context_of_a_placed_call_is_a_name(text):
    with pytest.raises(ValueError, match="not the name of a context"):
        originate(ALICE.attempts[0], {}, "", f"pub{text}lic" if text else "", 20, 3600)


def test_nothing_that_could_end_a_variable_gets_in():
    evil = Leg("e1", 1, "x", (Attempt("a]b", "sofia/gateway/x/1"),))
    with pytest.raises(ValueError, match="origination_uuid"):
        dial_string(Round((evil,)), 20, 3600)


@pytest.mark.parametrize("text", [*";[]{}<>'\"\\$|^\n\0", ":_:"])
def test_nothing_that_could_end_a_legs_variable_gets_in(text):
    for variables in ((("a", f"b{text}c"),), ((f"a{text}b", "c"),)):
        evil = Leg("e1", 1, "x", (Attempt("e1", "sofia/gateway/x/1", variables),))
        with pytest.raises(ValueError, match="not safe in a dial string"):
            dial_string(Round((evil,)), 20, 3600)


def test_what_a_leg_is_told():
    variables = (("sip_h_X-PH-a", "1"), ("absolute_codec_string", "PCMA,PCMU"))
    fancy = Leg("f1", 1, "x", (Attempt("f1", "user/x@h", variables, "foo=1;bar=2"),))
    more = ";sip_h_X-PH-a=1;absolute_codec_string=PCMA,PCMU;foo=1;bar=2"
    expected = leg("f1", "dialctl_leg", more)
    assert dial_string(Round((fancy,)), 20, 3600) == f"{{originate_timeout=25}}{expected}user/x@h"


def test_callees_who_are_asked_to_confirm_and_one_who_is_not():
    asked = (replace(ALICE, patience=10), replace(DAVE, patience=3))
    confirms = (
        ";group_confirm_key=exec"
        ";group_confirm_file=execute_extension dialctl-confirm XML public"
        ";group_confirm_timeout=0;dialctl_confirm={};dialctl_context=public"
    )
    assert dial_string(Round((*asked, EVE)), 20, 3600, "public") == (
        "{originate_timeout=35,ignore_early_media=true}"
        + leg("a1", more=confirms.format("a1"))
        + "sofia/gateway/x/1001,"
        + leg("d1", more=confirms.format("d1"))
        + "sofia/gateway/x/1002,"
        + leg("e1")
        + "sofia/gateway/x/1005"
    )


def test_a_name_of_one_leg_alone():
    assert leg_text("O'Brien, Acme [x]; ${y}") == "O\u2019Brien, Acme  x    y"


def test_variables_of_the_a_leg_are_set_anew_for_each_dial():
    targets = (Target(Number("1"), "1"),)
    plain = Dial(targets=targets, ring_timeout=20, time_limit=3600)
    assert bridge_variables(plain) == (
        "^^;continue_on_fail=true;hangup_after_bridge=false;socket_resume=false;originate_disposition=;sip_ignore_remote_cause=true;bridge_terminate_key=;"
        "effective_caller_id_number=;transfer_ringback=%(2000,4000,440,480)"
    )
    full = Dial(
        targets=targets, ring_timeout=20, time_limit=9, hangup_on_star=True, caller_id="+1555"
    )
    assert bridge_variables(full, tone=False) == (
        "^^;continue_on_fail=true;hangup_after_bridge=false;socket_resume=false;originate_disposition=;sip_ignore_remote_cause=true;bridge_terminate_key=*;"
        "effective_caller_id_number=+1555"
    )


@pytest.mark.parametrize(
    ("name", "arrives"),
    [
        ("O'Brien, Acme [x]", "O'Brien, Acme [x]"),
        ('José "Joe" 100%', "José  Joe  100 "),
        ("a:_:b", "a _ b"),
        ("end\\", "end "),
        ("${api(shutdown)}", "{api(shutdown)}"),
        ("", ""),
    ],
)
def test_a_callers_name_is_text(name, arrives):
    assert caller_name_variable(name) == f"effective_caller_id_name={arrives}"


def test_a_dialplan_context_that_could_end_a_variable():
    with pytest.raises(ValueError, match="group_confirm_file"):
        dial_string(Round((replace(ALICE, patience=10),)), 20, 3600, "public;x=y")


# What the caller hears while it rings.

SOUNDS = music(["/media/a.wav", "tone_stream://%(1,2,3);loops=2", "silence_stream://500"])
SPOKEN = music(["/media/a.wav", Said("Please hold")], "flite", "slt")


def test_music_is_a_list_that_can_be_rewound_and_never_empty():
    assert (
        Music(
            "file_string:///media/a.wav!tone_stream://%(1,2,3);loops=2!silence_stream://500"
            "!silence_stream://250"
        )
        == SOUNDS
    )
    assert Music("file_string://silence_stream://-1!silence_stream://250") == SILENCE


def test_music_that_speaks():
    assert Music("silence_stream://250!/media/a.wav!say:Please hold", "flite", "slt") == SPOKEN


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("We're here!", "We\u2019re here."),
        ("a\\b {c=d}", "a b  c=d"),
        ("${system(id)}", "system(id)"),
        ("line\ntwo", "line two"),
    ],
)
def test_a_text_among_sounds_is_said_and_nothing_else(text, said):
    assert music([Said(text)], "flite", "kal").ringback == f"silence_stream://250!say:{said}"


@pytest.mark.parametrize("char", [*"!'\"\\${}[]|<>\n\0", "\u00fc"])
def test_nothing_that_could_end_a_sound_gets_in(char):
    with pytest.raises(ValueError, match="not safe in a list of sounds"):
        music([f"/media/{char}.wav"])


@pytest.mark.parametrize("engine", [("a;b", "c"), ("a", "b;c"), ("a", "b'c")])
def test_nothing_that_could_end_a_voice_gets_in(engine):
    with pytest.raises(ValueError, match="not safe in a variable"):
        music([Said("x")], *engine)


def test_the_a_leg_s_variables_with_music():
    assert music_variables(SILENCE) == (
        f"ringback={SILENCE.ringback}",
        f"transfer_ringback={SILENCE.ringback}",
        "instant_ringback=true",
    )
    assert music_variables(SPOKEN)[2:] == (
        "instant_ringback=true",
        "playback_delimiter=!",
        "playback_sleep_val=0",
        "tts_engine=flite",
        "tts_voice=slt",
    )


@pytest.mark.parametrize("heard", [SOUNDS, SILENCE])
def test_music_takes_the_place_of_early_media(heard):
    assert dial_string(Round((ALICE,)), 20, 3600, music=heard) == (
        "{originate_timeout=25,ignore_early_media=true}" + leg("a1") + "sofia/gateway/x/1001"
    )


def test_spoken_music_is_heard_beside_an_enterprise_originate():
    assert dial_string(Round((ALICE, DAVE)), 20, 3600, music=SPOKEN) == (
        "<originate_timeout=25,ignore_early_media=true>:_:"
        f"{leg('a1')}sofia/gateway/x/1001,{leg('d1')}sofia/gateway/x/1002"
    )
    assert dial_string(Round((CAROL,)), 20, 3600, music=SPOKEN) == (
        f"<originate_timeout=25,ignore_early_media=true>:_:{{{FAIL_OVER}}}"
        f"{leg('c1')}sofia/gateway/x/3|{leg('c2')}sofia/gateway/y/3"
    )


@pytest.mark.parametrize("heard", [SOUNDS, SPOKEN])
def test_where_it_is_one_already_nothing_changes(heard):
    both = Round((CAROL, BOB))
    assert dial_string(both, 20, 3600, music=heard) == dial_string(both, 20, 3600)
