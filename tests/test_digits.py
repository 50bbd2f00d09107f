import pytest
from dialctl.dial.digits import LongestMatcher, SuffixMatcher


def press(sequences, keys, kind=LongestMatcher):
    """What each key settles; a space stands for a pause."""
    matcher = kind(tuple(sequences.split(",")))
    return [
        match for key in keys for match in (matcher.timeout() if key == " " else matcher.press(key))
    ]


@pytest.mark.parametrize(
    ("sequences", "keys", "matches"),
    [
        ("123,456", "123", ["123"]),
        ("123,456", "99123", ["123"]),
        ("123,456", "1123", ["123"]),
        ("123,456", "123123456", ["123", "123", "456"]),
        ("123", "12 3", []),
        ("1,12", "12", ["12"]),
        ("1,12", "1 2", ["1"]),
        ("1,12", "13", ["1"]),
        ("1,12", "112", ["1", "12"]),
        ("12,2", "12", ["12"]),
        ("12,2", "32", ["2"]),
        ("123,2", "12 ", ["2"]),
        ("123,2", "124", ["2"]),
        ("12,123,3", "1243", ["12", "3"]),
        ("*9,#", "*9#", ["*9", "#"]),
        ("11", "111", ["11"]),
        ("1", "   ", []),
    ],
)
def test_the_longest_sequence_counts(sequences, keys, matches):
    assert press(sequences, keys) == matches


def test_it_waits_only_while_a_sequence_may_go_on():
    matcher = LongestMatcher(("12",))
    assert not matcher.waiting
    matcher.press("1")
    assert matcher.waiting
    matcher.press("2")
    assert not matcher.waiting


@pytest.mark.parametrize(
    ("sequences", "keys", "matches"),
    [
        ("*2,*3", "*2", ["*2"]),
        ("*2,*3", "11*3", ["*3"]),
        ("*2", "* 2", []),
        ("1,12", "12", ["1", "12"]),
        ("12,2", "12", ["12"]),
        ("2,12", "12", ["2"]),
        ("11", "111", ["11", "11"]),
    ],
)
def test_the_last_keys_count_at_once(sequences, keys, matches):
    assert press(sequences, keys, SuffixMatcher) == matches


def test_without_sequences_nothing_counts_and_nothing_is_waited_for():
    matcher = SuffixMatcher(())
    assert matcher.press("1") == ()
    assert not matcher.waiting


@pytest.mark.parametrize("kind", [LongestMatcher, SuffixMatcher])
def test_keys_without_end_are_not_kept(kind):
    matcher = kind(("1" * 32, "12", "*"))
    for key in "1111121*" * 2000:
        matcher.press(key)
        assert len(matcher._pressed) <= 32
