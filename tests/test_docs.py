"""What the documents say is what the code does."""

import pathlib
import re

from dialctl.dialects.plivo import causes, dial, document

ROOT = pathlib.Path(__file__).parent.parent
DIALECTS = (ROOT / "docs" / "dialects.md").read_text()


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


def test_no_page_names_a_command_that_does_not_exist():
    from dialctl.cli import _parser

    commands = _parser()._subparsers._group_actions[0].choices
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *ROOT.glob("freeswitch/*.md")]:
        for command in re.findall(r"`dialctl (\w+)", page.read_text()):
            assert command in commands, f"{page.name}: dialctl {command}"
