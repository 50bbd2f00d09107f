"""What is left of a call: a row in calls.db, a line of JSON, and what ``dialctl calls`` says."""

import argparse
import json
import os
import sqlite3
from dataclasses import replace

import pytest
from dialctl import calls
from dialctl.settings import Records

from .conftest import SETTINGS

DIAL = '<Dial callbackUrl="/callback" action="/action"><Number>1001</Number></Dial>'


def recorded(stage, tmp_path, **more):
    file = str(tmp_path / "calls.jsonl")
    settings = replace(SETTINGS, records=Records(file=file, **more))
    stage.start({"answer": DIAL}, {"1001": "answer:1:2"}, settings=settings)
    return file


def call(stage):
    a_leg = stage.call()
    stage.clock.sleep(7)
    return a_leg.uuid


def dialctl(stage, *words):
    parser = argparse.ArgumentParser()
    list(calls.add_to(parser.add_subparsers()))
    return calls.run(parser.parse_args(["calls", *words]), stage.settings)


def uuids(file):
    with open(file) as lines:
        return [json.loads(line)["call_uuid"] for line in lines]


def test_a_call_leaves_a_row_and_a_line(stage, tmp_path, capsys):
    file = recorded(stage, tmp_path)
    uuid = call(stage)
    with open(file) as lines:
        record = json.loads(lines.read())
    assert (record["call_uuid"], record["ending"]) == (uuid, "end-of-document")
    assert [r["status"] for r in record["requests"]] == [200] * 6
    assert dialctl(stage, "show", record["legs"][0]["uuid"], "--json") == 0
    assert json.loads(capsys.readouterr().out) == record
    assert dialctl(stage, "list", "1001") == 0
    assert uuid in capsys.readouterr().out
    assert dialctl(stage, "show", uuid) == 0
    assert "POST DialAction" in capsys.readouterr().out
    assert dialctl(stage, "list", "1009", "--json") == 0
    assert capsys.readouterr().out == "[]\n"
    assert dialctl(stage, "show", "nobody") == 1
    assert os.stat(os.path.join(stage.state_dir, "calls.db")).st_mode & 0o777 == 0o640


def test_the_file_may_be_moved_away(stage, tmp_path):
    file = recorded(stage, tmp_path)
    first = call(stage)
    os.rename(file, f"{file}.1")
    second = call(stage)
    assert (uuids(f"{file}.1"), uuids(file)) == ([first], [second])


def test_only_so_many_are_kept(stage, tmp_path):
    recorded(stage, tmp_path, most=2)
    placed = [call(stage) for _ in range(3)]
    with sqlite3.connect(os.path.join(stage.state_dir, "calls.db")) as db:
        kept = [uuid for (uuid,) in db.execute("SELECT call_uuid FROM calls ORDER BY ended")]
    assert kept == placed[1:]


def test_and_only_so_long(stage, tmp_path, capsys):
    recorded(stage, tmp_path, keep=60.0)
    call(stage)
    stage.clock.sleep(60)
    second = call(stage)
    dialctl(stage, "list", "--json")
    assert [one["call_uuid"] for one in json.loads(capsys.readouterr().out)] == [second]


def test_none_are_kept(stage, tmp_path, capsys):
    recorded(stage, tmp_path, most=0)
    call(stage)
    assert dialctl(stage, "list") == 1
    assert "no such file" in capsys.readouterr().err


def test_what_cannot_be_written_costs_no_call(stage, tmp_path, caplog):
    file = recorded(stage, tmp_path)
    os.mkdir(file)
    for _ in range(2):
        call(stage)
    complaints = [r.getMessage() for r in caplog.records if r.name == "dialctl.records"]
    assert len(complaints) == 1
    assert "Is a directory" in complaints[0]
    os.rmdir(file)
    third = call(stage)
    assert uuids(file) == [third]
    assert "calls are recorded again" in caplog.text


@pytest.mark.parametrize("stops", [True, False])
def test_what_is_not_written_yet_is_written_at_the_end(stage, tmp_path, stops):
    file = recorded(stage, tmp_path)
    uuid = stage.call().uuid
    if stops:
        stage.server.stop()
    else:
        stage.clock.sleep(2)
    assert uuids(file) == [uuid]
