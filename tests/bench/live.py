"""``make bench-live``: what a call costs on a real FreeSWITCH, SIPp as caller and callee.

FREESWITCH names the switch, else it is the one on the PATH; ``sipp`` must be there. The callee
rings 300 ms, the call talks 500 ms, all on loopback. Setup is the caller's INVITE to the first 18x,
in SIPp's steps. CPU is user and system time of the controller, and of FreeSWITCH. Compare within a
table only.
"""

import argparse
import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from controllers import (
    HERE,
    App,
    cpu,
    dialctl,
    free_port,
    peer,
    percentiles,
    print_table,
    started,
)

QUIET = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
WARM_UP = 20  # calls
TALK = "500"  # milliseconds
SETTLE = 1.5  # seconds, for what is told after a call's end
ON_THE_SWITCH = {"dialplan bridge, no controller": "bridge", "mod_httapi": "httapi"}
CONTROLLERS = {
    "floor: nothing parsed, kept or signed": peer("floor"),
    "dialctl": dialctl(),
    "greenswitch bare": peer("greenswitch_bare"),
}


@contextmanager
def freeswitch(binary, ports):
    """Its process id."""
    with tempfile.TemporaryDirectory() as folder:
        text = (HERE / "freeswitch.xml").read_text()
        for name, port in ports.items():
            text, found = re.subn(rf'(data="{name}=)0"', rf'\g<1>{port}"', text)
            assert found == 1, name
        arguments = []
        for name in ("conf", "log", "db", "run", "temp", "recordings"):
            Path(folder, name).mkdir()
            arguments += [f"-{name}", f"{folder}/{name}"]
        Path(folder, "conf", "freeswitch.xml").write_text(text)
        command = [binary, *arguments, "-nonat", "-nosql", "-nf", "-nc"]
        process = subprocess.Popen(command, **QUIET)
        try:
            wait_for(ports["event_port"])
            time.sleep(1)  # its SIP profile comes up after its event socket
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


def wait_for(port):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("FreeSWITCH did not start")


def table(path):
    """What SIPp has written, a dictionary a line."""
    return list(csv.DictReader(path.read_text().splitlines(), delimiter=";"))


class Phones:
    """SIPp: callees that wait, and callers."""

    def __init__(self, sip_port, uas_port):
        self._to = f"127.0.0.1:{sip_port}"
        self._callees = self._sipp("uas", uas_port)
        time.sleep(0.7)

    def _sipp(self, scenario, port, *more):
        folder = tempfile.mkdtemp()
        where = ["-i", "127.0.0.1", "-p", str(port), "-nostdin"]
        command = ["sipp", "-sf", str(HERE / "sipp" / f"{scenario}.xml"), *where, *more]
        process = subprocess.Popen(command, cwd=folder, **QUIET)
        process.folder = folder
        return process

    def call(self, service, rate, calls):
        """So many calls; how many went well, and the seconds until each one's 18x."""
        numbers = ["-r", str(rate), "-m", str(calls), "-d", TALK, "-l", "20000", "-timeout", "300"]
        traces = ["-trace_rtt", "-rtt_freq", "1", "-trace_stat", "-stf", "stat.csv"]
        callers = self._sipp("uac", free_port(), self._to, "-s", service, *numbers, *traces)
        callers.wait(320)
        folder = Path(callers.folder)
        (last,) = table(folder / "stat.csv")[-1:]
        rows = [row for trace in folder.glob("*_rtt.csv") for row in table(trace)]
        times = [float(list(row.values())[1]) / 1000 for row in rows]
        shutil.rmtree(folder)
        time.sleep(SETTLE)
        return int(last["SuccessfulCall(C)"]), times

    def stop(self):
        self._callees.terminate()
        self._callees.wait()
        shutil.rmtree(self._callees.folder)


def measure(phones, service, app, switch, pid, given):
    """One row; ``pid`` is the controller's, if there is one."""
    phones.call(service, 20, WARM_UP)
    app.seen()
    before, switch_before = cpu(pid) if pid else 0.0, cpu(switch)
    well, setup = phones.call(service, given.rate, given.calls)
    return {
        "well": f"{well} of {given.calls}",
        "requests": sum(app.seen()["requests"].values()) / given.calls,
        "setup": setup,
        "cpu": (cpu(pid) - before) / given.calls if pid else None,
        "switch": (cpu(switch) - switch_before) / given.calls,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--rate", type=float, default=50)
    given = parser.parse_args()
    binary = shutil.which(os.environ.get("FREESWITCH", "freeswitch"))
    if not binary or not shutil.which("sipp"):
        raise SystemExit("needs FreeSWITCH (FREESWITCH=/path/to/it, or on the PATH) and sipp")
    ports = {name: free_port() for name in ("sip_port", "uas_port", "event_port")}
    app = App(f"<User>sip:callee@127.0.0.1:{ports['uas_port']}</User>")
    rows = {}
    with freeswitch(binary, {**ports, "app_port": app.port}) as switch:
        phones = Phones(ports["sip_port"], ports["uas_port"])
        try:
            for name, service in ON_THE_SWITCH.items():
                print(f"{name} ...", file=sys.stderr)
                rows[name] = measure(phones, service, app, switch, None, given)
            for name, start in CONTROLLERS.items():
                print(f"{name} ...", file=sys.stderr)
                with started(start, app) as (controller, port):
                    service = f"port-{port}"
                    rows[name] = measure(phones, service, app, switch, controller.pid, given)
        finally:
            phones.stop()
            app.stop()
    show(rows, given)


def show(rows, given):
    print(f"\n{given.calls} calls at {given.rate:g} a second\n")
    floor = next(row["cpu"] for row in rows.values() if row["cpu"])
    bridge = next(iter(rows.values()))["switch"]
    print_table(
        [
            "",
            "ended well",
            "requests",
            "setup p50/95/99 ms",
            "controller CPU ms a call",
            "of the floor's",
            "FreeSWITCH CPU ms a call",
            "of the dialplan's",
        ],
        [
            (
                name,
                row["well"],
                f"{row['requests']:.2f}",
                percentiles(row["setup"]),
                f"{row['cpu'] * 1000:.2f}" if row["cpu"] else "-",
                f"{row['cpu'] / floor:.2f}" if row["cpu"] else "-",
                f"{row['switch'] * 1000:.1f}",
                f"{row['switch'] / bridge:.2f}",
            )
            for name, row in rows.items()
        ],
    )


if __name__ == "__main__":
    main()
