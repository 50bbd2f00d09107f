"""dialctl.http.retry: URL in, plan out. Keys, ranges and defaults: Plivo, callback retries."""

import pytest
from dialctl.http.retry import (
    LONGEST_URL,
    RequestPlan,
    plan_request,
    resolve,
    shown,
    status_word,
    wire_url,
)
from dialctl.settings import Http

DEFAULTS = Http()


def plan(url: str) -> RequestPlan:
    return plan_request(url, DEFAULTS)


def test_a_url_without_fragment_takes_every_default():
    assert plan("http://app/answer?q=1") == RequestPlan(
        url="http://app/answer?q=1",
        connect_timeout=2.0,
        read_timeout=15.0,
        total_timeout=55.0,
        retries=1,
        retry_on=frozenset({"ct", "rt"}),
    )


def test_a_full_fragment_overrides_everything():
    assert plan("https://h/p?q=1#ct=2500&rt=3000&tt=9000&rc=3&rp=4xx,5xx&er=mumbai") == RequestPlan(
        url="https://h/p?q=1",
        connect_timeout=2.5,
        read_timeout=3.0,
        total_timeout=9.0,
        retries=3,
        retry_on=frozenset({"4xx", "5xx"}),
    )


def test_a_fragment_overrides_key_by_key():
    only_retries = plan("http://h/p#rc=0")
    assert only_retries.retries == 0
    assert only_retries.read_timeout == DEFAULTS.read_timeout
    assert only_retries.retry_on == {"ct", "rt"}
    assert only_retries.warnings == ()


@pytest.mark.parametrize(
    ("fragment", "field", "value"),
    [
        ("ct=100", "connect_timeout", 0.1),
        ("ct=10000", "connect_timeout", 10.0),
        ("rt=100", "read_timeout", 0.1),
        ("rt=40000", "read_timeout", 40.0),
        ("tt=100", "total_timeout", 0.1),
        ("tt=55000", "total_timeout", 55.0),
        ("rc=0", "retries", 0),
        ("rc=5", "retries", 5),
        ("rp=all", "retry_on", {"4xx", "5xx", "ct", "rt"}),
        ("rp=5xx", "retry_on", {"5xx"}),
        ("rp=ct%2Crt", "retry_on", {"ct", "rt"}),
        ("&&rc=2&", "retries", 2),
        ("er=nowhere", "retries", 1),
    ],
)
def test_values_within_their_range_count(fragment, field, value):
    made = plan(f"http://h/p#{fragment}")
    assert getattr(made, field) == value
    assert made.warnings == ()


@pytest.mark.parametrize(
    ("fragment", "warning"),
    [
        ("ct=99", "ct=99 is not within 100 to 10000; ignored"),
        ("ct=10001", "ct=10001 is not within 100 to 10000; ignored"),
        ("rt=40001", "rt=40001 is not within 100 to 40000; ignored"),
        ("tt=55001", "tt=55001 is not within 100 to 55000; ignored"),
        ("rc=6", "rc=6 is not within 0 to 5; ignored"),
        ("rc=-1", "rc=-1 is not within 0 to 5; ignored"),
        ("rc=", "rc= is not within 0 to 5; ignored"),
        ("rc=+2", "rc=+2 is not within 0 to 5; ignored"),
        ("ct=1_000", "ct=1_000 is not within 100 to 10000; ignored"),
        ("ct=%0a500", r"ct=\n500 is not within 100 to 10000; ignored"),
        ("ct=%D9%A2%D9%A0%D9%A0", r"ct=\u0662\u0660\u0660 is not within 100 to 10000; ignored"),
        ("rt=1e3", "rt=1e3 is not within 100 to 40000; ignored"),
        ("rp=", "rp= is no list of 4xx, 5xx, ct, rt, all; ignored"),
        ("rp=ct,often", "rp=ct,often is no list of 4xx, 5xx, ct, rt, all; ignored"),
        ("speed=9", "speed is no setting of a request; ignored"),
        ("rc=1&top", "top is no setting of a request; ignored"),
        ("top", "its fragment holds no settings; dropped"),
    ],
)
def test_what_cannot_be_used_is_replaced_by_the_default_and_told(fragment, warning):
    made = plan(f"http://h/p#{fragment}")
    assert made.warnings == (f"URL http://h/p: {warning}",)
    assert (made.url, made.retries, made.connect_timeout) == ("http://h/p", 1, 2.0)
    assert (made.read_timeout, made.total_timeout, made.retry_on) == (15.0, 55.0, {"ct", "rt"})


def test_a_key_set_twice_is_told():
    made = plan("http://h/p#rc=2&rc=4")
    assert made.retries == 4
    assert made.warnings == ("URL http://h/p: rc is set twice; the last one counts",)


def test_all_in_the_configuration_means_all():
    assert plan_request("http://h", Http(retry_on=("all",))).retry_on == {"4xx", "5xx", "ct", "rt"}


def test_retries_end_with_the_count_the_policy_or_the_time():
    retrying = plan("http://h/p#rc=3&rp=ct,5xx&tt=1000")
    assert [retrying.pause_after("ct", attempts, 0.0) for attempts in (1, 2, 3, 4)] == [
        0.0,
        0.25,
        0.5,
        None,
    ]
    assert retrying.pause_after("5xx", 1, 0.999) == 0.0
    assert retrying.pause_after("5xx", 1, 1.0) is None
    assert retrying.pause_after("5xx", 2, 0.75) is None  # the pause alone would use it up
    assert retrying.pause_after("rt", 1, 0.0) is None
    assert retrying.pause_after("", 1, 0.0) is None


def test_an_attempt_is_bounded_by_what_is_left_of_the_total():
    made = plan("http://h/p#ct=2000&rt=3000&tt=5000")
    assert made.timeouts(0.0) == (2.0, 3.0, 5.0)
    assert made.timeouts(2.5) == (2.0, 2.5, 2.5)
    assert made.timeouts(9.0) == (0.001, 0.001, 0.001)


@pytest.mark.parametrize(
    ("status", "word"),
    [(200, ""), (302, ""), (400, "4xx"), (499, "4xx"), (500, "5xx"), (599, "5xx"), (600, "")],
)
def test_statuses_have_words(status, word):
    assert status_word(status) == word


@pytest.mark.parametrize(
    ("base", "url", "absolute"),
    [
        ("", "http://h/p#rc=3", "http://h/p#rc=3"),
        ("http://h/a/b?x=1#rc=2", "c", "http://h/a/c"),
        ("http://h/a/b?x=1", "/c?y=2#rc=1", "http://h/c?y=2#rc=1"),
        ("http://h/a/b", "../c", "http://h/c"),
        ("http://h/a/b?x=1", "?y=2", "http://h/a/b?y=2"),
        ("http://h/a/b?x=1#rc=2", "", "http://h/a/b?x=1"),
        ("http://h/a/b?x=1#rc=2", "#rc=5", "http://h/a/b?x=1#rc=5"),
        ("https://h/a", "//other/b", "https://other/b"),
        ("http://h/a", "https://u:p@other:8443/b", "https://u:p@other:8443/b"),
        ("http://h/a", "HTTP://Other/", "http://Other/"),
        ("http://h/a", "http://my_app:80/", "http://my_app:80/"),
        ("http://h/a", "http://[::1]:80/", "http://[::1]:80/"),
        ("http://h/a", "http://127.0.0.1", "http://127.0.0.1"),
        ("http://h/a", "/ü", "http://h/ü"),
    ],
)
def test_relative_urls(base, url, absolute):
    assert resolve(base, url) == absolute


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "URL  is neither http:// nor https://"),
        ("answer", "URL answer is neither http:// nor https://"),
        ("ftp://h/p", "URL ftp://h/p is neither http:// nor https://"),
        ("javascript:alert(1)", "URL javascript:alert(1) is neither http:// nor https://"),
        ("http://", "URL http:// has no host"),
        ("http:///p", "URL http:///p has no host"),
        ("http:p", "URL http:p has no host"),
        ("http://user@/p", "URL http:///p has no host"),
        ("http://h:99999/", "URL http://h:99999/ cannot be understood: Port out of range 0-65535"),
        ("http://h:x/", "URL http://h:x/ cannot be understood: Port could not be cast"),
        ("http://[::1/", "URL http://[::1/ cannot be understood: Invalid IPv6 URL"),
        ("http://[v1.x:y]/", "URL http://[v1.x:y]/ cannot be understood: "),
        ("http://a|b/", "URL http://a|b/ cannot be understood: a|b is no host name"),
        ("http://-a/", "URL http://-a/ cannot be understood: -a is no host name"),
        (f"http://{'ü' * 80}/", " cannot be understood: "),
        ("http://h/a b", "URL http://h/a b holds a blank or a control character"),
        (" http://h/", "URL  http://h/ holds a blank or a control character"),
        ("http://h/a\tb", r"URL http://h/a\tb holds a blank or a control character"),
        ("http://h/\r\nX: y", r"URL http://h/\r\nX: y holds a blank or a control character"),
        ("http://h/\0", r"URL http://h/\x00 holds a blank or a control character"),
        ("http://h/\u00a0", r"URL http://h/\xa0 holds a blank or a control character"),
        ("http://h/\u202e", r"URL http://h/\u202e holds a blank or a control character"),
        ("http://h/\ud800", r"URL http://h/\ud800 holds a blank or a control character"),
    ],
)
def test_what_nobody_can_request_is_refused_in_plain_words(url, why):
    with pytest.raises(ValueError, match="^URL ") as resolving:
        resolve("", url)
    assert why in str(resolving.value)
    with pytest.raises(ValueError, match="^URL ") as planning:
        plan(url)
    assert why in str(planning.value)


def test_urls_end_at_2048_characters():
    longest = "http://h/" + "x" * (LONGEST_URL - 9)
    assert resolve("", longest) == longest
    with pytest.raises(ValueError, match="^URL of 2049 characters, more than 2048: http://h/xxx"):
        resolve("", longest + "x")
    with pytest.raises(ValueError, match="^URL of 2050 characters, more than 2048: http://hhh/xxx"):
        resolve("http://hhh/", longest[9:])
    with pytest.raises(ValueError, match="^URL of 2049 characters, more than 2048: "):
        plan(longest + "x")


@pytest.mark.parametrize("url", ["//[", "http://[", "[://"])
def test_a_reference_that_python_cannot_join_is_refused_like_any_other(url):
    with pytest.raises(ValueError, match="^URL "):
        resolve("http://h/p", url.replace("[://", "//[::1"))


@pytest.mark.parametrize(
    ("url", "wire"),
    [
        ("http://h", "http://h/"),
        ("http://h?a=b", "http://h/?a=b"),
        ("http://h/p#rc=1", "http://h/p"),
        ("http://h/p?", "http://h/p"),
        ("HTTP://Example.COM:8080/P", "http://example.com:8080/P"),
        ("http://h/é?q=é", "http://h/%C3%A9?q=%C3%A9"),
        ("http://h/%c3%a9/100%/[x]", "http://h/%C3%A9/100%25/%5Bx%5D"),
        ("http://h/a;b=1/c:d@e,f?g=h/i?j&k='l'", "http://h/a;b=1/c:d@e,f?g=h/i?j&k='l'"),
        ('http://h/?q="<{|}>"', "http://h/?q=%22%3C%7B%7C%7D%3E%22"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://u:p%40@h/", "http://u:p%40@h/"),
        ("http://a\\@b/", "http://a%5C@b/"),  # one host, whoever reads it
        ("http://[0:0::1]:80/", "http://[::1]:80/"),
    ],
)
def test_a_url_is_sent_in_one_normal_form(url, wire):
    assert wire_url(url) == plan(url).url == wire
    assert wire_url(wire) == wire


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://h/p?From=123&To=456&flag#rc=1", "http://h/p?From=...&To=...&..."),
        ("https://user:secret@h/p", "https://h/p"),
        ("user:secret@h", "user:secret@h"),
        ("http://h/p?", "http://h/p?..."),
        ("http://h/\nforged line", r"http://h/\nforged line"),
        ("http://h/" + "x" * 300, "http://h/" + "x" * 188 + "..."),
    ],
)
def test_logs_see_no_secret_of_a_url(url, text):
    assert shown(url) == text
