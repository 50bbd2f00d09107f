"""What FreeSWITCH's events mean, read from recordings of a real one's header lines."""

import pytest
from dialctl.dial.model import (
    KeyPressed,
    LegAnswered,
    LegBridged,
    LegCreated,
    LegEnded,
    LegRinging,
)
from dialctl.esl.dialstring import Music
from dialctl.esl.events import (
    a_leg,
    arrived,
    bridged_leg,
    channel_end,
    happened,
    key_pressed,
    leg_event,
    life,
    originated_legs,
    recorded_ms,
    recording_file,
    ringback,
    round_cause,
    transfer,
)
from dialctl.esl.frames import Headers
from dialctl.model import ALeg, ChannelEnd, Side, Transfer


def headers(**values):
    lines = (f"{name.replace('__', '-')}: {value}" for name, value in values.items())
    return Headers("\n".join(lines).encode())


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("CHANNEL_CREATE", LegCreated("b1")),
        ("CHANNEL_PROGRESS", LegRinging("b1")),
        ("CHANNEL_PROGRESS_MEDIA", LegRinging("b1")),
        ("CHANNEL_ANSWER", LegAnswered("b1")),
        ("CHANNEL_HANGUP_COMPLETE", LegEnded("b1", ChannelEnd("NORMAL_UNSPECIFIED"))),
        ("CHANNEL_EXECUTE_COMPLETE", None),
    ],
)
def test_leg_events(name, event):
    assert leg_event(headers(Event__Name=name, Unique__ID="b1")) == event


def test_a_users_telephone_names_its_attempt():
    event = headers(Event__Name="CHANNEL_CREATE", Unique__ID="x", variable_dialctl_leg="b1")
    assert leg_event(event) == LegCreated("x", "b1")


def test_no_name_of_a_callees_makes_a_leg():
    one, two = "5c6fdd2a-ea4b-4993-bffd-7e93601d18da", "5c6fdd2a-ea4b-4993-bffd-7e93601d18db"
    named = f"ARRAY::{one};Ann|:x/../dialctl;b|:{one} y;;1|:{two};Bob;2|:{one};Ann;1"
    assert originated_legs(headers(variable_originated_legs=named)) == (one, two)
    assert originated_legs(headers(variable_originated_legs=f"{one};Ann;1")) == (one,)
    assert originated_legs(headers()) == ()


def test_a_key():
    event = Headers(b"Unique-ID: a1\nDTMF-Digit: %23\n")
    assert key_pressed(event) == KeyPressed("a1", "#")


@pytest.mark.parametrize(
    ("disposition", "failed", "cause"),
    [
        ("USER_BUSY", "OLDER", "USER_BUSY"),
        ("failure", "INVALID_GATEWAY", "INVALID_GATEWAY"),
        ("failure", "", "failure"),
        ("success", "OLDER", "success"),
    ],
)
def test_why_a_round_cause(disposition, failed, cause):
    """An enterprise originate says only success or failure."""
    more = {"variable_originate_failed_cause": failed} if failed else {}
    event = headers(variable_originate_disposition=disposition, **more)
    assert round_cause(event) == cause


def test_what_an_earlier_controller_lets_the_caller_hear():
    given = {
        "variable_ringback": "silence_stream://250!say:hold",
        "variable_tts_engine": "flite",
        "variable_tts_voice": "slt",
    }
    spoken = headers(variable_playback_delimiter="!", **given)
    assert ringback(spoken) == Music("silence_stream://250!say:hold", "flite", "slt")
    assert ringback(headers(**given)) == Music("silence_stream://250!say:hold")
    assert ringback(headers()) is None


def test_the_bridged_leg():
    assert bridged_leg(headers(Bridge__B__Unique__ID="b1")) == LegBridged("b1")
    assert bridged_leg(headers(Other__Leg__Unique__ID="b2")) == LegBridged("b2")


def test_how_a_channel_ended():
    event = Headers(
        b"Hangup-Cause: USER_BUSY\nCaller-Channel-Created-Time: 1795245263502616\n"
        b"Caller-Channel-Answered-Time: 0\nCaller-Channel-Hangup-Time: 1795245264502616\n"
        b"variable_sip_term_status: 486\nvariable_sip_hangup_disposition: recv_refuse\n"
        b"variable_billsec: 0\nvariable_billmsec: 0\nvariable_sip_call_id: c-1%40x\n"
    )
    assert channel_end(event) == ChannelEnd(
        "USER_BUSY",
        Side.THEM,
        486,
        created=1795245263.502616,
        ended=1795245264.502616,
        sip_call_id="c-1@x",
    )


def test_headers_of_the_last_answer_and_of_a_bye():
    event = Headers(
        b"variable_sip_rh_X-One: a%20b\nvariable_sip_rh_x-two: 2\nvariable_sip_rh_Server: s\n"
        b"variable_sip_ph_X-Three: 3\nvariable_sip_bye_h_X-One: c\nvariable_sip_h_X-Four: 4\n"
    )
    assert channel_end(event).headers == (("X-One", "c"), ("x-two", "2"))


def test_when_it_was_bridged():
    assert channel_end(headers(Caller__Channel__Bridged__Time=2_500_000)).bridged == 2.5


@pytest.mark.parametrize(
    ("said", "side"),
    [("send_bye", Side.US), ("recv_cancel", Side.THEM), ("", Side.UNKNOWN)],
)
def test_who_ended_it(said, side):
    assert channel_end(headers(variable_sip_hangup_disposition=said)).side is side


@pytest.mark.parametrize(
    ("cause", "asked", "answered", "confirmed", "unconfirmed"),
    [
        ("CALL_REJECTED", "b1", 1, "", True),
        ("NORMAL_CLEARING", "b1", 1, "", True),
        ("NORMAL_CLEARING", "b1", 1, "true", False),
        ("USER_BUSY", "b1", 0, "", False),
        ("LOSE_RACE", "b1", 1, "", False),
        ("ORIGINATOR_CANCEL", "b1", 1, "", False),
        ("NORMAL_CLEARING", "", 1, "", False),
    ],
)
def test_who_was_asked_and_did_not_confirm(cause, asked, answered, confirmed, unconfirmed):
    event = headers(
        Hangup__Cause=cause,
        Caller__Channel__Answered__Time=answered,
        variable_dialctl_confirm=asked,
        variable_dialctl_confirmed=confirmed,
    )
    assert channel_end(event).unconfirmed is unconfirmed


@pytest.mark.parametrize(("cause", "machine"), [("CALL_REJECTED", True), ("LOSE_RACE", False)])
def test_who_was_hung_up_as_a_machine(cause, machine):
    held = headers(
        Hangup__Cause=cause,
        Caller__Channel__Answered__Time=1,
        variable_dialctl_confirm="b1",
        variable_dialctl_machine="true",
    )
    assert channel_end(held).machine is machine


def test_the_status_of_an_invite_that_failed():
    assert channel_end(headers(variable_sip_invite_failure_status=487)).sip_status == 487


def test_the_a_leg():
    data = Headers(
        b"Unique-ID: a1\nCaller-Caller-ID-Number: %2B15551230000\n"
        b"Caller-Caller-ID-Name: Jos%C3%A9\n"
        b"Caller-Destination-Number: 15550001111\nAnswer-State: ringing\n"
        b"Caller-Channel-Created-Time: 1795245263482621\n"
        b"variable_sip_from_uri: 15551230000%40127.0.0.1\nvariable_sip_to_uri: x%40127.0.0.1\n"
        b"variable_sip_h_X-PH-Test: a%20b\nvariable_sip_h_X-Other: no\n"
        b"variable_sip_h_Diversion: %3Csip%3A1%40h%3E\nvariable_dialctl_app: main\n"
        b"variable_sip_full_to: %3Csip%3Ax%40h%3E%3Btag%3Dt\n"
        b"variable_sip_verstat: No-TN-Validation\n"
        b"variable_sip_verstat_detailed: TN-Validation-Passed-B\n"
        b"variable_sip_h_P-Attestation-Indicator: C\n"
    )
    assert a_leg(data) == ALeg(
        uuid="a1",
        caller="+15551230000",
        called="15550001111",
        caller_name="José",
        sip_from="15551230000@127.0.0.1",
        sip_to="x@127.0.0.1",
        to_header="<sip:x@h>;tag=t",
        verstat="TN-Validation-Passed-B",
        attestation="C",
        forwarded_from="<sip:1@h>",
        created=1795245263.482621,
        headers=(("X-PH-Test", "a b"), ("X-Other", "no")),
        app="main",
    )
    assert a_leg(headers(Caller__Channel__Answered__Time="1795245263482621")).answered
    assert a_leg(headers(Call__Direction="outbound")).outbound


def test_the_verdict_on_a_caller_without_its_details():
    assert a_leg(headers(variable_sip_verstat="TN-Validation-Passed")).verstat.endswith("Passed")


def test_a_recording_that_is_over():
    event = headers(
        Record__File__Path="/rec/a b.wav",
        Event__Date__Timestamp=1795245263482621,
        variable_record_ms=1520,
        Record__Completion__Cause="success-maxtime",
    )
    assert recording_file(event) == "/rec/a b.wav"
    assert recorded_ms(event) == 1520
    assert happened(event) == 1795245263.482621


def test_a_recording_of_nothing():
    """The switch has removed the file; the variable is an earlier recording's."""
    event = headers(variable_record_ms=1520, Record__Completion__Cause="empty-file")
    assert recorded_ms(event) == 0


def test_a_channel_that_is_up_as_a_dump_of_it_says():
    dump = headers(
        Unique__ID="b1",
        Caller__Channel__Created__Time="1000000",
        Caller__Channel__Progress__Time="0",
        Caller__Channel__Progress__Media__Time="2000000",
        Caller__Channel__Answered__Time="3000000",
        variable_dialctl_leg="a1",
    )
    up = life(dump)
    assert (up.uuid, up.attempt, up.created, up.rang) == ("b1", "a1", 1.0, 2.0)
    assert (up.answered, up.bridged, up.end) == (3.0, 0.0, None)


def refer(**values):
    """The A-leg's bridge has ended, by a REFER that is to be confirmed, but for ``values``."""
    return headers(
        **{
            "Event__Name": "CHANNEL_EXECUTE_COMPLETE",
            "Unique__ID": "a1",
            "Application": "bridge",
            "variable_sip_refer_to": "<sip:1@x>",
            "variable_sip_h_Referred-By": "<sip:2@x>",
            "variable_blind_transfer_uuid": "b1",
            **values,
        }
    )


def test_a_callees_refer():
    assert transfer(refer(), "a1") == Transfer("<sip:1@x>", "<sip:2@x>")
    again = refer(Event__Name="CHANNEL_PARK", Application="")
    assert transfer(again, "a1") == Transfer("<sip:1@x>", "<sip:2@x>")
    assert arrived(again, "a1")


@pytest.mark.parametrize(
    "values",
    [
        {"variable_sip_refer_to": ""},
        {"variable_blind_transfer_uuid": ""},  # the switch has confirmed it
        {"Application": "playback"},
        {"Event__Name": "CHANNEL_EXECUTE"},
        {"Unique__ID": "b1"},
    ],
)
def test_what_is_no_refer_to_be_confirmed(values):
    assert transfer(refer(**values), "a1") is None
    assert not arrived(refer(**values), "a1")
