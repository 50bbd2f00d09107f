"""Where the daemon's time goes: ``python picture.py [CALLS] [RATE]``; needs py-spy beside Python.

Draws the shares of its samples by the part of dialctl that was at work, or had it done.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter

from controllers import App, dialctl, started
from double import Load

PARTS = (  # the innermost file of dialctl's, and what it is about
    (r"http/outbox/(worker|sqlite|table|store)", "outbox: its thread"),
    (r"http/outbox|http/(delivery|ledger|rounds|answers)", "outbox and delivery"),
    (r"http/(signing|encoding)", "signatures, forms"),
    (r"http/", "HTTP: requests and answers"),
    (r"esl/session", "event socket: sending, receiving"),
    (r"esl/|following", "event socket: frames, events, commands"),
    (r"progress|records", "progress for the next controller"),
    (r"dialects/", "documents and reports"),
    (r"dial/|verbs/|plan|past", "the Dial"),
    (r"log", "log"),
    (r"", "the call"),
)
WIDTH = 40


def part(frames):
    """The part of a stack, whose innermost frame comes last; None if it only waits."""
    if frames[-1].startswith(("Hub.run", "Worker._run")):
        return None
    ours = [re.search(r"\((?:.*/)?dialctl/(\S+?)\.py", frame) for frame in frames]
    found = [match[1] for match in ours if match]
    if not found:
        return "gevent"
    return next(name for pattern, name in PARTS if re.match(pattern, found[-1]))


def main(calls="600", rate="40"):
    app = App("<Number>15551000001</Number>")
    spy = os.path.join(os.path.dirname(sys.executable), "py-spy")
    with tempfile.NamedTemporaryFile() as file, started(dialctl(), app) as (controller, port):
        Load(port, 20, 20).over()
        command = [spy, "record", "-r", "500", "-f", "raw", "-o", file.name]
        watching = subprocess.Popen(
            [*command, "-p", str(controller.pid)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(1)
        Load(port, calls, rate).over()
        watching.send_signal(2)
        watching.wait()
        stacks = file.read().decode().splitlines()
    app.stop()
    shares = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        shares[part(stack.split(";"))] += int(count)
    shares.pop(None, None)
    whole = sum(shares.values())
    for name, count in shares.most_common():
        bar = "#" * round(WIDTH * count / max(shares.values()))
        print(f"{name:40} {100 * count / whole:4.0f} %  {bar}")


if __name__ == "__main__":
    main(*sys.argv[1:])
