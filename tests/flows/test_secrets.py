"""Whole calls at debug level, in each dialect: what is secret stands in no line of the log."""

import io
import logging
from dataclasses import replace

import pytest
from dialctl.log import TextFormatter
from dialctl.settings import Log

from support.webapp import Answer

from . import rcml
from .conftest import SETTINGS
from .voicegateway import VG, dial, verbs

TOKEN, PASSWORD, PIN, KEY = "token-of-the-account", "password-of-sip", "471199", "key-in-a-query"
SECRETS = (TOKEN, PASSWORD, PIN, KEY)
AUTH = f'sipAuthUsername="username1" sipAuthPassword="{PASSWORD}"'
USER = f"<User {AUTH}>sip:alice@example.com</User>"
GATHER = f'<GetDigits action="/pin?key={KEY}" log="false" numDigits="{len(PIN)}"/>'
SIP = f'<Sip username="user" password="{PASSWORD}">sip:henrique@sip.example.org</Sip>'
TARGET = {
    "type": "sip",
    "sipUri": "sip:alice@example.com",
    "auth": {"username": "user", "password": PASSWORD},
}
XML = {
    "plivo": (f"<Dial action='/action?key={KEY}' callbackUrl='/told?key={KEY}'>{USER}</Dial>"),
    "rcml": f"<Dial action='/action?key={KEY}'>{SIP}</Dial>",
    "callapi": f"<Dial action='/action?key={KEY}'>{SIP}</Dial>",
}
SETTLED = {"plivo": SETTINGS, "rcml": rcml.SETTINGS, "callapi": rcml.SETTINGS, "voicegateway": VG}
DIALECTS = pytest.mark.parametrize("dialect", SETTLED)


def document(dialect):
    """One Dial, of somebody who has a password."""
    if dialect != "voicegateway":
        return XML[dialect]
    return verbs(dial(TARGET, actionHook=f"/action?key={KEY}"))


def call(stage, dialect, answer, callee="busy", **more):
    return stage.call(
        answer,
        {"alice@example.com": callee, "henrique@sip.example.org": callee},
        dialect=dialect,
        settings=replace(SETTLED[dialect], log=Log(level="debug")),
        auth_id="MA1",
        auth_token=TOKEN,
        **more,
    )


@pytest.fixture
def said(stage):
    """Asked in the end: all that was said, as the daemon writes it; nothing of it is a secret."""
    written, log = io.StringIO(), logging.getLogger("dialctl")
    handler = logging.StreamHandler(written)
    handler.setFormatter(TextFormatter())
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    yield written.getvalue
    stage.stop()
    log.removeHandler(handler)
    log.setLevel(level)
    assert written.getvalue().count("\n") > 3
    for secret in SECRETS:
        assert secret not in written.getvalue()


@DIALECTS
@pytest.mark.parametrize("callee", ["busy", "answer:0.2:0.2"])
def test_a_call_as_it_should_be(stage, said, dialect, callee):
    call(stage, dialect, document(dialect), callee, documents={"told": ""})
    assert "/action" in [request.path for request in stage.web.requests]


@DIALECTS
def test_an_application_that_fails(stage, said, dialect):
    """Each request is told of as having failed, with its URL."""
    failed = Answer(f"Oops: {PASSWORD}", status="500 Oops")
    call(stage, dialect, document(dialect), documents={"action": failed, "told": failed})


@DIALECTS
@pytest.mark.parametrize("broken", ["sign", "cut", "bytes"])
def test_a_document_that_is_none(stage, said, dialect, broken):
    """The fault stands at the password itself, behind it, or right before it."""
    whole = document(dialect)
    text = whole.body if dialect == "voicegateway" else f"<Response>{whole}</Response>"
    changed = {
        "sign": text.replace(PASSWORD, f"{PASSWORD}]${{"),
        "cut": text[: text.index(PASSWORD) + len(PASSWORD)],
        "bytes": text.replace(PASSWORD, f"\x00{PASSWORD}"),
    }[broken]
    call(stage, dialect, Answer(changed))
    assert "document of app main" in said()


@DIALECTS
def test_a_fault_of_our_own(stage, said, dialect, monkeypatch):
    """A traceback shows code, and no values."""
    monkeypatch.setattr("dialctl.verbs.dial.rounds", lambda *_, **__: 1 / 0)
    call(stage, dialect, document(dialect))
    assert "ZeroDivisionError" in said()


def test_keys_that_the_document_wants_to_keep(stage, said):
    call(stage, "plivo", GATHER, documents={"pin": "<Hangup/>"}, press=((0.5, PIN),))
    assert stage.request("/pin")["Digits"] == PIN


def test_keys_whose_request_fails(stage, said):
    failed = Answer(status="500 Oops")
    call(stage, "plivo", GATHER, documents={"pin": failed}, press=((0.5, PIN),))


def test_a_url_with_a_password_that_cannot_be_reached(stage, said):
    url = f"http://user:{PASSWORD}@127.0.0.1:1/?key={KEY}"
    call(stage, "plivo", "", answer_url=url, fallback_url=url, hangup_url=url)
