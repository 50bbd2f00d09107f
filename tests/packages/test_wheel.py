"""The wheel, in a fresh virtual environment, does what the source does."""

import sys
import zipfile

import pytest

from packages.conftest import ROOT, run

DOCUMENT = "<Response><Dial><Number>15551230000</Number></Dial></Response>"


@pytest.fixture(scope="module")
def dialctl(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # Of a copy: setuptools leaves a folder `build` beside what it builds.
    for name in ("dialctl", "setup.cfg", "pyproject.toml", "README.md"):
        run("cp", "-r", ROOT / name, folder)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", folder / "dist", folder)
    (wheel,) = (folder / "dist").glob("dialctl-*.whl")
    run(sys.executable, "-m", "venv", folder / "venv")
    pip = folder / "venv" / "bin" / "pip"
    run(pip, "install", "--quiet", "--no-index", "--find-links", folder / "dist", wheel)
    with zipfile.ZipFile(wheel) as packed:
        kept = set(packed.namelist())
    for path in (ROOT / "dialctl").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert str(path.relative_to(ROOT)) in kept  # pages, styles, templates too
    return folder / "venv" / "bin" / "dialctl"


def test_demo(dialctl, tmp_path):
    assert "POST /action   DialAction completed" in run(
        dialctl, "demo", "--speed", 50, cwd=tmp_path
    )


def test_check_and_try(dialctl, tmp_path):
    document = tmp_path / "ivr.xml"
    document.write_text(DOCUMENT)
    assert "can be carried out (plivo)" in run(dialctl, "check", document, cwd=tmp_path)
    assert "invited" in run(dialctl, "try", document, "--speed", 50, cwd=tmp_path)


def test_serve_check(dialctl, tmp_path):
    said = run(dialctl, "serve", "--check", "--config", ROOT / "conf", cwd=tmp_path)
    assert "the configuration can be used" in said
