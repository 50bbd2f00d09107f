"""Every URL of Plivo's that may say in its fragment how patiently it is requested does so.

What has failed so often goes on in the outbox, which the log of a round tells apart.
"""

import re
from collections import Counter

import pytest

from support.webapp import Answer

DIAL = "<Dial {}><Number>1001</Number></Dial>"
KNOWN = {"1001": "answer:0.5:1"}
TWICE_MORE = "#rc=2&amp;rp=5xx"

IN_A_DOCUMENT = {
    "Dial action": DIAL.format('action="/x{}"'),
    "Dial callbackUrl": DIAL.format('callbackUrl="/x{}"'),
    "Dial confirmSound": DIAL.format('confirmSound="/x{}"'),
    "GetDigits action": '<GetDigits action="/x{}" numDigits="1"/>',
    "GetInput action": '<GetInput action="/x{}" numDigits="1"/>',
    "Record action": '<Record action="/x{}" maxLength="1"/>',
    "Record callbackUrl": '<Record callbackUrl="/x{}" maxLength="1"/>',
    "Record action, told": '<Record action="/x{}" maxLength="1" redirect="false"/>',
    "recordSession action": '<Record recordSession="true" action="/x{}"/><Wait/>',
    "recordSession callbackUrl": '<Record recordSession="true" callbackUrl="/x{}"/><Wait/>',
    "Redirect": "<Redirect>/x{}</Redirect>",
}


def fails(times):
    """Answer each report so often with a failure; a question for a document has no key."""
    asked = Counter()

    def answer(request):
        key = request.headers.get("idempotency-key")
        asked[key] += 1
        return Answer(status="500 No") if asked[key] <= times else Answer()

    return answer


def efforts(caplog):
    return set(re.findall(r"answered 500 \((attempts \d+)", caplog.text))


@pytest.mark.parametrize("name", IN_A_DOCUMENT)
def test_urls_of_a_document(stage, name, caplog):
    document = IN_A_DOCUMENT[name].format(TWICE_MORE)
    stage.call(document, KNOWN, documents={"x": fails(3)}, press=((1.0, "5"),))
    assert efforts(caplog) == {"attempts 3"}


@pytest.mark.parametrize("name", ["answer_url", "fallback_url", "hangup_url"])
def test_urls_of_an_app(stage, name, caplog):
    documents = {"answer": Answer(status="404 No"), "fallback": "", "x": fails(3)}
    urls = {"fallback_url": stage.web.url("/fallback"), name: stage.web.url("/x#rc=2&rp=5xx")}
    stage.call(documents=documents, **urls)
    assert efforts(caplog) == {"attempts 3"}


def test_values_out_of_range_are_told_and_replaced(stage, caplog):
    document = DIAL.format('action="/x#ct=99&amp;rt=40001&amp;tt=0&amp;rc=6&amp;rp=all"')
    stage.call(document, KNOWN, documents={"x": fails(1)})
    assert efforts(caplog) == {"attempts 1"}, "the configured number of retries is none"
    for text in ("ct=99", "rt=40001", "tt=0", "rc=6"):
        assert f"{text} is not within" in caplog.text
