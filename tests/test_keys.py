"""The tables of keys and the settings say the same, so that neither drifts."""

from dataclasses import fields, is_dataclass

from dialctl import dialects
from dialctl.conf import keys
from dialctl.settings import App, NumberRoute, Routes, Settings, UserRoute

ENTRIES = {"apps": App, "numbers": NumberRoute, "users": UserRoute}
PLIVOS_ALONE = {
    f"dialects.{dialect}.{name}"
    for dialect in ("rcml", "callapi", "voicegateway")
    for name in ("confirm_timeout", "raw_dial_strings")
}

READ_FROM_A_FILE = {"web.token"}  # which another key names; it has none of its own


def leaves(section, path=""):
    for entry in fields(section):
        key = f"{path}{entry.name}"
        if is_dataclass(entry.type) or entry.name in ENTRIES:
            yield from leaves(ENTRIES.get(entry.name, entry.type), f"{key}.")
        else:
            yield key


def test_every_setting_has_a_rule_and_every_rule_a_setting():
    ours = {key for key in leaves(Settings) if key.partition(".")[0] not in ("apps", "routes")}
    assert set(keys.DIALCTL) == ours - PLIVOS_ALONE - READ_FROM_A_FILE
    assert set(keys.APPS) == {f"apps.{name}" for name in leaves(App)}
    assert set(keys.ROUTES) == set(leaves(Routes))


def test_every_dialect_with_a_name_is_built():
    assert all(dialects.load(name).parse for name in keys.DIALECTS)
    assert keys.DIALECTS == ("plivo", "rcml", "callapi", "voicegateway")
