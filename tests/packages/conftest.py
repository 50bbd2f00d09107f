"""Packages as they are built and installed: what a machine needs for it is asked for here."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.real_time)


def needs(*tools):
    """Skip, and say what is missing."""
    if missing := [tool for tool in tools if not shutil.which(tool)]:
        pytest.skip(f"not on the PATH: {', '.join(missing)}")


def run(*command, status=0, **options):
    """What it said; it must have ended with the status."""
    done = subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=550,
        check=False,
        **options,
    )
    assert done.returncode == status, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout
