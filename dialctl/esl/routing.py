"""Which of FreeSWITCH's endpoints may reach a target: routes.yaml, applied."""

from collections.abc import Callable, Sequence

from dialctl.dial.model import Attempt, Leg
from dialctl.esl.dialstring import leg_text
from dialctl.plan import Client, Destination, Gateway, Number, Target
from dialctl.settings import Routes


def endpoints(destination: Destination, routes: Routes) -> tuple[str, ...]:
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
        case Client(name):
            return tuple(endpoint.replace("{name}", name) for endpoint in routes.clients)
        case _:
            user, domain = destination.user, destination.domain
            for user_route in routes.users:  # "*" last
                if user_route.domain in ("*", domain.lower()):
                    return tuple(
                        _over(
                            destination.transport,
                            e.replace("{domain}", domain).replace("{user}", user),
                        )
                        for e in user_route.endpoints
                    )
    return ()


def _over(transport: str, endpoint: str) -> str:
    """A user who registers has said by itself how it is reached."""
    if transport and endpoint.startswith("sofia/"):
        return f"{endpoint};transport={transport}"
    return endpoint


def legs(
    targets: tuple[Target, ...],
    routes: Routes,
    new_uuid: Callable[[int, int], str],
    known: tuple[tuple[str, ...], ...] = (),
    hold: float = 0.0,
) -> tuple[Leg, ...]:
    """The targets as legs, each with a UUID for every channel that may be made for it.

    ``new_uuid`` takes a target's position, from 1, and the number of its endpoint, from 0; the
    same name a channel of the same target on every controller. ``known`` are the endpoints of a
    Dial that has begun: the operator may have changed his routes since. ``hold``: seconds that each
    is held back at most besides its own confirm step.
    """
    ways = known if len(known) == len(targets) else [_ways(target, routes) for target in targets]
    return tuple(
        _leg(position, target, way, new_uuid, hold)
        for position, (target, way) in enumerate(zip(targets, ways, strict=True), 1)
    )


def _ways(target: Target, routes: Routes) -> tuple[str, ...]:
    if target.gateways:
        return tuple(f"{gateway.prefix}{target.label}" for gateway in _repeated(target))
    return endpoints(target.destination, routes)


def _leg(
    position: int,
    target: Target,
    ways: tuple[str, ...],
    new_uuid: Callable[[int, int], str],
    hold: float,
) -> Leg:
    gateways: Sequence[Gateway | None] = _repeated(target) or (None,) * len(ways)
    attempts = tuple(
        Attempt(
            new_uuid(position, number), endpoint, _variables(target, gateway), target.raw_variables
        )
        for number, (endpoint, gateway) in enumerate(zip(ways, gateways, strict=False))
    )
    uuid = attempts[0].uuid if attempts else new_uuid(position, 0)
    patience = hold + (target.confirm.timeout if target.confirm else 0.0)
    return Leg(uuid, position, target.label, attempts, patience)


def _repeated(target: Target) -> tuple[Gateway, ...]:
    return tuple(gateway for gateway in target.gateways for _ in range(gateway.attempts))


def _variables(target: Target, gateway: Gateway | None) -> tuple[tuple[str, str], ...]:
    variables = dict(leg_variables(target))
    if gateway and gateway.codecs:
        variables["absolute_codec_string"] = gateway.codecs
    if gateway and gateway.timeout:
        variables["leg_timeout"] = str(gateway.timeout)
    return tuple(variables.items())


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
