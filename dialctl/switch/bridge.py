"""The ``bridge`` application: ring, then let the two talk until one of them is done.

Sources: audio_bridge_function() in mod_dptools.c, switch_ivr_multi_threaded_bridge() and
audio_bridge_thread() in switch_ivr_bridge.c, switch_channel_handle_cause() in switch_channel.c.
"""

from dialctl.switch import causes, dialstring, enterprise, sip
from dialctl.switch.channel import Channel
from dialctl.switch.dialstring import DialStringError
from dialctl.switch.given import common_variables, hears_early_media
from dialctl.switch.legs import Origin
from dialctl.switch.originate import Originate, Outcome
from dialctl.switch.partners import bond, pass_callee, remember
from dialctl.switch.thread import Thread
from dialctl.switch.variables import is_true

_LEAD = 0.2  # seconds: DEFAULT_LEAD_FRAMES of 20 ms before the first command runs
_ALWAYS_GO_ON = ("NO_ANSWER", "NO_USER_RESPONSE", "ORIGINATOR_CANCEL")


def bridge(thread: Thread, argument: str) -> None:
    if not argument:
        return
    a_leg = thread.channel
    outcome = _originate(thread, argument)
    if not outcome.leg:
        a_leg.variables.set("originate_failed_cause", outcome.cause)
        _handle(a_leg, outcome.cause)
        return
    _talk(thread, outcome.leg)


def _originate(thread: Thread, argument: str) -> Outcome:
    a_leg = thread.channel
    try:
        dial = dialstring.parse(argument)
    except DialStringError:
        return _unreadable(a_leg)
    if dial.enterprise:
        return enterprise.originate(thread, dial)
    branch = dial.branches[0]
    common = common_variables(a_leg, branch)
    origin = Origin(a_leg, branch=False, common=common, early_ok=hears_early_media(common))
    a_leg.variables.set("originate_disposition", "failure")
    a_leg.variables.set("DIALSTATUS", "INVALIDARGS")
    outcome = Originate(thread, origin, branch).run()
    if outcome.leg:
        bond(a_leg, outcome.leg)
    return outcome


def _unreadable(a_leg: Channel) -> Outcome:
    """A parse error counts as if the caller had left. **Seen.**"""
    a_leg.variables.set("originate_disposition", "ORIGINATOR_CANCEL")
    a_leg.variables.set("DIALSTATUS", "CANCEL")
    return Outcome(None, "ORIGINATOR_CANCEL")


def _talk(thread: Thread, leg: Channel) -> None:
    a_leg = thread.channel
    if not a_leg.other or leg.uuid not in a_leg.other:
        remember(a_leg, leg)
    if leg.answered and not a_leg.answered and a_leg.up:
        pass_callee(leg, a_leg)
        sip.answer(a_leg)
    if not thread.ready:
        leg.hang_up("ORIGINATOR_CANCEL")
        leg.finish()
        return
    talk(thread, leg)
    _after(thread, leg)


def talk(thread: Thread, leg: Channel) -> None:
    """Connect the two until one of them is done, or is taken away."""
    a_leg = thread.channel
    _connect(a_leg, leg)
    leg.watchers.add(thread.wake)
    a_leg.unread.clear()
    leg.unread.clear()
    _Talk(thread, leg).run()
    leg.watchers.discard(thread.wake)
    _disconnect(a_leg, leg)


class _Talk:
    """While the two are connected."""

    def __init__(self, thread: Thread, leg: Channel) -> None:
        self._thread = thread
        self._a_leg = thread.channel
        self._leg = leg
        self._a_keys = self._a_leg.variables.get("bridge_terminate_key")
        self._b_keys = leg.variables.get("bridge_terminate_key")
        self._ended = False  # by a key
        self._shown = False  # each other's names on the telephones' displays

    def run(self) -> None:
        with self._thread.locked():
            over = self._thread.wait(self._over, _LEAD, breakable=False, at_once=True)
        if not over:
            self._thread.wait(self._over, breakable=False, at_once=True)

    def _over(self) -> bool:
        if not self._leg.up:
            return True
        if self._leg.answered and not self._a_leg.answered:
            pass_callee(self._leg, self._a_leg)
            sip.answer(self._a_leg)
        self._show_each_other()
        for channel, keys in ((self._a_leg, self._a_keys), (self._leg, self._b_keys)):
            self._ended = _ends(channel, keys) or self._ended
        return self._ended

    def _show_each_other(self) -> None:
        """switch_ivr_bridge_display(): names and numbers for the two telephones' displays."""
        a_leg, leg = self._a_leg, self._leg
        if self._shown or not (a_leg.answered and leg.answered):
            return
        self._shown = True
        caller, callee = leg.profile, leg.profile
        number = caller.caller_number or a_leg.profile.caller_number or "UNKNOWN"
        name = caller.caller_name or a_leg.profile.caller_name or number
        for channel, shown, shown_number in (
            (a_leg, callee.callee_name, callee.callee_number),
            (leg, name, number),
        ):
            channel.variables.set("last_sent_callee_id_name", shown)
            channel.variables.set("last_sent_callee_id_number", shown_number)


def _ends(channel: Channel, keys: str) -> bool:
    """Take the digits off; does one of them end the bridge?"""
    pressed, channel.unread = channel.unread, []
    return any(digit in keys for digit in pressed)


def _connect(a_leg: Channel, leg: Channel) -> None:
    now = a_leg.switch.microseconds()
    leg.variables.set("call_uuid", a_leg.uuid)
    a_leg.profile.times.bridged = leg.profile.times.bridged = now
    a_leg.publish("CHANNEL_BRIDGE", before=_both(a_leg, leg))
    for one, other in ((a_leg, leg), (leg, a_leg)):
        one.variables.set("bridge_to", other.uuid)
        one.variables.set("last_bridge_to", other.uuid)
    sip.acknowledge(a_leg)
    for one, other in ((a_leg, leg), (leg, a_leg)):
        one.variables.set("bridge_channel", other.name)
        one.variables.set("bridge_uuid", other.uuid)
        one.variables.set("signal_bond", other.uuid)
        one.bridged = True
    a_leg.originates_bridge = True
    leg.state = "CS_EXCHANGE_MEDIA"
    a_leg.tell("bridged", leg.uuid)


def _disconnect(a_leg: Channel, leg: Channel) -> None:
    """The one that is still there is let go; the B-leg is hung up."""
    for one in (a_leg, leg):
        one.bridged = False
        one.variables.set("bridge_to", "")
    a_leg.originates_bridge = False
    if leg.up and not leg.referral.parked:
        leg.hang_up(_parting(leg))
        leg.finish()
    if a_leg.cause:
        leg.variables.set("bridge_hangup_cause", a_leg.cause)
    a_leg.variables.set("bridge_hangup_cause", leg.cause)
    leg.variables.set("call_uuid", leg.uuid)
    a_leg.publish("CHANNEL_UNBRIDGE", before=_both(a_leg, leg))


def _parting(leg: Channel) -> str:
    """The cause of one who is hung up because the other has gone."""
    if leg.variables.get("endpoint_disposition") == "BLIND_TRANSFER":
        return "BLIND_TRANSFER"
    return "NORMAL_CLEARING" if leg.answered else "ORIGINATOR_CANCEL"


def _both(a_leg: Channel, leg: Channel) -> tuple[tuple[str, str], ...]:
    return (("Bridge-A-Unique-ID", a_leg.uuid), ("Bridge-B-Unique-ID", leg.uuid))


def _after(thread: Thread, leg: Channel) -> None:
    """Does the A-leg's call go on? A controller that has left ends nothing."""
    a_leg = thread.channel
    if thread.left:
        return
    if not leg.answered:
        _handle(a_leg, leg.cause)
    wish = a_leg.variables.get("hangup_after_bridge")
    if wish.lower() == "explicit" or (leg.answered and is_true(wish)):
        a_leg.hang_up(leg.cause)


def _handle(a_leg: Channel, cause: str) -> None:
    """continue_on_fail and failure_causes decide whether a failure ends the A-leg's call."""
    go_on = a_leg.variables.get("continue_on_fail")
    fatal = a_leg.variables.get("failure_causes")
    number = str(causes.NUMBERS.get(cause, 0))
    if fatal and not _listed(fatal, cause, number):
        return
    if go_on and (is_true(go_on) or _listed(go_on, cause, number)):
        return
    if not go_on and not fatal and cause in _ALWAYS_GO_ON:
        return
    a_leg.hang_up(cause)


def _listed(text: str, cause: str, number: str) -> bool:
    return any(word.strip().upper() in (cause, number) for word in text.split(","))
