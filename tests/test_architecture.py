"""The import rules of docs/architecture.md, enforced."""

import ast
import pathlib

import pytest
from dialctl.conf.keys import DIALECTS

PACKAGE = pathlib.Path(__file__).parent.parent / "dialctl"
DOING = {
    "gevent",
    "greenswitch",
    "requests",
    "socket",
    "sqlite3",
    "ssl",
    "threading",
    "time",
    "urllib3",
}

# What decides: no socket, no clock, no HTTP.
PURE = tuple(
    line.removesuffix(".py").removesuffix("/*").replace("/", ".")
    for line in pathlib.Path(__file__).with_name("pure.txt").read_text().splitlines()
    if not line.startswith("#")
)
# The two ends: nothing but each other and the entry point knows them.
TOPS = {"server": {"cli"}, "cli": {"__main__"}}
# The built-in switch stands outside: a daemon beside a real FreeSWITCH does not load it.
SWITCH_USERS = ("cli", "switch", "trial")
MAX_LINES = 300
EVERY_DIALECT = frozenset(DIALECTS)


def _modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        yield pytest.param(name.removesuffix(".__init__"), path, id=name)


MODULES = list(_modules())


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_in(name, *prefixes):
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def ours(path):
    return {name.removeprefix("dialctl.") for name in imports(path) if name.startswith("dialctl.")}


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_what_decides_does_nothing(name, path):
    if is_in(name, *PURE):
        doing = {imported.split(".")[0] for imported in imports(path)} & DOING
        assert not doing, f"{name} is pure and imports {doing}"
        impure = {other for other in ours(path) if not is_in(other, *PURE, "conf")}
        assert not impure - {"http", "esl", "dial", "__version__"}, (
            f"{name} is pure and imports {impure}"
        )


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_greenswitch_is_known_in_one_place(name, path):
    if name != "esl.session":
        assert "greenswitch" not in {imported.split(".")[0] for imported in imports(path)}


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_nothing_imports_the_tops(name, path):
    for top, allowed in TOPS.items():
        if name not in {top, *allowed} and not is_in(name, "switch"):
            assert not any(is_in(other, top) for other in ours(path)), f"{name} imports {top}"


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_a_dialect_knows_no_other_dialect(name, path):
    """Nor does what dialects share know one: it is nobody's, and stays so."""
    folder, _, rest = name.partition(".")
    if folder == "dialects" and rest:
        known = {other.split(".")[1] for other in ours(path) if other.startswith("dialects.")}
        assert known & EVERY_DIALECT <= {rest.split(".")[0]}


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_only_dialects_know_what_dialects_share(name, path):
    if not is_in(name, "dialects"):
        known = {other.split(".")[1] for other in ours(path) if other.startswith("dialects.")}
        assert known <= {"load", "Dialect"}


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_the_daemon_does_without_the_built_in_switch(name, path):
    if not is_in(name, *SWITCH_USERS):
        assert not any(is_in(other, "switch") for other in ours(path))


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_files_stay_small(name, path):
    assert len(path.read_text().splitlines()) <= MAX_LINES
