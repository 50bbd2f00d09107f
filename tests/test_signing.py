"""dialctl.http.signing against Plivo's own vectors, and its Python SDK where that is installed."""

import random
from urllib.parse import urlencode

import pytest
from dialctl.http.encoding import query
from dialctl.http.signing import headers, new_nonce, sign_v2, sign_v3

# plivo-go, utils_test.go, TestValidateSignatureV3Pass1 to 4
BASE = "https://plivobin.non-prod.plivops.com/api/v1/validate_signature03.xml"
NONCE = "31627761595286130198"
TOKEN = "Y2Q2ZDgxZmY5YWRiOTI5YmQ1Njg0MTAxZWIyOTc4"
CALL_UUID = "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36"
PARAMS = {
    "Direction": "outbound",
    "From": "19792014278",
    "ALegUUID": CALL_UUID,
    "CallStatus": "in-progress",
    "BillRate": "0.002",
    "ParentAuthID": "MANWVLYTK4ZWU1YTY4QA",
    "To": "sip:PlivoSignature382029104058171078704104@phone-qa.voice.plivodev.com",
    "ALegRequestUUID": CALL_UUID,
    "CallUUID": CALL_UUID,
    "RequestUUID": CALL_UUID,
    "SIP-H-To": "<sip:PlivoSignature382029104058171078704104@52.9.11.55;transport=udp>;tag=1",
    "SessionStart": "2020-04-08 11:34:33.238707",
    "Event": "StartApp",
}


@pytest.mark.parametrize(
    ("method", "url", "signature"),
    [
        ("POST", f"{BASE}/?a=b&c=d", "k7Pusd4OxCIjR5IfA9iedDNu/h/gbdYqdzG/MiYtd1c="),
        ("GET", f"{BASE}/?a=b&c=d", "UBq8jAtd32wR8EK9VgxbBn4n5rpI/l1H9iN4WfSEHFQ="),
        ("POST", BASE, "iAjE5QqI37mbkYe4w3jTMudqEzbDufdqi7sYwTu64e0="),
        ("GET", BASE, "i/MQsaQSAd6fiKhOh2qeeeLHZ9faldADSb3/7+Akfbc="),
    ],
)
def test_plivos_v3_vectors(method, url, signature):
    assert sign_v3(method, url, PARAMS, NONCE, TOKEN) == signature
    pairs = tuple(reversed(PARAMS.items()))
    assert sign_v3(method, url, pairs, NONCE, TOKEN) == signature  # any order, any form
    assert sign_v3(method, f"{url}#rc=3", PARAMS, NONCE, TOKEN) == signature


def test_plivos_v2_vector():
    signature = "ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc="
    assert sign_v2("https://answer.url", "12345", "my_auth_token") == signature
    assert sign_v2("https://answer.url?a=b#c", "12345", "my_auth_token") == signature


def test_get_parameters_are_signed_wherever_they_stand():
    apart = sign_v3("GET", f"{BASE}?a=b", PARAMS, NONCE, TOKEN)
    assert sign_v3("GET", f"{BASE}?{urlencode(PARAMS)}&a=b", (), NONCE, TOKEN) == apart


def test_a_post_without_fields_is_signed_like_a_get():
    post = sign_v3("POST", f"{BASE}?a=b", {}, NONCE, TOKEN)
    assert post == sign_v3("GET", f"{BASE}?a=b", {}, NONCE, TOKEN)
    assert post != sign_v3("POST", BASE, {}, NONCE, TOKEN)


def test_all_six_headers():
    made = headers("POST", BASE, PARAMS, TOKEN, NONCE)
    v2 = sign_v2(BASE, NONCE, TOKEN)
    v3 = "iAjE5QqI37mbkYe4w3jTMudqEzbDufdqi7sYwTu64e0="
    assert made == {
        "X-Plivo-Signature-V3": v3,
        "X-Plivo-Signature-Ma-V3": v3,
        "X-Plivo-Signature-V3-Nonce": NONCE,
        "X-Plivo-Signature-V2": v2,
        "X-Plivo-Signature-Ma-V2": v2,
        "X-Plivo-Signature-V2-Nonce": NONCE,
    }
    with_password = BASE.replace("://", "://user:password@")
    assert headers("POST", with_password, PARAMS, TOKEN, NONCE) == made


def test_a_nonce_is_twenty_digits_and_new():
    nonces = {new_nonce() for _ in range(100)}
    assert len(nonces) == 100
    assert all(len(nonce) == 20 and nonce.isdigit() for nonce in nonces)


def varied_requests():
    """Methods, URLs with and without query, blanks, plus signs, empty and (POST) foreign values."""
    chance = random.Random(20)
    values = ["", "a b", "+4415", "a&b=c", "100%", "x/y?z", "sip:a@b;c=d", "~-._", "'\"", "<>"]
    urls = [
        "https://app.example.com/plivo/answer",
        "https://app.example.com:8443/a/b.xml?zeta=1&alpha=two%20words&alpha=%2B1&flag=",
        "http://127.0.0.1:5000/",
        "http://app.example.com/p;v=1/x;y?q=a+b",
        "https://answer.example.com",
    ]
    for number in range(60):
        method = "POST" if number % 3 else "GET"
        more = ["José", "日本", "\U0001f600"] if method == "POST" else []
        names = chance.sample(["From", "To", "Event", "a", "A", "Zz", "_x", "CallUUID"], number % 8)
        params = {name: chance.choice([*values, *more]) for name in names}
        yield method, urls[number % len(urls)], params


def test_plivos_own_sdk_accepts_them():
    sdk = pytest.importorskip("plivo.utils", reason="plivo, the vendor's SDK, is not installed")
    judged = 0
    for method, url, params in varied_requests():
        made = headers(method, url, params, TOKEN, NONCE)
        if method == "GET" and params:  # the receiver sees them in its URL
            url, params = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}", {}
        for name in ("X-Plivo-Signature-V3", "X-Plivo-Signature-Ma-V3"):
            seen = (method, url, NONCE, TOKEN, made[name])
            assert sdk.validate_v3_signature(*seen, dict(params)), (url, params)
            assert not sdk.validate_v3_signature(*seen, {**params, "Forged": "1"})
        for name in ("X-Plivo-Signature-V2", "X-Plivo-Signature-Ma-V2"):
            assert sdk.validate_signature(url, NONCE, made[name], TOKEN)
        judged += 1
    assert judged == 60


NESTED = {
    "call_sid": CALL_UUID,
    "sip_status": 200,
    "refer_details": {"sip_refer_to": "<sip:bob@b>", "refer_to_user": "bob"},
    "tags": ("b", "a"),
}


def test_plivos_own_sdk_accepts_a_json_body_as_its_receiver_reads_it():
    sdk = pytest.importorskip("plivo.utils", reason="plivo, the vendor's SDK, is not installed")
    signature = sign_v3("POST", f"{BASE}?a=b", NESTED, NONCE, TOKEN)
    read = {**NESTED, "tags": ["b", "a"]}
    assert sdk.validate_v3_signature("POST", f"{BASE}?a=b", NONCE, TOKEN, signature, read)
    forged = {**read, "refer_details": {"sip_refer_to": "<sip:eve@b>", "refer_to_user": "bob"}}
    assert not sdk.validate_v3_signature("POST", f"{BASE}?a=b", NONCE, TOKEN, signature, forged)


def test_plivos_own_sdk_accepts_the_same_in_a_query():
    sdk = pytest.importorskip("plivo.utils", reason="plivo, the vendor's SDK, is not installed")
    signature = sign_v3("GET", f"{BASE}?a=b", NESTED, NONCE, TOKEN)
    url = f"{BASE}?a=b&{query(NESTED)}"
    assert sdk.validate_v3_signature("GET", url, NONCE, TOKEN, signature, {})
