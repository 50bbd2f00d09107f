"""Which of FreeSWITCH's endpoints may reach a target: routes.yaml, applied."""

from collections.abc import Callable

from dialctl.dial.model import Attempt, Leg
from dialctl.plan import Number, Target, User
from dialctl.settings import Routes


def endpoints(destination: Number | User, routes: Routes) -> tuple[str, ...]:
    """In the order to be tried; none when no route serves the destination."""
    match destination:
        case Number(digits):
            for number_route in routes.numbers:  # longest prefix first
                if digits.startswith(number_route.prefix):
                    return tuple(e.replace("{number}", digits) for e in number_route.endpoints)
        case _:
            user, domain = destination.user, destination.domain
            for user_route in routes.users:  # "*" last
                if user_route.domain in ("*", domain.lower()):
                    return tuple(
                        e.replace("{domain}", domain).replace("{user}", user)
                        for e in user_route.endpoints
                    )
    return ()


def legs(
    targets: tuple[Target, ...], routes: Routes, new_uuid: Callable[[], str]
) -> tuple[Leg, ...]:
    """The targets as legs, each with a UUID for every channel that may be made for it."""
    return tuple(
        _leg(position, target, endpoints(target.destination, routes), new_uuid)
        for position, target in enumerate(targets, 1)
    )


def _leg(
    position: int, target: Target, endpoints: tuple[str, ...], new_uuid: Callable[[], str]
) -> Leg:
    attempts = tuple(Attempt(new_uuid(), endpoint) for endpoint in endpoints)
    return Leg(attempts[0].uuid if attempts else new_uuid(), position, target.label, attempts)
