"""Calls on the double: ``python load.py CONTROLLER_PORT CALLS RATE [hold]``.

RATE calls a second come in, ring a callee 0.3 s, talk 0.5 s. With ``hold`` they talk until a line
comes on standard input, and ``up`` is printed once all do. At the end a line of JSON: how many
``ended`` well, ``setup`` seconds from the call to the caller's ringing, ``happened``: when a leg
was answered and when it ended, by ``time.monotonic()``.
"""

import json
import sys
import time

from gevent import monkey

monkey.patch_all()

import gevent  # noqa: E402
from dialctl.switch import Switch  # noqa: E402
from gevent.fileobject import FileObject  # noqa: E402

PATIENCE = 60.0  # seconds


class Load:
    def __init__(self, port, callee):
        self.happened = []
        self.answered = 0
        self.switch = Switch([("127.0.0.1", port)], default=callee, observer=self.observe)
        self.calls = []

    def observe(self, _now, who, what, _detail):
        if who != "A" and what in ("answered", "hung up"):
            self.happened.append((who, what, time.monotonic()))
            self.answered += what == "answered"

    def place(self, calls, rate):
        began = time.monotonic()
        for number in range(calls):
            while (left := began + number / rate - time.monotonic()) > 0:
                gevent.sleep(left)
            gevent.sleep(0)
            placed = self.switch.clock.now()
            self.calls.append((placed, self.switch.place_call(destination="15550009999")))

    def hang_up(self, rate):
        for _, call in self.calls:
            call.hangup()
            gevent.sleep(1 / rate)

    def over(self):
        """Wait for the end of all; what came of them."""
        until = time.monotonic() + PATIENCE
        ended = sum(call.wait(max(0.0, until - time.monotonic())) for _, call in self.calls)
        setup = [
            next((at - placed for at, what in call.heard if what == "180 ringing"), PATIENCE)
            for placed, call in self.calls
        ]
        well = sum(call.answered_at is not None for _, call in self.calls)
        return {"ended": min(ended, well), "setup": setup, "happened": self.happened}


def main(port, calls, rate, hold=""):
    load = Load(int(port), "answer:0.3" if hold else "answer:0.3:0.5")
    calls, rate = int(calls), float(rate)
    load.place(calls, rate)
    if hold:
        until = time.monotonic() + PATIENCE
        while load.answered < calls and time.monotonic() < until:
            gevent.sleep(0.05)
        print("up", flush=True)
        FileObject(sys.stdin.buffer).readline()
        load.hang_up(rate)
    print(json.dumps(load.over()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
