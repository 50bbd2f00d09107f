"""The application of Plivo's page on dial status reporting, called through a real switch."""

from support.statusapp import StatusApp

from .numbers import answers, response


def test_all_five_parameters_arrive(live):
    app = StatusApp(answers(0.2, 0.4)).start()
    try:
        live.script(response(f"<Redirect>{app.url}/dial/</Redirect>"))
        call = live.call()
        assert app.told.wait(15), live.log()
        assert live.web.wait_for(lambda got: any(r.path == "/hangup" for r in got), 10)
    finally:
        app.stop()
    (told,) = app.statuses
    assert told.pop("DialBLegUUID")
    assert told == {
        "DialRingStatus": "true",
        "DialHangupCause": "NORMAL_CLEARING",
        "DialStatus": "completed",
        "DialALegUUID": call.call_uuid,
    }
    over = next(r for r in live.web.requests if r.path == "/hangup")
    assert over.params["HangupCauseCode"] == "8012"  # it answers plain text, as on Plivo's page
