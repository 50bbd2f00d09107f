"""The unit's privileges, as systemd itself counts them: 0 is none, 10 is all."""

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

pytestmark = pytest.mark.real_time  # a process of its own
UNIT = Path(__file__).parents[1] / "systemd" / "dialctl.service"
MOST_EXPOSED = 2.0


@pytest.mark.real_time  # as processes do
def test_it_needs_hardly_any():
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("no systemd-analyze on the PATH")
    asked = [analyze, "security", "--offline=true", "--no-pager", str(UNIT)]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    if "unrecognized option" in said.stderr:
        pytest.skip("systemd-analyze knows no --offline; it takes systemd 250")
    found = re.search(r"Overall exposure level for dialctl\.service: ([0-9.]+)", said.stdout)
    assert found, said.stdout + said.stderr
    assert float(found[1]) <= MOST_EXPOSED


def test_it_runs_as_its_own_user_without_capabilities():
    unit = RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read_string(UNIT.read_text("utf-8"))
    service = unit["Service"]
    assert (service["User"], service["Group"]) == ("dialctl", "dialctl")
    assert (service["CapabilityBoundingSet"], service["AmbientCapabilities"]) == ("", "")
    assert service["NoNewPrivileges"] == "yes"
    assert service["UMask"] == "0077"
