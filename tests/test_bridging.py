"""The commands round a bridge, as they are sent."""

from dialctl.dial.model import Attempt, Leg, Round
from dialctl.esl import bridging
from dialctl.model import ALeg
from dialctl.plan import Dial, Hook, Number, Target

A_LEG = ALeg(uuid="a-leg", caller="1", called="2", caller_name="", context="public")
DIAL = Dial(targets=(Target(Number("1"), "1"),), ring_timeout=20, time_limit=60)


def lines(*sent):
    return [line for one in sent for line in one.decode().splitlines()]


def test_who_may_transfer_the_caller_is_asked_about():
    round = Round((Leg("b", 1, "1", (Attempt("b", "user/1"),)),))

    def rung(refer):
        dial = Dial(**{**_fields(DIAL), "refer": refer})
        return "\n".join(
            lines(*bridging.ring(dial, round, A_LEG, None, "bridge", answer=False, tone=False))
        )

    assert "confirm_blind_transfer" not in rung(None)
    assert "confirm_blind_transfer=true" in rung(Hook("https://a/"))


def _fields(dial):
    return {name: getattr(dial, name) for name in Dial.__dataclass_fields__}


def test_a_transfer_is_accepted():
    said = lines(*bridging.accept_transfer("number"))
    assert "execute-app-arg: sip_refer_to=" in said  # the next one is another
    assert "execute-app-name: blind_transfer_ack" in said
    assert "execute-app-arg: true" in said
    assert "Event-UUID: number" in said


def test_a_transfer_is_refused():
    variables, ack = map(lines, bridging.refuse_transfer(488, "public", "number"))
    assert variables[3] == (
        "execute-app-arg: ^^;sip_invite_failure_status=488;"
        "transfer_after_bridge=dialctl-referred:XML:public;sip_refer_to="
    )
    assert "execute-app-arg: false" in ack
    assert "Event-UUID: number" in ack


def test_a_caller_is_brought_back():
    assert lines(bridging.bring_back(A_LEG)) == [
        "bgapi uuid_transfer a-leg dialctl-referred XML public",
        "",
    ]
