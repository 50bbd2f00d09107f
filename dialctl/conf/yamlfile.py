"""A YAML file whose every value knows its line, and what was found wrong with the file."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

# What PyYAML says, in plain words. PyYAML's own text may quote the file, which may hold secrets,
# so nothing of it is passed on. True: the line where the construct began is the one to look at.
_SYNTAX: tuple[tuple[str, bool, str], ...] = (
    ("undefined alias|scanning an alias", False, "a text that begins with * needs quotes"),
    ("anchor", False, "a text that begins with & needs quotes"),
    ("tag", False, "a text that begins with ! needs quotes"),
    (
        "escape",
        False,
        "in double quotes a backslash begins an escape; put regular expressions in single quotes",
    ),
    (
        r"found character '\\t'",
        False,
        "a tab where YAML wants blanks; indent with blanks",
    ),
    (
        "found character",
        False,
        "a text that begins with @, ` or %, or holds them after a }, needs quotes",
    ),
    ("quoted scalar", True, "a quotation mark is opened here and not closed; close it"),
    ("flow sequence", True, "a [ is opened here and not closed, or a comma is missing; close it"),
    ("flow mapping", True, "a { is opened here and not closed, or a comma is missing; close it"),
    ("simple key", True, "a key without its colon; write key: value"),
    (
        "mapping values",
        False,
        "a colon where none can stand; check the indentation, and quote a text that holds ': '",
    ),
    (
        "block end",
        False,
        "this does not fit what stands above it; check the indentation,"
        " and quote a text that holds quotation marks or begins with { or [",
    ),
    ("node content", False, "a value is missing; a text that begins with [ or { needs quotes"),
    ("single document", False, "a second document begins at ---; keep one document in a file"),
)


@dataclass(slots=True)
class Document:
    """One file: its tree (None: empty, or not to be read), its lines, its faults.

    ``lines`` gives the line of each key seen, such as ``apps[0].name``; whoever walks the tree
    fills it in. Faults and warnings are pairs of line and text, 0 for the file as a whole.
    """

    path: Path
    root: yaml.Node | None = None
    missing: bool = False
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[tuple[int, str]] = field(default_factory=list)

    def fault(self, key: str, text: str, line: int = 0) -> None:
        self.faults.append(self._entry(key, text, line))

    def warn(self, key: str, text: str) -> None:
        self.warnings.append(self._entry(key, text, 0))

    def _entry(self, key: str, text: str, line: int) -> tuple[int, str]:
        line = line or self._line(key)
        where = f"{self.path}:{line}" if line else f"{self.path}"
        return line, f"{where}: {key}: {text}" if key else f"{where}: {text}"

    def _line(self, key: str) -> int:
        """The line of a key, or of the nearest thing around it: a missing key has none."""
        while key not in self.lines and key:
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return self.lines.get(key, 0)


def text_of(path: Path) -> str:
    """The file's text. OSError or UnicodeDecodeError when it has none; ``why`` puts it in words."""
    return path.read_bytes().decode("utf-8-sig")


def why(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 (byte 0x{error.object[error.start]:02x}); save it as UTF-8"
    if isinstance(error, FileNotFoundError):
        return "no such file; create it"
    return f"cannot be read ({error.strerror}); make it a file that dialctl's user may read"


def read(path: Path) -> Document:
    """The file's tree. A file that cannot be read, or is no YAML, has a fault and no tree."""
    document = Document(path)
    try:
        text = text_of(path)
    except FileNotFoundError:
        document.missing = True
    except OSError as error:
        document.fault("", why(error))
    except UnicodeDecodeError as error:
        document.fault("", why(error), error.object.count(b"\n", 0, error.start) + 1)
    else:
        document.lines[""] = 1
        _compose(document, text)
    return document


def _compose(document: Document, text: str) -> None:
    try:
        document.root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        document.fault("", "not YAML: a control character; remove it", line)
    except yaml.MarkedYAMLError as error:
        line, words = _plain(error)
        document.fault("", f"not YAML: {words}", line)
    except RecursionError:
        document.fault("", "not YAML that can be read: nested too deeply; flatten it", 1)


def _plain(error: yaml.MarkedYAMLError) -> tuple[int, str]:
    said = f"{error.context} {error.problem}"
    at_begin, words = next(
        ((at_begin, words) for symptom, at_begin, words in _SYNTAX if re.search(symptom, said)),
        (False, "check the indentation and the quotation marks"),
    )
    mark = error.context_mark if at_begin else error.problem_mark
    return (mark.line + 1 if mark else 1), words
