"""The folder with the sounds, and nothing of the network: put there, found, held, thrown out.

    <key>.wav <key>.mp3   a sound; the key is a hash, so no name says anything
    <key>.json            how long it may be used, and its length; its time stamp is its last use
    <key>.<pid>.part      one that is still being written

FreeSWITCH, another user, reads the sounds: whoever knows a name may read it, but only dialctl can
list the names. So it is whatever umask the daemon runs under. Nothing that is held is thrown out;
a file that is replaced while FreeSWITCH plays it goes on, since it is renamed over, not written.
"""

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from dialctl.audio.freshness import Validity
from dialctl.audio.kinds import HEAD, KINDS

FOLDER_MODE = 0o711
FILE_MODE = 0o644
_OURS = re.compile(r"([0-9a-f]{64})\.(?:wav|mp3|json|\d+\.part)")


@dataclass(slots=True)
class Sound:
    """One that is there. ``holders`` are how many want it to stay."""

    key: str
    kind: str
    size: int
    validity: Validity
    holders: int = 0


class Part:
    """A sound that is being written."""

    def __init__(self, shelf: "Shelf", path: str) -> None:
        self.path = path
        self.size = 0
        self.head = b""
        self._shelf = shelf
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        os.fchmod(descriptor, FILE_MODE)  # the umask counts for open(), not for this
        self._file = os.fdopen(descriptor, "wb")

    def write(self, data: bytes) -> None:
        """Raises OSError, also when the folder holds as much as it may."""
        self._shelf.make_room(len(data))
        self._shelf.bytes += len(data)
        self.size += len(data)
        if len(self.head) < HEAD:
            self.head += data[: HEAD - len(self.head)]
        self._file.write(data)

    def close(self) -> None:
        self._file.close()

    def discard(self) -> None:
        """As if it had never been, unless it has been put in its place. Raises nothing."""
        self._shelf.bytes -= self.size
        self.size = 0
        with contextlib.suppress(OSError):
            self.close()
        with contextlib.suppress(OSError):
            os.unlink(self.path)


class Shelf:
    """Holds at most ``most`` bytes, those included that are being written."""

    def __init__(self, folder: str, most: int) -> None:
        self.folder = folder
        self.bytes = 0
        self._most = most
        self._sounds: dict[str, Sound] = {}  # the one that was not used for longest comes first

    def open(self) -> None:
        """Make the folder, or see what is there from an earlier time. Raises OSError."""
        try:
            os.mkdir(self.folder)
            os.chmod(self.folder, FOLDER_MODE)
        except FileExistsError:
            pass
        names = [name for name in os.listdir(self.folder) if _OURS.fullmatch(name)]
        for name in sorted((n for n in names if n.endswith(".json")), key=self._last_use):
            self._take(name.partition(".")[0])
        known = {name for sound in self._sounds.values() for name in _names(sound)}
        for name in names:
            if name not in known:
                os.unlink(self._path(name))  # half written when a daemon died

    def find(self, key: str) -> Sound | None:
        sound = self._sounds.get(key)
        if sound is not None and not os.path.exists(self.path(sound)):
            self._forget(sound)  # somebody has tidied up
            return None
        return sound

    def path(self, sound: Sound) -> str:
        return self._path(f"{sound.key}.{sound.kind}")

    def begin(self, key: str) -> Part:
        """Raises OSError."""
        return Part(self, self._path(f"{key}.{os.getpid()}.part"))

    def put(self, key: str, kind: str, part: Part, validity: Validity) -> Sound:
        """What has been written takes the place of what was there. Raises OSError."""
        part.close()
        os.replace(part.path, self._path(f"{key}.{kind}"))
        size, part.size = part.size, 0
        sound = self._sounds.pop(key, None)
        if sound is None:
            sound = Sound(key, kind, size, validity)
        else:
            self.bytes -= sound.size
            if sound.kind != kind and not sound.holders:
                self._unlink(f"{key}.{sound.kind}")
            sound.kind, sound.size, sound.validity = kind, size, validity
        self._sounds[key] = sound
        self._write(sound)
        return sound

    def renew(self, sound: Sound, validity: Validity) -> None:
        """It is still what the server has."""
        sound.validity = validity
        self._write(sound)

    @contextlib.contextmanager
    def held(self, sound: Sound) -> Iterator[str]:
        """Its path, and it stays there meanwhile."""
        sound.holders += 1
        if self._sounds.get(sound.key) is sound:
            self._sounds[sound.key] = self._sounds.pop(sound.key)  # the last one used
            with contextlib.suppress(OSError):
                os.utime(self._path(f"{sound.key}.json"))
        try:
            yield self.path(sound)
        finally:
            sound.holders -= 1
            if not (sound.holders or sound.validity.keep):
                self._remove(sound)

    def make_room(self, size: int) -> None:
        """Throw out what was not used for longest. Raises OSError when all is held."""
        for sound in tuple(self._sounds.values()):
            if self.bytes + size <= self._most:
                return
            if not sound.holders:
                self._remove(sound)
        if self.bytes + size > self._most:
            raise OSError(errno.ENOSPC, f"{self._most} bytes are full of sounds in use")

    def _remove(self, sound: Sound) -> None:
        self._forget(sound)
        for name in _names(sound):
            self._unlink(name)

    def _forget(self, sound: Sound) -> None:
        if self._sounds.get(sound.key) is sound:
            del self._sounds[sound.key]
            self.bytes -= sound.size

    def _take(self, key: str) -> None:
        """A sound of an earlier time; nothing if its files are not as they should be."""
        try:
            with open(self._path(f"{key}.json"), encoding="utf-8") as file:
                told = json.load(file)
            sound = Sound(key, told["kind"], int(told["size"]), Validity(**told["validity"]))
            whole = sound.kind in KINDS and os.path.getsize(self.path(sound)) == sound.size
        except (OSError, ValueError, TypeError, KeyError):
            return
        if whole:
            self._sounds[key] = sound
            self.bytes += sound.size

    def _write(self, sound: Sound) -> None:
        """Without it the sound is forgotten at the next start, and that is all."""
        told = {"kind": sound.kind, "size": sound.size, "validity": asdict(sound.validity)}
        path = self._path(f"{sound.key}.json")
        part = self._path(f"{sound.key}.{os.getpid()}.part")
        with contextlib.suppress(OSError):
            with open(part, "w", encoding="utf-8") as file:
                json.dump(told, file)
            os.replace(part, path)

    def _last_use(self, name: str) -> float:
        try:
            return os.path.getmtime(self._path(name))
        except OSError:
            return 0.0

    def _unlink(self, name: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self._path(name))

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)


def _names(sound: Sound) -> tuple[str, str]:
    return f"{sound.key}.{sound.kind}", f"{sound.key}.json"
