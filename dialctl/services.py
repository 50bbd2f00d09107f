"""What every call shares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialctl.callee import Questions
from dialctl.clock import Clock
from dialctl.conference.recording import Recordings as RoomRecordings
from dialctl.customer import Post
from dialctl.metrics import Metrics
from dialctl.plan import Step
from dialctl.settings import Settings
from dialctl.sounds import Sounds
from dialctl.story import Stories
from dialctl.verbs import Run
from dialctl.workers.mesh import Mesh

if TYPE_CHECKING:
    from dialctl.call import Call


@dataclass(frozen=True)
class Services:
    """What every call shares."""

    settings: Settings
    post: Post
    sounds: Sounds
    clock: Clock
    metrics: Metrics
    stories: Stories
    owner: str  # this controller's name, one for each start
    mesh: Mesh  # to the other workers of this daemon
    verbs: Mapping[type[Step], Run]
    resumes: Mapping[type[Step], Run]
    connected: Callable[["Call"], None]  # told of every call's socket
    ask_fate: Callable[["Call"], None]  # as Channel's
    calls: dict[str, "Call"] = field(default_factory=dict)  # that are up, by UUID
    questions: Questions = field(default_factory=dict)  # to callees who are asked to confirm
    room_recordings: RoomRecordings = field(default_factory=dict)  # a room's calls share them
    asking: set[str] = field(default_factory=set)  # callees who are just being asked
