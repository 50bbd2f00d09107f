"""``dialctl check``: what is wrong with a document, before a caller hears it.

One line a finding, as compilers write them: where, how bad, and what is wrong. Errors end the call;
warnings are mistakes that it survives; notes are what the document asks for and dialctl does not
have.
"""

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from dialctl import dialects
from dialctl.clock import Clock
from dialctl.errors import ConfigError, DocumentError, FetchError
from dialctl.http.client import Client
from dialctl.http.fetch import Document, Fetcher
from dialctl.plan import Note
from dialctl.settings import DialectLimits, Dialects, Http, Limits

NAMES = tuple(field.name for field in fields(Dialects))
BASE = "http://document.invalid/"  # RFC 2606: whatever a file's relative URLs are resolved against


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("document", metavar="FILE|URL", help="a URL is asked by GET")
    add_dialect(command)


def add_dialect(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--dialect", choices=NAMES, help="default: of JSON voicegateway, else plivo"
    )


def run(arguments: argparse.Namespace) -> int:
    """The exit status: 0, or 1 if there is an error or a warning. Raises ConfigError."""
    document = load(arguments.document)
    name = arguments.dialect or guessed(document.body)
    limits: DialectLimits = getattr(Dialects(), name)
    findings = list(judged(document, name, limits))
    for line, kind, text in findings:
        where = f"{arguments.document}:{line}" if line else arguments.document
        print(f"{where}: {kind}: {text}")
    bad = [kind for _, kind, _ in findings if kind != "note"]
    if not bad:
        print(f"{arguments.document}: can be carried out ({name})")
    elif not arguments.dialect and (others := _read_by(document, name)):
        print(f"{arguments.document}: it reads as {' or '.join(others)}: --dialect {others[0]}")
    return 1 if bad else 0


def _read_by(document: Document, but: str) -> list[str]:
    """The other dialects in which it has no error."""
    return [
        name
        for name in NAMES
        if name != but
        and document.body.strip()
        and all(kind != "error" for _, kind, _ in judged(document, name, getattr(Dialects(), name)))
    ]


def load(source: str) -> Document:
    """A file's or a URL's. Raises ConfigError where there is none."""
    if not is_url(source):
        try:
            return Document(BASE, Path(source).read_bytes(), "")
        except OSError as error:
            raise ConfigError(f"{source}: {error.strerror}") from error
    clock = Clock()
    client = Client(Http(), clock, Limits().document_bytes)
    try:
        return Fetcher(client, Http(), clock).fetch(source, "GET")
    except (FetchError, DocumentError) as error:
        raise ConfigError(f"{source}: {error}") from error
    finally:
        client.close()


def is_url(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def guessed(body: bytes) -> str:
    return "voicegateway" if body.lstrip()[:1] in (b"[", b"{") else "plivo"


def judged(
    document: Document, dialect: str, limits: DialectLimits
) -> Iterator[tuple[int, str, str]]:
    """Line (0: the whole document), kind and text of each finding, in the order of lines."""
    faults: list[DocumentError] = []
    warnings: tuple[str, ...] = ()
    try:
        plan = dialects.load(dialect).parse(document.body, document.url, limits, faults)
        warnings = plan.warnings
    except DocumentError as error:
        faults.append(error)
    findings = [(*_parted(str(fault)), "error") for fault in faults]
    findings += [(*_parted(w), "note" if isinstance(w, Note) else "warning") for w in warnings]
    for line, text, kind in sorted(findings, key=lambda finding: finding[0]):
        yield line, kind, text


def _parted(text: str) -> tuple[int, str]:
    line, said = re.match(r"(?:line (\d+): )?(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    return int(line or 0), said
