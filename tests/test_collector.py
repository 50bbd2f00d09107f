import pytest
from dialctl.collector import Collector


@pytest.mark.parametrize(
    ("keys", "digits", "complete", "valid"),
    [
        ("12", "12", False, True),
        ("12#", "12", True, True),
        ("123", "123", True, True),
        ("#", "", True, False),
        ("19", "19", False, False),
        ("", "", False, False),
    ],
)
def test_keys_make_an_answer(keys, digits, complete, valid):
    collector = Collector(finish_on="#", max_digits=3, valid="123", least=1)
    for key in keys:
        collector.press(key)
    assert (collector.digits, collector.complete, collector.valid) == (digits, complete, valid)


def test_too_few_keys_are_no_answer():
    collector = Collector(finish_on="#", max_digits=4, valid="123", least=3)
    collector.press("1")
    collector.press("2")
    assert not collector.valid
    collector.press("3")
    assert collector.valid
