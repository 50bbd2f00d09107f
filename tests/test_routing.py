import itertools

import pytest
from dialctl.dial.model import Attempt, Leg
from dialctl.dial.routing import endpoints, legs
from dialctl.plan import Number, Target, User
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
)


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        (Number("15550001111"), ("sofia/gateway/local/15550001111",)),
        (Number("12125550000"), ("sofia/gateway/a/12125550000", "sofia/gateway/b/12125550000")),
        (Number("442071234567"), ()),
        (User("bob", "pbx.example.com:5070"), ("sofia/internal/bob@pbx.example.com:5070",)),
        (User("bob", "pbx.example.com"), ("user/bob@pbx.example.com",)),
    ],
)
def test_endpoints(destination, expected):
    assert endpoints(destination, ROUTES) == expected


def test_users_without_a_route():
    assert endpoints(User("bob", "example.com"), Routes()) == ()


def test_each_endpoint_has_a_uuid_and_a_target_without_one_is_still_a_leg():
    uuids = (f"u{n}" for n in itertools.count(1))
    targets = (Target(Number("12125550000"), "12125550000"), Target(Number("44"), "44"))
    assert legs(targets, ROUTES, lambda: next(uuids)) == (
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
