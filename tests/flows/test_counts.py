"""What an answered call costs, in counts that no machine's mood changes; seconds: make bench."""

from collections import Counter

import pytest
from dialctl.esl.session import Session
from dialctl.http.connection import Wire
from dialctl.http.outbox.sqlite import SqliteStore

DIAL = '<Dial callbackUrl="/callback" action="/action"><Number>1001</Number></Dial>'
# Dial's action and callbacks, and the hangup report. What only asks for a document is not kept.
KEPT = 5


@pytest.fixture
def counts(monkeypatch):
    """Counts of everything from here on: ``counts.clear()`` begins anew."""
    counts = Counter()

    def count(owner, name, seen):
        method = getattr(owner, name)

        def counting(self, *args):
            for what, much in seen(self, *args):
                counts[what] += much
            return method(self, *args)

        monkeypatch.setattr(owner, name, counting)

    def sent(_session, _data, replies):
        return (("writes", 1), ("commands", len(replies)))

    def heard(_session, frame):
        event = frame.content_type == "text/event-plain"
        return (("events", event), ("event bytes", len(frame.body)), ("frames", 1))

    count(Session, "_send", sent)
    count(Session, "_take", heard)
    count(SqliteStore, "add", lambda *_: [("rows", 1)])
    count(Wire, "connect", lambda *_: [("connections", 1)])
    return counts


def test_what_an_answered_call_costs(stage, counts, capsys):
    app = {"auth_id": "MA", "auth_token": "token"}
    stage.call(DIAL, {"1001": "answer:1:2"}, **app)
    counts.clear()
    stage.web.requests.clear()
    stage.call()
    requests = stage.web.requests
    with capsys.disabled():
        print("\n  an answered call:", ", ".join(f"{n} {what}" for what, n in counts.items()))
    assert len(requests) == 6
    assert sum("x-plivo-signature-v3" in signed(request) for request in requests) == 6
    assert counts["rows"] == KEPT
    assert counts["connections"] == 0, "those of the first call are used again"
    assert counts["writes"] <= 6
    assert counts["commands"] <= 16
    assert counts["events"] <= 13
    assert counts["event bytes"] <= 125_000


def signed(request):
    return {name.lower() for name in request.headers}
