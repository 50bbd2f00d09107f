"""The dialplan as FreeSWITCH tells it: our own extensions, in a context."""

import pathlib

_FILE = pathlib.Path(__file__).parents[2] / "freeswitch" / "dialctl.xml"
EXTENSIONS = _FILE.read_text().replace("<include>", "").replace("</include>", "")


def section(extensions=EXTENSIONS, context="public"):
    return f'<section name="dialplan"><context name="{context}">{extensions}</context></section>'
