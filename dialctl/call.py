"""One call from connect to goodbye: the only place where deciding meets doing.

    connect -> app -> document -> steps -> the next document ... -> goodbye

One greenlet carries a call. Two loops and no others: documents in the Course, events in the Dial.
"""

import contextlib
import logging
import uuid
from collections.abc import Callable, Mapping

import gevent
from gevent.event import Event

from dialctl import apps, placement
from dialctl.callee import NOT_CONFIRMED, Callee
from dialctl.channel import Channel, Wire
from dialctl.course import Course
from dialctl.customer import Customer
from dialctl.dial.causes import TIME_LIMIT, cut_off
from dialctl.endings import settled
from dialctl.errors import CallGone, HandedOver, SwitchError
from dialctl.esl import commands, events, records
from dialctl.esl.dialstring import OWNER_VARIABLE
from dialctl.log import CallLog
from dialctl.model import ALeg, Ending, Record
from dialctl.placement import Placement
from dialctl.plan import Next, Step
from dialctl.progress import Progress, pack_caller, unpack
from dialctl.recordings import Recordings
from dialctl.services import Services
from dialctl.settings import App
from dialctl.story import Story
from dialctl.workers.mesh import CALL

NO_APP = "NO_ROUTE_DESTINATION"  # 404


class Call:
    """``run`` carries it on its own socket, ``follow`` one that has none at the moment."""

    def __init__(self, wire: Wire | None, services: Services) -> None:
        self.settings = services.settings
        self.clock = services.clock
        self.came = services.clock.now()
        self.metrics = services.metrics
        self.sounds = services.sounds
        self.held = contextlib.ExitStack()  # sounds that must stay there until the call is over
        self.log = CallLog(logging.getLogger("dialctl.call"))
        self.channel = Channel(wire, services.clock, self.log)
        self.customer: Customer
        self.course: Course
        self.story: Story
        self.recordings: Recordings
        self.superseded = False  # the switch has brought the call to another socket of ours
        self.over = Event()
        self.observing = False  # its dialplan brings it to a controller when its bridge has ended
        self.legs: set[str] = set()  # channels of which the switch keeps a record
        self._timers: dict[str, gevent.Greenlet[..., None]] = {}  # that hang up
        self._placement: Placement | None = None  # if it was asked for
        self._anew = ""  # as Progress.again
        self.kept: Mapping[str, str] | None = None  # records of legs, of a call that has ended
        self._services = services
        self.a_leg: ALeg
        self.questions = services.questions  # to callees, for the server's sockets
        self.room_recordings = services.room_recordings
        # By which a callee's socket finds this worker, if there are others.
        self.callees_owner = services.owner if services.mesh.place.count > 1 else ""

    def run(self, refusal: Callable[[], str] = lambda: "", *, given: bool = False) -> None:
        """The call, start to finish. ``refusal`` is asked, of a new call, for the cause to turn
        it away with at once, '' to take it. ``given``: another worker has passed it on. Raises
        nothing.
        """
        self._safely(lambda: self._connected(refusal, strayed=not given))

    def follow(self) -> None:
        """Tell what happens to a call that is up and has no socket, until it has one again."""
        self.observing = True
        self._safely(self._connected)

    def finish(self, a_leg: ALeg, record: Record, legs: Mapping[str, str]) -> None:
        """Tell what is owed of a call that ended while nobody had it: its record and its legs'."""
        self.channel.uuid, self.channel.gone, self.channel.end = a_leg.uuid, True, record.end
        self.channel.answered = bool(record.answered)
        self.kept = legs
        self._safely(lambda: self._carry(a_leg))

    def supersede(self) -> None:
        """The call has another socket now: stop without a word."""
        self.superseded = True
        self.channel.leave()

    def _safely(self, deed: Callable[[], None]) -> None:
        try:
            deed()
        except HandedOver:
            self.log.info("left to whoever carries it on")
        except CallGone:
            self.log.info("the caller left before the call began")
        except SwitchError as error:
            self.log.error("the switch: %s", error)
        except Exception:
            self.log.exception("a fault of dialctl's own; the call is left to the switch")
        finally:
            self._unschedule()
            self.held.close()
            if self._services.calls.get(self.channel.uuid) is self:
                del self._services.calls[self.channel.uuid]
                self._services.stories.leave(self.channel.uuid)
            self.channel.close()
            self.over.set()

    def _connected(self, refusal: Callable[[], str] = lambda: "", *, strayed: bool = False) -> None:
        """``strayed``: it may be another worker's."""
        a_leg = self.channel.connect()
        self.legs.update(events.originated_legs(self.channel.data))
        self.log.call_uuid = a_leg.uuid
        mesh = self._services.mesh
        if strayed and (worker := mesh.place.elsewhere(a_leg.owner)):
            self.channel.hand_over(lambda sock: mesh.give(worker, CALL, sock))
        if a_leg.confirms:
            self._ask(a_leg.confirms)
        elif (earlier := self._services.calls.get(a_leg.uuid)) and earlier.keeps:
            self._hold(earlier)
        elif not (a_leg.progress or a_leg.placed) and (cause := refusal()):
            self.channel.hang_up(cause)
        else:
            if not self.observing:
                self._services.connected(self)
            self._carry(a_leg)

    @property
    def keeps(self) -> bool:
        """Whether its socket serves it still, wherever its channel has been taken meanwhile."""
        return not (self.observing or self.channel.lost or self.channel.leaving)

    def _hold(self, earlier: "Call") -> None:
        """A transfer has brought a call here that is carried on another socket, which goes on.

        The channel leaves the dialplan's socket application when either socket ends (seen).
        """
        self.log.info("transferred; it is carried on as before")
        self.channel.write(commands.NO_EVENTS)
        earlier.over.wait()

    def _carry(self, a_leg: ALeg) -> None:
        self._placement = placement.of(a_leg, self.log.error)
        self.a_leg = placement.named(a_leg, self._placement)
        self.channel.data = self.channel.data.only(events.ASKED_LATER)
        self.channel.ask_fate = lambda: self._services.ask_fate(self)
        if self._begin():
            try:
                self._goodbye(*self.course.run())
            finally:
                self.recordings.stop_clocks()
        elif not self.observing:
            self.channel.hang_up(NO_APP)
            self._forget()

    def _ask(self, attempt_uuid: str) -> None:
        """This is no caller but a callee, who is asked to confirm."""
        question = self._services.questions.get(attempt_uuid)
        if question is None:
            self.log.warning("a callee to be asked of whom nothing is known here is hung up")
            self.channel.hang_up(NOT_CONFIRMED)
            return
        runs = self._services.verbs
        self._services.asking.add(self.channel.uuid)
        try:
            Callee(self.channel, question, self.settings, self.clock, self.sounds, runs).run()
        except CallGone:
            pass  # its end is told by the Dial that asked
        finally:
            self._services.asking.discard(self.channel.uuid)

    def is_asking(self, callee: str) -> bool:
        """Whether this callee is being asked to confirm, by whatever call of this process."""
        return callee in self._services.asking

    def _begin(self) -> bool:
        """Whose call is it, and has it been begun? False when no app takes it."""
        a_leg = self.a_leg
        self.log.call_uuid = a_leg.uuid
        if earlier := self._services.calls.get(a_leg.uuid):
            if self.observing and not (earlier.observing or earlier.channel.lost):
                raise HandedOver  # it has got a socket of its own meanwhile
            earlier.supersede()
        self._services.calls[a_leg.uuid] = self
        begun = self._earlier_progress()
        app = apps.choose(self.settings.apps, a_leg.called, begun.app if begun else a_leg.app)
        if app is None:
            named = f" (dialctl_app={a_leg.app})" if a_leg.app else ""
            named = f" (it had begun with app {begun.app}, which is gone)" if begun else named
            self.log.warning(
                "from %s to %s: no app in apps.yaml takes it%s", a_leg.caller, a_leg.called, named
            )
            return False
        app = placement.serving(app, self._placement)
        self._tell_story(app, picked_up=begun is not None)
        post, channel = self._services.post, self.channel
        self.customer = Customer(
            self.settings, post, self.clock, app, a_leg, channel, self.log, self.story
        )
        runs, resumes = self._services.verbs, self._services.resumes
        self.course = Course(self, runs, resumes, begun, self._anew)
        self.recordings = Recordings(self, begun.tapings if begun else ())
        if begun and begun.hangup_at:
            left = begun.hangup_at - self.channel.time()
            self.hang_up_after(max(0.0, left), begun.hangup_cause)
        if self._placement and a_leg.answered:
            left = a_leg.answered + self._placement.time_limit - self.channel.time()
            self._hang_up_later("limit", max(0.0, left), TIME_LIMIT)
        if begun:
            self.log.info("picked up from another controller, app %s", app.name)
        else:
            self.log.info("from %s to %s, app %s", a_leg.caller, a_leg.called, app.name)
        if not records.can_keep(a_leg.uuid):
            self.log.warning(
                "its UUID is not FreeSWITCH's own: no other controller can carry it on"
            )
        elif self.channel.end is None:
            owner, channel = self._services.owner, self.channel
            channel.note(OWNER_VARIABLE, lambda: owner)
            channel.note(records.CALLER_VARIABLE, lambda: pack_caller(a_leg))
            channel.hold(*records.watch(a_leg.uuid, a_leg.owner, owner))
        return True

    def _tell_story(self, app: App, *, picked_up: bool) -> None:
        ahead = self.channel.time() - self.clock.wall()
        stories = self._services.stories
        self.story = stories.begin(self.a_leg, app.name, app.dialect, ahead, picked_up=picked_up)
        self.log.story, self.channel.heard_answer = self.story, self.story.answers

    def _earlier_progress(self) -> Progress | None:
        if not self.a_leg.progress:
            return None
        try:
            return unpack(self.a_leg.progress)
        except ValueError as error:
            self.log.error("the call begins anew, it cannot be picked up: %s", error)
            self._anew = uuid.uuid4().hex[:6]
            return None

    def run_step(self, step: Step) -> Next:
        """Carry out a step that stands in another one. Raises CallGone."""
        return self.course.run_step(step)

    def hang_up_after(self, seconds: float, cause: str) -> None:
        """End the call later, whatever it does then; a later wish takes an earlier one's place."""
        self.course.advance(hangup_at=self.channel.time() + seconds, hangup_cause=cause)
        self.channel.post(*commands.backstop(self.channel.uuid, seconds, cause))
        self._hang_up_later("step", seconds, cause)

    def _hang_up_later(self, timer: str, seconds: float, cause: str) -> None:
        self._unschedule(timer)
        self._timers[timer] = gevent.spawn_later(
            self.clock.real(seconds), self.channel.post, commands.hangup(cause)
        )

    def hears(self, times: int) -> None:
        """What a step repeats begins; ``times`` counts from 1."""
        self.course.advance(heard=times)

    def _unschedule(self, *names: str) -> None:
        for name in names or tuple(self._timers):
            if name in self._timers:
                self._timers.pop(name).kill(block=False)

    def _goodbye(self, ending: Ending, cause: str) -> None:
        """Hang up if need be, and tell the customer how it ended."""
        if self.channel.end is None and not self.channel.lost:
            if self.observing and not self.channel.gone:
                raise HandedOver  # whatever went wrong here, they talk on
            self.course.advance(ending=ending, cause=cause)
            self.channel.hang_up(cause)
        self.recordings.close()
        end = self.channel.end
        if end is None:
            self.log.error("FreeSWITCH has ended without the end of the call")
            end = cut_off(self.a_leg.created, self.channel.answered_at, self.channel.time())
        asked_for, placed = bool(self.course.progress.hangup_at), bool(self.a_leg.request)
        ending = settled(ending, end, asked_for=asked_for, placed=placed)
        notices = self.customer.dialect.call_notices(
            self.customer.view(over=True), self.customer.app, ending, end
        )
        self.customer.tell(notices)
        self._services.stories.end(self.story, ending, end)
        if self.channel.end is not None:  # else somebody may yet go on with it
            self.customer.over()
        self.metrics.call_over(ending.reason)
        self.log.info("over: %s, %s, %d ms answered", ending.reason.value, end.cause, end.billmsec)
        self.customer.wait_written()  # until then another controller may have to tell it
        self._forget()

    def _forget(self) -> None:
        """Let the switch keep no record of what has been told to its end."""
        self.channel.post(*records.forget(self.channel.uuid, frozenset(self.legs)))
