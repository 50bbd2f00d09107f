import itertools

import pytest
from dialctl.dial.model import Attempt, Leg
from dialctl.esl.routing import endpoints, legs
from dialctl.plan import Client, Gateway, Number, SendDigits, Target, User
from dialctl.settings import NumberRoute, Routes, UserRoute

ROUTES = Routes(
    numbers=(
        NumberRoute("1555", ("sofia/gateway/local/{number}",)),
        NumberRoute("1", ("sofia/gateway/a/{number}", "sofia/gateway/b/{number}")),
    ),
    users=(
        UserRoute("pbx.example.com:5070", ("sofia/internal/{user}@{domain}",)),
        UserRoute("*", ("user/{user}@{domain}",)),
    ),
    clients=("user/{name}@example.com",),
    trunks=(("Twilio", ("sofia/gateway/t1/{number}", "sofia/gateway/t2/{number}")),),
)


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        (Number("15550001111"), ("sofia/gateway/local/15550001111",)),
        (Number("12125550000"), ("sofia/gateway/a/12125550000", "sofia/gateway/b/12125550000")),
        (Number("442071234567"), ()),
        (Number("442", "Twilio"), ("sofia/gateway/t1/442", "sofia/gateway/t2/442")),
        (Number("15550001111", "Nobody"), ()),
        (User("bob", "pbx.example.com:5070"), ("sofia/internal/bob@pbx.example.com:5070",)),
        (User("bob", "pbx.example.com"), ("user/bob@pbx.example.com",)),
        (
            User("bob", "pbx.example.com:5070", "tcp"),
            ("sofia/internal/bob@pbx.example.com:5070;transport=tcp",),
        ),
        (User("bob", "pbx.example.com", "tcp"), ("user/bob@pbx.example.com",)),
        (Client("alice"), ("user/alice@example.com",)),
    ],
)
def test_endpoints(destination, expected):
    assert endpoints(destination, ROUTES) == expected


def test_users_without_a_route():
    assert endpoints(User("bob", "example.com"), Routes()) == ()


def test_each_endpoint_has_a_uuid_and_a_target_without_one_is_still_a_leg():
    uuids = (f"u{n}" for n in itertools.count(1))
    targets = (Target(Number("12125550000"), "12125550000"), Target(Number("44"), "44"))
    assert legs(targets, ROUTES, lambda *_: next(uuids)) == (
        Leg(
            "u1",
            1,
            "12125550000",
            (
                Attempt("u1", "sofia/gateway/a/12125550000"),
                Attempt("u2", "sofia/gateway/b/12125550000"),
            ),
        ),
        Leg("u3", 2, "44", ()),
    )


def variables(**target):
    (leg,) = legs((Target(User("bob", "h"), "sip:bob@h", **target),), ROUTES, lambda *_: "u")
    return dict(leg.attempts[0].variables)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, {}),
        (
            {"caller_id": "+1555", "caller_name": "O'Brien"},
            {
                "origination_caller_id_number": "+1555",
                "origination_caller_id_name": "O\u2019Brien",
            },
        ),
        ({"headers": (("X-PH-a", "1"),)}, {"sip_h_X-PH-a": "1"}),
        (
            {"auth": ("username", "password")},
            {"sip_auth_username": "username", "sip_auth_password": "password"},
        ),
        ({"send_digits": SendDigits("1w2")}, {"execute_on_answer_2": "send_dtmf 1w2"}),
        (
            {"send_digits": SendDigits("1", on_early_media=True, rfc2833=True)},
            {"execute_on_media": "send_dtmf 1", "dtmf_type": "rfc2833"},
        ),
    ],
)
def test_what_a_leg_is_shown_and_sent(target, expected):
    assert variables(**target) == expected


def test_gateways_of_the_documents_own_come_instead_of_routes():
    uuids = (f"u{n}" for n in itertools.count(1))
    gateways = (
        Gateway("sofia/gateway/x/", "PCMA,PCMU", timeout=9, attempts=2),
        Gateway("user/"),
    )
    target = Target(Number("1212"), "1212", gateways=gateways, raw_variables="a=1")
    (leg,) = legs((target,), ROUTES, lambda *_: next(uuids))
    codecs = (("absolute_codec_string", "PCMA,PCMU"), ("leg_timeout", "9"))
    assert leg.attempts == (
        Attempt("u1", "sofia/gateway/x/1212", codecs, "a=1"),
        Attempt("u2", "sofia/gateway/x/1212", codecs, "a=1"),
        Attempt("u3", "user/1212", (), "a=1"),
    )
