"""To kill a daemon at a moment, and what the application must have heard all the same.

A call is made twice: undisturbed, and disturbed. The application must have heard the same, in the
same order, each thing under one key.
"""

import gevent

from support.webapp import Answer

AWAY = 0.5  # seconds without a controller

# What a call tells whose callee answers and hangs up, as ``heard`` has it.
COMPLETED = [
    "/answer StartApp",
    "/callback DialAnswer 1",
    "/callback DialConnected 1",
    "/callback DialHangup 1 NORMAL_CLEARING 4000 Callee",
    "/action DialAction completed true NORMAL_CLEARING",
    "/hangup Hangup 4010 Answer XML",
]
# What a request says that a disturbance must not change: neither times nor UUIDs.
SAID = (
    "Event",
    "DialBLegPosition",
    "DialBLegHangupCause",
    "DialBLegHangupCauseCode",
    "DialBLegHangupSource",
    "DialStatus",
    "DialRingStatus",
    "DialHangupCause",
    "DialDigitsMatch",
    "HangupCauseCode",
    "HangupSource",
    "Digits",
)


def line(request):
    said = [request.params[name] for name in SAID if name in request.params]
    return " ".join([request.path, *said])


def heard(requests, call_uuid):
    """What the application has heard of a call, each thing once."""
    lines, keys = [], {}
    for request in requests:
        if request.params.get("CallUUID") != call_uuid:
            continue
        # A request that only asks has no key: it is made again by the next controller.
        key = request.headers.get("idempotency-key", request.path)
        if key not in keys:
            lines.append(line(request))
        assert keys.setdefault(key, line(request)) == line(request), f"two things under {key}"
    return lines


def is_over(call_uuid):
    """For ``WebApp.wait_for``: the application has heard the end of the call."""
    over = ("/hangup", call_uuid)
    return lambda requests: any((r.path, r.params.get("CallUUID")) == over for r in requests)


class Killer:
    """Kills the daemon once at each moment that has a name, and starts it again soon."""

    def __init__(self, daemon, away=AWAY):
        self._daemon = daemon
        self._away = away
        self.armed = False
        self.struck = set()
        self._stopped = False
        self._restart = gevent.spawn(lambda: None)

    def strike(self, moment=""):
        if self.armed and moment not in self.struck:
            self.struck.add(moment)
            self._daemon.slay()
            self._restart = gevent.spawn(self._start_again)

    def _start_again(self):
        gevent.sleep(self._away)
        if not self._stopped:
            self._daemon.start()

    def stop(self):
        """Let nobody start it any more."""
        self._stopped = True
        self._restart.join()

    def when_asked(self, answer, delay=0.2, moment=""):
        """An answer during which it strikes."""

        def ask(_request):
            self.strike(moment)
            return Answer(answer, delay=delay)

        return ask
