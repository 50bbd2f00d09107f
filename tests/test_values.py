"""Text of documents into what may become part of a dial string."""

import pytest
from dialctl.dialects import values
from dialctl.dialects.values import SipAddress


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+1 (555) 000-1111", "15550001111"),
        ("1.555", "1555"),
        ("", ""),
        ("+", ""),
        ("12a", ""),
        ("1,2", ""),
        ("9" * 21, ""),
        ("\u0661", ""),
    ],
)
def test_numbers(text, digits):
    assert values.digits(text) == digits


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("sip:a@b", SipAddress("a", "b")),
        ("sips:a.b+c@[::1]:5060", SipAddress("a.b+c", "[::1]:5060")),
        ("sip:a@b;x=1;y?h=2&i=3", SipAddress("a", "b", "x=1;y", "h=2&i=3")),
        ("sip:a@b?h=2;x", SipAddress("a", "b", "", "h=2;x")),
        ("a@b", None),
        ("sip:a", None),
        ("sip:a,b@c", None),
        ("sip:a@b|c", None),
        ("sip:@b", None),
    ],
)
def test_sip_addresses(text, address):
    assert values.sip_address(text) == address


def test_a_sip_address_without_its_scheme():
    assert values.sip_address("a@b;x", scheme=False) == SipAddress("a", "b", "x")


@pytest.mark.parametrize("text", ["tone_stream://%(100,0,440)", "ivr/8000/bell.wav", "/a/b.mp3"])
def test_own_sounds(text):
    assert values.is_own_sound(text)


@pytest.mark.parametrize("text", ["../x.wav", "@@x", "{a=b}x.wav", "http://x/y.wav", "shell://x"])
def test_what_is_no_sound_of_the_switchs(text):
    assert not values.is_own_sound(text)
