"""A call and its controllers: lingering, leaving, coming back, and nobody there."""

import gc
import socket as plain_socket

import gevent
import pytest
from gevent.greenlet import Greenlet

from traces.controller import Lab


def closed_port() -> tuple[str, int]:
    with plain_socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()


def test_the_controllers_are_tried_in_order() -> None:
    with Lab() as second, Lab() as first:
        order = [closed_port(), first.address, second.address]
        with Lab(controllers=order) as lab:
            a_leg = lab.switch.place_call()
            call = first.next().start()
            assert call.uuid == a_leg.uuid
            assert call.data.headers["variable_socket_host"] == "127.0.0.1"


def test_lingering() -> None:
    """Events of the end still come, and the switch closes after so many seconds."""
    with Lab() as lab:
        _, call = lab.call()
        call.start()
        assert call.reply("linger 3") == "+OK will linger 3 seconds"
        call.say("sendmsg\ncall-command: hangup\nhangup-cause: USER_BUSY")
        notice = call.wait(lambda frame: "disconnect-notice" in frame.text)
        start = lab.clock.now()
        assert notice.text == (
            "Content-Type: text/disconnect-notice\n"
            f"Controlled-Session-UUID: {call.uuid}\nContent-Disposition: linger\n"
            "Channel-Name: sofia/internal/15551230000@127.0.0.1\nLinger-Time: 3\n"
            "Content-Length: 0\n\n"
        )
        assert call.ended()
        assert 3 <= lab.clock.now() - start < 6
        assert call.names()[-1] == "CHANNEL_HANGUP_COMPLETE"
        assert call.frames[-1].text == (
            "Content-Type: text/disconnect-notice\n"
            f"Controlled-Session-UUID: {call.uuid}\nContent-Disposition: disconnect\n"
            "Content-Length: 67\n\n"
            "Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
        )


def test_without_lingering_the_connection_ends_with_the_call() -> None:
    with Lab() as lab:
        a_leg, call = lab.call()
        call.start()
        call.ask("nolinger")
        a_leg.hangup()
        assert call.ended()
        assert "Content-Disposition: disconnect" in call.frames[-1].text


@pytest.mark.parametrize("leave", ["close", "exit"])
def test_what_runs_goes_on_and_half_a_second_later_comes_the_next(leave: str) -> None:
    with Lab() as lab:
        a_leg, first = lab.call()
        first.start()
        first.run("set", "remember=this")
        first.run("answer")
        start = lab.clock.now()
        first.execute("playback", "silence_stream://3000", "sound", "event-lock: true")
        first.execute("set", "waited=too")
        lab.clock.sleep(0.5)
        if leave == "exit":
            assert first.reply("exit") == "+OK bye"
            assert first.ended()
        else:
            first.close()
        second = lab.next().start()
        assert lab.clock.now() - start == pytest.approx(3.5, abs=0.7)
        assert second.uuid == a_leg.uuid
        data = second.data.headers
        assert (data["variable_remember"], data["variable_waited"]) == ("this", "too")
        assert (data["Answer-State"], data["Caller-Profile-Index"]) == ("answered", "2")
        assert data["Caller-Channel-Answered-Time"] != "0"


@pytest.mark.parametrize("how", ["resume", "variable"])
def test_with_socket_resume_what_runs_is_broken_off(how: str) -> None:
    variables = {"socket_resume": "true"} if how == "variable" else {}
    with Lab({"100": "answer:0"}) as lab:
        _, first = lab.call(variables=variables)
        first.start()
        if how == "resume":
            assert first.reply("resume") == "+OK"
        first.execute("bridge", "sofia/internal/100@127.0.0.1")
        first.event("CHANNEL_BRIDGE")
        start = lab.clock.now()
        first.close()
        second = lab.next().start()
        assert lab.clock.now() - start < 2
        assert second.data.headers["Answer-State"] == "answered"
        assert len(lab.switch.channels) == 1


def test_a_bridge_outlives_its_controller() -> None:
    with Lab({"100": "answer:0:2"}) as lab:
        _, first = lab.call()
        first.start()
        first.execute("set", "hangup_after_bridge=false")
        first.execute("bridge", "sofia/internal/100@127.0.0.1")
        first.event("CHANNEL_BRIDGE")
        first.close()
        lab.clock.sleep(1)
        assert len(lab.switch.channels) == 2
        data = lab.next().start().data.headers
        assert data["variable_last_bridge_hangup_cause"] == "NORMAL_CLEARING"


def test_the_call_ends_while_nobody_controls_it() -> None:
    with Lab() as lab:
        a_leg, call = lab.call()
        call.start()
        call.close()
        a_leg.hangup()
        assert a_leg.wait(5)
        assert a_leg.hangup_cause == "ORIGINATOR_CANCEL"


def test_nobody_accepts_and_the_caller_is_refused_after_35_seconds() -> None:
    with Lab(controllers=[closed_port(), closed_port()]) as lab:
        start = lab.clock.now()
        a_leg = lab.switch.place_call()
        assert not a_leg.wait(20)
        assert a_leg.wait(60)
        assert 30 < lab.clock.now() - start < 90
        assert (a_leg.hangup_cause, a_leg.sip_status) == ("NORMAL_TEMPORARY_FAILURE", 503)


def test_a_controller_that_says_nothing_is_left_after_25_seconds() -> None:
    with Lab() as lab:
        start = lab.clock.now()
        _, call = lab.call()
        assert call.ended()
        assert lab.clock.now() - start == pytest.approx(25, abs=0.1)


def test_an_ended_call_leaves_nothing_behind() -> None:
    def greenlets() -> int:
        gc.collect()
        return sum(isinstance(thing, Greenlet) and not thing.dead for thing in gc.get_objects())

    with Lab({"100": "answer:1:2", "200": "ring", "300": "busy"}) as lab:
        before = greenlets()
        ended = []
        for _ in range(5):
            a_leg, call = lab.call(press=[(60, "1")])
            call.start()
            legs = ",".join(f"sofia/internal/{number}@127.0.0.1" for number in (100, 200, 300))
            call.execute("bridge", f"{{leg_timeout=30}}{legs}", "bridge")
            call.done("bridge")
            call.execute("sched_hangup", "+60")
            call.execute("hangup", "NORMAL_CLEARING")
            assert a_leg.wait(5)
            assert call.ended()
            ended.append(a_leg)
        gevent.sleep(0.05)
        assert greenlets() <= before
        assert not lab.switch.channels
        assert not lab.switch.callers
        assert not lab.switch.listeners
