"""The switch's own event socket: whoever knows its password may ask and hear of everything.

Source: mod_event_socket.c (mod_event_socket_runtime, listener_run).
"""

from typing import TYPE_CHECKING

from gevent import socket
from gevent.server import StreamServer

from dialctl.switch.listener import Listener

if TYPE_CHECKING:
    from dialctl.switch.double import Switch


class EventSocket:
    """Listens on ``address`` from ``start`` to ``stop``; port 0: any."""

    def __init__(self, switch: "Switch", port: int, password: str) -> None:
        self._switch = switch
        self.password = password
        self._server = StreamServer(("127.0.0.1", port), self._accept)

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._server.server_port or 0

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        """No more connections; those that are open stay."""
        self._server.close()

    def _accept(self, connection: socket.socket, peer: tuple[str, int]) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener = Listener(connection, self._switch)
        listener.answer("Content-Type: auth/request\n\n")
        listener.listen_to_it()
