"""/recordings/NAME.mp3 and NAME.wav: the files that FreeSWITCH recorded, whole or in part.

Names are typed: no folder is left, none is listed. They are random, and whoever knows one may
have it.
"""

import logging
import os
import re
import stat
from collections.abc import Iterator
from typing import BinaryIO

from dialctl.recording_files import PATH
from dialctl.web import Environ, Response, Route, plain

log = logging.getLogger("dialctl.web")

TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav"}
CHUNK_BYTES = 65536

_NAME = re.compile(re.escape(PATH) + r"(?P<name>[A-Za-z0-9_-]{1,128}\.(?P<type>mp3|wav))")
# RFC 9110 14.1.2, one range; several are answered with the whole, as it allows.
_RANGE = re.compile(
    r"bytes=(?:(?P<first>[0-9]{1,18})-(?P<last>[0-9]{0,18})|-(?P<tail>[0-9]{1,18}))"
)


def route(folder: str) -> Route:
    return Route(_NAME, lambda environ, match: _answer(folder, environ, match))


def _answer(folder: str, environ: Environ, match: re.Match[str]) -> Response:
    file = _opened(os.path.join(folder, match["name"]))
    if file is None:
        return plain("404 Not Found")
    size = os.fstat(file.fileno()).st_size
    headers = (
        ("Content-Type", TYPES[match["type"]]),
        ("Accept-Ranges", "bytes"),
        ("X-Content-Type-Options", "nosniff"),
    )
    part = _part(str(environ.get("HTTP_RANGE", "")), size)
    if part is None:
        return Response(
            "200 OK", (*headers, ("Content-Length", str(size))), _chunks(file, range(size))
        )
    if not part:
        file.close()
        return plain("416 Range Not Satisfiable", ("Content-Range", f"bytes */{size}"))
    placed = (
        ("Content-Range", f"bytes {part.start}-{part.stop - 1}/{size}"),
        ("Content-Length", str(len(part))),
    )
    return Response("206 Partial Content", headers + placed, _chunks(file, part))


def _opened(path: str) -> BinaryIO | None:
    try:
        # Neither a link nor what is no file; and a pipe must not make the daemon wait.
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    except FileNotFoundError:
        return None
    except OSError as error:
        log.error("%s cannot be read: %s; see freeswitch/INSTALL.md", path, error.strerror)
        return None
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        return None
    return file


def _part(wanted: str, size: int) -> range | None:
    """The bytes that a Range header wants, an empty range if the file has none of them.

    None: the whole file.
    """
    match = _RANGE.fullmatch(wanted)
    if not match:
        return None
    first, last, tail = match["first"], match["last"], match["tail"]
    if tail:
        return range(max(0, size - int(tail)), size) if int(tail) else range(0)
    if last and int(last) < int(first):
        return None  # no range at all
    return range(int(first), min(int(last) + 1, size) if last else size)


def _chunks(file: BinaryIO, part: range) -> Iterator[bytes]:
    with file:
        file.seek(part.start)
        left = len(part)
        while left and (chunk := file.read(min(left, CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk
