"""Plivo's own example of dial status reporting, as its page shows it, on Flask and Plivo's SDK."""

from flask import Flask, Response, request
from gevent import socket
from gevent.event import Event
from gevent.pywsgi import WSGIServer
from plivo import plivoxml

PARAMETERS = ("DialRingStatus", "DialHangupCause", "DialStatus", "DialALegUUID", "DialBLegUUID")


class StatusApp:
    """``statuses`` are what its action URL was told, each a dictionary of the five parameters."""

    def __init__(self, number):
        self.statuses = []
        self.told = Event()
        app = Flask("dial status")

        @app.route("/dial/", methods=["GET", "POST"])
        def dial_xml():
            response = plivoxml.ResponseElement()
            response.add(plivoxml.SpeakElement("Connecting your call.."))
            dial = plivoxml.DialElement(action=f"{self.url}/dial_status/", method="GET")
            response.add(dial.add(plivoxml.NumberElement(number)))
            return Response(response.to_string(), mimetype="text/xml")

        @app.route("/dial_status/", methods=["GET", "POST"])
        def dial_status():
            self.statuses.append({name: request.args.get(name) for name in PARAMETERS})
            self.told.set()
            return "Dial status reported"

        listener = socket.socket()
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = WSGIServer(listener, app, log=None)

    def start(self):
        self._server.start()
        return self

    def stop(self):
        self._server.stop(timeout=1)
