"""docs/start.md, followed beside a real FreeSWITCH: only ports and the number are others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from gevent.subprocess import PIPE, STDOUT, Popen

from support.pages import ROOT, blocks, write_files
from support.ports import free_port

from .live import CALLED
from .numbers import answers
from .switch import Switch

PAGE = ROOT / "docs" / "start.md"
NUMBER = "15551230000"  # which the page rings


def printed():
    """What the page says that the application prints."""
    text = PAGE.read_text().partition("The application prints\n\n")[2].partition("\n\n")[0]
    return [line.strip() for line in text.splitlines()]


@pytest.fixture
def place(tmp_path):
    """The folder of the page's files, and the switch."""
    listen, web = free_port(), free_port()
    switch = Switch(tmp_path / "switch", listen)
    write_files(PAGE, tmp_path)
    ours = {"8000": str(web), "8021": str(switch.event_port), NUMBER: answers()}
    for path in [tmp_path / "app.py", *(tmp_path / "conf").glob("*.yaml")]:
        text = path.read_text()
        for said, other in ours.items():
            text = text.replace(said, other)
        path.write_text(text)
        path.chmod(0o600)
    settings = yaml.safe_load((tmp_path / "conf" / "dialctl.yaml").read_text())
    settings |= {"listen": f"127.0.0.1:{listen}", "web": {"listen": ""}}
    (tmp_path / "conf" / "dialctl.yaml").write_text(yaml.safe_dump(settings))
    (tmp_path / "state").mkdir()
    switch.start()
    yield tmp_path, switch
    switch.stop()


def test_the_page(place):
    folder, switch = place
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    options = {"cwd": folder, "env": {**os.environ, "PATH": path}, "stdout": PIPE, "stderr": STDOUT}
    application = Popen([sys.executable, "app.py"], **options)
    daemon = Popen(
        [Path(sys.executable).parent / "dialctl", "serve", "--config", "conf"], **options
    )
    try:
        wait_for(daemon, b"ready, calls on")
        for block in blocks("console", pages=[PAGE]):
            if block.said.get("needs") == "freeswitch":
                for command, _ in block.steps:
                    ours = command.replace("fs_cli", f"fs_cli -P {switch.event_port}")
                    done = subprocess.run(
                        ["bash", "-c", ours], **options | {"text": True}, timeout=60, check=False
                    )
                    assert done.returncode == 0, f"{command}: {done.stdout}"
        switch.call(CALLED)
        said = []
        while len(said) < len(printed()):
            said.append(application.stdout.readline().decode().rstrip())
        assert sorted(said) == sorted(printed())
    finally:
        daemon.terminate()
        daemon.wait()
        application.kill()
        application.wait()


def wait_for(process, words):
    for line in process.stdout:
        if words in line:
            return
    pytest.fail(f"the daemon ended without {words!r}")
