"""The documents of a call and their steps, one after the other, and how far it has come.

How far is kept with the call (``progress``), so that any other controller goes on from there.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dialctl import endings
from dialctl.dial.causes import SWITCH_GONE
from dialctl.errors import (
    CallGone,
    CallLost,
    DialctlError,
    DocumentError,
    HandedOver,
    Moved,
    SwitchError,
)
from dialctl.esl import commands, records
from dialctl.model import Ending, EndReason
from dialctl.plan import (
    Carried,
    Conference,
    Dial,
    EndCall,
    Hook,
    Next,
    NextDocument,
    Plan,
    Record,
    Skip,
    Stage,
    Step,
)
from dialctl.progress import Progress, pack, pack_document, step_begun, unpack_document
from dialctl.verbs import Run

if TYPE_CHECKING:
    from dialctl.call import Call

# Steps that tell of what happens while the switch carries them out by itself.
FOLLOWED = (Dial, Conference)
# Steps of which something is told though the caller has left.
OWING = (*FOLLOWED, Record)


class Course:
    """Of one call. ``begun``: by an earlier controller, up to there."""

    def __init__(
        self,
        call: "Call",
        runs: Mapping[type[Step], Run],
        resumes: Mapping[type[Step], Run],
        begun: Progress | None,
        again: str = "",
    ) -> None:
        self._call = call
        self._runs = runs
        self._resumes = resumes
        self._picked_up = begun is not None
        self.progress = begun or Progress(call.customer.app.name, again)
        self.dials = self.progress.dials  # how many have begun
        self.conferences = self.progress.conferences  # the same
        self.refusal = self.progress.refusal  # cause of the last Dial, if nobody was connected
        self._stage = Stage.ANSWER  # of the document that is carried out or asked for
        self._plan = Plan(())  # the document that is carried out
        call.customer.told_requests = self.progress.told
        call.customer.again = self.progress.again
        call.customer.transfer = self.progress.transfer

    def advance(self, **changes: Any) -> None:
        """Let the next controller know how far the call has come, with the next write."""
        self.progress = replace(self.progress, **changes)
        self._call.channel.note(records.PROGRESS_VARIABLE, partial(pack, self.progress))

    def uuid(self, *place: int | str) -> str:
        """A name for something in this step, the same on every controller."""
        far = (self.progress.again, self.progress.documents, self.progress.step)
        name = "/".join(map(str, (self._call.channel.uuid, *far, *place)))
        return str(uuid.uuid5(uuid.NAMESPACE_OID, name))

    def run(self) -> tuple[Ending, str]:
        """Carry documents out until there is none left; why it ended, the cause to hang up with."""
        app, channel = self._call.customer.app, self._call.channel
        answer = NextDocument(Hook(app.answer_url, app.answer_method), Stage.ANSWER)
        try:
            following = self._moved_to(lambda: self._pick_up(answer)) if self._picked_up else answer
            while isinstance(following, NextDocument | Carried):
                following = self._moved_to(partial(self._follow, following))
        except SwitchError as error:
            self._call.log.error("the switch: %s; the call is ended", error)
            return Ending(EndReason.OURS, message=str(error)), endings.FAULT
        except CallLost:
            return Ending(EndReason.SWITCH), SWITCH_GONE
        except CallGone:
            return Ending(EndReason.CALLER), ""
        except DialctlError as error:
            self._call.log.error("%s document of app %s: %s", self._stage.value, app.name, error)
            return endings.failed(error, self._stage.value), endings.FAULT
        except HandedOver:
            raise
        except Exception as error:
            self._call.log.exception("a fault of dialctl's own; the call is ended")
            return Ending(EndReason.OURS, message=repr(error)), endings.FAULT
        if isinstance(following, EndCall):
            return following.ending or Ending(EndReason.HANGUP_STEP), following.cause
        refusal = endings.refusal(self.refusal, answered=channel.answered)
        return Ending(EndReason.END_OF_DOCUMENT), refusal

    def _moved_to(self, go_on: Callable[[], Next]) -> Next:
        """What it comes to, or the document that is asked for instead meanwhile."""
        channel = self._call.channel
        try:
            return go_on()
        except Moved:
            document, channel.transfer = channel.transfer, None
            channel.write(commands.api(f"uuid_break {channel.uuid} all"))
            return document

    def run_step(self, step: Step) -> Next:
        """Carry one step out. Raises CallGone."""
        self._call.channel.require_alive()
        self._call.log.debug("line %d: <%s>", step.line, step.element)
        self._call.story.step(step.element, step.line)
        return self._runs[type(step)](self._call, step)

    def _follow(self, following: NextDocument | Carried) -> Next:
        """One document: ask for it if need be, carry it out. What comes after it."""
        asking, self._stage = self._stage, following.stage
        most = self._call.settings.limits.redirects
        if self.progress.documents > most:
            raise DocumentError(f"more than {most} documents in a row")
        carried: Carried | None
        if isinstance(following, NextDocument):
            self.advance(request=following, documents=self.progress.documents + 1)
            carried, optional = self._call.customer.document(following), following.optional
        else:
            self.advance(documents=self.progress.documents + 1)
            carried, optional = following, True
        plan = self._call.customer.plan(carried) if carried else Plan(())
        if carried is None or (optional and not plan.steps):
            self._stage = asking
            self.advance(request=None, documents=self.progress.documents - 1)
            return self._run_from(self.progress.step + 1)
        self._plan = plan
        self._call.channel.note(records.DOCUMENT_VARIABLE, partial(pack_document, carried))
        return self._run_from(0)

    def _run_from(self, first: int) -> Next:
        for at, step in enumerate(self._plan.steps):
            if at < first:
                continue
            self.progress = step_begun(
                self.progress,
                at,
                self._call.channel.time(),
                dials=self.dials,
                conferences=self.conferences,
                told=self._call.customer.told_requests,
                refusal=self.refusal,
            )
            self.advance()
            following = self.run_step(step)
            if isinstance(following, Skip):
                first = at + 1 + following.steps
            elif following is not None:
                return following
        self._call.channel.require_alive()
        return None

    def _pick_up(self, answer: NextDocument) -> Next:
        """Go on where another controller left off. ``answer``: if it had not begun."""
        begun, a_leg = self.progress, self._call.a_leg
        if begun.ending:
            return EndCall(begun.cause, begun.ending)
        if begun.request or not a_leg.document:
            self._let_it_end()
            self._call.channel.require_alive()
            # It counts as asked for; it is asked for again.
            self.progress = replace(begun, documents=max(0, begun.documents - 1))
            if begun.request and begun.request.optional:
                self._recall(a_leg.document)
            return begun.request or answer
        self._recall(a_leg.document)
        if begun.step >= len(self._plan.steps):
            raise DocumentError("it was read by another version of dialctl, and differently")
        step = self._plan.steps[begun.step]
        if not isinstance(step, FOLLOWED):
            self._let_it_end()
        if not isinstance(step, OWING):
            self._call.channel.require_alive()
        self._call.story.step(step.element, step.line)
        following = self._resumes[type(step)](self._call, step)
        left_out = following.steps if isinstance(following, Skip) else 0
        if not left_out and following is not None:
            return following
        self._call.channel.require_alive()
        return self._run_from(begun.step + 1 + left_out)

    def _recall(self, document: str) -> None:
        """Take up the document that an earlier controller was carrying out."""
        try:
            carried = unpack_document(document)
        except ValueError as error:
            raise DocumentError(f"it was kept in the channel and is damaged: {error}") from error
        self._stage = carried.stage
        self._plan = self._call.customer.plan(carried)

    def _let_it_end(self) -> None:
        """A call that is only followed goes on where its dialplan brings it."""
        if not self._call.observing:
            return
        try:
            self._call.channel.wait_for_its_end()
        except CallLost:
            raise
        except CallGone:
            pass  # so it never came there
