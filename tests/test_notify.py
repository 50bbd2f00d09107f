"""What systemd hears of the daemon."""

import socket

import pytest
from dialctl import notify


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.settimeout(1)
    sock.bind(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    yield sock
    sock.close()


def test_it_is_told(systemd):
    notify.tell(notify.READY)
    assert systemd.recv(100) == b"READY=1"


def test_nobody_listens(systemd, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", "@nobody-there")
    notify.tell(notify.READY)
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify.tell(notify.READY)
    systemd.setblocking(False)
    with pytest.raises(BlockingIOError):
        systemd.recv(100)


@pytest.mark.parametrize(("text", "seconds"), [("30000000", 15.0), ("", None), ("x", None)])
def test_how_often_it_wants_to_hear(monkeypatch, text, seconds):
    monkeypatch.setenv("WATCHDOG_USEC", text)
    assert notify.pause() == seconds
