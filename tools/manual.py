"""What is written from the code, so that it cannot lie: man pages, shell completion, a table.

python tools/manual.py FOLDER    writes dialctl.1, dialctl.yaml.5, dialctl.bash and _dialctl there
python tools/manual.py --docs    brings the tables of docs/configuration.md up to date
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import keys

import dialctl
from dialctl.cli import _parser

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"
Command = tuple[str, str, argparse.ArgumentParser]  # its words, what it is for, its parser


def main(arguments: list[str]) -> int:
    if arguments == ["--docs"]:
        PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
        return 0
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "dialctl.1": commands_page(_parser()),
        "dialctl.yaml.5": files_page(),
        "dialctl.bash": completion("bash"),
        "_dialctl": completion("zsh"),
    }
    for name, text in pages.items():
        (folder / name).write_text(text, "utf-8")
    return 0


def completion(shell: str) -> str:
    """The shell's script that completes dialctl's command line."""
    import shtab  # only those who build a package need it

    parser = _parser()
    kinds = {"FILE|URL": shtab.FILE, "DIR": shtab.DIRECTORY}
    for _, _, command in commands(parser):
        for action in command._actions:
            if action.metavar in kinds:
                action.complete = kinds[action.metavar]
    return str(shtab.complete(parser, shell))


def with_tables(page: str) -> str:
    """The page with the table of each file between its marks renewed."""
    for file in keys.FILES:
        begin, end = f"<!-- keys of {file} -->\n", "<!-- end -->"
        before, _, rest = page.partition(begin)
        page = before + begin + "\n".join(_table(file)) + "\n" + end + rest.partition(end)[2]
    return page


def _table(file: str) -> Iterator[str]:
    yield "| key | type | holds | default | effect |"
    yield "|---|---|---|---|---|"
    for key in keys.of(file):
        default = f"`{key.default}`" if key.default else "needed"
        each = "each " if key.type.startswith("list") else ""
        cells = (f"`{key.path}`", key.type, each + key.holds, default, key.effect)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def commands(parser: argparse.ArgumentParser, words: str = "") -> Iterator[Command]:
    """Each command that has none below it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, inner in action.choices.items():
                below = list(commands(inner, f"{words}{name} "))
                yield from below or [(f"{words}{name}", told.get(name, ""), inner)]


def commands_page(parser: argparse.ArgumentParser) -> str:
    """dialctl(1)."""
    said = [
        _head("DIALCTL", 1, "call controller beside FreeSWITCH"),
        ".SH SYNOPSIS\n.B dialctl\n.I COMMAND\n[\\fIOPTION\\fR ...]\n.br\n.B dialctl \\-\\-version",
        ".SH DESCRIPTION\nFreeSWITCH's dialplan hands it calls; it asks a web application what "
        "to do with them, rings, connects, and tells the application what happens.\n"
        ".SH COMMANDS",
    ]
    for words, told, command in commands(parser):
        usage = " ".join(command.format_usage().removeprefix("usage: ").split())
        said.append(f".SS dialctl {words}\n.B {_roff(usage)}\n.PP\n{_roff(told.capitalize())}.")
        for action in command._actions:
            if action.dest == "help":
                continue
            names = ", ".join(action.option_strings) or str(action.metavar or action.dest)
            value = action.metavar or (action.choices and "{" + ",".join(action.choices) + "}")
            if action.option_strings and action.nargs != 0:
                names += f" {value or action.dest.upper()}"
            text = (action.help or "") % vars(action) if action.help else ""
            said.append(f".TP\n.B {_roff(names)}\n{_roff(text)}")
    said.append(
        ".SH FILES\n.TP\n.I /etc/dialctl/dialctl.yaml\n.TQ\n.I /etc/dialctl/apps.yaml\n.TQ\n"
        ".I /etc/dialctl/routes.yaml\nThe configuration, see\n.BR dialctl.yaml (5).\n"
        ".TP\n.I /var/lib/dialctl\nCallbacks that wait, fetched sounds, recordings.\n"
        ".SH EXIT STATUS\n0, or 1 when something is wrong, which is told on standard error; 2 when "
        "the command line is.\n"
        ".SH SEE ALSO\n.BR dialctl.yaml (5),\n.I /usr/share/doc/dialctl/README.md"
    )
    return "\n".join(said) + "\n"


def files_page() -> str:
    """dialctl.yaml(5), which is apps.yaml's and routes.yaml's as well."""
    said = [
        _head("DIALCTL.YAML", 5, "dialctl.yaml, apps.yaml, routes.yaml: dialctl's configuration"),
        ".SH DESCRIPTION\nYAML files in /etc/dialctl, read at start. An unknown key or a bad value "
        "is an error; \\fBdialctl serve \\-\\-check\\fR tells all of them. Durations are seconds.",
    ]
    for file in keys.FILES:
        said.append(f".SH {file.upper()}\n{_roff(keys.intro(file))}")
        for key in keys.of(file):
            default = f"default {key.default}" if key.default else "needed"
            head = f"{key.type}: {key.holds}; {default}."
            said.append(f".TP\n.B {_roff(key.path)}\n{_roff(head)}")
            if key.effect:
                said.append(f".br\n{_roff(key.effect)}")
    said.append(".SH SEE ALSO\n.BR dialctl (1),\n.I /usr/share/doc/dialctl/docs/configuration.md")
    return "\n".join(said) + "\n"


def _head(name: str, section: int, told: str) -> str:
    built = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    day = time.strftime("%Y-%m-%d", time.gmtime(built))
    title = f'.TH {name} {section} {day} "dialctl {dialctl.__version__}"'
    return f"{title}\n.SH NAME\n{name.lower()} \\- {told}"


def _roff(text: str) -> str:
    """Nothing of it is a request of roff's."""
    return re.sub(r"(?m)^([.'])", r"\\&\1", text.replace("\\", "\\e").replace("-", "\\-"))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
