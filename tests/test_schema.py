"""Sections, lists and names out of YAML, by a small schema made for it."""

from dataclasses import dataclass

import pytest
from dialctl.conf.rules import Rule, at_least, optional, some
from dialctl.conf.schema import read
from dialctl.conf.yamlfile import read as read_file

TEXT = Rule("a text")


@dataclass(frozen=True)
class Cup:
    owner: str
    spouts: tuple[str, ...]
    size: int = 2
    hidden: str = "x"


@dataclass(frozen=True)
class Pot:
    lid: bool = True
    weight: float = 1.0


@dataclass(frozen=True)
class Table:
    name: str = "oak"
    pot: Pot = Pot(weight=5.0)
    guests: tuple[str, ...] = ("ann",)
    cups: tuple[Cup, ...] = ()
    seats: tuple[tuple[str, tuple[str, ...]], ...] = ()
    cellar: str = ""


RULES = {
    "name": optional(TEXT),
    "pot.lid": Rule("true or false"),
    "pot.weight": Rule("a weight"),
    "guests": Rule("a guest", alone=True, filled=True),
    "cups.owner": Rule("an owner", unique=True),
    "cups.spouts": some(Rule("a spout")),
    "cups.size": at_least(1),
    "seats": Rule("a seat"),
}


@pytest.fixture
def table(tmp_path):
    """Reads a text; gives the table and the faults as ``LINE: KEY: ...``."""

    def lay(text):
        path = tmp_path / "table.yaml"
        path.write_text(text)
        document = read_file(path)
        result = read(document, Table(), RULES)
        return result, [fault.removeprefix(f"{path}:") for _, fault in document.faults]

    return lay


@pytest.mark.parametrize("text", ["", "~", "{}", "pot:\n", "cups:\nseats:\n", "pot: {}\n"])
def test_what_is_left_out_has_its_default(table, text):
    assert table(text) == (Table(), [])


def test_a_file_that_was_not_read_gives_the_defaults(tmp_path):
    default = Table(name="elm")
    assert read(read_file(tmp_path / "none.yaml"), default, RULES) is default


def test_everything_set(table):
    laid, faults = table(
        """
name: ""
pot: {lid: no, weight: 3}
guests: [bob, eve]
cups:
  - owner: bob
    spouts: [left]
  - {owner: eve, spouts: [left, right], size: 4}
seats: {north: [a, b], 2: []}
"""
    )
    assert faults == []
    assert laid == Table(
        name="",
        pot=Pot(lid=False, weight=3.0),
        guests=("bob", "eve"),
        cups=(Cup("bob", ("left",)), Cup("eve", ("left", "right"), 4)),
        seats=(("north", ("a", "b")), ("2", ())),
    )


def test_a_section_keeps_what_its_own_default_says(table):
    assert table("pot: {lid: no}\n") == (Table(pot=Pot(lid=False, weight=5.0)), [])


def test_one_value_will_do_where_the_rule_says_so(table):
    assert table("guests: bob\n") == (Table(guests=("bob",)), [])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("nam: x\n", "1: nam: unknown key; did you mean name?"),
        ("\nPOT: x\n", "2: POT: unknown key; did you mean pot?"),
        (
            "zzz: 1\n",
            "1: zzz: unknown key; the keys here are name, pot, guests, cups, seats",
        ),
        ("cellar: x\n", "1: cellar: unknown key; the keys here are"),
        ("pot:\n  lit: no\n", "2: pot.lit: unknown key; did you mean lid?"),
        (
            "cups: [{owner: a, spouts: [b], hidden: c}]\n",
            "1: cups[0].hidden: unknown key; the keys here are owner, spouts, size",
        ),
        ("name: a\n\nname: b\n", "3: name: duplicate key, first on line 1; keep one"),
        ("pot: {lid: no,\n  lid: no}\n", "2: pot.lid: duplicate key, first on line 1; keep one"),
        ("seats:\n  a: []\n  a: []\n", "3: seats.a: duplicate key, first on line 2; keep one"),
        ("no: 1\n", "1: expected a key, found the true/false value no; put it in quotes"),
        ("seats:\n  off: []\n", "2: seats: expected a key, found the true/false value off;"),
        ("? [a]\n: 1\n", "1: expected a key, found a list; put it in quotes"),
        ("<<: {name: a}\n", "1: expected a key, found the tagged value <<; put it in quotes"),
        (
            "- a\n",
            "1: expected the keys name, pot, guests, cups, seats, found a list;"
            " write key: value, one a line",
        ),
        ("pot: black\n", "1: pot: expected the keys lid, weight, found 'black'; write key: value"),
        ("seats: [a]\n", "1: seats: expected names, each with a list, found a list;"),
        ("seats: {a: b}\n", "1: seats.a: expected a list, each a seat, found 'b'; write it as"),
        ("seats:\n  a:\n  - b\n  - [c]\n", "4: seats.a[1]: expected a seat, found a list;"),
        ("cups: tea\n", "1: cups: expected a list of entries, found 'tea'; begin each entry with"),
        ("cups: {owner: a}\n", "1: cups: expected a list of entries, found keys and values;"),
        ("cups:\n- tea\n", "2: cups[0]: expected the keys owner, spouts, size, found 'tea';"),
        ("cups:\n- spouts: [a]\n", "2: cups[0].owner: missing; give an owner"),
        ("guests: {a: b}\n", "1: guests: expected a list, each a guest, found keys and values;"),
        (
            "guests: []\n",
            "1: guests: expected at least one value, each a guest, found none; add one",
        ),
        ("guests:\n", "1: guests: expected at least one value, each a guest, found none; add one"),
        ("guests:\n  - a\n  - no\n", "3: guests[1]: expected a guest, found the true/false value"),
        ("name: [a]\n", '1: name: expected a text, or "" for none, found a list; write one'),
        ("pot:\n  weight: x\n", "2: pot.weight: expected a weight, found 'x'; write it in plain"),
        (
            "cups:\n- {owner: a, spouts: [b]}\n- {owner: a, spouts: [b]}\n",
            "3: cups[1].owner: 'a' is also cups[0].owner on line 2; give each its own",
        ),
    ],
)
def test_a_fault_names_line_and_key(table, text, fault):
    _, faults = table(text)
    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_all_faults_are_found_and_the_rest_is_kept(table):
    laid, faults = table("nam: x\nguests: [a, [b], c]\npot: {lid: 1, weight: 2}\ncups: [{}]\n")
    assert [fault.split(": ")[:2] for fault in faults] == [
        ["1", "nam"],
        ["3", "pot.lid"],
        ["2", "guests[1]"],
        ["4", "cups[0].owner"],
        ["4", "cups[0].spouts"],
    ]
    assert laid.guests == ("a", "c")
    assert laid.pot == Pot(lid=True, weight=2.0)
    assert laid.cups == (Cup("", ()),)


def test_a_list_inside_itself_ends(table):
    _, faults = table("guests: &a [*a]\n")
    assert faults == [
        "1: guests[0]: expected a guest, found a list;"
        " write one value; a text that begins with { or [ needs quotes"
    ]
