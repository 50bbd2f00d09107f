"""Sounds for a channel: one that a document names by URL is fetched while the channel is watched.

As in ``documents``: the caller may hang up, press a key or run out of time meanwhile.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import gevent

from dialctl.audio.cache import AudioCache
from dialctl.audio.shelf import Shelf, Sound
from dialctl.channel import Channel
from dialctl.errors import FetchError
from dialctl.log import CallLog
from dialctl.plan import Play, Step


class Sounds:
    """Of all calls."""

    def __init__(self, cache: AudioCache, shelf: Shelf) -> None:
        self._cache = cache
        self._shelf = shelf

    @contextlib.contextmanager
    def at_hand(self, channel: Channel, source: str) -> Iterator[str]:
        """What the switch can play for ``source``: a URL's file, which stays there meanwhile.

        A sound of the switch's own is what it is. Raises FetchError, and what ``wait_alive`` of
        the channel raises: CallGone, KeyHeard, TimeUp.
        """
        if not source.startswith(("http://", "https://")):
            yield source
            return
        with self._shelf.held(self._fetched(channel, source)) as path:
            yield path

    def all_at_hand(
        self, channel: Channel, steps: tuple[Step, ...], held: contextlib.ExitStack, log: CallLog
    ) -> tuple[Step, ...]:
        """The steps with files in place of URLs, which stay there as long as ``held``.

        What cannot be had is left out, with a warning. Raises as ``at_hand``, but no FetchError.
        """
        found: list[Step] = []
        for step in steps:
            if isinstance(step, Play):
                try:
                    path = held.enter_context(self.at_hand(channel, step.source))
                except FetchError as error:
                    log.warning("%s; it is left out", error)
                    continue
                step = replace(step, source=path)
            found.append(step)
        return tuple(found)

    def _fetched(self, channel: Channel, url: str) -> Sound:
        worker = gevent.spawn(self._get, url, channel.uuid)
        worker.link(channel.inbox.put)
        try:
            while not worker.ready():
                channel.wait_alive()
        finally:
            worker.kill(block=False)  # who waits; what is fetched is fetched for others too
        if isinstance(worker.value, Sound):
            return worker.value
        raise worker.value or FetchError("the sound was given up")

    def _get(self, url: str, call_uuid: str) -> Sound | Exception:
        """Runs beside the call. An error is a result: the call raises it, not this greenlet."""
        try:
            return self._cache.get(url, call_uuid)
        except Exception as error:
            return error
