"""``dialctl doctor`` beside a real FreeSWITCH."""

import shutil
import subprocess
import sys

import pytest
import yaml


@pytest.fixture
def doctor(live, tmp_path):
    def look(**routes):
        shutil.copytree(live.daemon.folder, tmp_path, dirs_exist_ok=True)
        for name, more in (
            ("dialctl.yaml", {"freeswitch": event_socket(live.switch)}),
            ("routes.yaml", routes),
        ):
            path = tmp_path / name
            path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **more}))
        command = [sys.executable, "-m", "dialctl", "doctor", "--config", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout

    return look


def event_socket(switch):
    return {"event_socket": f"127.0.0.1:{switch.event_port}", "password": "ClueCon"}


def test_this_installation(doctor):
    """One of its gateways and one of its applications are not there on purpose; all else is."""
    status, said = doctor()
    wrong = [line for line in said.splitlines() if line.startswith("WRONG")]
    assert "FreeSWITCH Version 1.10" in said
    assert "context public brings calls to" in said
    assert [line.partition(": ")[0] for line in wrong] == [
        "WRONG routes.yaml",
        "WRONG app down",
    ], said
    assert "FreeSWITCH knows no gateway nowhere" in wrong[0]
    assert status == 1


def test_a_gateway_that_it_does_not_know(doctor):
    status, said = doctor(numbers=[{"prefix": "", "endpoints": ["sofia/gateway/nope/{number}"]}])
    assert status == 1
    assert "FreeSWITCH knows no gateway nope" in said
