"""Every document and command that a page shows is read, judged or run."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from dialctl import config
from dialctl.cli import _parser, main

from support.pages import PAGES, blocks, write_files

NEEDED = {
    "apps.yaml": {"apps": [{"name": "a", "answer_url": "http://127.0.0.1:1/"}]},
    "routes.yaml": {"numbers": [{"prefix": "", "endpoints": ["sofia/gateway/a/{number}"]}]},
}
KEYS = {"apps": "apps.yaml", "numbers": "routes.yaml", "users": "routes.yaml"}
LANGUAGES = {"xml", "json", "yaml", "python", "console"}


def test_no_block_is_of_a_language_that_nobody_tries():
    for block in blocks("sh", "bash", "text", "ini", "js", *LANGUAGES):
        assert block.language in LANGUAGES, str(block)
        assert set(block.said) <= {"file", "dialect", "needs"}, str(block)


@pytest.mark.parametrize("block", blocks("xml", "json"), ids=str)
def test_documents_are_right(block, tmp_path):
    path = tmp_path / f"document.{block.language}"
    path.write_text(block.text)
    named = ["--dialect", block.said["dialect"]] if "dialect" in block.said else []
    assert main(["check", str(path), *named]) == 0


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_configurations_are_right(block, tmp_path, monkeypatch):
    for name in ("SHOP_TOKEN",):
        monkeypatch.setenv(name, "token77")
    content = yaml.safe_load(block.text)
    name = next((KEYS[key] for key in content if key in KEYS), "dialctl.yaml")
    for needed, filling in NEEDED.items():
        (tmp_path / needed).write_text(yaml.safe_dump(filling))
    path = tmp_path / name
    path.write_text(block.text)
    path.chmod(0o600)
    config.load(tmp_path)


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_programs_are_python(block):
    compile(block.text, str(block), "exec")


def test_commands_that_are_only_shown_are_ones_that_dialctl_takes():
    shown = [
        line
        for page in PAGES
        for line in re.findall(
            r"^    (dialctl [^\[\n]*)$|`(dialctl [^`\[|]+)`", page.read_text(), re.M
        )
    ]
    assert len(shown) > 10
    for line in filter(None, (word for pair in shown for word in pair)):
        words = shlex.split(line, comments=True)[1:]
        if words and words[-1] not in ("FILE", "outbox", "DIR") and "..." not in words:
            filled = ["doc.xml"] if words in (["check"], ["try"]) else []
            _parser().parse_args(words + filled)


@pytest.mark.real_time  # processes of their own
@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks("console", pages=[page])], ids=str
)
def test_commands_say_what_the_page_says(page, tmp_path):
    write_files(page, tmp_path)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for block in blocks("console", pages=[page]):
        if "needs" in block.said:
            continue  # tests/live, tests/packages
        for command, expected in block.steps:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            said = done.stdout + done.stderr
            assert done.returncode == 0, f"{block}: {command}: {said}"
            for line in expected:
                assert line.replace("...", "").strip() in said, f"{block}: {command}: {said}"
