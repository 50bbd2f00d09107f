"""The controller dies in the middle of a call (kill -9): nothing is lost, nobody is cut off.

What an undisturbed call tells is the measure: with the controller killed at any moment and started
again half a second later, the application hears the same, in the same order, each thing under one
key. ``alone``: FreeSWITCH brings the call back by itself; ``followed``: the daemon may use its
event socket. tests/live/test_death.py does the same to a real FreeSWITCH.
"""

from functools import partial

import gevent
import pytest

from support.fault import AWAY
from support.webapp import Answer
from support.yard import Runs, jobs_of

pytestmark = pytest.mark.real_time

CALLEES = {
    "1001": "answer:0.4:1.2",
    "1002": "busy",
    "1003": "ring",
    "1004": "answer:0.2:9",
}
ANN, BOB, RINGS, TALKER = (f"<Number>{number}</Number>" for number in CALLEES)
DIAL = '<Dial callbackUrl="/callback" action="/action"{}>{}</Dial>'
TONE = "<Play>tone_stream://%({},0,440)</Play>"
HANGUP = "<Response><Hangup/></Response>"
HOW = ("alone", "followed")

# Where: the switch's own words, a callback's DialAction, or a path that is asked.
MOMENTS = {
    "undisturbed": "",
    "before the answer request": ("A", "arrived"),
    "in the answer request": "/answer",
    "the bridge has been sent": ("leg", "created"),
    "ringing": ("leg", "ringing"),
    "at the answer": ("leg", "answered"),
    "in the answer callback": "answer",
    "bridged": "connected",
    "as the callee hangs up": ("leg", "hung up"),
    "in the hangup callback": "hangup",
    "in the action request": "/action",
    "in a sound": ("A", "bridged"),  # and a second later
    "in the next document": "/next",
}
DOCUMENTS = {
    "answer": DIAL.format("", ANN),
    "action": TONE.format(800) + "<Redirect>/next</Redirect>",
    "next": "<Hangup/>",
}
TELLS = [
    "/answer StartApp",
    "/callback DialAnswer 1",
    "/callback DialConnected 1",
    "/callback DialHangup 1 NORMAL_CLEARING 4000 Callee",
    "/action DialAction completed true NORMAL_CLEARING",
    "/next Redirect",
    "/hangup Hangup 4000 Answer XML",
]


def at_a_moment(yard, moment):
    """One call, and the controller killed at that moment of it."""
    killer = yard.killer
    documents = dict(DOCUMENTS)
    if isinstance(moment, str) and moment.startswith("/"):
        path = moment[1:]
        documents[path] = killer.when_asked(f"<Response>{documents[path]}</Response>")

    def callback(request):
        if request.params["DialAction"] == moment:
            killer.strike()
        return Answer("")

    yard.script(callback=callback, **documents)
    killer.armed = True
    if moment == ("A", "bridged"):
        yard.on(*moment, lambda: yard.later(1.6, killer.strike))
    elif isinstance(moment, tuple):
        yard.on(*moment, killer.strike)
    a_leg = yard.place()
    if moment == ("A", "arrived"):
        killer.strike()
    told = yard.hear(a_leg)
    assert killer.struck or not moment, "it did not come to that"
    return told


def between_two_rounds(yard):
    def callback(request):
        if request.params["DialBLegPosition"] == "1":
            yard.killer.strike()
        return Answer("")

    yard.killer.armed = True
    yard.script(answer=DIAL.format(' sequential="true"', BOB + ANN), callback=callback)
    return yard.hear(yard.place())


def three_times(yard):
    """In the first Dial, in the request after it, in the document after the second Dial."""

    def callback(request):
        yard.killer.strike(request.params["DialAction"] == "connected" and "bridged")
        return Answer("")

    def action(request):
        yard.killer.strike("action")
        second = DIAL.format("", BOB) if request.params["DialStatus"] == "completed" else ""
        return Answer(f"<Response>{second}<Redirect>/next</Redirect></Response>", delay=0.2)

    yard.killer.armed = True
    yard.killer.struck = {False}
    following = yard.killer.when_asked(HANGUP, moment="next")
    yard.script(answer=DIAL.format("", ANN), callback=callback, action=action, next=following)
    told = yard.hear(yard.place())
    assert yard.killer.struck == {False, "bridged", "action", "next"}
    return told


def as_soon_as_it_is_back(yard):
    """Whoever comes back to the call dies before it has said a word of it."""

    def callback(request):
        if request.params["DialAction"] == "hangup":
            yard.killer.strike()
        return Answer("")

    def pick_up():
        # The call's second connection: the daemon has just read whose call it is.
        yard.eventually(lambda: yard.killer.struck and yard.daemon.running, "it is away", 20)
        yard.eventually(lambda: len(yard.switch.listeners), "the call is not back", 20)
        yard.killer.strike("again")

    yard.killer.armed = True
    yard.script(callback=callback, **DOCUMENTS)
    a_leg = yard.place()
    gevent.spawn(pick_up)
    told = yard.hear(a_leg)
    assert yard.killer.struck == {"", "again"}
    return told


def while_a_callee_is_asked_to_confirm(yard):
    def confirm(_request):
        yard.later(0.2, yard.killer.strike)
        return Answer("<Response>" + TONE.format(9000) + "</Response>")

    yard.killer.armed = True
    how = ' confirmSound="/confirm" confirmKey="5"'
    yard.script(answer=DIAL.format(how, TALKER + RINGS) + "<Hangup/>", confirm=confirm)
    a_leg = yard.place()
    yard.eventually(lambda: yard.killer.struck, "nobody was asked")
    back = "leg 1 1004 ended" if yard.followed else "ready, calls"
    yard.eventually(lambda: back in yard.log().partition("answered")[2], "it is not back")
    yard.answer("1003", press="5")
    return yard.hear(a_leg)


def the_caller_hangs_up_meanwhile(yard):
    def callback(request):
        if request.params["DialAction"] == "connected":
            yard.killer.strike()
            yard.later(AWAY / 2, a_leg.hangup)
        return Answer("")

    yard.killer.armed = True
    yard.script(answer=DIAL.format("", TALKER) + "<Hangup/>", callback=callback)
    a_leg = yard.place()
    a_leg.wait(9)
    if not yard.followed:
        yard.eventually(lambda: "ready" in yard.log().partition("connected")[2], "it is away")
        another = yard.place()  # whose socket is asked for those who have none any more
        yard.later(3, another.hangup)
    return yard.hear(a_leg)


def two_telephones(yard):
    """The channels of a user are the switch's own: the Dial knows none of their UUIDs."""

    def callback(request):
        if request.params["DialAction"] == "connected":
            yard.killer.strike()
        return Answer("")

    yard.killer.armed = True
    twin = "<User>sip:twin@example.com</User>"
    yard.script(answer=DIAL.format("", twin + RINGS), callback=callback)
    return yard.hear(yard.place())


SCENARIOS = {
    "between two rounds": (between_two_rounds, []),
    "three times": (three_times, []),
    "as soon as it is back": (as_soon_as_it_is_back, []),
    "while a callee is asked": (while_a_callee_is_asked_to_confirm, []),
    "the caller hangs up meanwhile": (the_caller_hangs_up_meanwhile, []),
    "a user's two telephones": (two_telephones, []),
    **{moment: (at_a_moment, [where]) for moment, where in MOMENTS.items()},
}
JOBS = {
    f"{how}: {name}": (
        partial(lambda yard, do, with_: do(yard, *with_), do=do, with_=arguments),
        CALLEES,
        {"followed": how == "followed"},
    )
    for how in HOW
    for name, (do, arguments) in SCENARIOS.items()
}


@pytest.fixture(scope="module")
def runs(request, tmp_path_factory):
    runs = Runs(JOBS, jobs_of(request.session.items), tmp_path_factory)
    yield runs
    runs.stop()


def of(*scenarios):
    return pytest.mark.parametrize("job", [f"{how}: {name}" for how in HOW for name in scenarios])


@of(*MOMENTS, "as soon as it is back")
def test_at_each_moment(runs, job):
    assert runs.result(job) == TELLS


@of("between two rounds")
def test_the_next_round_is_rung_by_the_next_controller(runs, job):
    assert runs.result(job) == [
        "/answer StartApp",
        "/callback DialHangup 1 USER_BUSY 3010 Callee",
        "/callback DialAnswer 2",
        "/callback DialConnected 2",
        "/callback DialHangup 2 NORMAL_CLEARING 4000 Callee",
        "/action DialAction completed true NORMAL_CLEARING",
        "/hangup Hangup 4010 Answer XML",
    ]


@of("three times")
def test_three_deaths_in_one_call(runs, job):
    assert runs.result(job) == [
        *TELLS[:5],
        "/callback DialHangup 1 USER_BUSY 3010 Callee",
        "/action DialAction busy false USER_BUSY",
        *TELLS[5:],
    ]


@of("while a callee is asked")
def test_nobody_is_connected_who_has_not_confirmed(runs, job):
    """The one who was asked is not; the one who rings is asked by who follows the call."""
    told = runs.result(job)
    (first,) = [line for line in told if "DialHangup 1" in line]
    assert "9110" in first, told
    assert ("/callback DialConnected 2" in told) == job.startswith("followed"), told


@of("the caller hangs up meanwhile")
def test_the_end_is_told_of_a_call_that_nobody_had(runs, job):
    assert runs.result(job) == [
        *TELLS[:3],
        "/callback DialHangup 1 NORMAL_CLEARING 4000 Caller",
        "/action DialAction completed true NORMAL_CLEARING",
        "/hangup Hangup 4000 Caller",
    ]


@of("a user's two telephones")
def test_the_channels_that_the_switch_has_named_are_known_again(runs, job):
    assert runs.result(job) == [
        *TELLS[:3],
        "/callback DialHangup 2 LOSE_RACE 9000 Plivo",
        *TELLS[3:5],
        "/hangup Hangup 4010 Answer XML",
    ]
