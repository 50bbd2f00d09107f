"""The files of recordings: where FreeSWITCH writes them, and where they can be fetched."""

import contextlib
import os
import posixpath

from dialctl.settings import Settings

PATH = "/recordings/"  # where the daemon's own web server shows them


def folder(settings: Settings) -> str:
    """Where FreeSWITCH writes recordings."""
    return settings.media.recordings_dir or os.path.join(settings.state_dir, "recordings")


def base_url(settings: Settings) -> str:
    """Below which they can be fetched; '' when nobody serves them."""
    if settings.media.recordings_url:
        return settings.media.recordings_url
    return f"http://{settings.web.listen}{PATH}" if settings.web.listen else ""


def place(settings: Settings, name: str) -> tuple[str, str]:
    """The path and the URL of a file with this name."""
    return os.path.join(folder(settings), name), posixpath.join(base_url(settings), name)


def make_folder(settings: Settings) -> None:
    """Make the folder if it is not there. Raises OSError."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder(settings))
        # Whatever our umask is. Where FreeSWITCH is another user INSTALL.md has it made beforehand.
        os.chmod(folder(settings), 0o770)
