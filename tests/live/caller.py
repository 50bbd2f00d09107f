"""A caller: one SIP call into the switch, and what it saw of it."""

from uuid import uuid4

import gevent

from support.sounds import heard

STATUS = {"CHANNEL_PROGRESS": "180", "CHANNEL_PROGRESS_MEDIA": "183", "CHANNEL_ANSWER": "200"}


class Caller:
    """Places the call when made.

    ``uuid`` is the caller's own channel, ``call_uuid`` the A-leg, which dialctl controls.
    """

    def __init__(
        self,
        switch,
        number,
        from_number="15551230000",
        name="Caller",
        headers=None,
        recording=None,
    ):
        self._events = switch.events
        self.uuid = str(uuid4())
        self.number = number
        name = name.replace("'", r"\'").replace(" ", r"\s")  # as `originate` reads them
        settings = (
            f"origination_uuid={self.uuid};sip_invite_call_id={self.uuid};"
            f"origination_caller_id_number={from_number};origination_caller_id_name={name}"
            + "".join(f";sip_h_{name}={text}" for name, text in (headers or {}).items())
        )
        if recording:
            # what is heard, from the first media on
            settings += f";RECORD_READ_ONLY=true;execute_on_media=record_session::{recording}"
        self._recording = recording
        to = f"sofia/caller/{number}@127.0.0.1:{switch.internal_port}"
        self._events.bgapi(f"originate {{^^;{settings}}}{to} &park()")

    # what the caller does

    def hang_up(self, cause="NORMAL_CLEARING"):
        self._events.bgapi(f"uuid_kill {self.uuid} {cause}")

    def cancel(self):
        """Give up before the answer."""
        self.hang_up("ORIGINATOR_CANCEL")

    def press(self, digits):
        self._events.bgapi(f"uuid_send_dtmf {self.uuid} {digits}")

    def speak(self, seconds):
        """Words: chords of 60 ms."""
        words = f"tone_stream://L={round(seconds * 10)};%(60,40,300,700,1100)"
        self._events.bgapi(f"uuid_broadcast {self.uuid} {words} aleg")

    def speaks(self, seconds):
        """A tone, which is sent at once and for so long."""
        tone = f"m:^:playback:tone_stream://%({round(seconds * 1000)},0,440)^park"
        self._events.bgapi(f"uuid_transfer {self.uuid} {tone} inline")

    def after(self, seconds, deed, *arguments):
        """Do that later, while the test waits for something else."""
        gevent.spawn_later(seconds, deed, *arguments)

    # what the caller saw

    def _first(self, name):
        return next(iter(self._events.of(self.uuid, name)), None)

    def _wait(self, name, timeout):
        event = self._events.wait_for(lambda: self._first(name), timeout)
        assert event is not None, f"no {name} at the caller's in {timeout} s; it saw {self.saw()}"
        return event

    def answered(self, timeout=5.0):
        return self._wait("CHANNEL_ANSWER", timeout)

    def ringing(self, timeout=5.0):
        return self._wait("CHANNEL_PROGRESS", timeout)

    def ended(self, timeout=15.0):
        """Its end: the CHANNEL_HANGUP_COMPLETE event."""
        return self._wait("CHANNEL_HANGUP_COMPLETE", timeout)

    def story(self, timeout=15.0):
        """All it saw, once it has ended; see ``saw``."""
        self.ended(timeout)
        return self.saw()

    def refused(self):
        """The SIP status that it was refused with, never having been answered; '' otherwise."""
        story = self.story()
        return story[-1] if "200" not in story and story[-1].isdigit() else ""

    def heard(self, *hertz):
        """Once it has ended: for each tenth of a second since the first media, which of these
        tones was heard."""
        self.ended()
        events, uuid = self._events, self.uuid
        assert events.wait_for(lambda: events.of(uuid, "CHANNEL_DESTROY")), "it is still there"
        return heard(self._recording, *hertz)

    def saw(self):
        """What came, in order: "180", "183", "200"; and the end, which is the SIP status when it
        was refused, "BYE" when the switch hung up, "bye" or "CANCEL" when it did so itself.
        """
        seen = []
        for event in self._events.of(self.uuid):
            if event.name in STATUS and STATUS[event.name] not in seen:
                seen.append(STATUS[event.name])
            elif event.name == "CHANNEL_HANGUP_COMPLETE":
                seen.append(self._end(event))
        return seen

    @staticmethod
    def _end(event):
        how = event.get("variable_sip_hangup_disposition", "")
        if how == "recv_refuse":
            return event.get("variable_sip_invite_failure_status", "refused")
        words = {"recv_bye": "BYE", "send_bye": "bye", "send_cancel": "CANCEL"}
        return words.get(how, how or event["Hangup-Cause"])

    @property
    def call_uuid(self):
        """The A-leg on dialctl's side: the channel that carries this call's SIP Call-ID."""
        event = self._events.wait_for(self._a_leg)
        assert event is not None, f"the call did not reach the switch; it saw {self.saw()}"
        return event.uuid

    def _a_leg(self):
        for event in self._events.events:
            if event.get("variable_sip_call_id") == self.uuid and event.uuid != self.uuid:
                return event
        return None

    def applications(self):
        """What the switch ran on the A-leg, in order: the application's name and its argument."""
        return [
            (event.get("Application"), event.get("Application-Data", ""))
            for event in self._events.of(self.call_uuid, "CHANNEL_EXECUTE")
        ]
