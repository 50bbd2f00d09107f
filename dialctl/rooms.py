"""What a call does in a room besides talking: hear its wait sound, and have the room recorded."""

import contextlib
import posixpath
from collections.abc import Callable

from dialctl import recording_files
from dialctl.call import Call
from dialctl.conference.model import Inside, Report, ReportRecording, RoomSound, Stay
from dialctl.conference.recording import Recording, is_due
from dialctl.conference.waiting import Heard, WaitSound
from dialctl.errors import CallGone, DialctlError, TimeUp
from dialctl.esl import commands, sounds
from dialctl.esl import conference as words
from dialctl.esl.frames import Headers
from dialctl.plan import Conference, Play, Recorded, RoomRecording, Step

HUSH = "hush"  # timers: a sound that has not begun when it is broken off plays on (seen)
HUSH_SECONDS = 0.1
NEXT_SOUND = "next sound"
SOUND_SECONDS = 5.0  # for each of a room's sounds: whoever comes stands before the door meanwhile
RECORDING_SECONDS = 2.0  # FreeSWITCH tells of a recording's end a media tick after the last member


def sound_of(call: Call, conference: Conference, which: RoomSound) -> tuple[Step, ...]:
    """What is to be heard. What cannot be had is not: the room matters more. Raises CallGone."""
    announcement = {
        RoomSound.ENTER: conference.on_enter,
        RoomSound.EXIT: conference.on_exit,
        RoomSound.WAIT: conference.wait_sound,
    }[which]
    if announcement is None:
        return ()
    channel = call.channel
    steps: tuple[Step, ...] = (
        Play(source=announcement.source or sounds.beeps(announcement.beeps)),
    )
    channel.deadline = call.clock.now() + SOUND_SECONDS
    try:
        if announcement.document is not None:
            told = call.customer.dialect.room_sound(conference, which)
            steps = call.customer.sound(announcement.document, channel, told).steps
        return call.sounds.all_at_hand(channel, steps, call.held, call.log)
    except CallGone:
        raise
    except TimeUp:
        call.log.error("%s sound: it did not come within %g s", which.value, SOUND_SECONDS)
    except DialctlError as error:
        call.log.error("%s sound: %s", which.value, error)
    finally:
        channel.deadline = None
    return ()


class Entertainment:
    """The wait sound of one call: applications that run on its channel inside ``conference``.

    The member hears nothing else meanwhile (seen). ``timers`` are the Conference's.
    """

    def __init__(self, call: Call, conference: Conference, timers: dict[str, float]) -> None:
        self._call, self._channel = call, call.channel
        self._timers = timers
        speech = call.settings.speech
        self._sound = WaitSound(
            [
                Heard(*sounds.application(step, speech), getattr(step, "loop", 1))
                for step in sound_of(call, conference, RoomSound.WAIT)
            ]
        )
        self._wanted = False
        self._hearing = ""  # the Event-UUID of what runs
        self._heard = Heard("", "")

    def begin(self) -> None:
        self._wanted = True
        if not self._hearing:
            self._plan(self._sound.begin(self._call.clock.now()))

    def end(self) -> None:
        self._wanted = False
        self._timers.pop(NEXT_SOUND, None)
        self._break_off()

    def abandon(self) -> None:
        """End it for good: from now on nobody is there to end it when somebody comes."""
        self.end()
        if self._hearing:
            self._call.clock.sleep(HUSH_SECONDS)
            self._break_off()

    def timer(self, timer: str) -> bool:
        """Whether it was one of ours that has fired."""
        if timer == HUSH:
            self._break_off()
        elif timer == NEXT_SOUND:
            self._hear()
        return timer in (HUSH, NEXT_SOUND)

    def completed(self, event: Headers) -> None:
        """An application has ended."""
        if not self._hearing or event.get("Application-UUID") != self._hearing:
            return
        self._hearing = ""
        self._timers.pop(HUSH, None)
        response = event.get("Application-Response")
        gone = self._channel.gone  # a caller's hangup ends it with an error too
        if self._heard.application == "playback" and response != "FILE PLAYED" and not gone:
            self._call.log.warning("wait sound %s: %s", self._heard.argument, response)
            self._sound.failed()
        if self._wanted:
            self._plan(self._sound.next(self._call.clock.now()))

    def _plan(self, planned: tuple[float, Heard] | None) -> None:
        if planned is None:
            return
        pause, self._heard = planned
        if pause:
            self._timers[NEXT_SOUND] = self._call.clock.now() + pause
        else:
            self._hear()

    def _hear(self) -> None:
        with contextlib.suppress(CallGone):
            self._hearing = self._channel.begin((self._heard.application, self._heard.argument))

    def _break_off(self) -> None:
        if not self._hearing:
            return
        self._timers[HUSH] = self._call.clock.now() + HUSH_SECONDS
        with contextlib.suppress(CallGone):
            self._channel.stop_sound()


class Recorder:
    """The room's recording, as one call sees it. ``recording`` is what it is to be told of."""

    def __init__(
        self, call: Call, room: str, step: Conference, tell: Callable[[Report], None]
    ) -> None:
        self.recording: Recording | None = None
        self._call, self._room, self._step, self._tell = call, room, step, tell
        self._wanted: RoomRecording | None = step.record
        self._recordings = call.room_recordings
        self._began: Recording | None = None

    @property
    def inside(self) -> tuple[Recorded | None, bool]:
        """What another controller must know: ``Inside.recording`` and ``recorder``."""
        if self.recording is None:
            return None, False
        return self.recording.so_far, self.recording is self._began

    def resume(self, inside: Inside, stay: Stay) -> None:
        """Go on with a recording that was begun before another controller's death."""
        recorded, wanted = inside.recording, self._wanted
        if recorded is None or wanted is None:
            return
        recording = Recording(
            uuid=recorded.uuid,
            path=recording_files.place(self._call.settings, posixpath.basename(recorded.url))[0],
            url=recorded.url,
            conference=stay.conference,
            when_alone=wanted.when_alone,
            started=recorded.started,
            tell=self._tell if inside.recorder else _nobody,
            paused=None,
        )
        if inside.recorder:
            self._recordings[self._room] = self._began = recording
            recording.begun()  # if nobody has told it yet
        self.recording = self._recordings.setdefault(self._room, recording)

    def room_is(self, stay: Stay, size: int, *, inside: bool) -> None:
        """Begin, pause or go on, as the room is now. ``inside``: and this call is in it."""
        recording = self._of(stay)
        if recording and size and (how := recording.turn(size)):
            self._ask(words.turn_recording(self._room, how, recording.path))
        wanted = self._wanted
        if wanted is None or not inside:
            return
        if recording is None and is_due(size, wanted.when_alone):
            recording = self._begin(stay, wanted)
        self.recording = recording

    def _of(self, stay: Stay) -> Recording | None:
        recording = self._recordings.get(self._room)
        # An earlier conference's, of whose end nobody here was left to hear, is no more.
        return recording if recording and recording.conference == stay.conference else None

    def _begin(self, stay: Stay, wanted: RoomRecording) -> Recording | None:
        try:
            tape = self._call.recordings.new(self._step, wanted.format).tape
        except CallGone:
            return None  # the Conference hears of it too
        if earlier := self._of(stay):
            return earlier  # another call's, begun while the switch was asked
        recording = Recording(
            uuid=tape.uuid,
            path=tape.path,
            url=tape.url,
            conference=stay.conference,
            when_alone=wanted.when_alone,
            started=self._call.channel.time(),
            tell=self._tell,
        )
        self._recordings[self._room] = self._began = recording
        self._ask(words.record(self._room, recording.path))
        return recording

    def happened(self, event: Headers) -> None:
        """What an event of the room says of its recording."""
        recording = self._recordings.get(self._room)
        if recording is None or event.get("Path") != recording.path:
            return
        match event.get("Action"):
            case "start-recording" if error := event.get("Error"):
                self._call.log.error("room %s: %s: %s", self._room, recording.path, error)
                del self._recordings[self._room]
                self._wanted = self.recording = None
            case "start-recording" if recording is self._began:
                recording.begun()
            case "stop-recording":
                del self._recordings[self._room]
                recording.over(event.number("Milliseconds-Elapsed"), self._call.channel.time())

    def hear_the_end(self, stay: Stay) -> None:
        """Wait until the switch has told of the recording's end; the room is empty."""
        until = self._call.clock.now() + RECORDING_SECONDS
        with contextlib.suppress(CallGone):
            while self._of(stay) and (event := self._call.channel.wait(until)) is not None:
                if isinstance(event, Headers) and words.is_of(event, self._room):
                    self.happened(event)

    def _ask(self, command: str) -> None:
        with contextlib.suppress(CallGone):
            self._call.channel.write(commands.bgapi(command))


def _nobody(report: ReportRecording) -> None:
    """Whoever has begun a recording tells of it."""
