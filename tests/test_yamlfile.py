"""Files that are no YAML, and where exactly."""

import errno

import pytest
import yaml
from dialctl.conf.yamlfile import Document, read, text_of, why


def faults(document):
    return [text for _, text in document.faults]


def test_a_good_file_has_a_tree_and_no_faults(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    document = read(path)
    assert isinstance(document.root, yaml.MappingNode)
    assert document.root.value[0][0].value == "a"
    assert not document.missing
    assert document.faults == []


def test_an_empty_file_is_no_fault(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("# nothing\n")
    document = read(path)
    assert document.root is None
    assert not document.missing
    assert document.faults == []


def test_a_missing_file_is_left_to_the_reader(tmp_path):
    document = read(tmp_path / "a.yaml")
    assert document.missing
    assert document.faults == []


def test_a_directory_cannot_be_read(tmp_path):
    assert faults(read(tmp_path)) == [
        f"{tmp_path}: cannot be read (Is a directory); make it a file that dialctl's user may read"
    ]


def test_another_encoding_is_told_with_its_line(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes("a: 1\nb: M\u00fcller\n".encode("latin-1"))
    assert faults(read(path)) == [f"{path}:2: not UTF-8 (byte 0xfc); save it as UTF-8"]


def test_why_a_file_has_no_text(tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        text_of(tmp_path / "nobody")
    assert why(missing.value) == "no such file; create it"
    denied = PermissionError(errno.EACCES, "Permission denied")
    assert why(denied).startswith("cannot be read (Permission denied);")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nmatch: *\n", 2, "begins with * needs quotes"),
        ("a: 1\nmatch: *123\n", 2, "begins with * needs quotes"),
        ("a: &\n", 1, "begins with & needs quotes"),
        ("a: &x 1\nb: &x 2\n", 2, "begins with & needs quotes"),
        ("a: !x!y z\n", 1, "begins with ! needs quotes"),
        ('a: 1\nmatch: "^\\+1"\n', 2, "put regular expressions in single quotes"),
        ('a: "\\uZZ"\n', 1, "put regular expressions in single quotes"),
        ("a:\n\t- b\n", 2, "a tab"),
        ("a: @x\n", 1, "begins with @"),
        ("- {number}@x\n", 1, "begins with @"),
        ('a: 1\nb: "open\nc: 1\n', 2, "not closed"),
        ("a: 1\nb: [1, 2\nc: 3\n", 2, "a [ is opened"),
        ("b: {x: 1\n", 1, "a { is opened"),
        ("a: 1\nlisten\nb: [1]\n", 2, "a colon where none can stand|without its colon"),
        ("a: b: c\n", 1, "quote a text that holds ': '"),
        ("a:\n  - b\n c: 1\n", 3, "does not fit what stands above"),
        ("a: 'it's'\n", 1, "quotation marks"),
        ("a: [::1]:8084\n", 1, "begins with [ or { needs quotes"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb: \x01\n", 2, "a control character"),
        ("a: - b\n", 1, "check the indentation and the quotation marks"),
        ("[" * 5000, 1, "nested too deeply"),
    ],
)
def test_bad_yaml_in_plain_words(tmp_path, text, line, words):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    (fault,) = faults(read(path))
    assert fault.startswith(f"{path}:{line}: not YAML")
    assert any(word in fault for word in words.split("|"))


@pytest.mark.parametrize(
    "text",
    [
        "auth_token: *s3cret\n",
        "auth_token: &s3cret 1\nb: &s3cret 2\n",
        "auth_token: !s3cret!x y\n",
        "auth_token: '\ns3cret\n",
        "auth_token: {s3cret\n",
        "auth_token: a: s3cret\n",
        'auth_token: "\\s3cret"\n',
    ],
)
def test_a_complaint_about_syntax_never_quotes_the_file(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    (fault,) = faults(read(path))
    assert "s3cret" not in fault


def test_a_key_without_a_line_has_that_of_what_is_around_it(tmp_path):
    document = Document(tmp_path / "a.yaml", lines={"": 1, "apps": 2, "apps[1]": 5})
    document.fault("apps[1].name", "missing")
    document.fault("apps[7].name", "odd")
    document.fault("other", "odd")
    document.warn("x[y.z", "odd")
    assert document.faults == [
        (5, f"{document.path}:5: apps[1].name: missing"),
        (2, f"{document.path}:2: apps[7].name: odd"),
        (1, f"{document.path}:1: other: odd"),
    ]
    assert document.warnings == [(1, f"{document.path}:1: x[y.z: odd")]


def test_a_fault_of_the_whole_file_has_no_line(tmp_path):
    document = Document(tmp_path / "a.yaml")
    document.fault("", "no such file")
    document.fault("", "not UTF-8", 3)
    assert document.faults == [
        (0, f"{document.path}: no such file"),
        (3, f"{document.path}:3: not UTF-8"),
    ]
