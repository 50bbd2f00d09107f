"""A story as JSON has it: what the pages show, the control API gives, and a call record is. Pure.

docs/records.md has the schema. Nothing else of a story leaves the daemon, so that those of several
daemons can be put together. Times are ISO 8601 in UTC with milliseconds; null is never.
"""

from datetime import UTC, datetime
from typing import Any

from dialctl.dial.causes import CANCELLED, LOST_RACE, RING_TIMEOUT, TIME_LIMIT
from dialctl.http.retry import shown
from dialctl.model import ChannelEnd
from dialctl.story.leg import LegStory
from dialctl.story.request import Request
from dialctl.story.story import Story

_EVENTS = ("Event", "CallStatus", "call_status", "dial_call_status", "event")
_WHY = {
    LOST_RACE: "somebody else was connected first",
    CANCELLED: "the caller left",
    RING_TIMEOUT: "did not answer",
    TIME_LIMIT: "the time limit",
    "USER_BUSY": "busy",
    "CALL_REJECTED": "declined",
    "NO_USER_RESPONSE": "did not answer",
    "NO_ROUTE_DESTINATION": "no route",
    "UNALLOCATED_NUMBER": "no such number",
    "NORMAL_CLEARING": "hung up",
    "USER_NOT_REGISTERED": "not registered",
}


def summary(story: Story) -> dict[str, Any]:
    """What a list shows of a call: itself and its legs."""
    end, ending = story.end, story.ending
    return {
        "call_uuid": story.uuid,
        "app": story.app,
        "dialect": story.dialect,
        "direction": "outbound" if story.outbound else "inbound",
        "from": story.caller,
        "from_name": story.caller_name,
        "to": story.called,
        "state": state(story),
        "came": moment(story.came),
        "answered": moment(story.answered),
        "ended": moment(end.ended) if end else None,
        "answered_ms": end.billmsec if end else None,
        "cause": end.cause if end else "",
        "sip_status": end.sip_status or None if end else None,
        "ending": ending.reason.name.lower().replace("_", "-") if ending else "",
        "ending_text": ending.reason.value if ending else "",
        "picked_up": story.picked_up,
        "legs": [leg_of(leg) for leg in story.legs],
    }


def whole(story: Story) -> dict[str, Any]:
    """All that is known of a call."""
    return {
        **summary(story),
        "message": story.ending.message if story.ending else "",
        "steps": [
            {"at": moment(at), "element": element, "line": line, "callee": callee}
            for at, element, line, callee in story.steps
        ],
        "requests": [request_of(request) for request in story.requests],
        "remarks": [{"at": moment(at), "text": text} for at, text in story.remarks],
        "left_out": dict(story.left_out),
    }


def state(story: Story) -> str:
    """``ringing`` until the call is answered; ``elsewhere``: with another controller."""
    if story.over:
        return "over"
    if story.left:
        return "elsewhere"
    return "in-progress" if story.answered else "ringing"


def leg_of(leg: LegStory) -> dict[str, Any]:
    end = leg.end
    return {
        "uuid": leg.uuid,
        "dial": leg.dial,
        "position": leg.position,
        "to": leg.label,
        "state": leg_state(leg),
        "tried": moment(leg.tried),
        "ringing": moment(leg.ringing),
        "early_media": moment(leg.early_media),
        "answered": moment(leg.answered),
        "confirming": moment(leg.confirming),
        "confirmed": moment(leg.confirmed),
        "bridged": moment(leg.bridged),
        "connected": moment(leg.connected),
        "ended": moment(leg.ended),
        "won": leg.won,
        "party": leg.party,
        "cause": end.cause if end else "",
        "why": why(leg, end) if end else "",
        "sip_status": end.sip_status or None if end else None,
        "channels": [
            {"uuid": uuid, "endpoint": endpoint, "created": moment(at)}
            for uuid, endpoint, at in leg.channels
        ],
    }


def leg_state(leg: LegStory) -> str:
    if leg.end:
        return "over"
    if leg.connected:
        return "talking"
    if leg.confirming and not leg.confirmed:
        return "confirming"
    if leg.answered:
        return "answered"
    if leg.early_media:
        return "early media"
    return "ringing" if leg.ringing else "tried"


def why(leg: LegStory, end: ChannelEnd) -> str:
    """Why it ended, in words."""
    if end.machine:
        return "an answering machine"
    if end.unconfirmed and end.cause != LOST_RACE:
        return "did not confirm"
    if end.cause == TIME_LIMIT and not leg.answered:
        return "did not answer"
    return _WHY.get(end.cause, end.cause.lower().replace("_", " "))


def request_of(request: Request) -> dict[str, Any]:
    params = [(name, _shown(value)) for name, value in request.params]
    said = dict(params)
    return {
        "at": moment(request.at),
        "stage": request.stage,
        "event": next((said[name] for name in _EVENTS if name in said), ""),
        "method": request.method,
        "url": shown(request.url),
        "params": [list(pair) for pair in params],
        "key": request.key,
        "state": request.state.value,
        "attempts": request.attempts,
        "status": request.status or None,
        "error": request.error,
        "ms": None if request.open else request.milliseconds,
        "bytes": request.size,
    }


def _shown(value: str) -> str:
    return shown(value) if value.startswith(("http://", "https://")) else value


def moment(at: float) -> str | None:
    """``2026-01-31T12:00:00.123Z``."""
    if not at:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
