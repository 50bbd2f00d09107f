"""The fenced blocks of the documents: what stands in them, and what they need.

The info string is a language and words like ``file=app.py`` (written into the folder where the
page's commands run), ``dialect=rcml`` and ``needs=freeswitch`` (or root, network).
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "freeswitch/INSTALL.md"]
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    language: str
    text: str
    said: dict = field(hash=False)

    def __str__(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def steps(self):
        """Of a console: each command with the lines that it must print."""
        steps = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
        return steps


def blocks(*languages, pages=PAGES):
    found = []
    for page in pages:
        text = page.read_text("utf-8")
        for match in FENCE.finditer(text):
            said = dict(word.partition("=")[::2] for word in match[2].split())
            line = text.count("\n", 0, match.start()) + 1
            found.append(Block(page, line, match[1], match[3], said))
    return [block for block in found if block.language in languages]


def write_files(page, folder):
    """The files that the page tells to save."""
    for block in blocks("python", "yaml", "xml", "json", pages=[page]):
        if "file" in block.said:
            path = folder / block.said["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
