"""dialctl.http.egress and what the client makes of it: where no request may go."""

import pytest
from dialctl.clock import Clock
from dialctl.http.client import Client
from dialctl.http.connection import Denied
from dialctl.http.egress import Egress
from dialctl.settings import Egress as Rules
from dialctl.settings import Http

from support.http import TCP, failure, resolver, web  # noqa: F401  fixtures
from support.rawserver import SECOND, answer


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",  # noqa: S104  an address to be refused
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.0.1",
        "100.64.0.1",
        "100.100.100.200",  # Alibaba's metadata
        "169.254.169.254",  # metadata of most clouds
        "168.63.129.16",  # Azure's
        "192.0.0.192",  # Oracle's
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00:ec2::254",  # Amazon's
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
    ],
)
def test_what_is_private(address):
    assert Egress(("private",)).rule(address) == "private"


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1", "::ffff:1.1.1.1", "64:ff9b::101:101"],
)
def test_what_is_not(address):
    assert not Egress(("private",)).rule(address)


@pytest.mark.parametrize(
    ("deny", "address", "rule"),
    [
        (("203.0.113.0/24", "private"), "203.0.113.9", "private"),
        (("8.8.0.0/16",), "8.8.4.4", "8.8.0.0/16"),
        (("8.8.8.8",), "8.8.8.8", "8.8.8.8/32"),
        (("8.8.0.0/16",), "::ffff:8.8.4.4", "8.8.0.0/16"),
        (("2001:4860::/32",), "2001:4860::1", "2001:4860::/32"),
        (("8.8.0.0/16",), "10.0.0.1", ""),
        ((), "10.0.0.1", ""),
    ],
)
def test_networks(deny, address, rule):
    assert Egress(deny).rule(address) == rule


def test_a_teredo_address_is_the_one_behind_it():
    # RFC 4380: server 65.54.227.120, client 192.0.2.45 inverted
    assert Egress(("192.0.2.0/24",)).rule("2001:0:4136:e378:8000:63bf:3fff:fdd2")


@pytest.fixture
def careful():
    made = Client(Http(SECOND, SECOND, 5.0, egress=Rules(("private",))), Clock(), 1000)
    yield made
    made.close()


@pytest.fixture
def open_to_one(web):
    """A client that may reach the web server, but not 127.0.0.2."""
    made = Client(Http(SECOND, SECOND, 5.0, egress=Rules(("127.0.0.2",))), Clock(), 1000)
    yield made
    made.close()


def test_an_address_in_the_url(web, careful):
    failed, words = failure(careful, web.on("/p", answer()), Denied)
    assert words == "may not be reached: 127.0.0.1 is denied by http.egress.deny (private)"
    assert failed.policy == ""  # it will not be allowed the next time
    assert web.asked == []


def test_a_name_that_leads_there(web, careful, resolver):
    """Whatever the name meant before: what counts is the address that is connected to."""
    resolver(0, [(*TCP, "127.0.0.1")])
    web.on("/p", answer())
    port = web.url.rpartition(":")[2]
    failure(careful, f"http://innocent.example:{port}/p", Denied)
    assert web.asked == []


def test_a_name_with_another_address_is_reached_there(web, open_to_one, resolver):
    resolver(0, [(*TCP, "127.0.0.2"), (*TCP, "127.0.0.1")])
    web.on("/p", answer())
    port = web.url.rpartition(":")[2]
    assert open_to_one.request("GET", f"http://two.example:{port}/p").status == 200


def test_a_redirect_that_leads_there(web, open_to_one):
    port = web.url.rpartition(":")[2]
    url = web.on("/p", answer(302, Location=f"http://127.0.0.2:{port}/q"))
    failure(open_to_one, url, Denied)
    assert web.paths() == ["/p"]
