"""The files in conf/, as they are shipped: every key, its default, and a working example."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from dialctl.conf import keys
from dialctl.config import load
from dialctl.settings import App, NumberRoute, Routes, Settings, UserRoute

CONF = Path(__file__).parent.parent / "conf"


def test_the_shipped_files_load_without_a_warning():
    assert load(CONF).warnings == ()


def test_the_shipped_dialctl_yaml_is_exactly_the_defaults():
    settings = load(CONF).settings
    assert replace(settings, apps=(), routes=Routes()) == Settings()


def test_the_shipped_example_serves_every_call_and_every_target():
    settings = load(CONF).settings
    assert settings.apps == (App("example", "http://127.0.0.1:8000/answer/", ("*",)),)
    assert settings.routes == Routes(
        numbers=(NumberRoute("", ("sofia/gateway/carrier_a/{number}",)),),
        users=(UserRoute("*", ("user/{user}@{domain}",)),),
    )


def paths(value, path=""):
    """The dotted paths of a loaded YAML file, indices left out."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {found for entry in value for found in paths(entry, path)}
    if isinstance(value, dict) and value:
        return {
            found
            for name, inner in value.items()
            for found in paths(inner, f"{path}.{name}" if path else name)
        }
    return {path}


@pytest.mark.parametrize(
    ("name", "rules"),
    [("dialctl.yaml", keys.DIALCTL), ("apps.yaml", keys.APPS), ("routes.yaml", keys.ROUTES)],
)
def test_the_shipped_files_name_every_key_with_a_line_of_why(name, rules):
    text = (CONF / name).read_text()
    assert paths(yaml.safe_load(text)) == set(rules)
    for key in rules:
        last = key.rpartition(".")[2]
        lines = [line for line in text.splitlines() if line.strip(" -").startswith(f"{last}:")]
        assert lines, key
        assert all("  # " in line for line in lines), key
