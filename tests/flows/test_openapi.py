"""The control API is as its description says, whatever it is asked (schemathesis)."""

import pytest
import requests
import schemathesis
from dialctl.web.openapi import description
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from . import control
from .control import ACCOUNT, TOKEN, basic

SCHEMA = schemathesis.openapi.from_dict(description())
# A path that is none of these is answered as any other that nobody serves: 404, in plain text.
CHECKS = {
    GenerationMode.POSITIVE: (
        not_a_server_error,
        status_code_conformance,
        response_schema_conformance,
    ),
    GenerationMode.NEGATIVE: (not_a_server_error,),
}
EXAMPLES = 40


def test_it_is_served(stage):
    stage.start({"answer": ""}, settings=control.settings())
    answer = requests.get(f"http://{stage.settings.web.listen}/api/openapi.json", timeout=5)
    assert answer.json() == description()


@pytest.mark.real_time
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_nothing_that_is_asked_makes_a_fault(stage, mode, caplog):
    app = {**ACCOUNT, "call_out": ("*",)}
    stage.start({"answer": "<Wait length='1'/>"}, settings=control.settings(), **app)
    base = f"http://{stage.settings.web.listen}"
    asked = 0

    def ask(case):
        nonlocal asked
        asked += 1
        own = case.path.startswith("/api")
        auth = f"Bearer {TOKEN}" if own else basic(*ACCOUNT.values())
        if not own and "auth_id" in case.path_parameters and asked % 3:
            case.path_parameters["auth_id"] = ACCOUNT["auth_id"]
        headers = {"Authorization": auth}
        case.call_and_validate(base_url=base, headers=headers, checks=CHECKS[mode])

    for result in SCHEMA.get_all_operations():
        operation = result.ok()
        strategy = operation.as_strategy(generation_mode=mode)
        fuzz(strategy, ask)
    assert asked > 100
    assert "a fault of dialctl's own" not in caplog.text


def fuzz(strategy, ask):
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(case=strategy)
    def run(case):
        ask(case)

    run()
