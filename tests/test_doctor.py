"""``dialctl doctor`` beside the built-in switch: what it looks at, and the exit status."""

import time

import pytest
import yaml
from dialctl import cli
from dialctl.switch import Switch, api

from support.dialplan import EXTENSIONS, section
from support.ports import free_port
from support.webapp import WebApp

MODULES = (
    *("mod_avmd", "mod_commands", "mod_conference", "mod_dialplan_xml", "mod_dptools"),
    *("mod_event_socket", "mod_flite", "mod_hash", "mod_say_en", "mod_shout", "mod_sndfile"),
    *("mod_sofia", "mod_tone_stream"),
)


@pytest.fixture
def installation(tmp_path, monkeypatch, capsys):
    """What it says of one; each part of it may be another."""
    web, listener = WebApp().start(), WebApp().start()
    switches = []

    def look(
        modules=MODULES, plan=EXTENSIONS, gateway="Status  \tUP\n", password="ClueCon", **settings
    ):
        switch = Switch([], modules=modules, password="ClueCon")
        switches.append(switch)
        plan = plan.replace("8084", str(listener.port))
        answers = {
            "strepoch": lambda *_: str(int(time.time())),
            "xml_locate": lambda *_: section(plan),
            "sofia": lambda *_: gateway,
        }
        monkeypatch.setattr(api, "APIS", {**api.APIS, **answers})
        written = {
            "listen": f"127.0.0.1:{listener.port}",
            "state_dir": str(tmp_path),
            "freeswitch": {
                "event_socket": "{}:{}".format(*switch.event_socket.address),
                "password": password,
            },
            **settings,
        }
        routes = {"numbers": [{"prefix": "", "endpoints": ["sofia/gateway/a/{number}"]}]}
        for name, value in (
            ("dialctl", written),
            ("apps", {"apps": [{"name": "main", "answer_url": web.url("/answer")}]}),
            ("routes", routes),
        ):
            path = tmp_path / f"{name}.yaml"
            path.write_text(yaml.safe_dump(value))
            path.chmod(0o600)
        status = cli.main(["doctor", "--config", str(tmp_path)])
        said, complaint = capsys.readouterr()
        assert complaint == ""
        said = said.splitlines()
        return status, [line for line in said if line.startswith("WRONG")], said

    yield look
    for switch in switches:
        switch.stop()
    web.stop()
    listener.stop()


def test_nothing_is_wrong(installation):
    status, wrong, said = installation()
    assert (status, wrong, said[-1]) == (0, [], "nothing found wrong")
    for line in ("module: mod_hash", "routes.yaml: gateway a", "clocks: FreeSWITCH's is this"):
        assert any(one.startswith(f"ok    {line}") for one in said)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"modules": MODULES[1:]}, "module: mod_avmd is not loaded"),
        ({"plan": EXTENSIONS.replace("async full", "async")}, "its socket is not full"),
        ({"gateway": "Invalid Gateway!\n"}, "FreeSWITCH knows no gateway a"),
        ({"password": "wrong"}, "it refuses freeswitch.password"),
        ({"state_dir": "/nowhere/at/all"}, "state_dir: /nowhere/at/all: No such file"),
        ({"listen": f"127.0.0.1:{free_port()}"}, "nobody listens on 127.0.0.1"),
        (
            {"freeswitch": {"event_socket": f"127.0.0.1:{free_port()}", "password": "x"}},
            "Connection refused",
        ),
    ],
)
def test_what_is_wrong(installation, other, words):
    status, wrong, said = installation(**other)
    assert status == 1
    assert any(words in line for line in wrong), said
    assert said[-1] == f"{len(wrong)} found wrong"


def test_an_application_that_is_down(installation, tmp_path):
    port = free_port()
    installation()
    apps = tmp_path / "apps.yaml"
    apps.write_text(f"apps: [{{name: main, answer_url: 'http://127.0.0.1:{port}/'}}]")
    assert cli.main(["doctor", "--config", str(tmp_path)]) == 1


def test_without_the_event_socket_the_switch_is_not_looked_at(installation):
    status, wrong, said = installation(freeswitch={})
    assert (status, wrong) == (0, [])
    assert any(line.startswith("?     freeswitch.event_socket is not set") for line in said)
