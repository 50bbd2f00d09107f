import pytest
from dialctl import plan, verbs
from dialctl.esl import sounds
from dialctl.settings import Speech


def test_every_step_of_a_plan_can_be_carried_out():
    steps = {
        kind
        for kind in vars(plan).values()
        if isinstance(kind, type) and issubclass(kind, plan.Step) and kind is not plan.Step
    }
    assert set(verbs.load()) == steps


@pytest.mark.parametrize(
    ("speech", "step", "said"),
    [
        (Speech(), {}, "flite|kal|hi"),
        (Speech(), {"voice": "WOMAN", "language": "en-GB"}, "flite|slt|hi"),
        (Speech(), {"text": "{rate=9}a | ${uuid} b"}, "flite|kal|rate=9 a    uuid  b"),
        (Speech("unimrcp:nuance", "x"), {}, "unimrcp:nuance|x|hi"),
        (
            Speech("unimrcp:nuance", "x"),
            {"voice": "MAN", "language": "fr-FR"},
            "unimrcp:nuance|x|{speech-language=fr-FR,voice-gender=male}hi",
        ),
        (Speech("tts_commandline", "{language}+{gender}"), {}, "tts_commandline|en-US+female|hi"),
        (
            Speech("tts_commandline", "{language}+{gender}"),
            {"voice": "MAN", "language": "de-DE"},
            "tts_commandline|de-DE+male|{speech-language=de-DE,voice-gender=male}hi",
        ),
    ],
)
def test_what_an_engine_is_told(speech, step, said):
    speak = plan.Speak(**{"text": "hi", **step})
    assert sounds.application(speak, speech) == ("speak", said)
