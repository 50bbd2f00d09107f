"""The controller dies in the middle of a call (kill -9): nothing is lost, nobody is cut off.

Each call is made twice: undisturbed, and with the controller killed at one moment of it and started
again half a second later. The application must have heard the same, in the same order, each thing
under one key.
"""

import gevent
import pytest

from support import fault
from support.fault import AWAY
from support.webapp import Answer

from .numbers import BUSY, answers, dial, number, presses_five, refuses, response, user

TONE = "tone_stream://%({},0,440)"
CONFIRM = response(f"<Play>{TONE.format(9000)}</Play>")


class Killer(fault.Killer):
    """Kills the daemon once, when the moment has come."""

    def __init__(self, live):
        super().__init__(live.daemon)
        self._events = live.switch.events

    def on(self, predicate):
        """Strike at the first of the switch's events that fits."""
        events = self._events
        gevent.spawn(
            lambda: (
                events.wait_for(lambda: any(map(predicate, events.events)), 10) and self.strike()
            )
        )


def of_callee(name):
    return lambda event: (
        event.name == name and event.get("Channel-Name", "").startswith("sofia/callee/")
    )


@pytest.fixture
def killer(live, control):
    return Killer(live)


def hear(live, call):
    """What the application has heard, each thing once: the lines that must be the same."""
    call.ended()
    came = live.web.wait_for(fault.is_over(call.call_uuid), 10)
    lines = fault.heard(live.web.requests, call.call_uuid)
    assert came, f"{lines}\n{live.log()}"
    return lines


def check(live, place, arm, same=list):
    """``same``: what of the lines must be equal."""
    place()
    undisturbed = hear(live, live.call())
    live.end()
    live.begin()
    place(arm)
    call = live.call()
    disturbed = hear(live, call)
    assert same(disturbed) == same(undisturbed), live.log()
    return disturbed


ANN, BOB = answers(0.4, 1.5), refuses(BUSY, 0.3)
SEQUENTIAL = {"sequential": "true"}

MOMENTS = {
    "at the caller's arrival": (
        "event",
        lambda event: (
            event.name == "CHANNEL_CREATE" and "internal" in event.get("Channel-Name", "")
        ),
    ),
    "the bridge has been sent": ("event", of_callee("CHANNEL_CREATE")),
    "ringing": ("event", of_callee("CHANNEL_PROGRESS")),
    "at the answer": ("event", of_callee("CHANNEL_ANSWER")),
    "as the callee hangs up": ("event", of_callee("CHANNEL_HANGUP_COMPLETE")),
    "in the answer request": ("/answer", None),
    "in the answer callback": ("answer", None),
    "bridged": ("connected", None),
    "in the hangup callback": ("hangup", None),
    "in the action request": ("/action", None),
    "in the next document": ("/next", None),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_at_each_moment(live, killer, moment):
    where, predicate = MOMENTS[moment]

    def place(*_, killer=killer):
        armed = bool(_)
        killer.armed = armed
        ask = killer.when_asked if armed else lambda answer, delay=0.2: Answer(answer, delay=delay)
        dialled = live.told(ANN)
        after = response(f"<Play>{TONE.format(800)}</Play><Redirect>{live.url('/next')}</Redirect>")
        documents = {"answer": dialled, "action": after, "next": response("<Hangup/>")}
        if where.lstrip("/") in documents and where.startswith("/"):
            documents[where[1:]] = ask(documents[where[1:]])

        def callback(request):
            if armed and request.params["DialAction"] == where:
                killer.strike()
            return Answer("")

        live.script(documents.pop("answer"), callback=callback, **documents)
        if armed and where == "event":
            killer.on(predicate)

    heard = check(live, place, True)
    assert heard[-1] == "/hangup Hangup 4000 Answer XML"


def test_between_two_rounds(live, killer):
    def place(*armed):
        killer.armed = bool(armed)

        def callback(request):
            if request.params["DialBLegPosition"] == "1":
                killer.strike()
            return Answer("")

        live.script(live.told(BOB, ANN, **SEQUENTIAL), callback=callback, action=response())

    check(live, place, True)


def test_three_deaths_in_one_call(live, killer):
    def place(*armed):
        killer.armed = bool(armed)

        def callback(request):
            killer.strike(request.params["DialAction"] == "connected" and "connected")
            return Answer("")

        def action(request):
            killer.strike("action")
            return Answer(
                response(dial(BOB), f"<Redirect>{live.url('/next')}</Redirect>"), delay=0.2
            )

        def following(request):
            killer.strike("next")
            return Answer(response("<Hangup/>"), delay=0.2)

        killer.struck = {False}
        live.script(live.told(ANN), callback=callback, action=action, next=following)

    check(live, place, True)
    assert killer.struck == {False, "connected", "action", "next"}


def test_while_a_callee_is_asked_to_confirm(live, killer):
    """He is not connected; the other one, who rings, is asked by who follows the call."""
    killer.armed = True
    urls = {
        "callbackUrl": live.url("/callback"),
        "confirmSound": live.url("/confirm"),
        "confirmKey": "5",
    }

    def confirm(request):
        gevent.spawn_later(0.2, killer.strike)
        return Answer(CONFIRM)

    live.script(
        response(
            dial(number(answers(0.2, 5)), number(presses_five(2.5, 1.0)), **urls), "<Hangup/>"
        ),
        confirm=confirm,
    )
    heard = hear(live, live.call())
    ended = {line.split()[2]: line for line in heard if "DialHangup" in line}
    assert "9110" in ended["1"], heard
    connected = "/callback DialConnected 2" in heard
    assert connected == live.followed, heard  # only who follows the call knows what to ask


def test_while_it_is_found_out_what_a_callee_is(live, killer):
    """As above: who is held back is not connected; of the one who rings it is found out."""
    killer.armed = True

    def callback(request):
        gevent.spawn_later(0.2, killer.strike)
        return Answer("")

    urls = {"callbackUrl": live.url("/callback"), "machineDetection": "hangup"}
    targets = number(answers(0.2, 9)), number(answers(2.5, 6.0))
    live.script(response(dial(*targets, **urls), "<Hangup/>"), callback=callback)
    heard = hear(live, live.call())
    found = {}
    for r in live.web.requests:
        if r.params["Event"] == "MachineDetection":  # the first under its key counts
            found.setdefault(r.params["DialBLegPosition"], r.params["MachineDetectionResult"])
    assert found["1"] == "unknown"
    assert (found.get("2") == "silence") == live.followed
    assert ("/callback DialConnected 2" in heard) == live.followed, heard


def test_the_caller_hangs_up_while_nobody_has_the_call(live, killer):
    killer.armed = True

    def callback(request):
        if request.params["DialAction"] == "connected":
            killer.strike()
            gevent.spawn_later(0.2, call.hang_up)
        return Answer("")

    documents = [live.told(answers(0.2, 9)), response("<Hangup/>")]
    live.script(documents, callback=callback, action=response())
    call = live.call()
    call.ended()
    if not live.followed:
        gevent.sleep(AWAY + 0.1)
        live.daemon.wait_for_line(["ready"], 5)
        live.call()  # the first call after the start is asked
    heard = hear(live, call)
    assert "/callback DialHangup 1 NORMAL_CLEARING 4000 Caller" in heard, heard
    assert "/action DialAction completed true NORMAL_CLEARING" in " ".join(heard)
    assert "/hangup Hangup 4000 Caller" in heard


def test_a_users_two_telephones_are_known_again(live, killer):
    """Their channels are FreeSWITCH's own: nobody has chosen their UUIDs."""

    def place(*armed):
        killer.armed = bool(armed)

        def callback(request):
            if request.params["DialAction"] == "connected":
                killer.strike()
            return Answer("")

        live.script(live.told(user("sip:talker@lab.local")), callback=callback, action=response())

    heard = check(live, place, True)
    assert "/callback DialConnected 1" in heard
    connected = [r for r in live.web.requests if r.params["Event"] == "DialConnected"]
    ended = [r for r in live.web.requests if r.params["Event"] == "DialHangup"]
    assert connected[-1].params["DialBLegUUID"] in {r.params["DialBLegUUID"] for r in ended}


def test_a_sound_is_heard_as_often_as_it_shall_be(live, killer):
    killer.armed = True
    live.script(response(f'<Play loop="3">{TONE.format(900)}</Play>'))
    call = live.call()
    call.answered()
    call.after(0.4, killer.strike)
    assert hear(live, call) == ["/answer StartApp", "/hangup Hangup 4010 Answer XML"]
    heard = [what for what, _ in call.applications() if what == "playback"]
    assert len(heard) == 3, call.applications()


def test_a_scheduled_hangup_is_kept_though_nobody_comes(live, killer):
    """FreeSWITCH has been told as well, five seconds later, for this very case."""

    def callback(request):
        if request.params["DialAction"] == "connected" and not killer.struck:
            killer.struck.add("for ever")
            live.daemon.slay()
        return Answer("")

    answer = response('<Hangup schedule="1"/>', dial(answers(0.2, 9.9), callbackUrl="/callback"))
    live.script([answer, response("<Hangup/>")], callback=callback)
    call = live.call()
    answered, ended = call.answered(), call.ended()
    assert 4 < ended.at - answered.at < 8.5
    live.daemon.start()
    if not live.followed:
        live.call()  # the first call after the start is asked
    assert hear(live, call)[-1] == "/hangup Hangup 6000 Answer XML"


def record(live, **attributes):
    urls = {"action": live.url("/record"), "callbackUrl": live.url("/ready"), "fileFormat": "wav"}
    text = "".join(f' {name}="{value}"' for name, value in {**urls, **attributes}.items())
    return f"<Record{text}/>"


def length_told(live):
    (ready,) = {
        r.params["RecordingDurationMs"]
        for r in live.web.requests[-6:]
        if r.params["Event"] == "RecordStop"
    }
    return int(ready) / 1000


@pytest.mark.parametrize(
    ("mode", "seconds"),
    [("recordSession", "60"), ("startOnDialAnswer", "60"), ("recordSession", "2")],
)
def test_a_recording_in_the_background_goes_on(live, killer, mode, seconds):
    """It lasts as long as ever; killed in the conversation, which has two and a half seconds."""

    def place(*armed):
        killer.armed = bool(armed)

        def callback(request):
            if request.params["DialAction"] == "connected":
                gevent.spawn_later(0.6, killer.strike)
            return Answer("")

        document = record(live, **{mode: "true", "maxLength": seconds, "redirect": "false"})
        live.script(
            response(document, dial(answers(0.4, 2.5), callbackUrl=live.url("/callback"))),
            callback=callback,
        )

    # Its two seconds are over while nobody has the call, unless it is followed.
    heard = check(live, place, True, sorted if seconds == "2" else list)
    assert " ".join(heard).count("RecordStop") == 1
    assert length_told(live) == pytest.approx(2.0 if seconds == "2" else 2.5, abs=1.0)


def test_a_message_goes_on(live, killer):
    """The caller speaks while nobody has the call, and ends it with a key."""

    def place(*armed):
        killer.armed = bool(armed)
        document = record(live, finishOnKey="#", playBeep="false")
        live.script(response(document), record=response())

    place()
    undisturbed = said_and_ended(live)
    live.end()
    live.begin()
    place(True)
    gevent.spawn_later(1.0, killer.strike)
    assert said_and_ended(live) == undisturbed, live.log()
    assert length_told(live) == pytest.approx(3.0, abs=0.5)


def said_and_ended(live):
    call = live.call()
    call.answered()
    call.speaks(5)
    call.after(3.0, call.press, "#")
    return hear(live, call)


def test_the_caller_hangs_up_while_nobody_records(live, killer):
    killer.armed = True
    recorded = record(live, recordSession="true", redirect="false")
    live.script([response(recorded, '<Wait length="9"/>'), response("<Hangup/>")])
    call = live.call()
    call.answered()
    call.after(1.5, killer.strike)
    call.after(1.8, call.hang_up)
    call.ended()
    if not live.followed:
        gevent.sleep(AWAY + 0.5)
        live.daemon.wait_for_line(["ready"], 5)
        live.call()  # the first call after the start is asked
    heard = hear(live, call)
    assert "RecordStop" in " ".join(heard), live.log()
    assert length_told(live) == pytest.approx(1.8, abs=0.5)
