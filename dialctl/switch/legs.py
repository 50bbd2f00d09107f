"""B-legs: an endpoint of a dial string becomes a channel, or a hangup cause and no channel.

Sources: sofia_outgoing_channel() in mod_sofia.c, user_outgoing_channel() in mod_dptools.c,
switch_core_session_outgoing_channel() in switch_core_session.c, switch_ivr_originate().
"""

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialctl.switch import causes, dialstring, sip
from dialctl.switch.channel import Channel
from dialctl.switch.dialstring import Endpoint, Variables
from dialctl.switch.expand import holds_variable
from dialctl.switch.profile import Profile, Times
from dialctl.switch.variables import encode, is_true, templates

if TYPE_CHECKING:
    from dialctl.switch.double import Switch

_PORT = "5080"  # where a callee is whose address names none
_CODEC = ("PCMU@8000h@20i", "PCMU")  # offered; the second in a branch, which knows no caller
_NO_LEG = "DESTINATION_OUT_OF_ORDER"


@dataclass(frozen=True, slots=True)
class Target:
    """Where an endpoint leads. ``dialled`` is what the callees' scripts are found by."""

    dialled: str
    address: str  # user@host:port
    name: str  # the channel's
    gateway: str = ""
    user: str = ""  # user@domain of a user/ endpoint

    @property
    def number(self) -> str:
        return self.dialled.partition("@")[0]

    @property
    def hostport(self) -> tuple[str, str]:
        host, _, port = self.address.partition("@")[2].partition(":")
        return host, port or _PORT


def target(switch: "Switch", endpoint: Endpoint) -> Target | str:
    """Where it leads, or the cause why there is no such way."""
    if endpoint.kind == "user":
        return _user(switch, endpoint.address)
    if endpoint.kind == "error":
        return causes.named(endpoint.address, otherwise=_NO_LEG)
    if endpoint.kind != "sofia":
        return "CHAN_NOT_IMPLEMENTED"
    profile, _, rest = endpoint.address.partition("/")
    if profile != "gateway":
        rest = rest.removeprefix("sip:")
        at_host = rest if "@" in rest else f"{rest}@127.0.0.1:{_PORT}"
        return Target(rest, at_host, f"sofia/{profile}/{rest}") if rest else _NO_LEG
    gateway, _, number = rest.partition("/")
    if switch.gateways is not None and gateway not in switch.gateways:
        return "INVALID_GATEWAY"
    return Target(number, f"{number}@127.0.0.1:{_PORT}", f"sofia/internal/{number}", gateway)


def _user(switch: "Switch", user: str) -> Target | str:
    contact = switch.registered(user)
    if not contact:
        return "SUBSCRIBER_ABSENT"
    address = contact if "@" in contact else f"{contact}@127.0.0.1"
    return Target(contact, address, f"sofia/internal/{contact}", user=user)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who rings a leg. ``a_leg`` is there in every case, but not its originator in a branch."""

    a_leg: Channel
    branch: bool
    common: Variables
    early_ok: bool


def create(origin: Origin, endpoint: Endpoint) -> Channel | str:
    """The leg's channel with every variable it starts with, or a hangup cause."""
    switch = origin.a_leg.switch
    way = target(switch, endpoint)
    if isinstance(way, str):
        return way
    wanted = endpoint.variables + origin.common
    name = dialstring.value(wanted, "origination_uuid") or str(uuid.uuid4())
    if name in switch.channels:
        return _NO_LEG  # "Duplicate UUID!"
    leg = Channel(switch, _profile(origin, wanted, way, name), inbound=False)
    leg.fields = _fields(origin, wanted, leg, way)
    leg.script = switch.script(way.dialled, way.gateway)
    _first_variables(origin, leg, way)
    # A user's leg is rung by an originate of its own, for which all of them are common.
    own, common = endpoint.variables, origin.common
    install(origin, leg, common + own if way.user else own + common)
    if way.user:
        _dialled_user(leg, way.user)
    leg.variables.set("originate_early_media", "true" if origin.early_ok else "false")
    announce(origin, leg, "sofia")
    return leg


def install(origin: Origin, leg: Channel, variables: Variables) -> None:
    """Set a leg's variables, but none that holds another one: the switch drops it and logs
    "contains a variable", unless ``origination_nested_vars`` is set."""
    everything = variables + tuple(origin.a_leg.variables.items())
    nested = is_true(dialstring.value(everything, "origination_nested_vars"))
    for name, text in variables:
        if nested or not holds_variable(text):
            leg.variables.set(name, text)


def invite(origin: Origin, leg: Channel) -> None:
    """The leg's thread begins with the INVITE (sofia_glue_do_invite())."""
    section = "invite of a branch" if origin.branch else "invite"
    leg.variables.fill(templates("b_leg")[section], leg.fields)


def announce(origin: Origin, leg: Channel, endpoint: str) -> None:
    """Tell the A-leg of its new leg, and the leg of its A-leg."""
    leg.variables.set("originating_leg_uuid", origin.a_leg.uuid)
    callee = f"{leg.profile.callee_name};{leg.profile.callee_number}"
    origin.a_leg.variables.push("originated_legs", f"{leg.uuid};{callee}")
    leg.variables.set("originate_endpoint", endpoint)


def _first_variables(origin: Origin, leg: Channel, way: Target) -> None:
    sections, a_leg = templates("b_leg"), origin.a_leg
    if origin.branch:
        leg.variables.fill(sections["channel of a branch"], leg.fields)
        return
    leg.variables.fill(sections["channel by gateway" if way.gateway else "channel"], leg.fields)
    leg.variables.fill(sections["originator"], leg.fields)
    know_originator(leg, a_leg)
    a_leg.variables.set("originate_signal_bond", leg.uuid)


def know_originator(leg: Channel, a_leg: Channel) -> None:
    """The leg keeps the caller's profile as it is now, without its times."""
    remembered = a_leg.profile.snapshot("inbound")
    remembered.times = Times()
    leg.know_originator(remembered)


def _dialled_user(leg: Channel, address: str) -> None:
    user, _, domain = address.partition("@")
    for name, text in (("dialed_user", user), ("dialed_domain", domain), ("presence_id", address)):
        leg.variables.set(name, text)


def _profile(origin: Origin, wanted: Variables, way: Target, name: str) -> Profile:
    caller = origin.a_leg.profile
    variables = origin.a_leg.variables
    number = dialstring.value(wanted, "origination_caller_id_number")
    shown = dialstring.value(wanted, "origination_caller_id_name")
    return Profile(
        direction="outbound",
        uuid=name,
        channel_name=way.name,
        username=caller.username,
        caller_name=shown or variables.get("effective_caller_id_name") or caller.caller_name,
        caller_number=number or variables.get("effective_caller_id_number") or caller.caller_number,
        destination=way.number,
        original_name=caller.original_name,
        original_number=caller.original_number,
        callee_name=dialstring.value(wanted, "origination_callee_id_name") or "Outbound Call",
        callee_number=dialstring.value(wanted, "origination_callee_id_number") or way.number,
    )


def _fields(origin: Origin, wanted: Variables, leg: Channel, way: Target) -> dict[str, str]:
    a_leg, profile = origin.a_leg, leg.profile
    host, port = way.hostport
    session = leg.switch.next_session()
    forwards = a_leg.variables.get("max_forwards")
    leg_codec = dialstring.value(wanted, "absolute_codec_string") or _CODEC[origin.branch]
    contact = f"<sip:gw+{way.gateway}@127.0.0.1:5060;transport=udp;gw={way.gateway}>"
    fields = {
        "uuid": leg.uuid,
        "session": str(session),
        "channel_name": way.name,
        "target": way.address,
        "gateway": way.gateway,
        "contact": contact if way.gateway else "<sip:mod_sofia@127.0.0.1:5060>",
        "forwards": str(int(forwards) - 1 if forwards.isdigit() else 69),
        "a_uuid": a_leg.uuid,
        "call_uuid": a_leg.call_uuid,
        "hostport": f"{host}:{port}",
        "host": host,
        "port": port,
        "codec": leg_codec,
        "user": way.number,
        "number": profile.caller_number,
        "name": profile.caller_name,
        "display": f'"{profile.caller_name}" ' if profile.caller_name else "",
    }
    encoded = {key: encode(text) for key, text in fields.items()}
    return encoded | sip.dialog_fields(session) | {"a_port": a_leg.fields["remote_port"]}
