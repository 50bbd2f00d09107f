"""greenswitch as its README uses it: ``python greenswitch_bare.py PORT APP_PORT``.

Two requests a call, the document and the action; no callbacks, no signature, nothing kept.
"""

import sys

from gevent import monkey

monkey.patch_all()

import greenswitch  # noqa: E402
import requests  # noqa: E402
from lxml import etree  # noqa: E402

port, app_port = map(int, sys.argv[1:])
APP = f"http://127.0.0.1:{app_port}"
http = requests.Session()
http.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=500))


class Call:
    def __init__(self, session):
        self.session = session

    def run(self):
        session, told = self.session, False
        try:
            session.myevents()
            session.linger()
            answer = http.post(f"{APP}/answer", data={"CallUUID": session.uuid}).content
            target = etree.fromstring(answer)[0][0]
            name = target.text.replace("sip:", "")
            profile = "internal" if target.tag == "User" else "gateway/a"
            session.call_command("set", "hangup_after_bridge=false")
            session.call_command("set", "continue_on_fail=true")
            session.bridge(f"sofia/{profile}/{name}")
            told = True
            http.post(f"{APP}/action", data={"CallUUID": session.uuid})
            session.hangup()
        except greenswitch.esl.OutboundSessionHasGoneAway:
            if not told:
                http.post(f"{APP}/action", data={"CallUUID": session.uuid})
        finally:
            session.stop()


print("ready", flush=True)
greenswitch.OutboundESLServer("127.0.0.1", port, Call, max_connections=20000).listen()
