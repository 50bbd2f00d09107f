"""Dial strings, read as FreeSWITCH reads them. What it made of the odd ones was seen live."""

import pytest
from dialctl.switch.dialstring import DialStringError, Endpoint, parse, separate, value


def legs(text: str) -> list[list[str]]:
    """The rounds of the only branch, each with its legs' addresses."""
    branch = parse(text).branches[0]
    return [[leg.address for leg in round_] for round_ in branch.rounds]


def variables(text: str) -> dict[str, str]:
    """Those of the first leg."""
    return dict(parse(text).branches[0].rounds[0][0].variables)


def test_one_leg() -> None:
    (branch,) = parse("sofia/internal/100@127.0.0.1:5080").branches
    assert branch.rounds == ((Endpoint("sofia", "internal/100@127.0.0.1:5080"),),)


def test_commas_ring_together_and_pipes_in_turn() -> None:
    assert legs("user/a,user/b|user/c") == [["a", "b"], ["c"]]


def test_enterprise_branches_have_rounds_of_their_own() -> None:
    dial = parse("<u=1>{v=2}user/a|user/b:_:[w=3]user/c")
    assert dial.enterprise
    assert dial.variables == (("u", "1"),)
    first, second = dial.branches
    assert first.variables == (("v", "2"),)
    assert [[leg.address for leg in round_] for round_ in first.rounds] == [["a"], ["b"]]
    assert second.rounds[0][0].variables == (("w", "3"),)


def test_braces_hold_for_all_legs_and_may_come_twice() -> None:
    (branch,) = parse("{a=1}{b=2} [c=3]user/x,user/y").branches
    assert branch.variables == (("a", "1"), ("b", "2"))
    assert [leg.variables for leg in branch.rounds[0]] == [(("c", "3"),), ()]


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ("a=1,b=2", {"a": "1", "b": "2"}),
        ("a=x=y", {"a": "x=y"}),
        (r"a=p\,q,b=2", {"a": "p,q", "b": "2"}),
        ("^^:a=1,2:b=3", {"a": "1,2", "b": "3"}),
        ("^^;a=1;b=2", {"a": "1", "b": "2"}),
        ("a=x y", {"a": "x y"}),
        ("a='x y'", {"a": "x y"}),
        ("a=[q],b=2", {"a": "[q]", "b": "2"}),
        (r"a=\n", {"a": "\n"}),
        (r"a=p\\q", {"a": r"p\q"}),
        ("a='it''s'", {"a": "its"}),
        ("a", {}),
        ("a=", {}),
    ],
)
def test_a_leg_s_variables(inside: str, found: dict[str, str]) -> None:
    assert {k: v for k, v in variables(f"[{inside}]user/x").items() if v} == found


def test_quotes_do_not_keep_a_comma_inside_square_brackets() -> None:
    assert variables("[d='x, y']user/x")["d"] == "x"


def test_quotes_keep_a_comma_inside_braces() -> None:
    (branch,) = parse(r"{b='two, three',c=four\,five}user/x").branches
    assert branch.variables == (("b", "two, three"), ("c", "four,five"))


def test_a_name_has_its_first_value_whatever_its_case() -> None:
    assert value((("Leg_Timeout", "5"), ("leg_timeout", "7")), "leg_timeout") == "5"
    assert value((), "leg_timeout") == ""


@pytest.mark.parametrize("text", ["[a=1", "{a=1user/x", "{a=1}", "", "<a=1:_:user/x"])
def test_what_freeswitch_calls_a_parse_error(text: str) -> None:
    with pytest.raises(DialStringError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "delimiter", "parts"),
    [
        ("a|b|", "|", ["a", "b"]),
        ("a||b", "|", ["a", "", "b"]),
        ("'a|b'|c", "|", ["a|b", "c"]),
        (r"a\|b|c", "|", ["a|b", "c"]),
        ("1 5  # 'two words'", " ", ["1", "5", "#", "two words"]),
        ("^^:a b:c", " ", ["a b", "c"]),
        ("it's,here", ",", ["it's", "here"]),
    ],
)
def test_separating(text: str, delimiter: str, parts: list[str]) -> None:
    assert separate(text, delimiter) == parts
