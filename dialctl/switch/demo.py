"""``dialctl demo``: calls through the real daemon, on the built-in switch, drawn as ladders.

Everything stays on the loopback interface.
"""

import logging
from dataclasses import dataclass

from dialctl.settings import App
from dialctl.switch.application import Application
from dialctl.switch.rehearsal import Rehearsal

PATIENCE = 60.0  # seconds of call time until a demo call must be over
# What of a request's parameters is drawn beside its Event.
TELLING = ("DialBLegTo", "DialStatus", "DialBLegHangupCauseName", "HangupCauseName")


@dataclass(frozen=True)
class Scene:
    """One call of the demo: what the application answers, and what its callees do."""

    title: str
    called: str
    document: str
    callees: dict[str, str]


DIAL = '<Dial callbackUrl="/callback" action="/action" redirect="false"{more}>{targets}</Dial>'


def _number(digits: str) -> str:
    return f"<Number>{digits}</Number>"


SCENES = (
    Scene(
        "Answered: the callee picks up after two seconds and hangs up after four",
        "15550000001",
        DIAL.format(more="", targets=_number("15551000001")),
        {"15551000001": "answer:2:4"},
    ),
    Scene(
        "The first is busy, then two ring at once and the second answers",
        "15550000002",
        DIAL.format(more="", targets=_number("15551000002"))
        + DIAL.format(more="", targets=_number("15551000003") + _number("15551000004")),
        {"15551000002": "busy", "15551000003": "ring", "15551000004": "answer:3:2"},
    ),
    Scene(
        "Nobody: it rings for the five seconds that the document allows",
        "15550000003",
        DIAL.format(more=' timeout="5"', targets=_number("15551000005")),
        {"15551000005": "ring"},
    ),
)


def run(speed: float) -> int:
    """The exit status: 0 if every call came to its end. ``speed``: call seconds in a second."""
    logging.basicConfig(level=logging.ERROR)
    document = ""
    application = Application(lambda path: _response(document if path == "/answer" else ""))
    urls = {name: f"{application.url}/{name}" for name in ("answer", "hangup")}
    demo = Rehearsal(App("demo", urls["answer"], hangup_url=urls["hangup"]), speed)
    over = []
    try:
        for scene in SCENES:
            document = scene.document
            story = demo.call(scene.called, scene.callees, patience=PATIENCE)
            over.append(story.over)
            print(f"\n{scene.title}.\n\n{story.ladder(TELLING)}\n", flush=True)
    finally:
        demo.stop()
        application.stop()
    print(f"{over.count(True)} of {len(SCENES)} calls came to their end and were told.")
    return 0 if all(over) else 1


def _response(document: str) -> bytes:
    return f"<Response>{document}</Response>".encode()
