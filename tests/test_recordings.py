"""Recordings of a switch that does not answer, does not tell, or whose caller has left."""

import logging
from dataclasses import replace
from types import SimpleNamespace

import pytest
from dialctl.clock import Clock
from dialctl.errors import SwitchError
from dialctl.log import CallLog
from dialctl.model import ChannelEnd
from dialctl.plan import Hook, Record, RecordCall
from dialctl.progress import Taping
from dialctl.recordings import Recordings
from dialctl.settings import Media, Settings

RECORD = Record(line=2, element="Record", action=None)
CALLBACK = Hook("http://app/ready")
SESSION = RecordCall(action=None, format="wav", callback=CALLBACK)


class Channel:
    """Answers as it is told; no event ever comes."""

    uuid, gone, busy = "a-leg", False, 0

    def __init__(self, answer, end=None):
        self._answer = answer
        self.end = end
        self.asked = []

    def ask(self, command):
        self.asked.append(command.decode().split()[1:4:2])
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def watch(self, names, seen):
        self.seen = seen

    def write(self, *lines):
        pass

    def wait(self, until):
        return None

    def time(self):
        return Clock().wall()


@pytest.fixture
def make(tmp_path):
    def start(answer="+OK Success\n", begun=(), end=None):
        told = []
        dialect = SimpleNamespace(recording_ready=lambda view, callback, recorded: recorded)
        customer = SimpleNamespace(
            dialect=dialect, view=lambda: None, tell=lambda notices: told.extend(notices)
        )
        call = SimpleNamespace(
            channel=Channel(answer, end),
            settings=Settings(media=Media(recordings_dir=str(tmp_path))),
            clock=Clock(),
            log=CallLog(logging.getLogger("test")),
            customer=customer,
            course=SimpleNamespace(advance=lambda tapings: None),
        )
        return Recordings(call, begun), told

    return start


def test_a_switch_that_does_not_say_whether_it_writes_mp3(make, caplog):
    recordings, _ = make(SwitchError("no answer within 5 s"))
    assert recordings.new(RECORD, "mp3").path.endswith(".wav")
    assert "is mod_shout there? no answer within 5 s" in caplog.text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (SwitchError("no answer within 5 s"), "does not record (no answer within 5 s); can its"),
        ("-ERR Cannot record session!\n", "does not record (-ERR Cannot record session!); can its"),
        ("-ERR Cannot locate session!\n", "the caller left before anything was recorded"),
    ],
)
def test_what_does_not_begin_is_not_told(make, caplog, answer, said):
    caplog.set_level("INFO")
    recordings, told = make(answer)
    assert recordings.record_call(SESSION) is None
    assert said in caplog.text
    recordings.close()
    assert told == []


def test_an_end_that_the_switch_does_not_tell_is_a_guess(make, caplog, tmp_path):
    recordings, told = make()
    recording = recordings.record_call(SESSION)
    recording.tape = replace(recording.tape, started=recording.tape.started - 5)
    (tmp_path / recording.path).write_bytes(b"RIFF")
    recordings.close()
    (one,) = told
    assert one.uuid == recording.tape.uuid
    assert one.milliseconds == pytest.approx(5000, abs=500)
    assert "line 0: <>: FreeSWITCH did not tell of its end; its length is a guess" in caplog.text


def test_of_a_file_that_is_not_there_nothing_is_told(make):
    recordings, told = make()
    recordings.record_call(SESSION)
    recordings.close()
    assert told == []


def taping(path, **more):
    return Taping("r-1", str(path), "http://x/r-1.wav", "line 2: <Record>", **more)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "r-1.wav"
    path.write_bytes(b"RIFF")
    return path


def test_one_that_ended_while_nobody_had_the_call(make, file):
    """It had its length long ago."""
    began = taping(file, started=1000.0, seconds=5.0, background=True, callback=CALLBACK)
    recordings, told = make("-ERR Cannot unmask recording session!", (began,))
    (one,) = told
    assert (one.milliseconds, one.started, one.ended) == (5000, 1000.0, 1005.0)
    recordings.close()
    assert len(told) == 1


@pytest.mark.parametrize("answer", ["-ERR Cannot unmask recording session!", SwitchError("what?")])
def test_a_message_that_ended_while_nobody_had_the_call(make, file, answer):
    """Its step goes on with it, and tells."""
    recordings, told = make(answer, (taping(file, started=1000.0, seconds=5.0, callback=CALLBACK),))
    recording = recordings.begun(RECORD)
    assert recording.unheard
    recordings.finish(recording)
    assert [one.milliseconds for one in told] == [5000]
    assert recordings.begun(RECORD) is None


def test_the_call_ended_while_nobody_had_it(make, file):
    began = taping(file, started=1000.0, seconds=60.0, background=True, callback=CALLBACK)
    waits = taping(file.with_name("r-2.wav"), seconds=60.0, background=True, callback=CALLBACK)
    recordings, told = make(begun=(began, waits), end=ChannelEnd("NORMAL_CLEARING", ended=1030.0))
    assert told == []
    recordings.close()
    assert [one.milliseconds for one in told] == [30000]


def test_one_that_waits_is_not_asked_for(make, file):
    recordings, _ = make(begun=(taping(file, seconds=60.0, background=True),))
    assert recordings._channel.asked == []
    recordings.connected()
    assert [words[0] for words in recordings._channel.asked] == ["uuid_record"]
