"""<Number> and <User> of a Dial, attribute by attribute."""

import pytest
from dialctl.dialects.plivo import parse
from dialctl.errors import DocumentError
from dialctl.plan import Gateway, SendDigits
from dialctl.settings import DialectLimits

RAW = DialectLimits(raw_dial_strings=True)


def read(xml, limits=DialectLimits(), dial=""):  # noqa: B008  it is frozen
    plan = parse(f"<Response><Dial {dial}>{xml}</Dial></Response>".encode(), "http://x/", limits)
    (target,) = plan.steps[0].targets
    return target, " ".join(plan.warnings)


def number(attributes, **kwargs):
    return read(f"<Number {attributes}>1212</Number>", **kwargs)


@pytest.mark.parametrize(
    ("attributes", "field", "value"),
    [
        ('callerId="+1555"', "caller_id", "+1555"),
        ('callerName="Acme, Inc."', "caller_name", "Acme, Inc."),
        ('sendDigits="1ww2W#*D"', "send_digits", SendDigits("1ww2W#*D")),
        ('sendDigits="1" sendOnPreanswer="true"', "send_digits", SendDigits("1", True)),
        ('sendDigits="1" sendDigitsMode="rfc2833"', "send_digits", SendDigits("1", False, True)),
        ('sipHeaders="a=1, B2=x"', "headers", (("X-PH-a", "1"), ("X-PH-B2", "x"))),
        (
            "gateways=\"sofia/gateway/x/,user/\" gatewayCodecs=\"'PCMA,PCMU','GSM'\""
            ' gatewayTimeouts="9,x" gatewayRetries="2"',
            "gateways",
            (Gateway("sofia/gateway/x/", "PCMA,PCMU", 9, 2), Gateway("user/", "GSM", 0, 1)),
        ),
        (
            'gateways="sofia/internal/" gatewayRetries="99"',
            "gateways",
            (Gateway("sofia/internal/", attempts=5),),
        ),
    ],
)
def test_attributes_of_a_number(attributes, field, value):
    target, warnings = number(attributes)
    assert getattr(target, field) == value
    assert warnings == ""


def test_a_user_with_a_password():
    target, warnings = read(
        '<User sipAuthUsername="username" sipAuthPassword="p@ssw0rd!">sip:a@b</User>'
    )
    assert target.auth == ("username", "p@ssw0rd!")
    assert "p@ssw0rd!" not in repr(target)
    assert warnings == ""


def test_headers_of_the_dial_reach_each_target_and_its_own_come_first():
    target, _ = number('sipHeaders="a=2"', dial='sipHeaders="a=1,b=1"')
    assert target.headers == (("X-PH-a", "2"), ("X-PH-b", "1"))


@pytest.mark.parametrize(
    ("attributes", "warning"),
    [
        ('sendDigits="12p"', "sendDigits='12p' holds more than 0-9 A-D * # w W; nothing is sent"),
        ('sendDigits="1" sendDigitsMode="x"', "sendDigitsMode='x' is none of rfc2833"),
        ('sipHeaders="a b=1"', "'a b=1' is not letters and digits on both sides of ="),
        ('sipHeaders="a"', "is not letters and digits"),
        ('sipHeaders="Plivo1=1"', "Plivo1 is reserved and is not sent"),
        ('sipHeaders="ClientRegion=1"', "ClientRegion is reserved"),
        ('gateways="user/" gatewayCodecs="a b"', "'a b' is no list of codecs and is ignored"),
        ('extraDialString="a=1"', "extraDialString is ignored: dialects.plivo.raw_dial_strings"),
    ],
)
def test_what_cannot_be_sent_is_told(attributes, warning):
    _, warnings = number(attributes)
    assert warning in warnings


def test_raw_variables_where_the_operator_allows_them():
    target, _ = number('extraDialString="a=1,b=2"', limits=RAW)
    assert target.raw_variables == "a=1;b=2"


@pytest.mark.parametrize("text", ["a=1]user/eve,[b=2", "a=${x}", "a=1:_:b", "a=1&#10;b"])
def test_raw_variables_are_variables_and_nothing_else(text):
    with pytest.raises(DocumentError, match="may set variables and nothing else"):
        number(f'extraDialString="{text}"', limits=RAW)


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ('<Number gateways="loopback/">1</Number>', "'loopback/' is none of sofia/gateway/NAME/"),
        ('<Number gateways="{a=b}user/">1</Number>', "is none of"),
        (
            f'<Number gateways="{",".join(["user/"] * 11)}">1</Number>',
            "has 11 gateways; at most 10",
        ),
        ('<User sipAuthUsername="username">sip:a@b</User>', "sipAuthPassword must be 8 to 128"),
        (
            '<User sipAuthUsername="username" sipAuthPassword="sec]ret99">sip:a@b</User>',
            "sipAuthPassword must be 8 to 128",
        ),
    ],
)
def test_what_is_refused(xml, message):
    with pytest.raises(DocumentError) as caught:
        read(xml)
    assert message in str(caught.value)
    assert "sec]ret99" not in str(caught.value)
