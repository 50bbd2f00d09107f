"""Every recorded scenario played against the double, and its answers held against the recording."""

import collections

from dialctl.clock import Clock

from traces import recording
from traces.recording import Frame

SPEED = 10
PATIENCE = 12.0  # seconds of call time for a frame to come

# Set when the caller's ACK comes in, some milliseconds before or after CHANNEL_BRIDGE.
ACK = {
    f"variable_sip_{name}"
    for name in (
        [
            "to_tag",
            "from_tag",
            "cseq",
            "call_id",
            "full_via",
            "from_display",
            "full_from",
            "full_to",
        ]
    )
}


class Played:
    """A scenario on the double: the frames that came, per connection."""

    def __init__(self, name: str) -> None:
        self.rows = recording.load(name)
        self.clock = Clock(SPEED)
        self.frames: dict[int, list[Frame]] = collections.defaultdict(list)
