from dialctl import plan, verbs


def test_every_step_of_a_plan_can_be_carried_out():
    steps = {
        kind
        for kind in vars(plan).values()
        if isinstance(kind, type) and issubclass(kind, plan.Step) and kind is not plan.Step
    }
    assert set(verbs.load()) == steps
