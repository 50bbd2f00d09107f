import json
import logging
import sys

import pytest
from dialctl import log
from dialctl.dial.model import (
    Leg,
    Party,
    ReportAnswered,
    ReportConnected,
    ReportDigits,
    ReportEnded,
    ReportParty,
)
from dialctl.model import ChannelEnd
from dialctl.settings import Log

LEG = Leg("b1", 2, "15551", ())


def record(message, *arguments, exc_info=None, **extra):
    made = logging.LogRecord("dialctl.call", 20, "x.py", 1, message, arguments, exc_info)
    made.__dict__.update(extra)
    return made


def test_a_line_tells_when_how_bad_whose_and_what():
    line = log.TextFormatter().format(record("from %s", "15551", call_uuid="u-1"))
    date, time, level, uuid, *message = line.split()
    assert len(date) == 10
    assert len(time) == 12
    assert [level, uuid, *message] == ["INFO", "u-1", "from", "15551"]
    assert " - nobody's" in log.TextFormatter().format(record("nobody's"))


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\x1b[31mb", "a\x85b", "a\u2028b"])
def test_what_a_stranger_wrote_makes_no_line_of_its_own(text):
    line = log.TextFormatter().format(record("name %s", text))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
    assert (
        json.loads(log.JsonFormatter().format(record("name %s", text)))["message"] == f"name {text}"
    )


def test_json_is_one_object_a_line():
    told = json.loads(log.JsonFormatter().format(record("hi", call_uuid="u-1")))
    assert told["time"].endswith("Z")
    assert {"level": "info", "call_uuid": "u-1", "message": "hi"}.items() <= told.items()


def test_a_fault_of_ours_has_its_traceback():
    try:
        raise ValueError("ours")
    except ValueError:
        made = record("a fault", exc_info=sys.exc_info())
    assert "ValueError: ours" in log.TextFormatter().format(made)
    assert "ValueError: ours" in json.loads(log.JsonFormatter().format(made))["traceback"]


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (ReportAnswered(LEG, "b1"), "leg 2 15551 answered"),
        (ReportConnected(LEG, "b1"), "leg 2 15551 connected"),
        (
            ReportEnded(LEG, "b1", ChannelEnd("USER_BUSY", sip_status=486)),
            "leg 2 15551 ended: USER_BUSY, SIP 486",
        ),
        (
            ReportEnded(LEG, "b1", ChannelEnd("NORMAL_CLEARING", sip_status=200)),
            "leg 2 15551 ended: NORMAL_CLEARING",
        ),
        (
            ReportParty(LEG, "b1", Party.MACHINE, beep=True),
            "leg 2 15551 heard: machine, by its beep",
        ),
        (
            ReportParty(LEG, "b1", Party.HUMAN, lacking="no beeps"),
            "leg 2 15551 heard: human (no beeps)",
        ),
        (ReportDigits(LEG, "b1", "12", True, 1), "leg 2 15551: the caller pressed 12"),
        (ReportDigits(LEG, "b1", "12", False, 1), "leg 2 15551: it pressed 12"),
    ],
)
def test_the_story_of_a_leg(report, line, caplog):
    caplog.set_level("INFO")
    call_log = log.CallLog(logging.getLogger("dialctl.call"))
    call_log.call_uuid = "u-1"
    call_log.report(report)
    assert caplog.messages == [line]
    assert caplog.records[0].call_uuid == "u-1"


@pytest.mark.parametrize("form", ["text", "json"])
def test_everything_goes_to_standard_error(form, capsys):
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        log.set_up(Log(level="warning", format=form))
        logging.getLogger("dialctl.call").info("not this")
        logging.getLogger("dialctl.call").warning("but this")
    finally:
        root.handlers[:], root.level = before
    told = capsys.readouterr()
    assert told.out == ""
    assert "but this" in told.err
    assert "not this" not in told.err
