"""The application of one RCML or CallAPI call on a real switch, and what it was told."""

from .numbers import dial, response


class Application:
    def __init__(self, live):
        self.live = live

    def call(self, app, *document, headers=None, recording=None, **documents):
        """``documents``: what other paths answer."""
        paths = {f"/rcml/{name}": answer for name, answer in documents.items()}
        self.live.web.script({"/rcml/answer": response(*document), **paths})
        return self.live.call(app, headers=headers, recording=recording)

    def dial(self, *targets, **attributes):
        return dial(*targets, **{"action": "action", **attributes})

    def the(self, path, timeout=20):
        """What the first request to a path said, once it has come."""
        path = f"/rcml/{path}"
        found = self.live.web.wait_for(lambda got: [r for r in got if r.path == path], timeout)
        assert found, self.live.log()
        return found[0].params

    def told(self, *names, paths=("status",)):
        """These parameters of each request to these paths, once the call is over."""
        self.the("hangup")
        wanted = {f"/rcml/{path}" for path in paths}
        found = [r.params for r in self.live.web.requests if r.path in wanted]
        return [" ".join(params.get(name, "-") for name in names) for params in found]

    def paths(self):
        self.the("hangup")
        return [r.path.removeprefix("/rcml/") for r in self.live.web.requests]
