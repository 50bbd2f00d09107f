"""The application of Plivo's page on dial status reporting, unchanged but for its number."""

import pytest

from support.statusapp import StatusApp


@pytest.fixture
def application():
    app = StatusApp("1111111111").start()
    yield app
    app.stop()


@pytest.mark.parametrize(
    ("callee", "status", "cause", "rang"),
    [
        ("answer:1:2", "completed", "NORMAL_CLEARING", "true"),
        ("busy", "busy", "USER_BUSY", "false"),
    ],
)
def test_all_five_parameters_arrive(stage, application, callee, status, cause, rang):
    stage.start({}, {"1111111111": callee}, answer_url=f"{application.url}/dial/")
    a_leg = stage.call()
    (told,) = application.statuses
    b_leg = told.pop("DialBLegUUID")
    assert told == {
        "DialRingStatus": rang,
        "DialHangupCause": cause,
        "DialStatus": status,
        "DialALegUUID": a_leg.uuid,
    }
    assert bool(b_leg) == (status == "completed")
    # The example answers plain text where a document is expected.
    assert stage.request("/hangup")["HangupCauseCode"] == "8012"
    assert a_leg.answered_at  # it has heard "Connecting your call.."
