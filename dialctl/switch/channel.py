"""A channel: its state, its variables, the events of its life.

    A-leg   CS_EXECUTE, RINGING -> EARLY -> ACTIVE -> HANGUP
    B-leg   CS_INIT -> CS_CONSUME_MEDIA -> CS_EXCHANGE_MEDIA,
            DOWN -> RINGING or EARLY -> ACTIVE -> HANGUP

Source: switch_channel.c. An event shows the state before the step that it tells of: CHANNEL_ANSWER
still says RINGING, the next one ACTIVE.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import gevent

from dialctl.switch import causes, ending, recording, refer, sip
from dialctl.switch.callee import Callee
from dialctl.switch.events import Event, Headers
from dialctl.switch.profile import Profile
from dialctl.switch.thread import Thread
from dialctl.switch.variables import Variables, encode

if TYPE_CHECKING:
    from dialctl.switch.double import Switch

_STATE_NUMBERS = {"CS_INIT": 2, "CS_EXECUTE": 4, "CS_EXCHANGE_MEDIA": 5, "CS_CONSUME_MEDIA": 7}
_HANGUP, _REPORTING = 10, 11
_BIT_RATES = {"PCMU": 64000, "L16": 128000}


def _codec(way: str, name: str) -> str:
    return (
        f"Channel-{way}-Codec-Name: {name}\nChannel-{way}-Codec-Rate: 8000\n"
        f"Channel-{way}-Codec-Bit-Rate: {_BIT_RATES[name]}"
    )


class Channel:
    """One leg. Whatever waits for its next step is called through ``watchers``."""

    def __init__(self, switch: "Switch", profile: Profile, *, inbound: bool) -> None:
        self.switch = switch
        self.profile = profile
        self.uuid = profile.uuid
        self.inbound = inbound
        self.variables = Variables()
        self.fields: dict[str, str] = {}  # what the templates of its SIP dialog need, encoded
        self.state = "CS_EXECUTE" if inbound else "CS_INIT"
        self.callstate = "RINGING" if inbound else "DOWN"
        self.ringing = self.early = self.answered = self.bridged = False
        self.answered_at = 0.0
        self.originates_bridge = False
        self.has_media = False  # its own RTP has begun; a caller's codec is known before that
        self.cause = ""  # its hangup cause, "" while it is up
        self.reported = self._concluded = False
        self.sip = sip.Dialog()
        self._read_codec = "PCMU"
        self.script = Callee()  # what the far end of a B-leg does
        self.named = True  # a display name came with the INVITE
        self.other = ""  # the Other-Leg-* lines
        self.originator: Profile | None = None  # whose they are, as long as they change
        self.digits = ""  # all that were pressed
        self.unread: list[str] = []  # digits that nobody has looked at yet
        self.last_app = ("", "")
        self.recordings: dict[str, recording.Recording] = {}  # those under way, by path
        self.awaits_beep, self.referral = False, refer.Referral()
        self.thread = Thread(self)
        self.watchers: set[Callable[[], None]] = set()
        self._timers: set[gevent.Greenlet[[], None]] = set()
        now = switch.microseconds()
        profile.times.created = profile.times.profile_created = now
        switch.enter(self)

    @property
    def up(self) -> bool:
        return not self.cause

    @property
    def call_uuid(self) -> str:
        return self.variables.get("call_uuid") or self.uuid

    @property
    def name(self) -> str:
        return self.profile.channel_name

    @property
    def partner(self) -> "Channel | None":
        """The channel that it is, or is to be, connected with (switch_channel_get_partner_uuid)."""
        variables = self.variables
        uuid = variables.get("signal_bond") or variables.get("originate_signal_bond")
        return self.switch.channels.get(uuid) if uuid else None

    def set_on_partner(self, name: str, value: str) -> None:
        """The switch locates no session that has hung up, so nothing is set on one."""
        partner = self.partner
        if partner and partner.up:
            partner.variables.set(name, value)

    def know_originator(self, profile: Profile) -> None:
        """Who rings this leg stands in its events from now on."""
        self.originator = profile
        self.other = "Other-Type: originator\n" + profile.block("Other-Leg")

    def publish(self, name: str, *, before: Headers = (), after: Headers = ()) -> None:
        self.switch.publish(Event(name, self, before=before, after=after))

    def tell(self, what: str, detail: str = "") -> None:
        self.switch.tell(self, what, detail)

    def sounds(self) -> list[tuple[float, float]]:
        """When the party at this end speaks or beeps, on the clock: from, to."""
        return sorted(self._heard(self.script.says) + self.beeps())

    def beeps(self) -> list[tuple[float, float]]:
        return self._heard(self.script.beeps)

    def _heard(self, sounds: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(self.answered_at + at, self.answered_at + at + long) for at, long in sounds]

    # -- what happens to it -------------------------------------------------------------------

    def mark_ringing(self) -> None:
        if self.ringing or self.answered or not self.up:
            return
        self.ringing = True
        times = self.profile.times
        times.progress = times.progress or self.switch.microseconds()
        self._push_time("progress")
        self.publish("CHANNEL_PROGRESS")
        self.callstate = "RINGING"
        self._step("ringing")

    def mark_early_media(self) -> None:
        if self.early or self.answered or not self.up:
            return
        self.early = True
        self.variables.set("endpoint_disposition", "EARLY MEDIA")
        self.profile.times.progress_media = self.switch.microseconds()
        self._push_time("progress_media")
        self.publish("CHANNEL_PROGRESS_MEDIA")
        self.callstate = "EARLY"
        self._step("early media")

    def mark_answered(self) -> None:
        if self.answered or not self.up:
            return
        self.has_media = True
        self.profile.times.answered = self.switch.microseconds()
        self.answered, self.answered_at = True, self.switch.clock.now()
        self.publish("CHANNEL_ANSWER")
        self.variables.set("endpoint_disposition", "ANSWER")
        if self.variables.get("execute_on_answer"):
            self.thread.run_on("execute_on_answer")
        self.callstate = "ACTIVE"
        self._step("answered")

    def press(self, digit: str) -> None:
        """The party at this end presses a key."""
        if not self.up:
            return
        self.digits += digit
        self.unread.append(digit)
        after = (("DTMF-Digit", digit), ("DTMF-Duration", "2080"), ("DTMF-Source", "RTP"))
        self.publish("DTMF", after=after)
        self._step("pressed", digit)

    def hang_up(self, cause: str) -> None:
        """End it, once; its report follows (switch_channel_perform_hangup())."""
        if not self.up:
            return
        self.cause = cause
        self.set_on_partner("last_bridge_hangup_cause", cause)
        if proto := self.variables.get("proto_specific_hangup_cause"):
            self.set_on_partner("last_bridge_proto_specific_hangup_cause", proto)
        if self.originates_bridge:
            self.variables.set("last_bridge_role", "originator")
        elif self.bridged:
            self.variables.set("last_bridge_role", "originatee")
        self.publish("CHANNEL_HANGUP")
        self._step("hung up", cause)

    def finish(self, *, soon: bool = False) -> None:
        """Report a B-leg that has been hung up; ``soon``: after what its originator does now.

        The A-leg, and a leg that runs applications, is reported when its own thread gets there;
        the leg's variables are written before that. **Seen.**
        """
        if self.inbound:
            return
        if self.thread.running:
            self._conclude()
        elif soon:
            gevent.spawn(self.report)
        else:
            self.report()

    def report(self) -> None:
        """CHANNEL_HANGUP_COMPLETE, the channel's last event."""
        if self.reported:
            return
        self._conclude()
        self.reported = True
        ending.run_hook(self)
        self.publish("CHANNEL_HANGUP_COMPLETE", before=(("Hangup-Cause", self.cause),))
        self._cancel_timers()
        self.switch.leave(self)

    def _conclude(self) -> None:
        """Write down how it went (switch_core_session_hangup_state)."""
        if self._concluded:
            return
        self._concluded = True
        variables, cause = self.variables, self.cause
        variables.set("bridge_to", "")
        self.profile.times.hungup = self.switch.microseconds()
        recording.close(self)
        self.callstate = "HANGUP"
        variables.set("hangup_cause", cause)
        variables.set("hangup_cause_q850", str(causes.q850(cause)))
        ending.write(variables, self.profile, self.digits, self.last_app)
        self.sip.end(self)
        if self.has_media:
            ending.write_audio(variables, self.profile.times)

    def later(self, seconds: float, step: Callable[[], None]) -> None:
        """Do something in so many seconds of call time, unless the channel is over by then."""
        timer = gevent.spawn_later(self.switch.clock.real(seconds), step)
        self._timers.add(timer)
        timer.rawlink(self._timers.discard)

    def block(self) -> str:
        """The lines of an event between its head and the variables."""
        presence = self.variables.get("presence_id")
        direction = "inbound" if self.inbound else "outbound"
        lines = [
            f"Channel-State: {self._state()}",
            f"Channel-Call-State: {self.callstate}\nChannel-State-Number: {self._state_number()}",
            f"Channel-Name: {encode(self.name)}\nUnique-ID: {encode(self.uuid)}",
            f"Call-Direction: {direction}\nPresence-Call-Direction: {direction}",
            f"Channel-HIT-Dialplan: {'true' if self.inbound else 'false'}",
            f"Channel-Presence-ID: {encode(presence)}" if presence else "",
            f"Channel-Call-UUID: {encode(self.call_uuid)}",
            f"Answer-State: {self._answer_state()}",
            f"Hangup-Cause: {self.cause}" if self.cause else "",
            self._codecs() if self.inbound or self.has_media else "",
            self.profile.block("Caller"),
            self.other,
        ]
        return "\n".join(filter(None, lines))

    def reads(self, codec: str) -> None:
        """What the application gets to read (switch_core_session_set_read_codec)."""
        self._read_codec = codec
        self.variables.set("read_codec", codec)
        self.variables.set("read_rate", "8000")

    def _codecs(self) -> str:
        return f"{_codec('Read', self._read_codec)}\n{_codec('Write', 'PCMU')}"

    def _state(self) -> str:
        if self.reported:
            return "CS_REPORTING"
        return "CS_HANGUP" if self._concluded else self.state

    def _state_number(self) -> int:
        if self.reported:
            return _REPORTING
        return _STATE_NUMBERS[self.state] if self.up else _HANGUP

    def _answer_state(self) -> str:
        if self.cause:
            return "hangup"
        return "answered" if self.answered else "early" if self.early else "ringing"

    def _push_time(self, name: str) -> None:
        """An outbound leg's ringing is its originator's too, and what it knows of it."""
        if self.inbound:
            return
        now = getattr(self.profile.times, name)
        if self.originator:
            setattr(self.originator.times, name, now)
            self.know_originator(self.originator)
        partner = self.partner
        if (
            partner
            and partner.inbound
            and (name != "progress" or not partner.profile.times.progress)
        ):
            setattr(partner.profile.times, name, now)

    def _step(self, what: str, detail: str = "") -> None:
        self.tell(what, detail)
        self.thread.wake()
        for watcher in tuple(self.watchers):
            watcher()

    def _cancel_timers(self) -> None:
        for timer in tuple(self._timers):
            if timer is not gevent.getcurrent():
                timer.kill(block=False)
