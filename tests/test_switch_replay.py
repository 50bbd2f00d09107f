"""Every recording of a real FreeSWITCH, played against the double, gives the same again.

Same means: the events of each leg in their order, their header names in the exact order, their
values, the replies to commands and the disconnect notice. traces/compare.py names what may differ.
"""

from collections.abc import Mapping

import gevent
import pytest

from traces import recording
from traces.compare import differences
from traces.player import Player

# A machine that stands still for a tenth of a second has lost a second of a call at the first
# speed: what was not the same is played again at the next one.
SPEEDS = (8, 4, 2)
APART = 0.02  # seconds from one start to the next: sixty calls at once are not what this tests


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """What was not as recorded, by scenario. All are played side by side."""
    folder = str(tmp_path_factory.mktemp("recorded"))
    found: dict[str, list[str]] = dict.fromkeys(recording.NAMES, ["not played yet"])
    for speed in SPEEDS:
        players = {name: Player(name, speed, folder) for name, left in found.items() if left}
        running = []
        for player in players.values():
            running.append(gevent.spawn(player.play))
            gevent.sleep(APART)
        gevent.joinall(running, timeout=60, raise_error=True)
        for name, player in players.items():
            found[name] = differences(player, name)
    return found


def test_all_29_scenarios_of_the_lab_are_there() -> None:
    assert len(recording.LAB) == 29
    assert set(recording.LAB) <= set(recording.NAMES)


@pytest.mark.parametrize("name", recording.NAMES)
def test_the_double_says_what_freeswitch_said(found: Mapping[str, list[str]], name: str) -> None:
    assert found[name] == []
