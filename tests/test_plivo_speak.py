"""<Speak>: who says what, in which language."""

import pytest
from dialctl.dialects.plivo import parse
from dialctl.dialects.plivo.speak import KINDS, LANGUAGES
from dialctl.plan import Say, Speak
from dialctl.settings import DialectLimits


def read(xml):
    return parse(f"<Response>{xml}</Response>".encode(), "http://x/", DialectLimits())


def step(xml):
    plan = read(xml)
    assert plan.warnings == ()
    return plan.steps[0]


def test_with_everything():
    assert step('<Speak voice="WOMAN" language="fr-CA" loop="0">Bonjour</Speak>') == Speak(
        line=1, element="Speak", text="Bonjour", voice="WOMAN", language="fr-CA", loop=0
    )


@pytest.mark.parametrize("language", [*LANGUAGES, "en"])
def test_languages(language):
    assert step(f'<Speak language="{language}">x</Speak>').language == language


def test_there_are_sixteen_languages():
    assert len(set(LANGUAGES)) == 16


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["PRONOUNCED", "ITERATED", "COUNTED"])
def test_what_is_said_of_the_switchs_own_sounds(kind, method):
    assert step(f'<Speak type="{kind}" method="{method}" loop="2">42</Speak>') == Say(
        line=1, element="Speak", text="42", kind=kind, method=method, loop=2
    )


def test_it_is_pronounced_unless_it_is_said_how():
    said = step('<Speak type="NUMBER" language="fr-FR">7</Speak>')
    assert (said.method, said.language) == ("PRONOUNCED", "fr")


@pytest.mark.parametrize(
    ("xml", "warning"),
    [
        ('<Speak voice="Polly.Amy">x</Speak>', "voice='Polly.Amy' is Amazon's; the configured"),
        ('<Speak voice="CHILD">x</Speak>', "voice='CHILD' is none of WOMAN, MAN"),
        ('<Speak language="tlh">x</Speak>', "language='tlh' is none of da-DK"),
        ('<Speak type="URL">x</Speak>', "type='URL' is none of NUMBER"),
        ('<Speak type="NUMBER" method="SUNG">1</Speak>', "method='SUNG' is none of PRONOUNCED"),
        (f"<Speak>{'x' * 3001}</Speak>", "its text of 3001 characters is cut to 3000"),
    ],
)
def test_what_is_replaced(xml, warning):
    assert warning in " ".join(read(xml).warnings)


def test_a_long_text_is_cut():
    assert read(f"<Speak>{'x' * 3001}</Speak>").steps[0].text == "x" * 3000
