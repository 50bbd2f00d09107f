"""A channel's own thread: the media tick, commands inside an application, breaks."""

import statistics
import time

import pytest

from traces.controller import Lab

TICK = 0.02  # seconds of audio in a packet


def test_commands_wait_for_the_tick_and_all_that_wait_run_in_it() -> None:
    with Lab() as lab:
        _, call = lab.call()
        call.start()
        waits = []
        for turn in range(9):
            started = time.monotonic()
            call.say(
                "\n\n".join(
                    "sendmsg\ncall-command: execute\nexecute-app-name: set\n"
                    f"execute-app-arg: {name}={turn}\nEvent-UUID: {name}-{turn}"
                    for name in "abc"
                )
            )
            ends = [call.done(f"{name}-{turn}").headers for name in "abc"]
            waits.append(time.monotonic() - started)
            stamps = [int(end["Event-Date-Timestamp"]) for end in ends]
            assert stamps[-1] - stamps[0] < TICK * 1_000_000 / 2
            time.sleep(0.007)
        # To the channel's tick and then to the socket's: two at most.
        assert TICK / 4 < statistics.median(waits) < 2 * TICK + 0.01


def test_replies_do_not_wait() -> None:
    with Lab() as lab:
        _, call = lab.call()
        started = time.monotonic()
        call.data = call.ask("connect")
        assert call.reply("api echo x") == "x"
        assert time.monotonic() == started


def test_a_command_in_a_sound_holds_it_up() -> None:
    with Lab() as lab:
        _, call = lab.call()
        call.start()
        call.run("answer")
        start = lab.clock.now()
        call.execute("playback", "tone_stream://%(2000,0,440)", "outer")
        call.execute("playback", "silence_stream://3000", "inner")
        call.done("inner")
        call.done("outer")
        assert lab.clock.now() - start == pytest.approx(5, abs=1)


def test_with_event_lock_the_rest_waits() -> None:
    with Lab() as lab:
        _, call = lab.call()
        call.start()
        call.run("answer")
        call.execute("playback", "silence_stream://1000", "sound", "event-lock: true")
        call.execute("set", "a=1", "set")
        call.done("sound")
        call.done("set")


def test_loops_run_again_what_took_half_a_second() -> None:
    with Lab() as lab:
        _, call = lab.call()
        call.start()
        call.run("answer")
        call.execute("playback", "silence_stream://1000", "long", "loops: 2")
        assert call.done("long").headers["variable_current_loop"] == "1"
        assert call.done("long").headers["variable_current_loop"] == "2"
        call.execute("set", "a=1", "short", "loops: 3")
        call.done("short")
        call.run("set", "b=1")
        assert sum(frame.headers.get("Application-UUID") == "short" for frame in call.frames) == 1


def test_a_break_ends_the_innermost_application() -> None:
    with Lab() as lab:
        _, call = lab.call()
        call.start()
        call.run("answer")
        call.execute("playback", "tone_stream://%(9000,0,440)", "outer")
        call.execute("playback", "local_stream://moh", "inner")
        lab.clock.sleep(0.5)
        call.ask(f"api uuid_break {call.uuid}")
        call.done("inner")
        assert call.reply(f"api uuid_break {call.uuid} all") == "+OK\n"
        end = call.done("outer").headers
        assert int(end["variable_playback_last_offset_pos"]) < 9 * 8000


def test_an_unknown_application_is_over_at_once() -> None:
    with Lab() as lab:
        _, call = lab.call()
        call.start()
        end = call.run("no_such_application", "x").headers
        assert (end["Application"], end["Application-Response"]) == (
            "no_such_application",
            "_none_",
        )


def test_speech_takes_its_time() -> None:
    with Lab() as lab:
        _, call = lab.call()
        call.start()
        start = lab.clock.now()
        call.run("speak", "flite|kal|" + "a" * 50)
        assert lab.clock.now() - start == pytest.approx(3.5, abs=1)


def test_a_sound_before_the_answer_has_early_media_first() -> None:
    with Lab() as lab:
        a_leg, call = lab.call()
        call.start()
        call.run("playback", "silence_stream://100")
        assert call.names()[:2] == ["CHANNEL_DATA", "CHANNEL_PROGRESS_MEDIA"]
        assert [what for _, what in a_leg.heard] == ["183 early media"]


def test_asking_for_digits() -> None:
    with Lab() as lab:
        _, call = lab.call(press=[(0.5, "4"), (1, "2#")])
        call.start()
        call.execute("answer")
        end = call.run(
            "play_and_get_digits", r"1 5 2 3000 # silence_stream://200 x pin \d+"
        ).headers
        assert (end["variable_pin"], end["variable_read_result"]) == ("42", "success")
        assert end["variable_read_terminator_used"] == "#"


def test_digits_that_do_not_match_are_asked_for_again() -> None:
    with Lab() as lab:
        _, call = lab.call(press=[(0.5, "7#"), (3, "1#")])
        call.start()
        call.execute("answer")
        arguments = "1 5 2 3000 # silence_stream://200 silence_stream://300 pin [1-3]"
        end = call.run("play_and_get_digits", arguments).headers
        assert (end["variable_pin"], end["variable_pin_invalid"]) == ("1", "7")


def test_sched_hangup_comes_within_its_second() -> None:
    with Lab() as lab:
        a_leg, call = lab.call()
        call.start()
        start = lab.clock.now()
        call.execute("sched_hangup", "+3 NORMAL_TEMPORARY_FAILURE")
        assert a_leg.wait(10)
        assert a_leg.hangup_cause == "NORMAL_TEMPORARY_FAILURE"
        assert 2 <= lab.clock.now() - start < 4
