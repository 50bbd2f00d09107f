"""The processes of a daemon, by what the kernel knows of them."""

import contextlib
from pathlib import Path


def workers(folder):
    """The pids of a daemon's workers by their numbers; ``folder`` has its configuration."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        words = []
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_text().split("\0")
        if str(folder) in words and "--worker" in words:
            number = words[words.index("--worker") + 1].partition("/")[0]
            found[int(number)] = int(process.name)
    return found
