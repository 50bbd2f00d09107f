import pytest
from dialctl.dial import causes
from dialctl.model import ChannelEnd


def test_who_did_not_confirm_did_not_answer():
    assert causes.status(ChannelEnd("CALL_REJECTED", unconfirmed=True)) == "no-answer"


@pytest.mark.parametrize(
    ("cause", "sip_status", "status"),
    [
        ("USER_BUSY", 486, "busy"),
        ("CALL_REJECTED", 603, "busy"),
        ("CALL_REJECTED", 403, "failed"),
        ("CALL_REJECTED", 608, "failed"),
        ("NO_ANSWER", 487, "no-answer"),
        ("NO_USER_RESPONSE", 480, "no-answer"),
        ("RECOVERY_ON_TIMER_EXPIRE", 408, "timeout"),
        ("UNALLOCATED_NUMBER", 404, "failed"),
        ("SOMETHING_NEW", 0, "failed"),
    ],
)
def test_status_of_a_leg_that_was_never_connected(cause, sip_status, status):
    assert causes.status(ChannelEnd(cause, sip_status=sip_status)) == status
