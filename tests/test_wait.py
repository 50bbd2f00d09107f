"""A Wait whose switch cannot listen; what else ends one is a call flow (flows/test_machines)."""

from types import SimpleNamespace

from dialctl.clock import Clock
from dialctl.esl.frames import Headers
from dialctl.plan import Wait
from dialctl.settings import Settings
from dialctl.verbs import wait

FAILED = Headers(
    b"Event-Name: RECORD_STOP\nUnique-ID: u1\nRecord-Completion-Cause: uri-failure\n"
    b"Record-File-Path: /tmp/dialctl-listens-u1.wav"
)


class Channel:
    """An answered one, on which listening fails at once."""

    uuid = "u1"
    answered = True

    def __init__(self):
        self.slept = 0.0
        self.written = b""

    def ask(self, command):
        return "/tmp"

    def write(self, *lines):
        self.written += b"".join(lines)

    def wait_alive(self, until):
        return FAILED

    def sleep(self, seconds):
        self.slept = seconds


def test_it_is_as_long_as_it_may_be_and_the_log_says_why():
    said = []
    log = SimpleNamespace(warning=lambda text, *words: said.append(text % words))
    call = SimpleNamespace(channel=Channel(), clock=Clock(), log=log, settings=Settings())
    step = Wait(line=3, element="Wait", seconds=5.0, silence=2.0)
    assert wait.run(call, step) is None
    assert 4.9 < call.channel.slept <= 5.0
    assert said == ["line 3: <Wait> does not end early: uri-failure"]
    assert b"execute-app-name: stop_record_session" in call.channel.written
