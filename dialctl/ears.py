"""To hear a party beside whatever its channel does: what the switch can, and how it is told to."""

import uuid
from typing import Any

from dialctl.channel import Channel
from dialctl.dial.heard import Heard
from dialctl.esl import commands, hearing
from dialctl.esl.frames import Headers


class Ears:
    """For parties of one call; told through its A-leg's ``channel``, or a callee's own.

    ``level`` is the loudness below which it is silent, on FreeSWITCH's scale.
    """

    def __init__(self, channel: Channel, level: int) -> None:
        """Raises CallGone, SwitchError."""
        self._channel = channel
        self._level = level
        self._folder = channel.ask(hearing.SCRATCH_FOLDER).strip()
        # Never taken back: they are few, and somebody else of the call may want them too.
        channel.write(commands.events(hearing.EVENTS))

    def hear_beeps(self) -> bool:
        """Whether the switch can. An application that it does not have ends the channel (seen).

        Raises CallGone, SwitchError.
        """
        return self._channel.ask(hearing.BEEP_MODULE_LOADED).strip() == "true"

    def listen(self, party: str, patience: float, silence: float, most: float) -> None:
        """Have it told when ``party``, a channel's UUID, is silent; see esl.hearing.listen."""
        file = hearing.scratch_file(self._folder, party)
        self._do(party, hearing.listen(file, patience, silence, self._level, most))

    def stop_listening(self, party: str) -> None:
        self._do(party, hearing.stop(hearing.scratch_file(self._folder, party)))

    def await_beep(self, party: str) -> None:
        self._do(party, hearing.AWAIT_BEEP)

    def stop_awaiting_beep(self, party: str) -> None:
        self._do(party, hearing.STOP_AWAITING_BEEP)

    def _do(self, party: str, application: tuple[str, str]) -> None:
        """Raises CallGone."""
        app, arg = application
        self._channel.write(commands.execute(app, arg, str(uuid.uuid4()), channel=party))


def heard(item: Any) -> Heard | None:
    """What something in an inbox says of a party that is listened to."""
    return hearing.heard(item) if isinstance(item, Headers) else None
