"""The ``socket`` application: hand the channel to a controller, and wait until it is left.

Source: mod_event_socket.c, socket_function(): the hosts are tried in order, what follows ``/`` is
left in ``socket_path``, and the channel is parked under the controller's hand.
"""

import gevent
from gevent import socket

from dialctl.switch.channel import Channel
from dialctl.switch.listener import Listener
from dialctl.switch.thread import Thread

_PORT = 8084


def socket_application(thread: Thread, argument: str) -> None:
    """``host:port/path|host:port async full``"""
    words = argument.split()
    connection = _connect(thread.channel, words[0].split("|")) if words else None
    if not connection:
        return
    channel = thread.channel
    listener = Listener(connection, channel.switch, channel, full="full" in words)
    gevent.spawn(listener.listen_to_it)
    thread.channel.publish("CHANNEL_PARK")

    def left() -> bool:
        thread.channel.unread.clear()  # a parked channel takes every digit off (switch_ivr_park)
        return listener.closed

    thread.wait(left, breakable=False)
    thread.channel.publish("CHANNEL_UNPARK")
    thread.left = False


def _connect(channel: Channel, hosts: list[str]) -> socket.socket | None:
    for host in hosts:
        address, _, path = host.partition("/")
        name, _, port = address.rpartition(":")
        if path:
            channel.variables.set("socket_path", path)
        channel.variables.set("socket_host", name or port)
        try:
            target = (name, int(port)) if name else (port, _PORT)
            connection = socket.create_connection(target)
        except (OSError, ValueError):
            continue  # nobody there: the next one
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    return None
