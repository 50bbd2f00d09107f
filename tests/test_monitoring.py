"""The dashboard and the alerts ask for nothing that the daemon does not tell."""

import json
import re
import shutil
import subprocess
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from dialctl.settings import Web
from prometheus_client.parser import text_string_to_metric_families

from flows.conftest import SETTINGS, stage  # noqa: F401  a fixture
from support.ports import free_port

DOCS = Path(__file__).parents[1] / "docs"
ALERTS = DOCS / "alerts.yaml"
RULES = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
PANELS = json.loads((DOCS / "grafana" / "dialctl.json").read_text())["panels"]
DRAWN = [target["expr"] for panel in PANELS for target in panel["targets"]]
NAME = re.compile(r"dialctl_\w+")
SELECTED = re.compile(r'(dialctl_\w+)\{(\w+)="([^"]*)"\}')


@pytest.fixture
def served(stage):  # noqa: F811
    """Each sample that the daemon serves: its name, and its labels."""
    listen = f"127.0.0.1:{free_port()}"
    document = "<Dial><Number>1001</Number></Dial>"
    stage.call(document, {"1001": "busy"}, settings=replace(SETTINGS, web=Web(listen=listen)))
    with urllib.request.urlopen(f"http://{listen}/metrics", timeout=5) as answer:
        page = answer.read().decode()
    families = text_string_to_metric_families(page)
    return [(sample.name, sample.labels) for family in families for sample in family.samples]


def test_they_ask_for_what_is_served(served):
    names = {name for name, _ in served}
    for asked in [*(rule["expr"] for rule in RULES), *DRAWN]:
        assert set(NAME.findall(asked)) <= names, asked
        for name, label, value in SELECTED.findall(asked):
            assert any(name == one and labels.get(label) == value for one, labels in served), asked


def test_all_that_is_served_is_drawn(served):
    drawn = {name for asked in DRAWN for name in NAME.findall(asked)}
    for name, _ in served:
        histogram = re.sub(r"_(count|sum)$", "_bucket", name)
        assert not name.startswith("dialctl_") or {name, histogram} & drawn, name


def test_the_dashboard_puts_nothing_over_another():
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in PANELS)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_an_operator_finds_each_alert_on_the_page():
    page = (DOCS / "operations.md").read_text()
    for rule in RULES:
        assert f"`{rule['alert']}`" in page


@pytest.mark.real_time  # a process of its own
def test_prometheus_takes_the_rules():
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("no promtool on the PATH (Debian: prometheus)")
    asked = [promtool, "check", "rules", str(ALERTS)]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
