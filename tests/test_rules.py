"""What values may be: accepted as they are, tidied, or refused with advice."""

import pytest
from dialctl.conf import rules
from dialctl.conf.rules import address, at_least, choice, endpoint, nearest, optional, some

NUMBER = endpoint("number")
USER = endpoint("user", "domain")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("127.0.0.1:8084", ("127.0.0.1", 8084)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("localhost:65535", ("localhost", 65535)),
        ("pbx-1.example.com:5060", ("pbx-1.example.com", 5060)),
        ("[::1]:8084", ("::1", 8084)),
        ("[::]:8084", ("::", 8084)),
    ],
)
def test_an_address_has_host_and_port(text, parts):
    assert address(text) == parts


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("8084", "write host and port"),
        (":8084", "write host and port"),
        ("::1:8084", "write host and port"),
        ("localhost:", "write host and port"),
        ("localhost:http", "write host and port"),
        ("localhost:65536", "ports end at 65535"),
        ("300.0.0.1:80", "no IP address"),
        ("[::g]:80", "no IP address"),
        ("-x:80", "no host name"),
        ("a b:80", "no host name"),
    ],
)
def test_what_is_no_address(text, advice):
    with pytest.raises(ValueError, match=advice):
        address(text)


@pytest.mark.parametrize(
    ("rule", "value", "kept"),
    [
        (rules.TEXT, "Plivo", "Plivo"),
        (rules.SWITCH, False, False),
        (rules.SECONDS, 0.1, 0.1),
        (rules.GRACE, 0.0, 0.0),
        (at_least(0), 0, 0),
        (rules.LISTEN, "127.0.0.1:0", "127.0.0.1:0"),
        (rules.SERVED, "[::1]:8190", "[::1]:8190"),
        (rules.FOLDER, "/var/lib/my recordings", "/var/lib/my recordings"),
        (rules.PEER, "127.0.0.1:8021", "127.0.0.1:8021"),
        (rules.NETWORK, "10.0.0.0/8", "10.0.0.0/8"),
        (rules.NETWORK, "10.1.2.3", "10.1.2.3"),
        (rules.NETWORK, "fd00::/8", "fd00::/8"),
        (rules.DENIED, "private", "private"),
        (rules.DENIED, "::1", "::1"),
        (rules.URL, "http://127.0.0.1:8000/answer/", "http://127.0.0.1:8000/answer/"),
        (rules.URL, "https://[::1]/a?b=c#ct=2000", "https://[::1]/a?b=c#ct=2000"),
        (rules.METHOD, "GET", "GET"),
        (rules.STORE, "sqlite:///", "sqlite:///"),
        (rules.STORE, "sqlite:////var/lib/x.db", "sqlite:////var/lib/x.db"),
        (rules.STORE, "redis://host/0", "redis://host/0"),
        (rules.PATTERN, r"^\+?1555", r"^\+?1555"),
        (rules.PREFIX, "+49 30-12", "493012"),
        (rules.PREFIX, "0049", "0049"),
        (rules.DOMAIN, "*", "*"),
        (rules.DOMAIN, "PBX.Example.com", "pbx.example.com"),
        (rules.DOMAIN, "127.0.0.1:15080", "127.0.0.1:15080"),
        (NUMBER, "sofia/gateway/carrier_a/{number}", "sofia/gateway/carrier_a/{number}"),
        (USER, "user/{user}@{domain}", "user/{user}@{domain}"),
        (USER, "user/{user}@example.com", "user/{user}@example.com"),
    ],
)
def test_what_a_rule_accepts(rule, value, kept):
    assert rule.check(value) == kept


@pytest.mark.parametrize(
    ("rule", "value", "advice"),
    [
        (rules.TEXT, " Plivo", "blanks at its ends"),
        (rules.SECONDS, 0.0, "more than 0"),
        (rules.SECONDS, -1.0, "more than 0"),
        (rules.GRACE, -0.5, "0 or more"),
        (at_least(1), 0, "1 or more"),
        (rules.LISTEN, "8084", "write host and port"),
        (rules.PEER, "localhost:0", "port 0"),
        (rules.SERVED, "localhost:0", "port 0 is none that can be told"),
        (rules.FOLDER, "/a'b", "quotes or backslashes"),
        (rules.FOLDER, "/a\\b", "quotes or backslashes"),
        (rules.FOLDER, "/a ", "blanks at its ends"),
        (rules.NETWORK, "10.0.0.1/8", "write 10.0.0.0/8"),
        (rules.NETWORK, "private", "write a network"),
        (rules.NETWORK, "10.0.0.0/33", "write a network"),
        (rules.DENIED, "public", "write a network"),
        (rules.URL, "ftp://host/", "write it in full"),
        (rules.URL, "/answer/", "write it in full"),
        (rules.URL, "http:///answer/", "write it in full"),
        (rules.URL, "http://host:99999/", "write it in full"),
        (rules.URL, "http://[::1/", "write it in full"),
        (rules.URL, "http://host/a b", "write it in full"),
        (rules.METHOD, "PUT", "write POST"),
        (rules.METHOD, "get", "write GET"),
        (rules.STORE, "mysql://host/db", "write sqlite:///"),
        (rules.STORE, "redis://", "write sqlite:///"),
        (rules.PATTERN, "(", "unterminated"),
        (rules.PATTERN, "(1{9999999999999})", "too large|too big"),
        (rules.PREFIX, "+", "write the digits"),
        (rules.PREFIX, "49x", "write the digits"),
        (rules.PREFIX, "٤٩", "write the digits"),
        (rules.DOMAIN, "user@host", "write a host"),
        (rules.DOMAIN, "*.example.com", "write a host"),
        (NUMBER, "user/{name}", "{name} is not known here; use {number}"),
        (USER, "user/{number}", "use {user} and {domain}"),
        (NUMBER, "sofia/{number", "{ is not known here"),
        (NUMBER, "sofia/number}", "} is not known here"),
        (NUMBER, "{x=1}sofia/{number}", "{x=1} is not known here"),
        (NUMBER, "sofia/gateway/a/1555", "put {number} where it belongs"),
        (USER, "user/x@{domain}", "put {user} where it belongs"),
    ],
)
def test_what_a_rule_refuses(rule, value, advice):
    with pytest.raises(ValueError, match=advice):
        rule.check(value)


@pytest.mark.parametrize(
    "bad",
    [",", "|", ":_:", "[", "]", "<", ">", "'", '"', "\\", "$", " ", "\t", "\n", "\x00", "\x7f"],
)
def test_nothing_in_an_endpoint_ends_or_widens_the_dial_string(bad):
    with pytest.raises(ValueError, match="would change FreeSWITCH's dial string"):
        NUMBER.check(f"sofia/gateway/a/{{number}}{bad}user/eve")


def test_a_choice_suggests_the_nearest():
    level = choice("debug", "info")
    assert level.check("info") == "info"
    assert level.expected == "debug or info"
    with pytest.raises(ValueError, match="write debug"):
        level.check("DEBUG")
    with pytest.raises(ValueError, match="write one of these"):
        level.check("zzz")


def test_nearest_ignores_case_and_stays_silent_when_nothing_is_near():
    assert nearest("LISTN", ("listen", "allow")) == "listen"
    assert nearest("zzz", ("listen", "allow")) == ""
    assert nearest("bobs", ("Bob", "Al")) == "Bob"


def test_optional_and_some_change_a_copy():
    assert optional(rules.URL).optional
    assert optional(rules.URL).expected == 'an http or https URL, or "" for none'
    assert some(rules.NETWORK).filled
    assert not rules.URL.optional
    assert not rules.NETWORK.filled
