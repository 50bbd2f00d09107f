"""``dialctl check``: what it says of a document, and the exit status."""

import pathlib

import pytest
from dialctl import cli

from support.webapp import Answer, WebApp

DOCUMENTS = sorted((pathlib.Path(__file__).parent / "xml-samples").glob("*.xml"))
MISTAKES = [
    ("<Speek>x</Speek>", "1: error: <Speek> is no element of Plivo's; did you mean <Speak>?"),
    ('<Dial timout="5"><Number>1</Number></Dial>', "1: warning: <Dial>: timout is no attribute"),
    ('<Wait length="x"/>', "1: warning: <Wait>: length='x' is no whole number from 1; 1 is taken"),
    ("<Dial><Number>12x</Number></Dial>", "1: error: <Number> '12x' is no telephone number"),
    ("<Dial/>", "1: error: <Dial> rings nobody"),
    ('<Dial confirmKey="1"><Number>1</Number></Dial>', "confirmKey has no effect without"),
    ("\n<Redirect>ftp://x/</Redirect>", "2: error: <Redirect> has no usable URL"),
    ("<Play>cat.gif</Play>", "1: error: <Play> 'cat.gif' is neither"),
]


@pytest.fixture
def check(tmp_path, capsys):
    def run(text, *options, name="doc.xml"):
        (tmp_path / name).write_text(text)
        status = cli.main(["check", str(tmp_path / name), *options])
        said = capsys.readouterr()
        assert said.err == ""
        return status, said.out.replace(f"{tmp_path}/", "").splitlines()

    return run


@pytest.mark.parametrize(("body", "told"), MISTAKES)
def test_a_mistake_is_told_with_its_line(check, body, told):
    status, lines = check(f"<Response>{body}</Response>")
    assert status == 1
    assert [line for line in lines if told in line]


def test_every_mistake_is_told_in_the_order_of_lines(check):
    status, lines = check('<Response>\n<Spaek/>\n<Wait len="1"/>\n<Dial/>\n</Response>')
    assert status == 1
    starts = [line.split(" ")[:2] for line in lines]
    assert starts == [
        ["doc.xml:2:", "error:"],
        ["doc.xml:3:", "warning:"],
        ["doc.xml:4:", "error:"],
    ]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_documents_of_plivos_own_sdk_pass(check, path):
    status, lines = check(path.read_text())
    assert (status, lines[-1]) == (0, "doc.xml: can be carried out (plivo)")


def test_what_we_do_not_have_is_no_mistake(check):
    assert check("<Response><Message>x</Message></Response>") == (
        0,
        [
            "doc.xml:1: note: <Message>: not supported; it is skipped and the call goes on",
            "doc.xml: can be carried out (plivo)",
        ],
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<Response>", "doc.xml:1: error: not well-formed XML"),
        ("", "doc.xml: error: the document is empty"),
        ("<Reply/>", "doc.xml:1: error: the document begins with <Reply>"),
    ],
)
def test_what_is_no_document(check, text, told):
    status, lines = check(text)
    assert (status, len(lines)) == (1, 1)
    assert lines[0].startswith(told)


def test_json_is_the_voice_gateways(check):
    status, lines = check('[{"verb": "dail"}, {"verb": "say"}]', name="doc.json")
    assert status == 1
    assert lines[0].startswith("doc.json:1: error: [0].verb is 'dail', no verb here; did you mean")
    assert lines[1] == "doc.json:1: error: [1].say.text is missing"


def test_another_dialect(check):
    document = "<Response><Say>x</Say><Dial><Client>bob</Client></Dial></Response>"
    status, lines = check(document)
    assert (status, lines[-1]) == (1, "doc.xml: it reads as rcml or callapi: --dialect rcml")
    assert check(document, "--dialect", "rcml") == (0, ["doc.xml: can be carried out (rcml)"])


def test_a_url(capsys):
    web = WebApp().start()
    web.script({"/good": "<Response/>", "/bad": Answer("", status="404 Not Found")})
    assert cli.main(["check", web.url("/good")]) == 0
    assert [r.method for r in web.requests] == ["GET"]
    assert cli.main(["check", web.url("/bad")]) == 1
    assert "answered 404" in capsys.readouterr().err
    web.stop()


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert cli.main(["check", str(tmp_path / "none.xml")]) == 1
    assert capsys.readouterr().err == f"{tmp_path}/none.xml: No such file or directory\n"
