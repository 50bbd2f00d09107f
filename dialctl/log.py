"""Logs: one story a call, each line with the call's UUID, as text or as JSON.

What a caller, a callee or a document wrote may stand in a message; it never makes a line of its
own: control characters are escaped.
"""

import json
import logging
import sys
import time
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

from dialctl.dial.model import (
    Leg,
    Report,
    ReportAnswered,
    ReportConnected,
    ReportDigits,
    ReportEnded,
    ReportParty,
    ReportRinging,
)
from dialctl.plan import Step
from dialctl.settings import Log
from dialctl.story import Story

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160), 0x2028, 0x2029)}


class CallLog(logging.LoggerAdapter[logging.Logger]):
    """The log of one call; ``call_uuid`` is set once the call is known, ``story`` once it has an
    app: it keeps what is complained of."""

    def __init__(self, logger: logging.Logger) -> None:
        super().__init__(logger, {})
        self.call_uuid = ""
        self.story: Story | None = None

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:
        super().log(level, msg, *args, **kwargs)
        if level >= logging.WARNING and self.story is not None:
            self.story.remark(str(msg) % args if args else str(msg))

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        kwargs["extra"] = {"call_uuid": self.call_uuid}
        return msg, kwargs

    def unserved(self, step: Step, legs: tuple[Leg, ...]) -> None:
        for leg in legs:
            if not leg.attempts:
                self.warning(
                    "line %d: <%s>: no route in routes.yaml serves %s; this leg fails",
                    step.line,
                    step.element,
                    leg.label,
                )

    def report(self, report: Report) -> None:
        leg = f"leg {report.leg.position} {report.leg.label}"
        match report:
            case ReportRinging():
                self.info("%s rings", leg)
            case ReportAnswered():
                self.info("%s answered", leg)
            case ReportConnected():
                self.info("%s connected", leg)
            case ReportEnded(end=end):
                status = f", SIP {end.sip_status}" if end.sip_status >= 300 else ""
                self.info("%s ended: %s%s", leg, end.cause, status)
            case ReportParty(party=party, beep=beep, lacking=lacking):
                how = ", by its beep" if beep else ""
                self.info("%s heard: %s%s%s", leg, party.value, how, lacking and f" ({lacking})")
            case ReportDigits(digits=digits, by_caller=by_caller):
                self.info("%s: %s pressed %s", leg, "the caller" if by_caller else "it", digits)


class TextFormatter(logging.Formatter):
    """``2026-01-31 12:00:00.123 INFO  <call uuid> message``"""

    def format(self, record: logging.LogRecord) -> str:
        stamp = _second(int(record.created))
        call_uuid = getattr(record, "call_uuid", "") or "-"
        message = record.getMessage()
        if not message.isprintable():
            message = message.translate(_CONTROL)
        line = f"{stamp}.{int(record.msecs):03d} {record.levelname:<7} {call_uuid} {message}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One object a line: time (UTC), level, call_uuid, message, and traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "call_uuid": getattr(record, "call_uuid", ""),
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


@lru_cache(maxsize=2)
def _second(since_1970: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(since_1970))


class _Handler(logging.StreamHandler[Any]):
    """Only one thread logs, and a greenlet that writes a line lets no other one run."""

    def createLock(self) -> None:
        self.lock = None


def set_up(log: Log) -> None:
    """Send everything to standard error, where systemd's journal takes it."""
    # Nobody asks for them (docs.python.org/3/howto/logging.html#optimization).
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = _Handler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log.format == "json" else TextFormatter())
    logging.basicConfig(level=log.level.upper(), handlers=[handler], force=True)
    # The libraries tell of every connection at debug; a call's story would drown in it.
    for name in ("urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.WARNING)
