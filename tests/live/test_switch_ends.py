"""FreeSWITCH itself ends in the middle of a call: what was open is told as ended."""

import pytest

from support import fault

from .numbers import answers, dial, response, rings

CONNECTED = ["/answer StartApp", "/callback DialAnswer 1", "/callback DialConnected 1"]
TOLD = 40.0  # seconds: nobody says that it has crashed, so the daemon waits 30 s for it


@pytest.fixture
def switch(control):
    yield control.switch
    control.warm_up()


def end(switch, how):
    """As a machine does that restarts it at once."""
    if how == "crashes":
        switch.crash()
    else:
        switch.stop()
    switch.start()


def hear(live, call):
    assert live.web.wait_for(fault.is_over(call), TOLD), live.log()
    return fault.heard(live.web.requests, call)


@pytest.mark.parametrize("how", ["crashes", "is stopped"])
def test_while_two_talk(live, switch, how):
    live.script(live.told(answers(0.3, 9)), action=response())
    call = live.call().call_uuid
    live.web.wait_for(lambda got: any(r.params["Event"] == "DialConnected" for r in got))
    end(switch, how)
    assert hear(live, call) == [
        *CONNECTED,
        "/callback DialHangup 1 SYSTEM_SHUTDOWN 5000 Error",
        "/action DialAction completed true SYSTEM_SHUTDOWN",
        "/hangup Hangup 5000 Error",
    ]


def test_while_it_rings(live, switch):
    live.script(response(dial(rings(), callbackUrl=live.url("/callback"))))
    call = live.call()
    call.ringing()
    end(switch, "crashes")
    assert hear(live, call.call_uuid) == [
        "/answer StartApp",
        "/callback DialHangup 1 SYSTEM_SHUTDOWN 5000 Error",
        "/hangup Hangup 5000 Error",
    ]
