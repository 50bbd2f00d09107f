"""Many hostile documents in little time: each property of test_dial_strings and test_voicegateway.

hypothesis finds the smallest document at fault and is slow; here a seed makes each document, and
``DIALCTL_HOSTILE=100000`` of them take a minute or two. 3,000 without it. A failure names its seed.
"""

import inspect
import json
import os
import random

import pytest
from dialctl.dialects import callapi, plivo
from lxml import etree

from . import test_dial_strings, test_voicegateway
from .test_dial_strings import DIAL, NASTY, NUMBER, SIP, USER, rings_whom_it_means
from .test_dial_strings import sets_what_was_said as sets
from .test_voicegateway import rings_whom_it_means as gateway_rings

DOCUMENTS = int(os.environ.get("DIALCTL_HOSTILE", "3000"))
HARMLESS = "abc019 "
FORBIDDEN = "\ufffe\uffff"  # in XML


def inner(test):
    """A property without hypothesis around it."""
    return test.hypothesis.inner_test


def text(chance, most=8):
    pieces = []
    for _ in range(chance.randrange(most)):
        kind = chance.random()
        if kind < 0.6:
            pieces.append(chance.choice(NASTY))
        elif kind < 0.85:
            pieces.append(chance.choice(HARMLESS))
        else:
            pieces.append(chr(chance.choice((chance.randrange(0xD800), chance.randrange(0x250)))))
    return "".join(pieces)


def in_xml(chance):
    return "".join(c for c in text(chance) if c >= " " and c not in FORBIDDEN)


def mixed(chance, nice, nasty=in_xml):
    """As it should be, most of the time, or with something hostile before, behind, instead."""
    kind = chance.randrange(8)
    before = nasty(chance) if kind in (0, 1) else ""
    behind = nasty(chance) if kind in (1, 2) else ""
    return nasty(chance) if kind == 3 else before + nice + behind


def digits(chance):
    return str(chance.randrange(1, 10**9))


def attributes(chance, names):
    return {name: in_xml(chance) for name in names if chance.random() < 0.25}


def of_plivo(chance):
    response = etree.Element("Response")
    dial = etree.SubElement(response, "Dial", attributes(chance, DIAL))
    for _ in range(chance.randint(1, 3)):
        if chance.random() < 0.5:
            kind, names, said = "Number", NUMBER, digits(chance)
        else:
            kind, names, said = "User", USER, "sip:alice@example.com"
        etree.SubElement(dial, kind, attributes(chance, names)).text = mixed(chance, said)
    return plivo, etree.tostring(response)


def of_restcomm(chance):
    response = etree.Element("Response")
    dial = etree.SubElement(response, "Dial", attributes(chance, ("callerId", "timeout")))
    if chance.random() < 0.2:
        dial.text = mixed(chance, digits(chance))
        return callapi, etree.tostring(response)
    for _ in range(chance.randint(1, 3)):
        kind = chance.choice(("Number", "Client", "Sip"))
        said = {"Number": digits(chance), "Client": "alice", "Sip": chance.choice(SIP)}[kind]
        names = ("username", "password") if kind == "Sip" else ("sendDigits",)
        element = etree.SubElement(dial, kind, attributes(chance, names))
        element.text = mixed(chance, said)
    return callapi, etree.tostring(response)


def of_the_gateway(chance):
    targets = []
    for _ in range(chance.randint(1, 3)):
        kind = chance.choice(("phone", "sip", "user"))
        target = {"type": kind}
        if kind == "phone":
            target["number"] = mixed(chance, digits(chance), text)
            if chance.random() < 0.3:
                target["trunk"] = mixed(chance, "T", text)
        elif kind == "sip":
            target["sipUri"] = mixed(chance, "sip:alice@example.com", text)
            if chance.random() < 0.3:
                target["auth"] = {
                    "username": mixed(chance, "u", text),
                    "password": mixed(chance, "p", text),
                }
        else:
            target["name"] = mixed(chance, "alice@example.com", text)
        if chance.random() < 0.4:
            target["headers"] = {mixed(chance, "X-A", text): mixed(chance, "a b", text)}
        targets.append(target)
    dial = {"verb": "dial", "target": targets}
    if chance.random() < 0.3:
        url = mixed(chance, "wss://ears.example.com/in?a=b", text)
        dial["listen"] = {"url": url, "metadata": {text(chance): text(chance)}}
    if chance.random() < 0.3:
        dial["callerId"] = text(chance)
    if chance.random() < 0.3:
        dial["headers"] = {mixed(chance, "X-B", text): mixed(chance, "b", text)}
    return json.loads(json.dumps(dial).encode())


@pytest.mark.parametrize(
    ("made", "judged"),
    [
        (of_plivo, rings_whom_it_means),
        (of_plivo, sets),
        (of_restcomm, rings_whom_it_means),
        (of_the_gateway, gateway_rings),
        (of_the_gateway, inner(test_voicegateway.test_a_stream_is_one_command_of_seven_words)),
    ],
    ids=["plivo", "plivo-variables", "restcomm", "voicegateway", "streams"],
)
def test_exactly_what_was_meant(made, judged):
    rung = 0
    for seed in range(DOCUMENTS):
        document = made(random.Random(seed))
        try:
            rung += bool(judged(document))
        except Exception as error:
            raise AssertionError(f"seed {seed}: {document!r}") from error
    # Many are refused; a generator of which all are would show nothing.
    assert rung > DOCUMENTS / 10 or judged not in (rings_whom_it_means, gateway_rings)
    print(f"{DOCUMENTS} documents, {rung} rang somebody")


@pytest.mark.parametrize(
    "judged",
    [
        test_dial_strings.test_text_that_is_heard_or_shown_expands_nothing,
        test_dial_strings.test_no_text_ends_a_command,
        test_dial_strings.test_a_caller_who_chooses_the_calls_uuid_chooses_nothing_else,
        test_voicegateway.test_any_bytes,
    ],
)
def test_any_text(judged):
    judged = inner(judged)
    parts = len(inspect.signature(judged).parameters)
    for seed in range(DOCUMENTS):
        chance = random.Random(seed)
        texts = [text(chance) for _ in range(parts)]
        if judged is inner(test_voicegateway.test_any_bytes):
            texts = [texts[0].encode()]
        try:
            judged(*texts)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {texts!r}") from error
