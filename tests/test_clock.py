import time

import pytest
from dialctl.clock import Clock


def test_time_runs_as_fast_as_it_is_told():
    clock = Clock(speed=1000)
    began, wall = clock.now(), clock.wall()
    clock.sleep(10)
    assert clock.now() - began >= 10
    assert clock.wall() - wall >= 10
    assert clock.real(10) == 0.01


def test_at_speed_one_it_is_the_walls():
    assert Clock().wall() == pytest.approx(time.time(), abs=5)
    assert Clock().real(3) == 3


@pytest.mark.parametrize("speed", [0, -1])
def test_time_runs_forward(speed):
    with pytest.raises(ValueError, match="speed must be above 0"):
        Clock(speed)
