"""Where no request may go: http.egress.deny, applied to an address. Pure; no names are resolved.

The customer names the URLs, and dialctl stands where the operator's own machines can be reached:
without such a rule a document could have it ask them. A rule is about addresses, never names, and
is asked as a connection is opened: a name that means another address by then helps nobody.

``private`` is every address that is not the public Internet's: loopback, this host (0.0.0.0, ::),
RFC 1918, carrier-grade NAT (100.64.0.0/10), link-local with the clouds' metadata (169.254.0.0/16,
fe80::/10), unique local (fc00::/7, with fd00:ec2::254), documentation, benchmarks, reserved. That
is the negation of ``is_global``, by IANA's registries of special addresses; besides, what these
let through: multicast, site-local (fec0::/10), and two clouds' metadata.
"""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PRIVATE = "private"
METADATA = frozenset(
    map(ipaddress.ip_address, ("168.63.129.16", "192.0.0.192"))  # Azure's, Oracle's
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits
_COMPATIBLE = ipaddress.ip_network("::/96")  # RFC 4291, deprecated: the same


class Egress:
    """``deny``: ``private``, and networks such as 10.0.0.0/8."""

    def __init__(self, deny: tuple[str, ...]) -> None:
        self._private = PRIVATE in deny
        self._networks = [ipaddress.ip_network(n, strict=False) for n in deny if n != PRIVATE]

    def rule(self, address: str) -> str:
        """The rule that denies this IP address, '' if none does."""
        if not (self._private or self._networks):
            return ""
        for meant in _meant(ipaddress.ip_address(address.partition("%")[0])):
            if self._private and _is_private(meant):
                return PRIVATE
            for network in self._networks:
                if meant in network:
                    return str(network)
        return ""


def _is_private(address: Address) -> bool:
    return (
        not address.is_global
        or address.is_multicast
        or (isinstance(address, ipaddress.IPv6Address) and address.is_site_local)
        or address in METADATA
    )


def _meant(address: Address) -> tuple[Address, ...]:
    """The address, and the IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and (address in _NAT64 or address in _COMPATIBLE):
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is None and address.teredo is not None:
        inner = address.teredo[1]
    if inner is None:
        return (address,)
    # A mapped address is that IPv4 address and nothing else; through the others a relay leads.
    return (inner,) if address.ipv4_mapped or address in _NAT64 else (address, inner)
