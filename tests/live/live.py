"""What a live test holds: the switch, the daemon, the application, and how to ask about them."""

from .caller import Caller
from .expected import compare
from .flow import FROM, Flow
from .numbers import dial, response

CALLED = "4930987654"
TOLERANCE = 0.15  # seconds that ring timeouts and time limits may miss by


def _key(request):
    return request.headers.get("idempotency-key", request.path)


class Live:
    def __init__(self, switch, daemon, web, recordings):
        self.recordings = recordings
        self.switch = switch
        self.daemon = daemon
        self.web = web
        self._first_line = 0
        self._calls, self._called_out = [], set()
        self._over = set()  # CallUUIDs of which the application has heard the last

    # the life of a test

    def warm_up(self):
        """A switch's first call is told 0.5 s late on its event sockets; no test shall be it."""
        self.begin()
        self.script(response('<Hangup reason="busy"/>'))
        self.call().ended()
        assert self.web.wait_for(2), "the first call did not come through:\n" + self.log()
        self.end()

    def begin(self):
        if not self.daemon.running:
            self.daemon.start()
        late = [str(request.params) for request in self.web.requests if self._is_late(request)]
        assert not late, f"the application was asked again after a call's hangup report: {late}"
        self.switch.events.forget()
        self._first_line = len(self.daemon.lines)
        self._calls = []
        self._called_out = set()

    def end(self):
        """Nothing is left of the test: no channel, no traceback. Its requests are forgotten."""
        left = self._channels_left()
        self._over |= {r.params.get("CallUUID") for r in self.web.requests if r.path == "/hangup"}
        self.daemon.forget()  # what failed in this test shall not come in the next one
        self.web.script({})
        assert not left, f"channels are left: {left}"
        assert "Traceback" not in self.log(), self.log()

    def _is_late(self, request):
        return request.params.get("CallUUID") in self._over

    def _channels_left(self):
        events = self.switch.events
        if events.wait_for(lambda: not events.open_channels(), 3.0):
            return {}
        left = events.open_channels()
        self.switch.hang_up_all()
        events.wait_for(lambda: not events.open_channels(), 5.0)
        return left

    # what a test does

    def script(self, answer="", **others):
        """What /answer answers, and other paths by their name: ``script(doc, action=doc2)``."""
        paths = {"answer": answer, **others}
        self.web.script({f"/{name}": document for name, document in paths.items()})

    def call(self, number=CALLED, from_number=FROM, name="Caller", **more) -> Caller:
        call = self.switch.call(number, from_number=from_number, name=name, **more)
        self._calls.append(call)
        return call

    def calls_out(self, number):
        """The switch calls a callee and hands it to dialctl: an A-leg that is no caller's.

        Its UUID, once it has ended.
        """
        events, uuid = self.switch.events, self.switch.events.api("create_uuid")
        self._called_out.add(uuid)
        to = f"sofia/internal/{number}@127.0.0.1:{self.switch.callee_port}"
        events.bgapi(f"originate {{origination_uuid={uuid}}}{to} {CALLED} XML public")
        assert events.wait_for(lambda: events.of(uuid, "CHANNEL_HANGUP_COMPLETE"), 15)
        return uuid

    def called_out(self, uuid):
        """dialctl was asked for this call, an A-leg that is no caller's."""
        self._called_out.add(uuid)

    def flow(self, call, **options) -> Flow:
        return Flow(call, **options)

    def url(self, path):
        return self.web.url(path)

    def told(self, *targets, **attributes):
        """A document with one Dial that is reported to /callback and to /action."""
        return response(self.told_dial(*targets, **attributes))

    def told_dial(self, *targets, **attributes):
        urls = {"callbackUrl": self.url("/callback"), "action": self.url("/action")}
        return dial(*targets, **{**urls, **attributes})

    # what a test asks

    @staticmethod
    def in_any_order(*rows):
        """These rows, whose order among each other nobody can foretell."""
        return rows

    def expect(self, *rows, call=None, timeout=10.0, once_a_key=False):
        """The application was asked exactly this, in this order, once the last row has come.

        ``once_a_key``: what it was told again under a key that it knew does not count.
        """
        count = sum(len(row) if isinstance(row, tuple) else 1 for row in rows)

        def asked(got):
            requests = self._of(call, got)
            return (
                list({_key(r): r for r in reversed(requests)}.values())[::-1]
                if once_a_key
                else requests
            )

        self.web.wait_for(lambda got: len(asked(got)) >= count, timeout)
        problem = compare(rows, asked(self.web.requests))
        assert not problem, f"{problem}\n\nthe daemon said:\n{self.log()}"

    def heard(self):
        """What the application was asked about the calls of this test, and of no earlier one."""
        return self._of(None, self.web.requests)

    def _of(self, call, requests):
        every = self._called_out.union(one.call_uuid for one in self._calls)
        calls = {call.call_uuid} if call else every
        return [request for request in requests if request.params.get("CallUUID") in calls]

    def log(self):
        """What the daemon said in this test."""
        return "\n".join(self.daemon.lines[self._first_line :])

    def said(self, *words, timeout=3.0):
        """The daemon logged a line with all of these words in it."""
        found = self.daemon.wait_for_line(words, timeout, self._first_line)
        assert found, f"no line with {words}:\n{self.log()}"

    def callees(self, count=0, timeout=5.0):
        """The CHANNEL_CREATE events of those who were really called, on their own side.

        With a count, waits until there are that many.
        """
        events = self.switch.events

        def called():
            return [
                event
                for event in events.events
                if event.name == "CHANNEL_CREATE"
                and event.get("Channel-Name", "").startswith("sofia/callee/")
            ]

        events.wait_for(lambda: len(called()) >= count, timeout)
        return called()

    def times(self, callee):
        """When a callee rang, answered, ended (by event name), in seconds after its INVITE."""
        events = self.switch.events
        events.wait_for(lambda: events.of(callee.uuid, "CHANNEL_HANGUP_COMPLETE"))
        return {event.name: event.at - callee.at for event in events.of(callee.uuid)}
