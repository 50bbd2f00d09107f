"""Keys collected and pressed, recordings, sendDigits, sipHeaders, and key sequences in a Dial."""

from pathlib import Path

import pytest

from .numbers import answers, dial, number, presses_five, response

LONG = "<Play>tone_stream://%(20000,0,440)</Play>"


def the(live, path, event=None):
    found = live.web.wait_for(
        lambda got: [
            r for r in got if r.path == path and event in (None, r.params.get("DialAction"))
        ],
        15,
    )
    assert found, f"nothing came to {path}:\n{live.log()}"
    return found[0].params


def test_a_key_interrupts_the_prompt_and_keys_are_collected(live):
    document = f'<GetDigits action="{live.url("/menu")}" numDigits="3">{LONG}</GetDigits>'
    live.script(response(document), menu=response())
    call = live.call()
    call.answered()
    call.after(0.4, call.press, "42#")
    assert the(live, "/menu")["Digits"] == "42"
    the(live, "/hangup")


def test_keys_pressed_in_silence(live):
    document = f'<GetInput action="{live.url("/menu")}" numDigits="2"/>'
    live.script(response(document), menu=response())
    call = live.call()
    call.answered()
    call.after(0.4, call.press, "*1")
    told = the(live, "/menu")
    assert (told["Digits"], told["InputType"]) == ("*1", "dtmf")
    the(live, "/hangup")


def test_nothing_pressed_and_the_next_element_runs(live):
    document = f'<GetDigits action="{live.url("/menu")}" timeout="1"/><Hangup/>'
    live.script(response(document))
    live.call()
    assert the(live, "/hangup")["HangupCauseCode"] == "4000"
    assert not [r for r in live.web.requests if r.path == "/menu"]


def test_a_recording_that_a_key_ends(live):
    action = live.url("/voicemail")
    live.script(
        response(f'<Record action="{action}" fileFormat="wav" finishOnKey="#" playBeep="false"/>'),
        voicemail=response(),
    )
    call = live.call()
    call.answered()
    call.after(1.0, call.press, "1#")
    told = the(live, "/voicemail")
    assert told["Digits"] == "#"
    length = int(told["RecordingDurationMs"])
    assert 500 < length < 2000
    the(live, "/hangup")
    file = Path(live.recordings, Path(told["RecordUrl"]).name)
    # PCM of 16 bits at 8 kHz behind a header of 44 bytes
    assert file.stat().st_size == 44 + length * 16


def test_silence_ends_a_recording(live):
    """Two seconds of it; what was said before is in the file."""
    action = live.url("/voicemail")
    record = f'<Record action="{action}" fileFormat="wav" playBeep="false" timeout="2"/>'
    live.script(response(record), voicemail=response())
    call = live.call()
    call.answered()
    call.speaks(1.5)
    told = the(live, "/voicemail")
    assert told["Digits"] == ""
    assert 3000 < int(told["RecordingDurationMs"]) < 4200
    the(live, "/hangup")


def test_a_recording_of_a_caller_who_hangs_up(live):
    action = live.url("/voicemail")
    live.script(response(f'<Record action="{action}" playBeep="false"/>'))
    call = live.call()
    call.answered()
    call.after(1.2, call.hang_up)
    told = the(live, "/voicemail")
    assert told["CallStatus"] == "completed"
    assert told["RecordUrl"].endswith(".mp3")
    the(live, "/hangup")
    assert Path(live.recordings, Path(told["RecordUrl"]).name).stat().st_size


def test_key_sequences_in_the_conversation(live):
    ann = presses_five(0.2, 1.5)
    urls = {"callbackUrl": live.url("/callback")}
    live.script(response(dial(ann, digitsMatch="12", digitsMatchBLeg="5,6", **urls)))
    call = live.call()
    call.answered()
    call.after(0.3, call.press, "12")
    the(live, "/hangup")
    pressed = [
        (r.params["DialDigitsMatch"], r.params["DialDigitsPressedBy"])
        for r in live.web.requests
        if r.params.get("DialAction") == "digits"
    ]
    assert sorted(pressed) == [("12", "ALeg"), ("5", "BLeg")]


@pytest.mark.parametrize("early", ["true", "false"])
def test_keys_are_pressed_for_the_callee(live, early):
    ann = number(answers(0.2, 1.5), sendDigits="1w2", sendOnPreanswer=early)
    live.script(response(dial(ann)))
    live.call()
    (callee,) = live.callees(1)
    events = live.switch.events
    keys = events.wait_for(lambda: len(events.of(callee.uuid, "DTMF")) >= 2, 5)
    assert keys, live.log()
    assert [key["DTMF-Digit"] for key in events.of(callee.uuid, "DTMF")] == ["1", "2"]
    the(live, "/hangup")


def test_headers_of_the_dial_and_of_one_target(live):
    ann = number(answers(0.2, 0.3), sipHeaders="b=2", callerId="1777", callerName="Ann's")
    urls = {"callbackUrl": live.url("/callback")}
    live.script(response(dial(ann, sipHeaders="a=1,Plivo=x", **urls)))
    live.call()
    told = the(live, "/callback", "answer")
    assert (told["X-PH-a"], told["X-PH-b"], told["DialBLegFrom"]) == ("1", "2", "1777")
    (callee,) = live.callees(1)
    assert callee["variable_sip_h_X-PH-a"] == "1"
    assert callee["variable_sip_h_X-PH-b"] == "2"
    assert "variable_sip_h_X-PH-Plivo" not in callee
    assert callee["Caller-Caller-ID-Name"] == "Ann’s"
    the(live, "/hangup")


def test_a_hangup_at_a_later_time(live):
    live.script(response('<Hangup schedule="1"/><Wait length="20"/>'))
    call = live.call()
    assert the(live, "/hangup")["HangupCauseCode"] == "6000"
    call.ended()


def test_dtmf_is_pressed_for_the_caller(live):
    live.script(response("<DTMF>9w8</DTMF>", '<Wait length="2"/>'))
    call = live.call()
    call.answered()
    events = live.switch.events
    assert events.wait_for(lambda: len(events.of(call.uuid, "DTMF")) >= 2, 5), live.log()
    assert [key["DTMF-Digit"] for key in events.of(call.uuid, "DTMF")] == ["9", "8"]
    the(live, "/hangup")
