"""The Debian package in a Debian of its own: installed, upgraded under a call, removed, purged."""

import os
import re
from pathlib import Path

import gevent
import pytest
import yaml
from dialctl.clock import Clock
from dialctl.switch import Switch

from packages.conftest import ROOT, needs, run
from support.ports import free_port
from support.webapp import WebApp

OLD, NEW = "0.1.0", "0.1.0+next"
SOURCES = ("sources.list", "sources.list.d/*.sources", "sources.list.d/*.list")
DIAL = (
    "<Response><Dial callbackUrl='/callback' action='/action'>"
    "<Number>1555</Number></Dial></Response>"
)
# systemd's part: what the maintainer scripts ask of it is written down, and the daemon is run.
SYSTEMCTL = """#!/bin/sh
echo "$*" >>/tmp/asked
stop() {
  kill "$(cat /tmp/pid)"
  while kill -0 "$(cat /tmp/pid)" 2>/dev/null; do sleep 0.1; done
  rm -f /tmp/pid
}
start() {
  setsid setpriv --reuid dialctl --regid dialctl --clear-groups --no-new-privs \\
    /usr/bin/dialctl serve --config /etc/dialctl >>/tmp/log 2>&1 </dev/null &
  echo $! >/tmp/pid
}
case "$*" in
  *is-enabled*) echo enabled ;;
  *restart*dialctl.service) stop; start ;;
  *stop*dialctl.service) stop ;;
  *start*dialctl.service) start ;;
esac
"""


class Debian:
    """A Debian in a folder."""

    def __init__(self, root):
        self.root = root

    def run(self, *command, **options):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"}
        return run("chroot", self.root, *command, env=environment, **options)

    def install(self, deb):
        run("cp", deb, self.root / "tmp" / "new.deb")
        return self.run("dpkg", "--install", "--force-confdef", "/tmp/new.deb")

    def file(self, path):
        return self.root / path.lstrip("/")

    def stat(self, path):
        return self.run("stat", "--format=%a %U:%G", path).strip()

    def asked(self):
        """What systemd was asked to do with the unit since the last time."""
        path = self.file("/tmp/asked")
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        verbs = ("start", "stop", "restart", "try-restart", "reload")
        return [
            verb for line in lines if "dialctl" in line for verb in verbs if verb in line.split()
        ]


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    needs("dpkg-buildpackage", "dh")
    folder = tmp_path_factory.mktemp("debs")
    return [
        Path(run(ROOT / "tools" / "deb.sh", version, folder).split()[-1]) for version in (OLD, NEW)
    ]


@pytest.fixture(scope="module")
def debian(tmp_path_factory):
    needs("mmdebstrap", "chroot", "dpkg")
    if os.getuid():
        pytest.skip("only root may chroot")
    root = tmp_path_factory.mktemp("debian") / "root"
    release = dict(
        line.split("=", 1)
        for line in Path("/etc/os-release").read_text().splitlines()
        if "=" in line
    )["VERSION_CODENAME"]
    sources = [path for pattern in SOURCES for path in Path("/etc/apt").glob(pattern)]
    include = "--include=python3,adduser,ca-certificates"
    try:
        run("mmdebstrap", "--variant=apt", include, release, root, *sources)
    except AssertionError as error:  # no mirror, or no right to mount
        pytest.skip(f"no Debian could be made: {str(error)[-300:]}")
    made = Debian(root)
    (root / "run" / "systemd" / "system").mkdir(parents=True)
    made.file("/usr/bin/systemctl").write_text(SYSTEMCTL)
    made.file("/usr/bin/systemctl").chmod(0o755)
    made.run("useradd", "--system", "freeswitch")
    yield made
    pid = made.file("/tmp/pid")
    if pid.exists():
        os.kill(int(pid.read_text()), 9)
    run("rm", "-rf", root)


def test_lintian_has_no_objection(packages):
    needs("lintian")
    said = run("lintian", "--allow-root", "--fail-on", "error,warning", packages[0])
    assert not re.search(r"^[EW]:", said, re.MULTILINE), said


def test_it_is_installed(debian, packages):
    debian.install(packages[0])
    assert debian.asked() == ["start"]
    assert debian.stat("/etc/dialctl") == "750 root:dialctl"
    assert debian.stat("/etc/dialctl/apps.yaml") == "640 root:dialctl"
    assert debian.stat("/var/lib/dialctl") == "711 dialctl:dialctl"
    assert debian.stat("/var/lib/dialctl/recordings") == "2750 freeswitch:dialctl"
    assert debian.run("dialctl", "--version") == f"dialctl {OLD}\n"
    assert "can be used" in debian.run("dialctl", "serve", "--check")
    assert "DialAction completed" in debian.run("dialctl", "demo", "--speed", "50")
    for there in ("lib/systemd/system/dialctl.service", "usr/share/man/man5/dialctl.yaml.5.gz"):
        assert (debian.root / there).exists()
    completion = debian.file("/usr/share/bash-completion/completions/dialctl")
    words = "COMP_WORDS=(dialctl outbox l); COMP_CWORD=2; _shtab_dialctl; echo ${COMPREPLY[@]}"
    assert run("bash", "-c", f". {completion}; {words}").strip() == "list"


def test_an_upgrade_drops_no_call_and_keeps_what_was_edited(debian, packages):
    web, port = WebApp(), free_port()
    web.start()
    web.script({"/answer": DIAL})
    edited = debian.file("/etc/dialctl/dialctl.yaml")
    switch = Switch([("127.0.0.1", port)], default="answer:0:600", password="word", clock=Clock())
    switches = "{}:{}".format(*switch.event_socket.address)
    settings = {
        "listen": f"127.0.0.1:{port}",
        "web": {"listen": ""},
        "freeswitch": {"event_socket": switches, "password": "word"},
    }
    edited.write_text(yaml.safe_dump(settings))
    apps = {"apps": [{"name": "main", "answer_url": web.url("/answer")}]}
    debian.file("/etc/dialctl/apps.yaml").write_text(yaml.safe_dump(apps))
    kept = edited.read_text()
    debian.run("systemctl", "restart", "dialctl.service")
    wait_for_line(debian, f"ready, calls on 127.0.0.1:{port}", 1)
    debian.asked()
    call = switch.place_call(destination="15550009999")
    assert web.wait_for(lambda told: any(r.params.get("DialAction") == "connected" for r in told))

    debian.install(packages[1])

    assert debian.asked() == ["restart"]
    wait_for_line(debian, f"ready, calls on 127.0.0.1:{port}", 2)
    assert debian.run("dialctl", "--version") == f"dialctl {NEW}\n"
    assert edited.read_text() == kept
    assert debian.stat("/etc/dialctl/dialctl.yaml") == "640 root:dialctl"
    assert not any(request.path == "/action" for request in web.requests)  # they still talk
    call.hangup()
    assert web.wait_for(lambda told: any(request.path == "/action" for request in told))
    actions = [request for request in web.requests if request.path == "/action"]
    assert [action.params["DialStatus"] for action in actions] == ["completed"]
    switch.stop()
    web.stop()


def test_what_is_removed_and_what_is_purged(debian, packages):
    recording = debian.file("/var/lib/dialctl/recordings/one.wav")
    recording.write_bytes(b"RIFF")
    debian.run("dpkg", "--remove", "dialctl")
    assert debian.asked() == ["stop"]
    assert debian.file("/etc/dialctl/apps.yaml").exists()
    assert debian.file("/var/lib/dialctl/outbox.sqlite3").exists()
    assert not debian.file("/usr/lib/dialctl").exists()
    debian.run("dpkg", "--purge", "dialctl")
    assert not debian.file("/etc/dialctl").exists()
    assert [path.name for path in debian.file("/var/lib/dialctl").iterdir()] == ["recordings"]
    assert recording.exists()
    assert "dialctl" in debian.file("/etc/passwd").read_text()


def wait_for_line(debian, words, count, patience=60.0):
    with gevent.Timeout(patience):
        while debian.file("/tmp/log").read_text().count(words) < count:
            gevent.sleep(0.1)
