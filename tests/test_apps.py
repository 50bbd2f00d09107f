"""Which app gets a call."""

import re

import pytest
from dialctl.apps import choose, compiled, matches, matches_everything
from dialctl.settings import App

SHOP = App("shop", "http://shop/", match=("^1555",))
BANK = App("bank", "http://bank/", match=("49*", "+49*"))
REST = App("rest", "http://rest/")


@pytest.mark.parametrize(
    ("pattern", "number", "fits"),
    [
        # globs fit the whole number
        ("15550001", "15550001", True),
        ("15550001", "155500012", False),
        ("1555", "15550001", False),
        ("1555*", "15550001", True),
        ("1555*", "1555", True),
        ("1555*", "01555", False),
        ("155?", "1555", True),
        ("155?", "155", False),
        ("*", "", True),
        ("+49*", "+4930", True),
        ("+49*", "4930", False),
        ("sales.de", "salesXde", False),
        ("{1}", "{1}", True),
        # regular expressions are searched anywhere
        ("^1555", "15550001", True),
        ("^1555", "01555", False),
        ("555$", "1555", True),
        ("555$", "5551", False),
        (r"\+?49", "004930", True),
        ("(49|43)30", "04330", True),
        ("[2-4]9", "1391", True),
        ("12|13", "0130", True),
        ("1.*9", "0123459", True),
        ("1.+9", "19", False),
        ("a.b|", "anything", True),
    ],
)
def test_a_pattern_is_a_glob_or_a_regular_expression(pattern, number, fits):
    assert matches((pattern,), number) is fits


def test_one_fitting_pattern_of_several_is_enough():
    assert matches(("43*", "49*"), "4930")
    assert not matches(("43*", "49*"), "1555")


def test_no_pattern_matches_every_number():
    assert matches((), "1555")
    assert matches((), "")


def test_a_broken_expression_is_an_error_of_the_pattern():
    with pytest.raises(re.error):
        compiled("(")


@pytest.mark.parametrize("pattern", ["*", ".*", "^.*$", "^.+$", "^(.*)$", "(.+)", "^", "$"])
def test_plainly_everything(pattern):
    assert matches_everything(("1555", pattern))


@pytest.mark.parametrize("pattern", ["1*", "?", "^1", "^$", "1.*", r"^\+.*", "."])
def test_not_plainly_everything(pattern):
    assert not matches_everything((pattern,))


def test_no_pattern_is_everything():
    assert matches_everything(())


@pytest.mark.parametrize(
    ("number", "named", "chosen"),
    [
        ("15550001", "", SHOP),
        ("4930", "", BANK),
        ("33", "", REST),
        ("15550001", "bank", BANK),
        ("15550001", "rest", REST),
        ("15550001", "Bank", None),
        ("15550001", "nobody", None),
    ],
)
def test_the_first_match_wins_and_a_name_wins_outright(number, named, chosen):
    assert choose((SHOP, BANK, REST), number, named) is chosen


def test_a_number_that_no_app_serves():
    assert choose((SHOP, BANK), "33", "") is None
    assert choose((), "33", "") is None
