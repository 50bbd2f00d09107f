"""Every recording of a real FreeSWITCH, played against the double, gives the same again.

Same means: the events of each leg in their order, their header names in the exact order, their
values, the replies to commands and the disconnect notice. traces/compare.py names what may differ.
"""

from pathlib import Path

import pytest

from traces import recording
from traces.compare import differences
from traces.player import Player


def test_all_29_scenarios_of_the_lab_are_there() -> None:
    assert len(recording.LAB) == 29
    assert set(recording.LAB) <= set(recording.NAMES)


@pytest.mark.parametrize("name", recording.NAMES)
def test_the_double_says_what_freeswitch_said(name: str, tmp_path: Path) -> None:
    player = Player(name, str(tmp_path))
    player.play()
    assert differences(player, name) == []
