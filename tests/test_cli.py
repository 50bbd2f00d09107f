"""The command line, as a process of its own."""

import signal
import subprocess
import sys

import pytest
from dialctl import __version__

from support.daemon import Daemon

pytestmark = pytest.mark.real_time

APPS = [{"name": "main", "answer_url": "http://127.0.0.1:1/answer"}]
ROUTES = {"numbers": [{"prefix": "", "endpoints": ["sofia/gateway/a/{number}"]}]}


def run(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "dialctl", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
    )


@pytest.fixture
def daemon(tmp_path):
    made = Daemon(tmp_path, {"listen": "127.0.0.1:0"}, APPS, ROUTES)
    yield made
    made.kill()


def test_it_serves_until_it_is_told_to_stop(daemon):
    daemon.start()
    daemon.stop()  # asserts status 0
    assert sum("ready" in line for line in daemon.lines) == 1
    assert "stopped" in daemon.lines[-1]


def test_an_interrupt_stops_it_too(daemon):
    daemon.start()
    daemon._process.send_signal(signal.SIGINT)
    assert daemon.wait() == 0


def test_check_of_a_configuration_that_can_be_used(daemon, tmp_path):
    done = run("serve", "--check", "--config", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "the configuration can be used" in done.stdout


def test_check_of_one_that_cannot(daemon, tmp_path):
    daemon.write("dialctl.yaml", {"limits": {"cals": 1}})
    for check in ((), ("--check",)):
        done = run("serve", *check, "--config", str(tmp_path))
        assert done.returncode == 1
        assert "dialctl.yaml:2: limits.cals: unknown key; did you mean calls?" in done.stderr


def test_without_a_folder_named_it_takes_conf(tmp_path):
    daemon = Daemon(tmp_path / "conf", {"listen": "127.0.0.1:0"}, APPS, ROUTES)
    assert not daemon.running
    done = run("serve", "--check", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(("conf", "/etc/dialctl"))


def test_the_demo_places_its_calls():
    done = run("demo", "--speed", "20")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "3 of 3 calls came to their end and were told." in done.stdout
    for event in ("DialConnected", "Busy Line", "Lost Race", "Ring Timeout Reached"):
        assert event in done.stdout


def test_version():
    assert run("--version").stdout.strip() == f"dialctl {__version__}"


def test_who_is_no_longer_read_says_no_more(tmp_path):
    document = tmp_path / "ivr.xml"
    document.write_text("<Response><Hangup/></Response>")
    process = subprocess.Popen(
        [sys.executable, "-m", "dialctl", "try", str(document)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()  # as `| true` does
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 1
