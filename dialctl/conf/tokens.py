"""Where secrets come from, an app's auth_token and others, and who else can read them there."""

import os
import re
import stat
from pathlib import Path
from urllib.parse import urlsplit

from dialctl.conf import yamlfile
from dialctl.conf.yamlfile import Document
from dialctl.settings import App

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def token(document: Document, key: str, app: App) -> str:
    """The token itself, '' when there is none. ``key`` is the app's, for what is wrong with it."""
    for name in ("answer_url", "fallback_url", "hangup_url", "refer_url"):
        if "@" in urlsplit(getattr(app, name)).netloc:
            warn_of_readers(document, f"{key}.{name}")
    if app.auth_token_file:
        if app.auth_token:
            text = "auth_token is given as well; keep one of the two"
            document.fault(f"{key}.auth_token_file", text)
        path = document.path.parent / app.auth_token_file
        return secret_of_file(document, f"{key}.auth_token_file", path)
    if app.auth_token.startswith("${"):
        return _of_environment(document, f"{key}.auth_token", app.auth_token)
    if app.auth_token:
        warn_of_readers(document, f"{key}.auth_token")
    return app.auth_token


def warn_of_readers(document: Document, key: str) -> None:
    """A warning when the document, which holds a secret under ``key``, is open to everybody."""
    if _everybody_may_read(document.path):
        text = "a secret in a file that everybody on this machine may read; chmod o-r"
        document.warn(key, f"{text} {document.path}")


def secret_of_file(document: Document, key: str, path: Path) -> str:
    """The one line of a file; ``key`` names the file in the document, for what is wrong with it."""
    try:
        found = yamlfile.text_of(path).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        document.fault(key, f"{path}: {yamlfile.why(error)}")
        return ""
    if not found or not found.isprintable():
        document.fault(key, f"{path}: holds no secret; put it alone on its first line")
    elif _everybody_may_read(path):
        document.warn(key, f"{path}: everybody on this machine may read it; chmod o-r {path}")
    return found


def _of_environment(document: Document, key: str, text: str) -> str:
    name = _VARIABLE.fullmatch(text)
    if not name:
        document.fault(key, "expected ${NAME} and nothing else; put the whole token in NAME")
        return ""
    found = os.environ.get(name[1], "")
    if not found or not found.isprintable():
        state = "unset, empty or no plain text"
        document.fault(key, f"{name[1]} of the environment is {state}; set it for the daemon")
    return found


def _everybody_may_read(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IROTH)
