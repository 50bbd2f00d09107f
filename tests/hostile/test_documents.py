"""Documents that mean harm: each is refused, or cut short, at a cost that is known beforehand."""

import gzip
import json
import time
import tracemalloc
import zlib

import pytest
from dialctl.clock import Clock
from dialctl.dialects import plivo, voicegateway
from dialctl.errors import DocumentError
from dialctl.http.client import Client, ReadFailed, TooLarge
from dialctl.settings import DialectLimits, Http, Limits

from support.http import Failed, failure, web  # noqa: F401  fixture
from support.rawserver import answer

MOST = Limits().document_bytes  # 100 KiB
LIMITS = DialectLimits(60, 120, 20, False)
MIB = 1 << 20

ZEROS = b"\0" * (100 * MIB)
GZIP, DEFLATE = gzip.compress(ZEROS), zlib.compress(ZEROS)


@pytest.fixture
def client():
    made = Client(Http(1.0, 1.0, 2.0), Clock(), MOST)
    yield made
    made.close()


def peak(deed):
    """The most memory, in bytes, that was held at once."""
    tracemalloc.start()
    try:
        deed()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("packed", "how"),
    [
        (GZIP, "gzip"),
        (DEFLATE, "deflate"),
        (gzip.compress(GZIP), "gzip, gzip"),
        (gzip.compress(DEFLATE), "deflate, gzip"),
        (zlib.compress(gzip.compress(GZIP)), "gzip, gzip, deflate"),
    ],
)
def test_a_hundred_mebibytes_in_a_small_packet_cost_one(web, client, packed, how):
    """100 KB come over the wire, 1,000 times that unpacked; packed twice, 324 bytes come.

    The same is held each time; what else the process happens to do meanwhile comes once at most.
    """
    assert len(packed) < MOST
    url = web.on("/p", answer(200, packed, Content_Encoding=how))
    assert min(peak(lambda: failure(client, url, TooLarge)) for _ in range(3)) < MIB


def test_nobody_packs_a_document_six_times(web, client):
    url = web.on("/p", answer(200, GZIP, Content_Encoding=", ".join(["gzip"] * 6)))
    kind, words = failure(client, url, ReadFailed)
    assert kind == Failed("", True, 200)
    assert "Too many content encodings" in words


@pytest.mark.parametrize(
    "drip",
    [
        (b"HTTP/1.1 200 OK\r\n", *(0.2, b"X-A: 1\r\n") * 30),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", *(0.2, b"1") * 30),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *(0.2, b"1\r\n1\r\n") * 30),
    ],
)
def test_a_drip_is_over_with_the_whole_time_limit(web, client, drip):
    """Each piece comes well within the read timeout of a second; two seconds are for all."""
    began = time.monotonic()
    failure(client, web.on("/p", drip), ReadFailed)
    assert time.monotonic() - began < 2.9


def test_a_head_without_end_is_not_read(web, client):
    endless = b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 100_000
    assert "more than 100 headers" in failure(client, web.on("/p", endless), ReadFailed)[1]


# XML


def refused(document, dialect=plivo):
    with pytest.raises(DocumentError) as raised:
        dialect.parse(document, "http://app.example/", LIMITS)
    return str(raised.value)


def entities(levels, fan, use):
    """Each entity is ``fan`` times the one before: the last one is fan ** levels letters."""
    lines = ['<!ENTITY e0 "lol">']
    lines += [f'<!ENTITY e{n} "{f"&e{n - 1};" * fan}">' for n in range(1, levels)]
    return f"<!DOCTYPE r [{''.join(lines)}]>{use.replace('&x;', f'&e{levels - 1};')}"


@pytest.mark.parametrize(
    "document",
    [
        entities(10, 10, "<Response><Speak>&x;</Speak></Response>"),
        entities(10, 10, "<Response><Speak voice='&x;'/></Response>"),
        entities(30, 2, "<Response><Dial action='&x;'/></Response>"),
        f'<!DOCTYPE r [<!ENTITY a "{"a" * 50000}">]><Response a="{"&a;" * 9000}"/>',
        '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><Response>&e;</Response>',
        '<!DOCTYPE r [<!ENTITY % e SYSTEM "http://127.0.0.1:1/x"> %e;]><Response/>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><Response/>',
        '<!DOCTYPE r [<!ATTLIST Hangup reason CDATA "busy">]><Response><Hangup/></Response>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_document_type_whatever_is_in_it(document, encoding):
    data, words = document.encode(encoding), []
    began = time.process_time()
    assert peak(lambda: words.append(refused(data))) < 2 * MIB
    assert time.process_time() - began < 1
    assert "document type" in words[0] or "not well-formed" in words[0]


@pytest.mark.parametrize("element", sorted([*plivo.document.WORDS, "Number", "User", "x"]))
@pytest.mark.parametrize("depth", [2, 200, 255, 256, 10_000])
def test_elements_in_each_other(element, depth):
    nested = f"<{element}>" * depth + "a" + f"</{element}>" * depth
    document = f"<Response>{nested}</Response>".encode()
    if element == "Speak" and depth < 256:  # it may hold SSML, of which only the words are spoken
        assert len(plivo.parse(document, "http://app.example/", LIMITS).steps) == 1
    else:
        refused(document)


@pytest.mark.parametrize(
    "step",
    ["<Hangup/>", "<Dial><Number>1</Number></Dial>", "<Speak>a</Speak>", "<Wait length='9'/>"],
)
def test_a_document_of_steps_alone(step):
    """What a call holds of the largest document."""
    document = f"<Response>{step * ((MOST - 30) // len(step))}</Response>".encode()
    assert len(document) <= MOST
    assert peak(lambda: plivo.parse(document, "http://app.example/", LIMITS)) < 32 * MIB


# JSON


@pytest.mark.parametrize("depth", [33, 500, 900, 970, 990, 1000, 50_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"say":', "}]")])
def test_json_in_json(depth, opening, closing):
    nested = opening * depth + "1" + closing * depth
    listen = '[{"verb": "dial", "target": [{"type": "phone", "number": "1"}], "listen": %s}]'
    for document in (nested, listen % f'{{"url": "wss://a.example", "metadata": {nested}}}'):
        assert "nested too deep" in refused(document.encode(), voicegateway)


@pytest.mark.parametrize("where", ["text", "\\ud800", "verb"])
def test_half_a_surrogate_pair_is_no_text(where):
    document = json.dumps([{"verb": "say", "text": "a", where: "b"}]).replace('"b"', '"\\udc80"')
    assert "surrogate" in refused(document.replace("\\\\", "\\").encode(), voicegateway)


@pytest.mark.parametrize("number", ["1" * 5000, "-" + "9" * 300, "1e999", "-1e999", "1e-999"])
def test_numbers_without_end(number):
    document = f'[{{"verb": "pause", "length": {number}}}]'.encode()
    if len(number) > 4000:  # Python reads no more digits
        assert "not usable JSON" in refused(document, voicegateway)
    else:
        (step,) = voicegateway.parse(document, "http://app.example/", LIMITS).steps
        assert 0 <= step.seconds <= 86400
