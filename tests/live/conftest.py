"""One FreeSWITCH, one daemon and one web application for all live tests.

``DIALCTL_LIVE=0`` leaves them out. Without a FreeSWITCH (``FREESWITCH`` names one, else the one on
the PATH) they are skipped.
"""

import os
from pathlib import Path

import pytest

from support.daemon import Daemon
from support.ports import free_port
from support.webapp import WebApp

from .flow import ACCOUNT
from .live import Live
from .numbers import DEAD, DEAD_FIRST, TWO_CARRIERS, UNKNOWN, UNKNOWN_FIRST
from .switch import Switch, binary
from .telephone import Telephone

HERE = Path(__file__).parent
READ_TIMEOUT = 1.0
STOP_GRACE = 3
PHONE_PORT = free_port()  # of a telephone that speaks SIP by itself

# called numbers that belong to an app of their own; all others are the app `main`
GET_APP, DOWN_APP, FALLBACK_APP = "15550000001", "15550000002", "15550000003"
VOICEGATEWAY_APP = "15550000004"
RCML_APP, RCML_DELAY_APP, CALLAPI_APP = "15550000005", "15550000006", "15550000007"


def why_not():
    if os.environ.get("DIALCTL_LIVE") == "0":
        return "DIALCTL_LIVE=0"
    return "" if binary() else "no FreeSWITCH: set FREESWITCH or put freeswitch on PATH"


def pytest_collection_modifyitems(items):
    reason = why_not()
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.live)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


def settings(port, recordings):
    return {
        "listen": f"127.0.0.1:{port}",
        "stop_grace": STOP_GRACE,
        "http": {
            "connect_timeout": 1,
            "read_timeout": READ_TIMEOUT,
            "total_timeout": 5,
            "retries": 1,
        },
        "log": {"level": "debug", "format": "text"},
        "media": {"recordings_dir": str(recordings)},
        # Neither module exists for this switch: a command of its own with the same syntax, which
        # keeps what it is told in a variable of the channel.
        "modules": {"media_fork": "uuid_setvar", "transcription": "uuid_setvar"},
        "web": {"listen": f"127.0.0.1:{free_port()}"},
    }


def apps(web, closed_port):
    main = {
        "name": "main",
        "answer_url": web.url("/answer"),
        "hangup_url": web.url("/hangup"),
        "auth_id": ACCOUNT,
        "auth_token": "a-token-of-the-tests",
    }
    get = {
        **main,
        "name": "get",
        "match": GET_APP,
        "answer_url": web.url("/answer?who=me&x=a%20b"),
        "answer_method": "GET",
        "hangup_method": "GET",
    }
    down = {
        **main,
        "name": "down",
        "match": DOWN_APP,
        "answer_url": f"http://127.0.0.1:{closed_port}/answer",
    }
    fallback = {
        **main,
        "name": "fallback",
        "match": FALLBACK_APP,
        "fallback_url": web.url("/fallback"),
        "fallback_method": "GET",
    }
    voicegateway = {
        **main,
        "name": "voicegateway",
        "match": VOICEGATEWAY_APP,
        "dialect": "voicegateway",
        "answer_url": web.url("/vg/answer"),
        "hangup_url": web.url("/vg/hangup"),
    }
    rcml = {
        **main,
        "name": "rcml",
        "match": RCML_APP,
        "dialect": "rcml",
        "answer_url": web.url("/rcml/answer"),
        "hangup_url": web.url("/rcml/hangup"),
        "refer_url": web.url("/rcml/refer"),
    }
    delayed = {**rcml, "name": "delayed", "match": RCML_DELAY_APP, "answer_delay": True}
    callapi = {**delayed, "name": "callapi", "match": CALLAPI_APP, "dialect": "callapi"}
    main["call_out"] = ["1555*", "663*", "sip:*"]
    return [get, down, fallback, voicegateway, rcml, delayed, callapi, main]


def routes(switch):
    def via(*gateways):
        return [f"sofia/gateway/{gateway}/{{number}}" for gateway in gateways]

    return {
        "numbers": [
            {"prefix": "1555", "endpoints": via("carrier_a")},
            {"prefix": DEAD, "endpoints": via("dead")},
            {"prefix": UNKNOWN, "endpoints": via("nowhere")},
            {"prefix": DEAD_FIRST, "endpoints": via("dead", "carrier_b")},
            {"prefix": TWO_CARRIERS, "endpoints": via("carrier_a", "carrier_b")},
            {"prefix": UNKNOWN_FIRST, "endpoints": via("nowhere", "carrier_b")},
        ],
        "users": [
            {"domain": f"127.0.0.1:{PHONE_PORT}", "endpoints": ["sofia/internal/{user}@{domain}"]},
            {
                "domain": f"127.0.0.1:{switch.callee_port}",
                "endpoints": ["sofia/internal/{user}@{domain}"],
            },
            {
                "domain": f"127.0.0.1:{switch.guarded_port}",
                "endpoints": ["sofia/internal/{user}@{domain}"],
            },
            {
                "domain": f"127.0.0.1:{switch.dead_port}",
                "endpoints": ["sofia/internal/{user}@{domain}"],
            },
            {"domain": "*", "endpoints": ["user/{user}@{domain}"]},
        ],
        "clients": ["user/{name}@lab.local"],
        "trunks": {"Lab": via("dead", "carrier_b")},
    }


@pytest.fixture(scope="session")
def stand(tmp_path_factory):
    """The switch, the daemon and the application, warm."""
    folder = tmp_path_factory.mktemp("live")
    port = free_port()
    web = WebApp().start()
    switch = Switch(folder / "switch", port)
    recordings = folder / "switch" / "rec"
    configuration = settings(port, recordings), apps(web, free_port()), routes(switch)
    daemon = Daemon(folder / "dialctl", *configuration)
    stand = Live(switch, daemon, web, recordings)
    try:
        switch.start()
        daemon.start()
        stand.warm_up()
        yield stand
        daemon.stop()
    finally:
        daemon.kill()
        switch.stop()
        web.stop()


@pytest.fixture
def live(stand):
    stand.begin()
    yield stand
    stand.end()


@pytest.fixture(params=["alone", "followed"])
def control(live, request):
    """``live.followed``: the daemon may use the switch's own event socket."""
    settings = dict(live.daemon.settings)
    live.followed = request.param == "followed"
    if live.followed:
        address = f"127.0.0.1:{live.switch.event_port}"
        settings["freeswitch"] = {"event_socket": address, "password": "ClueCon"}
    live.daemon.stop()
    live.daemon.write("dialctl.yaml", settings)
    live.daemon.start()
    yield live
    live.daemon.stop()
    live.daemon.write("dialctl.yaml", live.daemon.settings)
    live.daemon.start()


@pytest.fixture
def telephone():
    made = Telephone(PHONE_PORT)
    yield made
    made.close()
