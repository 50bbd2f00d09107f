"""Where tokens come from, and who may read them there."""

import pytest
from dialctl.conf.tokens import token, warn_of_readers
from dialctl.conf.yamlfile import Document
from dialctl.settings import App

SECRET = "s3cret"
KEY = "apps[0]"
LINES = {f"{KEY}.auth_token": 4, f"{KEY}.auth_token_file": 5}


@pytest.fixture
def document(tmp_path):
    """An apps.yaml that nobody else may read."""
    path = tmp_path / "apps.yaml"
    path.touch(0o640)
    return Document(path, lines=dict(LINES))


def app(auth_token="", auth_token_file=""):
    return App("a", "http://a/", auth_token=auth_token, auth_token_file=auth_token_file)


def write_token(document, content, mode=0o640):
    path = document.path.parent / "a.token"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def faults(document):
    return [text.removeprefix(f"{document.path}:") for _, text in document.faults]


def warnings(document):
    return [text.removeprefix(f"{document.path}:") for _, text in document.warnings]


@pytest.mark.parametrize("text", ["", SECRET, f"a${{{SECRET}}}"])
def test_a_token_as_it_stands(document, text):
    assert token(document, KEY, app(text)) == text
    assert faults(document) == warnings(document) == []


def test_a_token_in_a_file_that_everybody_may_read(document):
    document.path.chmod(0o644)
    assert token(document, KEY, app(SECRET)) == SECRET
    assert warnings(document) == [
        "4: apps[0].auth_token: a secret in a file that everybody on this machine may read;"
        f" chmod o-r {document.path}"
    ]


@pytest.mark.parametrize("name", ["answer_url", "fallback_url", "hangup_url", "refer_url"])
def test_a_password_in_a_url_is_a_secret_too(document, name):
    url = f"https://u:{SECRET}@a.example/"
    served = App(**{"name": "a", "answer_url": "http://a/x@y", name: url})
    token(document, KEY, served)
    assert warnings(document) == []
    document.path.chmod(0o644)
    token(document, KEY, served)
    (warning,) = warnings(document)
    assert f"{KEY}.{name}: a secret in a file that everybody on this machine may read" in warning
    assert SECRET not in warning


def test_a_document_that_its_group_may_read_is_no_cause_for_a_warning(document):
    warn_of_readers(document, f"{KEY}.auth_token")
    assert warnings(document) == []


def test_a_token_of_the_environment(document, monkeypatch):
    document.path.chmod(0o644)
    monkeypatch.setenv("TOKEN_OF_A", SECRET)
    assert token(document, KEY, app("${TOKEN_OF_A}")) == SECRET
    assert faults(document) == warnings(document) == []


@pytest.mark.parametrize("value", [None, "", f"{SECRET}\n"])
def test_a_variable_that_holds_no_token(document, monkeypatch, value):
    monkeypatch.delenv("TOKEN_OF_A", raising=False)
    if value is not None:
        monkeypatch.setenv("TOKEN_OF_A", value)
    token(document, KEY, app("${TOKEN_OF_A}"))
    assert faults(document) == [
        "4: apps[0].auth_token: TOKEN_OF_A of the environment is unset, empty or no plain text;"
        " set it for the daemon"
    ]


@pytest.mark.parametrize("text", [f"${{X}}{SECRET}", f"${{{SECRET}", "${}", "${1X}"])
def test_a_variable_that_is_not_the_whole_token(document, text):
    assert token(document, KEY, app(text)) == ""
    assert faults(document) == [
        "4: apps[0].auth_token: expected ${NAME} and nothing else; put the whole token in NAME"
    ]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_token_of_a_file(document, end):
    document.path.chmod(0o644)
    write_token(document, f"{SECRET}{end}".encode())
    assert token(document, KEY, app(auth_token_file="a.token")) == SECRET
    assert faults(document) == warnings(document) == []


def test_a_token_of_a_file_elsewhere(document, tmp_path_factory):
    path = tmp_path_factory.mktemp("elsewhere") / "b.token"
    path.write_text(SECRET)
    path.chmod(0o600)
    assert token(document, KEY, app(auth_token_file=str(path))) == SECRET


def test_a_token_file_that_everybody_may_read(document):
    path = write_token(document, SECRET.encode(), 0o644)
    assert token(document, KEY, app(auth_token_file="a.token")) == SECRET
    assert warnings(document) == [
        f"5: apps[0].auth_token_file: {path}: everybody on this machine may read it;"
        f" chmod o-r {path}"
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "holds no secret; put it alone on its first line"),
        (b"\n", "holds no secret; put it alone on its first line"),
        (f"{SECRET}\nmore\n".encode(), "holds no secret; put it alone on its first line"),
        (b"\xff\xfe", "not UTF-8 (byte 0xff); save it as UTF-8"),
    ],
)
def test_a_file_that_holds_no_token(document, content, reason):
    path = write_token(document, content)
    token(document, KEY, app(auth_token_file="a.token"))
    assert faults(document) == [f"5: apps[0].auth_token_file: {path}: {reason}"]


def test_a_token_file_that_is_not_there(document):
    assert token(document, KEY, app(auth_token_file="a.token")) == ""
    path = document.path.parent / "a.token"
    assert faults(document) == [f"5: apps[0].auth_token_file: {path}: no such file; create it"]


def test_a_token_and_a_file_with_one(document):
    write_token(document, b"other")
    token(document, KEY, app(SECRET, "a.token"))
    assert faults(document) == [
        "5: apps[0].auth_token_file: auth_token is given as well; keep one of the two"
    ]
