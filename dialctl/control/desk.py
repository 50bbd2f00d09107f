"""The calls of this process, found by their UUIDs and acted upon."""

from collections.abc import Mapping
from typing import Any

from dialctl.call import Call
from dialctl.control.orders import Done, HangUp, LiveCall, Order, Transfer
from dialctl.control.placer import Placer
from dialctl.dial.causes import BY_REQUEST
from dialctl.errors import CallGone, HandedOver, SwitchError
from dialctl.esl import commands
from dialctl.following import NextDocument, Stage
from dialctl.story import Stories, Story, telling

OK = "+OK"


class LocalDesk:
    """A Desk. ``calls`` are those that are up."""

    def __init__(self, calls: Mapping[str, Call], stories: Stories, placer: Placer) -> None:
        self._stories = stories
        self._calls = calls
        self._placer = placer

    def calls(self) -> list[LiveCall]:
        up = [_seen(call) for call in tuple(self._calls.values()) if _is_up(call)]
        known = {call.uuid for call in up}
        return up + [call for call in self._placer.calls() if call.uuid not in known]

    def over(self) -> list[LiveCall]:
        return [_told(story) for story in self._stories.recent() if story.over]

    def story(self, uuid: str) -> dict[str, Any] | None:
        story = self._stories.find(uuid)
        return telling.whole(story) if story and story.uuid == uuid else None

    def act(self, uuid: str, order: Order) -> Done:
        call = self._calls.get(uuid)
        if call is None or not _is_up(call):
            whole = isinstance(order, HangUp) and not order.leg
            return self._placer.cancel_call(uuid) if whole else Done.NO_CALL
        if isinstance(order, Transfer):
            return _transfer(call, order)
        try:
            return _hang_up(call, order.leg)
        except (SwitchError, HandedOver):
            return Done.NOT_NOW
        except CallGone:
            return Done.NOT_NOW if not call.channel.gone else Done.NO_CALL


def _is_up(call: Call) -> bool:
    return hasattr(call, "customer") and not call.channel.gone


def _hang_up(call: Call, leg: str) -> Done:
    if leg:
        return _hang_up_leg(call, leg)
    # The legs right behind it: each is told as ended by whoever asked for it, not by the caller.
    mine = (call.channel.uuid, *sorted(call.legs))
    answer = call.channel.ask(_kill(mine[0]))
    call.channel.post(*map(_kill, mine[1:]))
    call.log.info("hung up by request")
    return Done.DONE if answer.startswith(OK) else Done.NO_CALL


def _transfer(call: Call, order: Transfer) -> Done:
    if call.observing or not call.channel.listening:
        return Done.NOT_NOW  # the dialplan brings it to a controller first
    call.log.info("transferred by request")
    call.channel.move(NextDocument(order.document, Stage.TRANSFER))
    return Done.DONE


def _hang_up_leg(call: Call, leg: str) -> Done:
    if leg not in call.legs:
        return Done.NO_LEG
    if not call.channel.ask(_kill(leg)).startswith(OK):
        return Done.NO_LEG
    call.log.info("leg %s hung up by request", leg)
    return Done.DONE


def _kill(uuid: str) -> bytes:
    return commands.api(f"uuid_kill {uuid} {BY_REQUEST}")


def _told(story: Story) -> LiveCall:
    end = story.end
    assert end
    return LiveCall(
        uuid=story.uuid,
        app=story.app,
        caller=story.caller,
        called=story.called,
        caller_name=story.caller_name,
        status="completed",
        outbound=story.outbound,
        created=story.came,
        answered=story.answered,
        ended=end.ended,
        answered_ms=end.billmsec,
        cause=end.cause,
        legs=tuple(leg.uuid for leg in story.legs),
    )


def _seen(call: Call) -> LiveCall:
    a_leg, view = call.a_leg, call.customer.view()
    return LiveCall(
        uuid=a_leg.uuid,
        app=call.customer.app.name,
        caller=a_leg.caller,
        called=a_leg.called,
        caller_name=a_leg.caller_name,
        status=view.status.value,
        outbound=bool(a_leg.request),
        request=a_leg.request,
        created=a_leg.created,
        answered=call.channel.answered_at,
        legs=tuple(sorted(call.legs)),
    )
