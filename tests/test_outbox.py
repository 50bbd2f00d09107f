"""``dialctl outbox``: beside a daemon that runs, and where none does."""

import json
import time

import pytest
import yaml
from dialctl.cli import main
from dialctl.http.outbox.owners import Locks
from dialctl.http.outbox.sqlite import SqliteStore
from dialctl.http.outbox.store import Entry, Report, host, line

SETTINGS = {
    "dialctl.yaml": {"state_dir": "state"},
    "apps.yaml": {"apps": [{"name": "shop", "answer_url": "http://127.0.0.1:1/"}]},
    "routes.yaml": {"numbers": [{"prefix": "", "endpoints": ["sofia/gateway/a/{number}"]}]},
}


@pytest.fixture
def conf(tmp_path, monkeypatch):
    """A folder with a configuration, whose state_dir is below the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state").mkdir()
    for name, content in SETTINGS.items():
        (tmp_path / name).write_text(yaml.safe_dump(content))
    return tmp_path


class Kept:
    """A store as a daemon that runs has it; ``stop`` ends that."""

    def __init__(self, folder):
        path = str(folder / "state" / "outbox.sqlite3")
        self.locks = Locks(path)
        self.locks.hold()
        self.store = SqliteStore(path, self.locks.owner, self.locks)
        with self.store.transaction():
            self.store.beat(1000.0)

    def add(self, key, due=None, error="", url="http://h.example/p?token=s3cret", app="shop"):
        call = key.partition("-")[0]
        report = Report(call, url, "POST", (("Digits", "4711"),), key, app)
        entry = Entry(
            report,
            line(call, url),
            host(url),
            attempts=3 if error else 0,
            until=2000.0,
            added=time.time() - 3700,
            error=error,
        )
        with self.store.transaction():
            if due is not None:
                self.store.later([entry], 1000.0, due)
            elif error:
                self.store.dead(entry, 1000.0)
            else:
                self.store.add(entry, 1000.0)

    def due(self):
        with self.store.transaction():
            taken = self.store.take(1000.0, {}, 100, 100)
        return [entry.report.key for entry in taken.entries]


@pytest.fixture
def kept(conf):
    made = Kept(conf)
    yield made
    made.store.close()
    made.locks.drop()


@pytest.fixture
def outbox(conf, capsys):
    def run(*arguments):
        status = main(["outbox", *arguments, "--config", str(conf)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_the_table(kept, outbox):
    kept.add("a1-hangup", due=1130.0, error="could not be reached: Connection refused")
    kept.add("a1-more", due=1000.0)
    kept.add("b2-hangup")
    kept.add("c3-hangup", error="answered 404")
    status, out, err = outbox("list")
    assert (status, err) == (0, "")
    rows = [row.split("  ") for row in out.splitlines()]
    table = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    url = "POST http://h.example/p?token=..."
    refused = "could not be reached: Connection refused"
    assert table == [
        ["STATE", "AGE", "ATTEMPTS", "NEXT", "APP", "KEY", "CALL", "URL", "LAST ERROR"],
        ["waiting", "1h1m", "3", "in 2m10s", "shop", "a1-hangup", "a1", url, refused],
        ["waiting", "1h1m", "0", "behind", "shop", "a1-more", "a1", url, "-"],
        ["waiting", "1h1m", "0", "sending", "shop", "b2-hangup", "b2", url, "-"],
        ["dead", "1h1m", "3", "-", "shop", "c3-hangup", "c3", url, "answered 404"],
    ]
    assert "s3cret" not in out
    assert "4711" not in out


def test_json(kept, outbox):
    kept.add("a1-hangup", due=1130.0, error="answered 503")
    status, out, _ = outbox("list", "--json")
    (told,) = json.loads(out)
    assert status == 0
    assert abs(told.pop("age") - 3700) < 5
    assert told.pop("added").endswith("+00:00")
    assert told == {
        "key": "a1-hangup",
        "call": "a1",
        "app": "shop",
        "method": "POST",
        "url": "http://h.example/p?token=...",
        "host": "h.example",
        "state": "waiting",
        "attempts": 3,
        "error": "answered 503",
        "sending": False,
        "behind": False,
        "next": 130,
    }


def test_what_is_meant(kept, outbox):
    kept.add("a1-hangup", app="bank")
    kept.add("b2-hangup", url="http://other.example:81/")
    kept.add("c3-hangup", error="answered 404")

    def keys(*which):
        return [told["key"] for told in json.loads(outbox("list", "--json", *which)[1])]

    assert keys() == ["a1-hangup", "b2-hangup", "c3-hangup"]
    assert keys("--app", "bank") == ["a1-hangup"]
    assert keys("--host", "other.example") == ["b2-hangup"]
    assert keys("--state", "dead") == ["c3-hangup"]
    assert keys("--call", "b2", "--state", "waiting") == ["b2-hangup"]
    assert keys("c3-hangup", "a1-hangup") == ["a1-hangup", "c3-hangup"]
    status, out, err = outbox("list", "--limit", "1")
    assert len(out.splitlines()) == 2
    assert err == "... only the first 1; see --limit\n"


def test_retry_and_drop(kept, outbox):
    kept.add("a1-hangup", due=1900.0, error="answered 503")
    kept.add("b2-hangup", error="answered 404")
    kept.add("c3-hangup", error="answered 410")
    kept.add("d4-hangup")
    assert outbox("retry", "b2-hangup")[:2] == (0, "1 due now\n")
    assert kept.due() == ["b2-hangup"]
    assert outbox("drop", "--state", "dead")[:2] == (0, "1 removed\n")
    assert outbox("retry", "--all")[:2] == (0, "1 due now, 2 left out: being sent now\n")
    assert kept.due() == ["a1-hangup"]
    assert outbox("drop", "nothing-of-the-kind")[:2] == (1, "0 removed\n")


@pytest.mark.parametrize("command", ["retry", "drop"])
def test_everything_has_to_be_meant(kept, outbox, command):
    kept.add("a1-hangup", error="answered 404")
    status, out, err = outbox(command)
    assert (status, out) == (1, "")
    assert err == "say which: keys, --state, --app, --host, --call, or --all\n"


def test_where_no_daemon_runs(kept, outbox):
    """What a daemon that was killed held is nobody's."""
    kept.add("a1-hangup")
    kept.store.close()
    kept.locks.drop()
    assert "now" in outbox("list")[1]
    assert outbox("drop", "a1-hangup")[:2] == (0, "1 removed\n")
    assert len(outbox("list")[1].splitlines()) == 1


def test_there_is_no_outbox(conf, outbox):
    status, out, err = outbox("list")
    assert (status, out) == (1, "")
    assert err == (
        "state/outbox.sqlite3: No such file or directory;"
        " dialctl has not run with this configuration\n"
    )


def test_an_outbox_that_is_none(conf, outbox):
    (conf / "state" / "outbox.sqlite3").write_bytes(b"no database" * 1000)
    status, out, err = outbox("list")
    assert (status, out) == (1, "")
    assert err == "state/outbox.sqlite3: file is not a database\n"
