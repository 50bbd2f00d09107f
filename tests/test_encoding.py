import json

import pytest
from dialctl.http.encoding import Encoding, body, ordered, query

SAID = (("b", 200), ("a", "ü &"), ("c", {"d": "e", "f": 1}), ("g", ("x", "y")))


def test_parameters_stand_in_byte_order_of_their_names():
    assert [
        name for name, _ in ordered({"b": "", "É": "", "B": "", "a": "", "\U0001f600": ""})
    ] == [*("B", "a", "b", "É", "\U0001f600")]
    assert ordered((("b", "2"), ("a", "z"), ("a", "y"))) == [("a", "z"), ("a", "y"), ("b", "2")]


def test_a_json_body_keeps_what_is_nested():
    assert body(SAID, Encoding.JSON) == (
        '{"a": "ü &", "b": 200, "c": {"d": "e", "f": 1}, "g": ["x", "y"]}'.encode()
    )
    assert body((), Encoding.JSON) == b"{}"


def test_a_form_and_a_query_are_text():
    text = (
        "a=%C3%BC+%26&b=200&c=%7B%22d%22%3A+%22e%22%2C+%22f%22%3A+1%7D&g=%5B%22x%22%2C+%22y%22%5D"
    )
    assert query(SAID) == text
    assert body(SAID, Encoding.FORM) == text.encode()


@pytest.mark.parametrize("encoding", Encoding)
def test_it_is_plain_data_where_a_report_is_kept(encoding):
    assert Encoding(json.loads(json.dumps(encoding))) is encoding
