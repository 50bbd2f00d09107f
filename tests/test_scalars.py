"""Single values: YAML's idea of them, and the traps."""

import pytest
import yaml
from dialctl.conf import rules
from dialctl.conf.rules import Rule, at_least, choice, optional
from dialctl.conf.scalars import describe, is_name, is_nothing, typed


def node(text):
    return yaml.compose(text, Loader=yaml.SafeLoader)


@pytest.mark.parametrize(
    ("hint", "text", "rule", "value"),
    [
        (str, "Plivo", rules.TEXT, "Plivo"),
        (str, "'yes'", rules.TEXT, "yes"),
        (str, '""', optional(rules.URL), ""),
        (str, "0049", rules.PREFIX, "0049"),
        (str, "+49", rules.PREFIX, "49"),
        (str, '"+49 30"', rules.PREFIX, "4930"),
        (str, "0049", rules.PATTERN, "0049"),
        (int, "4000", at_least(1), 4000),
        (int, "0", at_least(0), 0),
        (float, "2", rules.SECONDS, 2.0),
        (float, "0.5", rules.SECONDS, 0.5),
        (float, ".5", rules.SECONDS, 0.5),
        (bool, "true", rules.SWITCH, True),
        (bool, "No", rules.SWITCH, False),
        (bool, "ON", rules.SWITCH, True),
    ],
)
def test_values_of_their_type(hint, text, rule, value):
    read = typed(hint, node(text), rule)
    assert read == value
    assert type(read) is hint


@pytest.mark.parametrize(
    ("hint", "text", "rule", "advice"),
    [
        # the yes/no trap
        (str, "no", rules.TEXT, "yes, no, on and off"),
        (str, "no", choice("GET", "POST"), "write one of these"),
        # other things YAML takes for something else
        (str, "12", rules.TEXT, "put it in quotes"),
        (str, "2024-01-01", rules.TEXT, "put it in quotes"),
        (str, "1.5", rules.PATTERN, "put it in quotes"),
        (str, "!x y", rules.TEXT, "put it in quotes"),
        (str, "8084", rules.LISTEN, "write host and port"),
        (str, "{number}", rules.TEXT, "needs quotes"),
        (str, "[a]", rules.TEXT, "write one value"),
        (str, "~", rules.TEXT, "fill it in"),
        (str, "~", optional(rules.TEXT), 'write "" for none'),
        (str, "''", rules.TEXT, "fill it in"),
        (str, '"a\\nb"', rules.TEXT, "line break"),
        (str, "|\n  a\n", rules.TEXT, "line break"),
        (str, '"a\\0b"', rules.SECRET, "control character"),
        (int, "'4000'", at_least(1), "without quotes"),
        (int, "4000.0", at_least(1), "plain digits"),
        (int, "010", at_least(1), "leading zeros"),
        (int, "0x10", at_least(1), "plain digits"),
        (int, "1:30", at_least(1), "plain digits"),
        (int, "9" * 19, at_least(1), "plain digits"),
        (int, "0", at_least(1), "1 or more"),
        (int, "!!int x", at_least(1), "plain digits"),
        (float, "'2'", rules.SECONDS, "without quotes"),
        (float, "30s", rules.SECONDS, "such as 30 or 0.5"),
        (float, ".inf", rules.SECONDS, "plain digits"),
        (float, ".nan", rules.SECONDS, "plain digits"),
        (float, "1:30", rules.SECONDS, "plain digits"),
        (bool, "'true'", rules.SWITCH, "without quotes"),
        (bool, "1", rules.SWITCH, "write true or false"),
        (bool, "!!bool maybe", rules.SWITCH, "write true or false"),
    ],
)
def test_values_of_another_type(hint, text, rule, advice):
    with pytest.raises(ValueError, match=advice):
        typed(hint, node(text), rule)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b", "'a b'"),
        ("8084", "the number 8084"),
        ("0.5", "the number 0.5"),
        ("no", "the true/false value no"),
        ("2024-01-01", "the date 2024-01-01"),
        ("~", "nothing"),
        ("!x y", "the tagged value y"),
        ("[a]", "a list"),
        ("{a: b}", "keys and values"),
        ("x" * 99, repr("x" * 80 + "...")),
        ("redis://user:pass@host/0", "'redis://...@host/0'"),
    ],
)
def test_what_stands_there(text, words):
    assert describe(node(text)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("s3cret", "the text (not shown)"),
        ("1234", "the number (not shown)"),
        ("!s3cret 1234", "the tagged value (not shown)"),
        ("[s3cret]", "a list"),
        ("{s3cret: 1}", "keys and values"),
    ],
)
def test_a_secret_is_never_shown(text, words):
    assert describe(node(text), secret=True) == words


def test_nothing_and_names():
    assert is_nothing(node("~"))
    assert not is_nothing(node("''"))
    assert not is_nothing(node("[]"))
    assert is_name(node("listen"))
    assert is_name(node("1"))
    assert not is_name(node("no"))
    assert not is_name(node("[a]"))


def test_a_rule_without_a_check_keeps_the_value():
    assert typed(str, node("x"), Rule("a text")) == "x"
