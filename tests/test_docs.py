"""What the documents say is what the code does."""

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
