"""What the documents say is what the code does."""

import ast
import pathlib
import re

import dialctl
from dialctl.dialects.plivo import causes, dial, document
from dialctl.dialects.restcomm import conference as restcomm_conference
from dialctl.dialects.restcomm import dial as restcomm_dial
from dialctl.dialects.restcomm import document as restcomm_document
from dialctl.dialects.restcomm import targets
from dialctl.dialects.voicegateway.document import VERBS

ROOT = pathlib.Path(__file__).parent.parent
DIALECTS = (ROOT / "docs" / "dialects.md").read_text()
RCML = (ROOT / "docs" / "dialects" / "rcml.md").read_text()
VOICE_GATEWAY = (ROOT / "docs" / "dialects" / "voicegateway.md").read_text()


def test_every_cause_is_in_the_table():
    for cause, (code, source) in causes.BY_CAUSE.items():
        row = f"| {cause} |  | {code} {causes.NAMES[code]} | {source or 'platform'} |"
        assert row in DIALECTS
    for (cause, status), (code, _) in causes.BY_SIP_STATUS.items():
        row = f"| {cause} | {status or 'none'} | {code} {causes.NAMES[code]} |"
        assert row in DIALECTS


def test_every_attribute_that_is_built_is_in_the_table():
    attributes = set(dial.ATTRIBUTES).union(*(word.attributes for word in document.WORDS.values()))
    for attribute in attributes:
        assert f"`{attribute}`" in DIALECTS


def test_every_test_that_the_table_of_the_languages_names_is_there():
    named = re.findall(r"\b((?:\w+/)?\w+)::(\w+)", DIALECTS)
    assert len(named) > 100
    for file, test in named:
        folder, _, module = file.rpartition("/")
        source = (ROOT / "tests" / folder / f"test_{module}.py").read_text()
        assert f"\ndef test_{test}(" in source, f"{file}::{test}"


def test_every_attribute_of_rcml_is_on_its_page():
    attributes = set(restcomm_dial.ATTRIBUTES | restcomm_conference.ATTRIBUTES)
    attributes |= targets.NUMBER_ATTRIBUTES | targets.SIP_ATTRIBUTES
    for word in restcomm_document.WORDS:
        assert f"`{word}`" in RCML or f"## {word}\n" in RCML, word
    for attribute in attributes:
        assert f"`{attribute}`" in RCML, attribute


def test_every_verb_and_property_of_the_voice_gateway_is_on_its_page():
    for verb in VERBS:
        assert f"`{verb}`" in VOICE_GATEWAY or f"## {verb}\n" in VOICE_GATEWAY
    source = pathlib.Path(dialctl.__file__).parent / "dialects" / "voicegateway"
    for file in source.glob("*.py"):
        for called in re.findall(r"\.expect\((.*?)\n? *\)\n", file.read_text(), re.DOTALL):
            for name in re.findall(r'"(\w+)"', called):
                assert name in VOICE_GATEWAY, f"{file.name}: {name}"


def test_no_page_names_a_command_that_does_not_exist():
    from dialctl.cli import _parser

    commands = _parser()._subparsers._group_actions[0].choices
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *ROOT.glob("freeswitch/*.md")]:
        for command in re.findall(r"`dialctl (\w+)", page.read_text()):
            assert command in commands, f"{page.name}: dialctl {command}"


def test_the_tables_of_every_key_are_those_of_the_code(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    import manual

    page = (ROOT / "docs" / "configuration.md").read_text()
    assert manual.with_tables(page) == page, "make docs"


def test_every_key_says_what_it_does(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    import keys

    for file in keys.FILES:
        assert all(key.effect for key in keys.of(file))


def test_the_manual_names_every_command_and_key(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    import keys
    import manual

    manual.main([str(tmp_path)])
    commands = (tmp_path / "dialctl.1").read_text()
    for words, _, command in manual.commands(manual._parser()):
        assert f".SS dialctl {words}\n" in commands
        for action in command._actions[1:]:
            for option in action.option_strings:
                assert option.replace("-", "\\-") in commands
    files = (tmp_path / "dialctl.yaml.5").read_text()
    for file in keys.FILES:
        for key in keys.of(file):
            assert f".B {key.path}\n" in files
    assert "outbox" in (tmp_path / "dialctl.bash").read_text()
    assert "outbox" in (tmp_path / "_dialctl").read_text()


def test_there_is_one_version():
    assert f"\nversion = {dialctl.__version__}\n" in (ROOT / "setup.cfg").read_text()


def test_every_link_leads_somewhere():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("freeswitch/*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
        for named in re.findall(r"`((?:docs|freeswitch|systemd)/[\w/.-]+)`", page.read_text()):
            assert (ROOT / named).exists() or "*" in named, f"{page.name}: {named}"


def test_every_line_of_the_log_that_is_explained_is_one_that_is_written():
    page = (ROOT / "docs" / "operations.md").read_text()
    rows = page.partition("| line | whose")[2].partition("## The outbox")[0].splitlines()[2:]
    quoted = [line for row in rows if row for line in re.findall(r"`([^`]+)`", row.split("|")[1])]
    assert len(quoted) > 10
    said = [
        node.value
        for file in pathlib.Path(dialctl.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    for line in quoted:
        words = max(line.split("..."), key=len).strip()
        if words != "FILE NOT FOUND":  # FreeSWITCH's
            assert any(words in text for text in said), line


def test_every_test_that_a_page_names_is_there():
    tests = list((ROOT / "tests").rglob("test_*.py"))
    files = {path.stem for path in tests}
    there = {name for path in tests for name in re.findall(r"def (test_\w+)\(", path.read_text())}
    for page in ("reliability", "security", "performance", "architecture", "freeswitch"):
        text = (ROOT / "docs" / f"{page}.md").read_text()
        for name, cut in re.findall(r"\b(test_\w+)(\.\.\.)?", text):
            found = any(one.startswith(name) for one in there) if cut else name in files | there
            assert found, f"{page}.md: {name}"
