"""The recordings of a call: where their files go, when they begin and end, and that it is told.

    new -> start -> (the switch: RECORD_START) -> stop, its length is over, or the call's end
        -> (the switch: RECORD_STOP, the file is closed) -> told

FreeSWITCH writes the files, by ``uuid_record``; a recording goes on through whatever the channel
does, a bridge and the death of its controller too: those under way are kept in the call's
progress. Our own clock ends it, the switch's comes later, for the case that we are gone.
"""

import contextlib
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import gevent

from dialctl import recording_files
from dialctl.errors import CallGone, HandedOver, SwitchError
from dialctl.esl import commands, events
from dialctl.esl.commands import BACKSTOP_SECONDS
from dialctl.esl.frames import Headers
from dialctl.plan import RecordCall, Recorded, Step
from dialctl.progress import Taping

if TYPE_CHECKING:
    from dialctl.call import Call

LAST_SECONDS = 5.0  # for a RECORD_STOP, which comes before the channel's own last event (seen)
CALLER_ONLY = {"RECORD_READ_ONLY": "true"}


def _where(step: Step) -> str:
    return f"line {step.line}: <{step.element}>"


class Recording:
    """One file, from the moment that it has a name. ``tape`` is what is kept of it."""

    def __init__(self, tape: Taping) -> None:
        self.tape = tape
        self.ended = 0.0  # seconds since 1970
        self.milliseconds: int | None = None  # once the switch has told
        self.key = ""  # that ended it
        self.unheard = False  # it ended while nobody had the call
        self.timer: gevent.Greenlet[..., None] | None = None

    @property
    def path(self) -> str:
        return self.tape.path

    @property
    def over(self) -> bool:
        return self.milliseconds is not None

    def result(self) -> Recorded:
        """What is told of it."""
        tape = self.tape
        return Recorded(tape.uuid, tape.url, self.milliseconds, tape.started, self.ended, self.key)


class Recordings:
    """All of one call. ``begun`` are those that an earlier controller had begun."""

    def __init__(self, call: "Call", begun: Iterable[Taping] = ()) -> None:
        self._call = call
        self._log = call.log
        self._channel = call.channel
        self._clock = call.clock
        self._watches = False
        self._all = {tape.path: Recording(tape) for tape in begun}  # that are not over
        if self._all and call.channel.end is None:
            with contextlib.suppress(CallGone):
                self._pick_up()

    def new(self, step: Step, format: str) -> Recording:
        """A file of a kind that the switch can write, mp3 or wav. Raises CallGone."""
        settings = self._call.settings
        where = _where(step)
        if format == "mp3" and not self._writes_mp3():
            self._log.warning(
                "%s: FreeSWITCH has not loaded mod_shout and cannot write mp3; it is a wav", where
            )
            format = "wav"
        if not recording_files.base_url(settings):
            self._log.warning(
                "%s: neither media.recordings_url nor web.listen is set: RecordUrl is the file's "
                "name alone",
                where,
            )
        name = str(uuid.uuid4())
        path, url = recording_files.place(settings, f"{name}.{format}")
        return Recording(Taping(name, path, url, where))

    def _writes_mp3(self) -> bool:
        try:
            return self._channel.ask(commands.module_exists("mod_shout")) == "true"
        except SwitchError as error:
            self._log.warning("is mod_shout there? %s", error)
            return False

    def start(self, recording: Recording, seconds: float, variables: Mapping[str, str]) -> bool:
        """Record for ``seconds`` at most. False, with an error logged, if the switch does not.

        ``variables`` as in ``commands.start_recording``. Raises CallGone.
        """
        started = self._channel.time()
        recording.tape = replace(recording.tape, started=started, seconds=seconds)
        # Before it begins: its event may be faster than the reply, and our end faster than both.
        self._keep(recording)
        self._watch()
        limit = int(seconds) + BACKSTOP_SECONDS
        command = commands.start_recording(self._channel.uuid, recording.path, limit, variables)
        begun = False
        try:
            reply = self._channel.ask(command).strip()
            begun = reply.startswith("+OK")
        except SwitchError as error:
            reply = str(error)
        finally:
            if not begun:
                self._forget(recording)
        where = recording.tape.where
        if begun:
            self._log.info("%s: recording %s", where, recording.path)
            self._stop_after(recording, seconds)
        elif "locate session" in reply:
            self._log.info("%s: the caller left before anything was recorded", where)
        else:
            self._log.error(
                "%s: FreeSWITCH does not record (%s); can its user write to %s?",
                where,
                reply,
                os.path.dirname(recording.path),
            )
        return begun

    def stop(self, recording: Recording) -> None:
        """Have the switch end it; RECORD_STOP will tell. Raises nothing."""
        with contextlib.suppress(CallGone, HandedOver):
            self._channel.write(commands.stop_recording(self._channel.uuid, recording.path))

    def finish(self, recording: Recording, key: str = "") -> None:
        """End it, because of a ``key`` or of the call's end, and wait until the switch has told."""
        recording.key = key
        if not (recording.over or recording.unheard or self._channel.gone):
            self.stop(recording)
        until = self._clock.now() + LAST_SECONDS
        self._channel.busy += 1  # the call is not left to another controller meanwhile
        try:
            while not (recording.over or recording.unheard):
                if self._channel.wait(until) is None:
                    break
        except CallGone:
            pass
        finally:
            self._channel.busy -= 1
        if not recording.over:
            self._guess(recording)

    def begun(self, step: Step) -> Recording | None:
        """That of a step which an earlier controller had begun."""
        where = _where(step)
        return next((one for one in self._all.values() if one.tape.where == where), None)

    # In the background.

    def record_call(self, step: RecordCall) -> Recording | None:
        """Both parties, from now or from the next connection on. None if it cannot be.

        Raises CallGone.
        """
        recording = self.new(step, step.format)
        recording.tape = replace(
            recording.tape,
            background=True,
            seconds=step.max_length,
            stereo=step.stereo,
            callback=step.callback,
        )
        if step.on_connection:
            self._keep(recording)
            return recording
        return recording if self._start_background(recording) else None

    def drop(self, recording: Recording) -> None:
        """One that waits for a connection, which will not come any more."""
        self._forget(recording)

    def connected(self) -> None:
        """A Dial has connected somebody: what waits for that begins. Raises nothing."""
        for recording in tuple(self._all.values()):
            if not recording.tape.started:
                with contextlib.suppress(CallGone):
                    self._start_background(recording)

    def _start_background(self, recording: Recording) -> bool:
        stereo = {"RECORD_STEREO": "true"} if recording.tape.stereo else {}
        return self.start(recording, recording.tape.seconds, stereo)

    # What becomes of them.

    def _watch(self) -> None:
        if not self._watches:
            self._watches = True
            self._channel.watch(events.RECORDINGS, self._happened)

    def _happened(self, event: Headers) -> None:
        recording = self._all.get(events.recording_file(event))
        if recording is None:
            return  # somebody else's
        if event.get("Event-Name") == "RECORD_START":
            recording.tape = replace(recording.tape, started=events.happened(event))
        else:
            self._over(recording, events.recorded_ms(event), events.happened(event))

    def _over(self, recording: Recording, milliseconds: int, ended: float) -> None:
        recording.milliseconds, recording.ended = milliseconds, ended
        tape, customer = recording.tape, self._call.customer
        self._log.info("%s: recorded %d ms, %s", tape.where, milliseconds, recording.path)
        if milliseconds == 0:
            self._log.warning("%s: there was nothing to record; it is not told", tape.where)
        elif tape.callback:
            told = customer.dialect.recording_ready(
                customer.view(), tape.callback, recording.result()
            )
            customer.tell((told,))
        self._forget(recording)

    def _guess(self, recording: Recording) -> None:
        """It is over, and the switch has not told us."""
        tape, end = recording.tape, self._channel.end
        ended = end.ended if end else self._channel.time()
        ended = min(ended or self._channel.time(), tape.started + tape.seconds)
        self._log.warning(
            "%s: FreeSWITCH did not tell of its end; its length is a guess", tape.where
        )
        missing = os.path.isdir(os.path.dirname(tape.path)) and not os.path.exists(tape.path)
        self._over(recording, 0 if missing else int((ended - tape.started) * 1000), ended)

    def _stop_after(self, recording: Recording, seconds: float) -> None:
        recording.timer = gevent.spawn_later(self._clock.real(seconds), self.stop, recording)

    def _pick_up(self) -> None:
        """Go on with those that an earlier controller had begun. Raises CallGone."""
        self._watch()
        for recording in tuple(self._all.values()):
            tape = recording.tape
            if not tape.started:
                continue
            left = tape.started + tape.seconds - self._channel.time()
            try:
                answer = self._channel.ask(commands.is_recording(self._channel.uuid, tape.path))
            except SwitchError as error:
                answer = str(error)
            if answer.startswith("+OK"):
                self._stop_after(recording, max(0.0, left))
            elif tape.background:
                self._guess(recording)
            else:
                recording.unheard = True  # its step goes on with it

    # The call's end.

    def close(self) -> None:
        """The call is over: wait for what the switch still has to tell. Raises nothing."""
        for recording in tuple(self._all.values()):
            if recording.tape.started:
                self.finish(recording)
            else:
                where = recording.tape.where
                self._log.info("%s: nobody was connected, nothing is recorded", where)

    def stop_clocks(self) -> None:
        for recording in self._all.values():
            if recording.timer is not None:
                recording.timer.kill(block=False)

    def _keep(self, recording: Recording) -> None:
        self._all[recording.path] = recording
        self._advance()

    def _forget(self, recording: Recording) -> None:
        self._all.pop(recording.path, None)
        if recording.timer is not None:
            recording.timer.kill(block=False)
        self._advance()

    def _advance(self) -> None:
        self._call.course.advance(tapings=tuple(one.tape for one in self._all.values()))
