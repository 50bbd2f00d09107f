"""A headless Chromium, driven as W3C WebDriver has it (w3.org/TR/webdriver2), over plain HTTP."""

import base64
import json
import shutil
import urllib.request

import gevent
from gevent.subprocess import DEVNULL, Popen

from support.ports import free_port

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
MISSING = " and ".join(
    name for name, path in (("chromium", CHROMIUM), ("chromedriver", DRIVER)) if not path
)
_OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")


class Browser:
    def __init__(self):
        port = free_port()
        self._process = Popen([DRIVER, f"--port={port}"], stdout=DEVNULL, stderr=DEVNULL)
        self._base = f"http://127.0.0.1:{port}"
        try:
            with gevent.Timeout(30):
                while not self._is_up():
                    gevent.sleep(0.1)
            chrome = {"binary": CHROMIUM, "args": _OPTIONS}
            wanted = {"alwaysMatch": {"goog:chromeOptions": chrome}}
            session = self._send("POST", "/session", {"capabilities": wanted})
        except BaseException:
            self._process.kill()
            raise
        self._base += f"/session/{session['sessionId']}"

    def close(self):
        self._send("DELETE", "")
        self._process.terminate()
        self._process.wait()

    def look(self, width, height, *, dark=False):
        """As on a screen of this size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self._devtools("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._devtools("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, url):
        self._send("POST", "/url", {"url": url})

    def run(self, script):
        return self._send("POST", "/execute/sync", {"script": script, "args": []})

    def press(self, *keys):
        """Keys of the keyboard, one after the other, to whatever has the focus."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self._send("POST", "/actions", {"actions": [keyboard]})

    def wait(self, script, seconds=30):
        """Until ``script`` returns what is true; what that is."""
        with gevent.Timeout(seconds):
            while not (found := self.run(script)):
                gevent.sleep(0.1)
        return found

    def picture(self):
        return base64.b64decode(self._send("GET", "/screenshot"))

    def _devtools(self, command, params):
        self._send("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def _is_up(self):
        try:
            return self._send("GET", "/status")["ready"]
        except OSError:
            return False

    def _send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())["value"]
