"""``make bench``: what a call costs, on the built-in switch; no FreeSWITCH, about two minutes.

Each controller is a process of its own beside two others, which are not charged: the double with
its callers, and the customer's web application. CPU is user and system time. Compare
within a table only, and best by the ratio to the floor.
"""

import argparse
import json
import subprocess
import sys
import time

from controllers import HERE, App, cpu, dialctl, memory, peer, percentiles, print_table, started

WARM_UP = 20  # calls
CONTROLLERS = {
    "floor: nothing parsed, kept or signed": peer("floor"),
    "dialctl": dialctl(),
    "dialctl, workers: 2": dialctl(workers=2),
    "greenswitch bare": peer("greenswitch_bare"),
}
HAPPENED = {"answered": "answer", "hung up": "hangup"}  # the leg: the callback that tells of it
SETTLE = 1.0  # seconds, for what is told after a call's end


class Load:
    def __init__(self, port, calls, rate, *more):
        command = [sys.executable, str(HERE / "load.py"), str(port), str(calls), str(rate), *more]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, **pipes)

    def up(self):
        assert self._process.stdout.readline() == "up\n"

    def over(self):
        result, _ = self._process.communicate("\n")
        time.sleep(SETTLE)
        return json.loads(result)


def measure(start, app, calls, rate, held):
    """One row's numbers."""
    with started(start, app) as (controller, port):
        Load(port, WARM_UP, 20).over()
        app.seen()
        before = cpu(controller.pid)
        made = Load(port, calls, rate).over()
        spent, seen = (cpu(controller.pid) - before) / calls, app.seen()
        row = {
            "ended": f"{made['ended']} of {calls}",
            "requests": sum(seen["requests"].values()) / calls,
            "signed": seen["signed"] / calls,
            "cpu": spent,
            "setup": made["setup"],
            "told": lateness(made["happened"], seen["told"]),
            "split": controller.split(),
        }
        if held:
            row |= hold(controller, port, app, held, max(rate, 50))
        return row


def hold(controller, port, app, calls, rate):
    """The same with so many calls at once."""
    empty, before = memory(controller.pid), cpu(controller.pid)
    load = Load(port, calls, rate, "hold")
    load.up()
    time.sleep(SETTLE)
    full = memory(controller.pid)
    made = load.over()
    spent, seen = (cpu(controller.pid) - before) / calls, app.seen()
    return {
        "memory": (full - empty) / calls,
        "held_cpu": spent,
        "held_ended": f"{made['ended']} of {calls}",
        "held_told": lateness(made["happened"], seen["told"]),
    }


def lateness(happened, told):
    """Seconds from what happened at the switch to the callback at the web application."""
    at = {(leg, HAPPENED[what]): when for leg, what, when in happened}
    return [when - at[leg, action] for leg, action, when in told if (leg, action) in at]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--held", type=int, default=500, help="calls at once; 0: none")
    parser.add_argument("--only", nargs="*", default=[""], help="names begin with one of these")
    given = parser.parse_args()
    app = App("<Number>15551000001</Number>")
    rows = {}
    try:
        for name, start in CONTROLLERS.items():
            if name.startswith(tuple(given.only)):
                print(f"{name} ...", file=sys.stderr)
                rows[name] = measure(start, app, given.calls, given.rate, given.held)
    finally:
        app.stop()
    show(rows, given)


def show(rows, given):
    floor = next(iter(rows.values()))
    print(f"\n{given.calls} calls at {given.rate:g} a second, one party rung, all answered\n")
    heads = ["", "ended well", "requests, signed", "CPU ms a call", "of the floor's"]
    heads += ["setup p50/95/99 ms", "event to callback p50/95/99 ms", "split of the calls"]
    print_table(
        heads,
        [
            (
                name,
                row["ended"],
                f"{row['requests']:.2f}, {row['signed']:.2f}",
                f"{row['cpu'] * 1000:.2f}",
                f"{row['cpu'] / floor['cpu']:.2f}",
                percentiles(row["setup"]),
                percentiles(row["told"]),
                "{:.0%} to {:.0%}".format(*row["split"]) if row["split"] else "-",
            )
            for name, row in rows.items()
        ],
    )
    if not given.held:
        return
    print(f"\n{given.held} calls at once\n")
    heads = ["", "ended well", "memory kB a call", "CPU ms a call", "of that above"]
    print_table(
        [*heads, "event to callback p50/95/99 ms"],
        [
            (
                name,
                row["held_ended"],
                f"{row['memory']:.0f}",
                f"{row['held_cpu'] * 1000:.2f}",
                f"{row['held_cpu'] / row['cpu']:.2f}",
                percentiles(row["held_told"]),
            )
            for name, row in rows.items()
        ],
    )


if __name__ == "__main__":
    main()
