"""FreeSWITCH's own event socket answers as the tests of its built-in double say it does."""

import pytest

from support.inbound import TALK, WRONG, hold_to


@pytest.mark.parametrize("talk", [TALK, WRONG])
def test_it_answers_as_is_said(live, talk):
    assert hold_to(("127.0.0.1", live.switch.event_port), talk) == []
