"""Which of FreeSWITCH's endpoints may reach a target: routes.yaml, applied."""

from collections.abc import Callable

from dialctl.dial.model import Attempt, Leg
from dialctl.esl.dialstring import leg_text
from dialctl.plan import Gateway, Number, Target, User
from dialctl.settings import Routes


def endpoints(destination: Number | User, routes: Routes) -> tuple[str, ...]:
    """In the order to be tried; none when no route serves the destination."""
    match destination:
        case Number(digits, trunk) if trunk:
            for name, trunk_endpoints in routes.trunks:
                if name == trunk:
                    return tuple(e.replace("{number}", digits) for e in trunk_endpoints)
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
        _leg(position, target, routes, new_uuid) for position, target in enumerate(targets, 1)
    )


def _leg(position: int, target: Target, routes: Routes, new_uuid: Callable[[], str]) -> Leg:
    if target.gateways:
        attempts = tuple(_through(target, gateway, new_uuid) for gateway in _repeated(target))
    else:
        shared = leg_variables(target)
        attempts = tuple(
            Attempt(new_uuid(), endpoint, shared, target.raw_variables)
            for endpoint in endpoints(target.destination, routes)
        )
    return Leg(attempts[0].uuid if attempts else new_uuid(), position, target.label, attempts)


def _repeated(target: Target) -> tuple[Gateway, ...]:
    return tuple(gateway for gateway in target.gateways for _ in range(gateway.attempts))


def _through(target: Target, gateway: Gateway, new_uuid: Callable[[], str]) -> Attempt:
    variables = dict(leg_variables(target))
    if gateway.codecs:
        variables["absolute_codec_string"] = gateway.codecs
    if gateway.timeout:
        variables["leg_timeout"] = str(gateway.timeout)
    endpoint = f"{gateway.prefix}{target.label}"
    return Attempt(new_uuid(), endpoint, tuple(variables.items()), target.raw_variables)


def leg_variables(target: Target) -> tuple[tuple[str, str], ...]:
    """What FreeSWITCH's channel variables say of a leg (mod_sofia.c, switch_channel.c)."""
    variables = {f"sip_h_{name}": value for name, value in target.headers}
    if target.caller_id:
        variables["origination_caller_id_number"] = target.caller_id
    if name := leg_text(target.caller_name or ""):
        variables["origination_caller_id_name"] = name
    if target.auth:
        variables["sip_auth_username"], variables["sip_auth_password"] = target.auth
    if target.send_digits:
        digits = target.send_digits
        # execute_on_media fires at the first media: early media, or the answer without it.
        when = "execute_on_media" if digits.on_early_media else "execute_on_answer_2"
        variables[when] = f"send_dtmf {digits.digits}"
        if digits.rfc2833:
            variables["dtmf_type"] = "rfc2833"
    return tuple(variables.items())
