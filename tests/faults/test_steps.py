"""Every step of a document survives the death of its controller, and so does what it said before.

Also what may have changed when the next one comes: routes.yaml, apps.yaml, dialctl itself.
"""

import pytest

from support.webapp import Answer
from support.yard import PATIENCE, Runs, jobs_of

pytestmark = pytest.mark.real_time

CALLEES = {"1001": "answer:0.3:1.2", "1002": "answer:0.3:30", "1003": "answer:0.3:6"}
DIAL = '<Dial callbackUrl="/callback" action="/action"{}><Number>{}</Number></Dial>'
TONE = '<Play loop="{}">tone_stream://%({},0,440)</Play>'
CONNECTED = ["/answer StartApp", "/callback DialAnswer 1", "/callback DialConnected 1"]
ENDED = "/callback DialHangup 1 NORMAL_CLEARING 4000 Callee"
ACTION = "/action DialAction completed true NORMAL_CLEARING"
END = "/hangup Hangup 4010 Answer XML"
JOBS = {}


def job(name, *ways):
    """A scenario, in each of these ways: "alone", or "followed" by the switch's event socket."""

    def add(scenario):
        for way in ways or ("alone",):
            JOBS[f"{name}, {way}"] = (scenario, CALLEES, {"followed": way == "followed"})
        return scenario

    return add


def when_connected(yard, deed):
    """A callback that does something once, as soon as it hears of the connection."""

    def callback(request):
        if request.params["DialAction"] == "connected" and not yard.killer.struck:
            deed()
        return Answer("")

    return callback


def counted(yard, name):
    """How often an application has been run, as a list that grows."""
    run, ran = yard.switch.applications[name], []

    def count(thread, argument):
        ran.append(argument)
        run(thread, argument)

    yard.switch.applications = {**yard.switch.applications, name: count}
    return ran


def struck(yard, a_leg, after):
    """The controller dies so many seconds after the call has come."""
    yard.killer.armed = True
    yard.later(after, yard.killer.strike)
    return yard.hear(a_leg)


# What has changed meanwhile.


@job("routes", "alone", "followed")
def routes_have_changed(yard):
    """A leg is what it was, also if other endpoints lead to its target by now."""

    def deed():
        both = [f"sofia/gateway/{gateway}/{{number}}" for gateway in "ba"]
        yard.daemon.write("routes.yaml", {"numbers": [{"prefix": "", "endpoints": both}]})
        yard.killer.strike()

    yard.killer.armed = True
    yard.script(answer=DIAL.format("", "1001"), callback=when_connected(yard, deed))
    told = yard.hear(yard.place())
    legs = {r.params["DialBLegUUID"] for r in yard.web.requests if "DialBLegUUID" in r.params}
    assert len(legs) == 1, legs
    return told


@job("app gone", "alone", "followed")
def its_app_is_gone(yard):
    def deed():
        yard.daemon.write("apps.yaml", {"apps": [{**yard.app, "name": "other"}]})
        yard.killer.strike()

    yard.killer.armed = True
    yard.script(answer=DIAL.format("", "1003"), callback=when_connected(yard, deed))
    a_leg = yard.place()
    assert a_leg.wait(PATIENCE)
    assert "it had begun with app main, which is gone" in yard.log()
    assert a_leg.hangup_cause == "NO_ROUTE_DESTINATION"
    ((leg, answered),) = yard.times("answered").items()
    assert yard.times("hung up")[leg] - answered > 5.9, "the conversation was cut"


@job("progress", "alone")
def its_progress_cannot_be_read(yard):
    """It begins anew; nothing has the key of what was told before."""

    def deed():
        yard.switch.api("uuid_setvar", f"{a_leg.uuid} dialctl_progress {yard.progress}")
        yard.killer.strike()

    yard.progress = "eJyrVipTsjLUUUosKFCyUsovSi1RqgUANlIFtQ=="  # of version 9
    yard.killer.armed = True
    yard.script(answer=DIAL.format("", "1001"), callback=when_connected(yard, deed))
    a_leg = yard.place()
    return yard.hear(a_leg)


@job("document", "alone", "followed")
def its_document_cannot_be_read(yard):
    def deed():
        yard.switch.api("uuid_setvar", f"{a_leg.uuid} dialctl_document damaged")
        yard.killer.strike()

    yard.killer.armed = True
    yard.script(answer=DIAL.format("", "1003"), callback=when_connected(yard, deed))
    a_leg = yard.place()
    return yard.hear(a_leg)


# The steps.


@job("three sounds", "alone", "followed")
def three_sounds(yard):
    ran = counted(yard, "playback")
    yard.script(answer=TONE.format(3, 900))
    told = struck(yard, yard.place(), 0.5)
    assert len(ran) == 3
    return told


@job("endless sound", "alone", "followed")
def a_sound_without_end(yard):
    ran = counted(yard, "playback")
    yard.script(answer=TONE.format(0, 700))
    a_leg = yard.place()
    yard.later(1.5, lambda: yard.later(4, a_leg.hangup))
    told = struck(yard, a_leg, 0.5)
    assert len(ran) >= 3
    return told


@job("wait", "alone", "followed")
def wait(yard):
    yard.script(answer='<Wait length="4"/><Hangup/>')
    began = yard.switch.clock.now()
    told = struck(yard, yard.place(), 0.5)
    # The whole length, and no more than the time that nobody had the call is missing.
    assert 3.9 < yard.switch.clock.now() - began < 20
    return told


@job("keys", "alone", "followed")
def keys(yard):
    """Asked again: what was pressed before is not known."""
    prompt = '<GetDigits action="/action" numDigits="2" timeout="20">' + TONE.format(1, 500)
    yard.script(answer=prompt + "</GetDigits>", action="<Hangup/>")
    a_leg = yard.place()
    yard.later(0.2, a_leg.press, "9")
    yard.eventually(lambda: "<GetDigits>" in yard.log(), "it does not begin")
    yard.killer.armed = True
    yard.later(0.6, yard.killer.strike)
    again = "picked up from another controller"
    yard.eventually(lambda: again in yard.log() and "<Play>" in yard.log().partition(again)[2], "-")
    yard.later(0.8, a_leg.press, "42")
    return yard.hear(a_leg)


@job("early media", "alone")
def early_media(yard):
    yard.script(answer="<PreAnswer>" + TONE.format(1, 900) + '</PreAnswer><Hangup reason="busy"/>')
    a_leg = yard.place()
    told = struck(yard, a_leg, 0.5)
    assert a_leg.sip_status == 486, "it was answered"
    return told


@job("scheduled", "followed")
def a_scheduled_hangup(yard):
    """Whoever follows the call keeps the time."""
    yard.script(
        answer='<Hangup schedule="4"/>' + DIAL.format("", "1002"),
        callback=when_connected(yard, yard.killer.strike),
    )
    yard.killer.armed = True
    began = yard.switch.clock.now()
    told = yard.hear(yard.place())
    assert 3.9 < yard.switch.clock.now() - began < 15
    return told


@job("scheduled, nobody comes", "alone")
def a_scheduled_hangup_while_nobody_comes(yard):
    """The switch has been told as well, some seconds later, for this very case."""

    def deed():
        yard.killer.struck.add("for ever")
        yard.daemon.slay()

    answer = '<Hangup schedule="1"/>' + DIAL.format("", "1002")
    yard.script(answer=answer, callback=when_connected(yard, deed))
    a_leg = yard.place()
    assert a_leg.wait(PATIENCE), "nobody has ended it"
    yard.daemon.start()
    yard.place()  # whose socket is asked
    return yard.hear(a_leg)


@job("key sequences", "followed")
def key_sequences(yard):
    """Each match has a key of its own, whoever tells of it."""

    def callback(request):
        action = request.params["DialAction"]
        if action == "connected" and not yard.killer.struck:
            a_leg.press("1")
        elif action == "digits":
            yard.killer.strike()
        return Answer("")

    yard.killer.armed = True
    yard.script(answer=DIAL.format(' digitsMatch="1"', "1003"), callback=callback)
    a_leg = yard.place()
    again = "picked up from another controller"
    yard.eventually(lambda: "connected" in yard.log().partition(again)[2], "it is not followed")
    a_leg.press("1")
    return yard.hear(a_leg)


@pytest.fixture(scope="module")
def runs(request, tmp_path_factory):
    runs = Runs(JOBS, jobs_of(request.session.items), tmp_path_factory)
    yield runs
    runs.stop()


def of(*scenarios):
    named = [name for name in JOBS if name.rpartition(",")[0] in scenarios]
    return pytest.mark.parametrize("job", named)


@of("routes")
def test_a_leg_is_what_it_was_though_the_routes_have_changed(runs, job):
    assert runs.result(job) == [*CONNECTED, ENDED, ACTION, END]


@of("app gone")
def test_a_call_whose_app_is_gone_is_talked_to_its_end(runs, job):
    runs.result(job)


@of("progress")
def test_a_call_begins_anew_whose_progress_cannot_be_read(runs, job):
    assert runs.result(job) == [*CONNECTED, *CONNECTED[1:], ENDED, ACTION, END]


@of("document")
def test_a_call_whose_document_cannot_be_read_is_talked_to_its_end(runs, job):
    assert runs.result(job) == [*CONNECTED, "/hangup Hangup 8011 Error"]


@of("three sounds")
def test_a_sound_is_heard_as_often_as_it_shall_be(runs, job):
    assert runs.result(job) == ["/answer StartApp", END]


@of("endless sound")
def test_a_sound_without_end_goes_on(runs, job):
    assert runs.result(job) == ["/answer StartApp", "/hangup Hangup 4000 Caller"]


@of("wait")
def test_a_wait_goes_on(runs, job):
    assert runs.result(job) == ["/answer StartApp", "/hangup Hangup 4000 Answer XML"]


@of("keys")
def test_the_caller_is_asked_again_for_keys(runs, job):
    told = runs.result(job)
    assert told == ["/answer StartApp", "/action Redirect 42", "/hangup Hangup 4000 Answer XML"]


@of("early media")
def test_early_media_begins_again(runs, job):
    assert runs.result(job) == ["/answer StartApp", "/hangup Hangup 3010 Answer XML"]


@of("scheduled", "scheduled, nobody comes")
def test_a_scheduled_hangup_is_kept(runs, job):
    told = runs.result(job)
    assert told[:3] == CONNECTED
    assert told[-1] == "/hangup Hangup 6000 Answer XML"


@of("key sequences")
def test_a_key_sequence_has_a_key_of_its_own(runs, job):
    told = runs.result(job)
    assert told.count("/callback DialDigitsMatch 1 1") == 2, told
