"""A recording under way, as it is kept with the call for the next controller."""

import pytest
from dialctl.plan import Hook
from dialctl.progress import Progress, Taping, pack, unpack

NAME = "b2c1e1f0-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    "taping",
    [
        Taping(NAME, f"/rec/{NAME}.mp3", f"http://x/{NAME}.mp3", "line 2: <Record>"),
        Taping(
            NAME,
            f"/rec/{NAME}.wav",
            f"http://x/{NAME}.wav",
            "line 2: <Record>",
            started=1795245263.5,
            seconds=60.0,
            stereo=True,
            background=True,
            callback=Hook("http://app/recorded#rc=2", "GET"),
        ),
    ],
    ids=["waits", "records"],
)
def test_it_comes_back_as_it_was(taping):
    progress = Progress("main", documents=1, tapings=(taping, taping))
    assert unpack(pack(progress)) == progress
